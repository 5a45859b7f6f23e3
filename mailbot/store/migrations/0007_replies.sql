-- Several replies of LKPP may wait for their meaning (SOP steps 4, 6, 12 to 14), each for its own: the ids of their
-- journal entries, rising, with a blank between them.
ALTER TABLE tickets ADD COLUMN pending_replies TEXT NOT NULL DEFAULT '';
UPDATE tickets SET pending_replies = pending_reply WHERE pending_reply IS NOT NULL;
ALTER TABLE tickets DROP COLUMN pending_reply;
