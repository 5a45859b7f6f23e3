-- What a person's link has done without a receipt of its own: the next mail of the ticket to that person tells it, or a
-- list of several tickets does. told_in: that mail.
CREATE TABLE untold (
  id INTEGER PRIMARY KEY,
  ticket_id INTEGER NOT NULL REFERENCES tickets(id),
  address TEXT NOT NULL, -- whose link
  journal_id INTEGER NOT NULL REFERENCES journal(id), -- the mail that brought it
  at TEXT NOT NULL, -- when that arrived
  command TEXT NOT NULL, -- "#ambil"
  said TEXT NOT NULL, -- what a receipt would have said
  told_in INTEGER REFERENCES outbox(id)
);
CREATE INDEX untold_open ON untold (address, ticket_id) WHERE told_in IS NULL;
CREATE INDEX untold_told ON untold (told_in) WHERE told_in IS NOT NULL;
