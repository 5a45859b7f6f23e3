-- What mailbot takes a ticket to be about; staff decide. what: problem | priority | category.
CREATE TABLE proposals (
  ticket_id INTEGER NOT NULL REFERENCES tickets(id), what TEXT NOT NULL,
  value TEXT NOT NULL, reason TEXT NOT NULL, journal_id INTEGER REFERENCES journal(id), at TEXT NOT NULL,
  PRIMARY KEY (ticket_id, what)
) STRICT;

-- A mail of a machine that belongs to no ticket is listed once in staff's digest.
ALTER TABLE journal ADD COLUMN listed_at TEXT;
-- What a person decided about a quarantined mail: '' | 'proses' | 'tiket' | 'buang', and who. One with 'tiket' waits
-- in state 'received' with its ticket_id; thrown away means the state 'discarded', never a deleted row.
ALTER TABLE journal ADD COLUMN released TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN released_by TEXT NOT NULL DEFAULT '';
-- What cannot be read has no fingerprint: the same bytes under another UID are known by their hash.
CREATE INDEX journal_unread ON journal (mailbox, sha256)
  WHERE fingerprint IS NULL AND state IN ('quarantined', 'discarded');

-- A link may be about an entry of the quarantine instead of a ticket: then `argument` is its number.
CREATE TABLE new_codes (
  code TEXT PRIMARY KEY, mailbox TEXT NOT NULL, address TEXT NOT NULL,
  ticket_id INTEGER REFERENCES tickets(id), argument TEXT NOT NULL DEFAULT '',
  command TEXT NOT NULL, status TEXT NOT NULL, issued_at TEXT NOT NULL, expires_at TEXT NOT NULL,
  used_by INTEGER REFERENCES journal(id), receipt TEXT
) STRICT;
INSERT INTO new_codes (code, mailbox, address, ticket_id, command, status, issued_at, expires_at, used_by, receipt)
  SELECT code, mailbox, address, ticket_id, command, status, issued_at, expires_at, used_by, receipt FROM codes;
DROP TABLE codes;
ALTER TABLE new_codes RENAME TO codes;

-- Which rule holds a mail (`caps`; 'hand': a person), why in words, and until when that makes sense: then it lapses.
ALTER TABLE outbox ADD COLUMN held_by TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN held_why TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN held_until TEXT;
-- Whose mail it answers without a person in between: '' | 'proven' | 'unproven' (whether anything vouches for him).
ALTER TABLE outbox ADD COLUMN answers TEXT NOT NULL DEFAULT '';
-- '': a limit that is due; 'mail': a user's mail of which staff were not told by a mail of its own.
ALTER TABLE notices ADD COLUMN kind TEXT NOT NULL DEFAULT '';

-- The caps are counted from what was written and received.
CREATE INDEX outbox_asked ON outbox (mailbox, template, asked_at);
CREATE INDEX outbox_recipient ON outbox (mailbox, recipient, not_before) WHERE held = 0 AND state <> 'cancelled';
CREATE INDEX outbox_answers ON outbox (mailbox, answers, not_before)
  WHERE answers <> '' AND held = 0 AND state <> 'cancelled';
CREATE INDEX outbox_held ON outbox (mailbox, recipient) WHERE held = 1;
CREATE INDEX notices_mail ON notices (mailbox, at) WHERE kind = 'mail';
CREATE INDEX journal_sender ON journal (mailbox, sender, arrived_at);
-- Staff's digest asks for it in every round; the journal grows for ever.
CREATE INDEX journal_unlisted ON journal (mailbox)
  WHERE state = 'handled' AND ticket_id IS NULL AND listed_at IS NULL;
CREATE INDEX journal_arrived ON journal (mailbox, arrived_at);
