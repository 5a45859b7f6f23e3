-- Asked after each mail: what `#batal` has sent back into the queue, without looking through all that waits there.
CREATE INDEX journal_again ON journal (mailbox) WHERE state = 'received' AND again IS NOT NULL;
