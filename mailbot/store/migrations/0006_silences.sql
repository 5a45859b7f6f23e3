-- Addresses that get no automatic mail, and why: 'discarded' (`#buang` of a proven mail), 'unproven' (`#buang` of one
-- that anybody may have written: only such mails get no answer, and only until `until`), 'robot' (by what it does).
CREATE TABLE silences (
  mailbox TEXT NOT NULL, address TEXT NOT NULL, why TEXT NOT NULL, at TEXT NOT NULL, until TEXT,
  ticket_id INTEGER REFERENCES tickets(id),
  PRIMARY KEY (mailbox, address, why)
) STRICT;
-- Until now a forged mail silenced the real address for good.
INSERT INTO silences (mailbox, address, why, at, until, ticket_id)
  SELECT s.mailbox, s.address, CASE WHEN t.user_verified THEN 'discarded' ELSE 'unproven' END, s.at,
    CASE WHEN t.user_verified THEN NULL ELSE strftime('%Y-%m-%dT%H:%M:%f000+00:00', s.at, '+1 day') END, s.ticket_id
  FROM silenced s LEFT JOIN tickets t ON t.id = s.ticket_id;
DROP TABLE silenced;
