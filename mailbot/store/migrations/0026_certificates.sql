-- Until when the certificate of each server is good, as it was seen at the last login (status; the operator is told in
-- time). mailbox: a mailbox, or the account of the alarms. protocol: imap, smtp.
CREATE TABLE certificates (
  mailbox TEXT NOT NULL, protocol TEXT NOT NULL, server TEXT NOT NULL, ends_at TEXT NOT NULL,
  PRIMARY KEY (mailbox, protocol)
) STRICT;
