-- A mail's bytes, never changed, beside its row, which changes at each step of its sending: SQLite writes a changed
-- row anew as a whole, with all its attachments.
CREATE TABLE outbox_bytes (id INTEGER PRIMARY KEY REFERENCES outbox(id), raw BLOB NOT NULL) STRICT;
INSERT INTO outbox_bytes (id, raw) SELECT id, raw FROM outbox;
ALTER TABLE outbox DROP COLUMN raw;
