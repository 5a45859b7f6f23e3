-- What stands still: a folder that cannot be read, an account that cannot send, a configuration that was refused. A row
-- is there as long as it lasts, and ten minutes longer where the operator was told, so that `mailbot status` and the
-- operator hear of the same. told_at: when the operator was told last.
CREATE TABLE outages (
  id INTEGER PRIMARY KEY,
  mailbox TEXT NOT NULL, -- "" : the whole program
  kind TEXT NOT NULL, -- imap, smtp, reload
  what TEXT NOT NULL, -- the folder, or ""
  how TEXT NOT NULL, -- refused, gone, silent
  server TEXT NOT NULL, -- host:port, or ""
  said TEXT NOT NULL, -- the server's words
  since TEXT NOT NULL,
  told_at TEXT,
  UNIQUE (mailbox, kind, what)
);
