-- A mail that is looked at again, because `#batal` has put back what its ticket was when it came: the journal's entry of
-- that `#batal`.
ALTER TABLE journal ADD COLUMN again INTEGER REFERENCES journal(id);
