-- An uncertain mail is looked up before it is sent again. proof: '' | 'wanted' | 'once' (one look before the next try);
-- since when it is wanted, and when it was first looked for in vain.
ALTER TABLE outbox ADD COLUMN proof TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN proof_since TEXT;
ALTER TABLE outbox ADD COLUMN proof_looked TEXT;
-- Whether its recipient's server asked for patience: then no mail to him leaves before next_try_at.
ALTER TABLE outbox ADD COLUMN deferred INTEGER NOT NULL DEFAULT 0;
-- Whether it was refused for its size: a smaller one goes instead.
ALTER TABLE outbox ADD COLUMN too_big INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_proof ON outbox (mailbox) WHERE proof <> '';
CREATE INDEX outbox_deferred ON outbox (mailbox, recipient) WHERE deferred = 1;
-- What the border server said of a mail of the LPSE's own people: pass | fail | absent; '' for all other mail.
ALTER TABLE journal ADD COLUMN verdict TEXT NOT NULL DEFAULT '';
CREATE INDEX journal_verdict ON journal (mailbox, id) WHERE verdict <> '';
-- SHA-256 of what a signed mail of theirs says and when, without its Message-ID.
ALTER TABLE journal ADD COLUMN said TEXT NOT NULL DEFAULT '';
CREATE INDEX journal_said ON journal (mailbox, said) WHERE said <> '';

-- Confirmation codes are counted per address; command 'confirm', argument: the journal entry that waits for it.
CREATE INDEX codes_confirm ON codes (mailbox, address, issued_at) WHERE command = 'confirm';

-- Who works on this data, or did last: how long it counts as at work without a further word (on a file system whose
-- locks do not reach other machines), and how far the wall's clock and one that nobody sets had come.
CREATE TABLE owner (
  one INTEGER PRIMARY KEY CHECK (one = 1), name TEXT NOT NULL, boot TEXT NOT NULL, process INTEGER NOT NULL,
  wall REAL NOT NULL, ticks REAL NOT NULL, ended INTEGER NOT NULL DEFAULT 0
) STRICT;

-- A backup was put in the place of the database: what it does not know of may have happened all the same.
-- made_at: when the backup was made. cursors, counters: JSON, how far folders were read and numbers given then.
CREATE TABLE restorations (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, made_at TEXT NOT NULL, cursors TEXT NOT NULL, counters TEXT NOT NULL
) STRICT;
-- Mailboxes of which nothing is handled before their counters stand above every number that may have been given.
CREATE TABLE restored (
  restoration INTEGER NOT NULL REFERENCES restorations(id), mailbox TEXT NOT NULL,
  settled_at TEXT, gaps TEXT NOT NULL DEFAULT '', PRIMARY KEY (restoration, mailbox)
) STRICT;

-- The last look at a folder that came to its end (to ten minutes); up to which UID it is known whether anybody saw its
-- mail; how many nobody saw (gaps in the UIDs), and how many were gone between SEARCH and FETCH.
ALTER TABLE folders ADD COLUMN looked_at TEXT;
ALTER TABLE folders ADD COLUMN counted_uid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folders ADD COLUMN unseen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folders ADD COLUMN vanished INTEGER NOT NULL DEFAULT 0;
UPDATE folders SET counted_uid = last_uid, looked_at = coalesce((SELECT max(j.fetched_at) FROM journal j
  WHERE j.mailbox = folders.mailbox AND j.folder = folders.folder), started_at);
-- A mail that came as new although the server had it long before our last look: '' | 'few' | 'unsure' | 'many'
-- (`latecomers`).
ALTER TABLE journal ADD COLUMN latecomer TEXT NOT NULL DEFAULT '';
CREATE INDEX journal_latecomer ON journal (mailbox, fetched_at) WHERE latecomer <> '';
CREATE INDEX journal_unsure ON journal (mailbox) WHERE latecomer = 'unsure';
