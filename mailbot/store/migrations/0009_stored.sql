-- A link's code may stand for words that stand above it (NULL: it stands for none), and for the files of stored mails:
-- the ids of their journal entries, with a blank between them.
ALTER TABLE codes ADD COLUMN words TEXT;
ALTER TABLE codes ADD COLUMN mails TEXT NOT NULL DEFAULT '';
