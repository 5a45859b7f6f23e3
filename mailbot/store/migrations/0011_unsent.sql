-- What a person wrote that was held, until they send it or drop it; the person is asked again at `due`. A link's code may
-- be about one of these.
CREATE TABLE unsent (
  id INTEGER PRIMARY KEY,
  ticket_id INTEGER NOT NULL REFERENCES tickets(id),
  journal_id INTEGER NOT NULL REFERENCES journal(id), -- the mail that holds the words
  address TEXT NOT NULL, -- who is asked
  since TEXT NOT NULL,
  due TEXT NOT NULL,
  shown TEXT NOT NULL, -- JSON: what would be carried out, its words, who would read them, which files, why it was held
  send TEXT NOT NULL, -- JSON: the link that carries it out; '' where the ticket lets none
  ended_at TEXT
);
CREATE INDEX unsent_open ON unsent (ticket_id) WHERE ended_at IS NULL;
ALTER TABLE codes ADD COLUMN unsent INTEGER REFERENCES unsent(id);
