-- A ticket may have several consultations: a further call or visit is a further sheet of its Formulir Konsultasi.
-- ticket_id: under which it was recorded, also once that ticket is merged: its number and form number stay the sheet's.
-- journal_id: the mail that holds the form; part B and C are the texts of that mail. recorder: who wrote it. name …
-- address: part A as this form says it. precise: as in the first table. estimated: the form says no time of day, and
-- began_at is the arrival of the mail that records it on the same day.
CREATE TABLE consultation_sheets (
  id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL REFERENCES tickets(id), sheet INTEGER NOT NULL,
  journal_id INTEGER REFERENCES journal(id), recorder TEXT NOT NULL,
  mailbox TEXT NOT NULL, channel TEXT NOT NULL,
  day TEXT NOT NULL, began_at TEXT NOT NULL, ended_at TEXT, precise INTEGER NOT NULL, estimated INTEGER NOT NULL,
  name TEXT NOT NULL, organisation TEXT NOT NULL, street TEXT NOT NULL, phone TEXT NOT NULL, address TEXT NOT NULL,
  giver TEXT NOT NULL, queue TEXT NOT NULL DEFAULT '',
  numbers_minutes INTEGER, archived_minutes INTEGER,
  UNIQUE (ticket_id, sheet)
) STRICT;
INSERT INTO consultation_sheets (ticket_id, sheet, journal_id, recorder, mailbox, channel, day, began_at, ended_at,
    precise, estimated, name, organisation, street, phone, address, giver, queue, numbers_minutes, archived_minutes)
  SELECT c.ticket_id, 1,
    (SELECT h.journal_id FROM history h WHERE h.ticket_id = c.ticket_id AND h.event IN ('staff.phone', 'staff.counter')
      ORDER BY h.id LIMIT 1),
    coalesce((SELECT h.address FROM history h WHERE h.ticket_id = c.ticket_id
      AND h.event IN ('staff.phone', 'staff.counter') ORDER BY h.id LIMIT 1), ''),
    c.mailbox, c.channel, c.day, c.began_at, c.ended_at, c.precise,
    c.precise = 0 AND EXISTS (SELECT 1 FROM history h WHERE h.ticket_id = c.ticket_id AND h.at = c.began_at
      AND h.event IN ('staff.phone', 'staff.counter')),
    coalesce((SELECT f.value FROM fields f WHERE f.ticket_id = c.ticket_id AND f.name = 'name'), t.user_name),
    coalesce((SELECT f.value FROM fields f WHERE f.ticket_id = c.ticket_id AND f.name = 'organisation'), ''),
    coalesce((SELECT f.value FROM fields f WHERE f.ticket_id = c.ticket_id AND f.name = 'street'), ''),
    coalesce((SELECT f.value FROM fields f WHERE f.ticket_id = c.ticket_id AND f.name = 'phone'), ''),
    t.user_address, c.giver, c.queue, c.numbers_minutes, c.archived_minutes
    FROM consultations c JOIN tickets t ON t.id = c.ticket_id ORDER BY c.ticket_id;
DROP TABLE consultations;
ALTER TABLE consultation_sheets RENAME TO consultations;
CREATE INDEX consultations_day ON consultations (mailbox, day);
CREATE INDEX consultations_mail ON consultations (journal_id);
