-- Files that hold what was written to the LPSE's own people (a quoted notice, a code): they go to nobody outside, however
-- late somebody asks for them.
ALTER TABLE attachments ADD COLUMN internal INTEGER NOT NULL DEFAULT 0;
