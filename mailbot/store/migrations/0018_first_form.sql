-- When staff had handed in the form of a consultation, where that was before the mail that records it: it came back to be
-- completed, or waited for a code. Up to then the ten minutes of the SOP are measured. mails: the journal's entries of
-- what was written of it before, whose files belong to it.
ALTER TABLE consultations ADD COLUMN handed_in_at TEXT;
ALTER TABLE consultations ADD COLUMN mails TEXT NOT NULL DEFAULT '';
