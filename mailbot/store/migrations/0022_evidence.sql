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
