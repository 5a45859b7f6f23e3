-- The bytes of mails of ours are packed (zlib), and large files within them lie in raw/, each once.
ALTER TABLE outbox_bytes ADD COLUMN packed INTEGER NOT NULL DEFAULT 0;
-- at: where in the unpacked bytes a file belongs.
CREATE TABLE outbox_parts (
  outbox_id INTEGER NOT NULL REFERENCES outbox(id), at INTEGER NOT NULL, file TEXT NOT NULL,
  PRIMARY KEY (outbox_id, at)
) STRICT, WITHOUT ROWID;
