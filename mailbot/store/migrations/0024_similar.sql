-- The words of solved tickets, as a table of their own: those about one problem in one mailbox (place) lie together, and
-- a new ticket is compared with the newest of them. In FTS5 each question read the whole list of a word, however old.
CREATE TABLE solved (
  place TEXT NOT NULL, ticket_id INTEGER NOT NULL REFERENCES tickets(id), words TEXT NOT NULL,
  PRIMARY KEY (place, ticket_id)
) STRICT, WITHOUT ROWID;
INSERT INTO solved SELECT place, rowid, words FROM similar;
CREATE UNIQUE INDEX solved_ticket ON solved (ticket_id);
DROP TABLE similar_vocabulary;
DROP TABLE similar;
