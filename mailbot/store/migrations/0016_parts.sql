-- The large files within mails of ours lie in raw/, each once: at, where in outbox_bytes.raw one belongs.
CREATE TABLE outbox_parts (
  outbox_id INTEGER NOT NULL REFERENCES outbox(id), at INTEGER NOT NULL, file TEXT NOT NULL,
  PRIMARY KEY (outbox_id, at)
) STRICT, WITHOUT ROWID;
