-- Each try of handing a mail over, with what the server has said to it (`submissions`).
CREATE TABLE submissions (
  id INTEGER PRIMARY KEY, outbox_id INTEGER NOT NULL REFERENCES outbox(id), at TEXT NOT NULL,
  outcome TEXT NOT NULL, -- accepted | found | failed | again | uncertain | own_address | cut_off
  answer TEXT NOT NULL
) STRICT;
CREATE INDEX submissions_outbox ON submissions (outbox_id);

-- What was done on the command line with people's data (UU 27/2022 art. 31): by whom (OS user), what (evidence | export |
-- redact), how much of each kind (JSON), and of which ticket, where it was one. Nothing in it tells of whom.
-- seal: of an evidence file, the last line of its chain.
CREATE TABLE processings (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL, ticket TEXT NOT NULL DEFAULT '',
  counts TEXT NOT NULL, seal TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX processings_seal ON processings (seal) WHERE seal <> '';

-- A person's data are removed (`mailbot person redact`). finished_at NULL: rows are clean, but files and free pages may
-- still hold what was removed; doing it again ends it.
CREATE TABLE redactions (id INTEGER PRIMARY KEY, at TEXT NOT NULL, finished_at TEXT) STRICT;
-- Since when a mail's bytes are gone for that reason.
ALTER TABLE journal ADD COLUMN erased_at TEXT;
ALTER TABLE outbox ADD COLUMN erased_at TEXT;
-- Files in raw/ that no row names any more, until they are deleted.
CREATE TABLE erased_files (file TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
-- By what a mail is known again whose bytes are gone, when its server shows it once more: a hash of the hash of its bytes,
-- with a salt, so that nobody who has the mail can tell elsewhere that it was here.
CREATE TABLE erased_mails (
  mailbox TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (mailbox, digest)
) STRICT, WITHOUT ROWID;
CREATE TABLE erasure_salt (one INTEGER PRIMARY KEY CHECK (one = 1), salt BLOB NOT NULL) STRICT;
INSERT INTO erasure_salt VALUES (1, randomblob(32));
