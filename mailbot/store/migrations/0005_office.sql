-- What staff say a ticket is about (rekap, columns 6 and 7); who said so and when stands in the history.
ALTER TABLE tickets ADD COLUMN problem TEXT;
ALTER TABLE tickets ADD COLUMN category TEXT;
ALTER TABLE tickets ADD COLUMN destination TEXT;

-- Every number that a ticket has had in LPSE Support/TTS; the last one stands with the ticket, with since when.
CREATE TABLE support_numbers (
  id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL REFERENCES tickets(id), number TEXT NOT NULL COLLATE NOCASE,
  at TEXT NOT NULL, address TEXT NOT NULL, journal_id INTEGER REFERENCES journal(id)
) STRICT;
CREATE INDEX support_numbers_number ON support_numbers (number);
CREATE INDEX support_numbers_ticket ON support_numbers (ticket_id, id);
ALTER TABLE tickets ADD COLUMN tts_at TEXT;
UPDATE tickets SET tts_at = coalesce(
    (SELECT max(h.at) FROM history h WHERE h.ticket_id = tickets.id AND h.event = 'staff.tts'), opened_at)
  WHERE tts_number IS NOT NULL;
INSERT INTO support_numbers (ticket_id, number, at, address)
  SELECT t.id, t.tts_number, t.tts_at, coalesce((SELECT h.address FROM history h WHERE h.ticket_id = t.id
    AND h.event = 'staff.tts' ORDER BY h.id DESC LIMIT 1), '') FROM tickets t WHERE t.tts_number IS NOT NULL;

-- A limit that staff have put off (`#tunda`): to when, by whom, why, for the how many-th time of this run.
ALTER TABLE deadlines ADD COLUMN moved_to TEXT;
ALTER TABLE deadlines ADD COLUMN moved_by TEXT NOT NULL DEFAULT '';
ALTER TABLE deadlines ADD COLUMN moved_why TEXT NOT NULL DEFAULT '';
ALTER TABLE deadlines ADD COLUMN moved_times INTEGER NOT NULL DEFAULT 0;

-- When somebody of the LPSE is away (`#cuti`); local dates, both included.
CREATE TABLE leaves (
  id INTEGER PRIMARY KEY, mailbox TEXT NOT NULL, address TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
  at TEXT NOT NULL, journal_id INTEGER REFERENCES journal(id), ended_at TEXT
) STRICT;
CREATE INDEX leaves_of ON leaves (mailbox, address) WHERE ended_at IS NULL;

-- Penyimpangan: a limit that was passed. One row per run of a clock; ended_at NULL while it lasts. due: the limit;
-- party: who had the ball (Ball); handler: who had taken the ticket by then; minutes: of service, from due to ended_at.
CREATE TABLE breaches (
  id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL REFERENCES tickets(id),
  clock TEXT NOT NULL, step TEXT NOT NULL, started_at TEXT NOT NULL, due TEXT NOT NULL,
  party TEXT NOT NULL, handler TEXT, ended_at TEXT, minutes INTEGER,
  reason TEXT NOT NULL DEFAULT '', reason_by TEXT NOT NULL DEFAULT '',
  UNIQUE (ticket_id, clock, started_at)
) STRICT;

-- How the user came: email | telepon | loket. Of the latter two user_address may be empty.
ALTER TABLE tickets ADD COLUMN channel TEXT NOT NULL DEFAULT 'email';
-- What the Formulir Konsultasi says of a call or a visit. began_at, ended_at: as written (precise), else the arrival of
-- the mail that records it. day: local date, under which a visit stands in the guest book. *_minutes: in service hours,
-- from the consultation to the giving of the numbers and to the archiving; NULL: not measured.
CREATE TABLE consultations (
  ticket_id INTEGER PRIMARY KEY REFERENCES tickets(id), mailbox TEXT NOT NULL, channel TEXT NOT NULL,
  day TEXT NOT NULL, began_at TEXT NOT NULL, ended_at TEXT, precise INTEGER NOT NULL,
  giver TEXT NOT NULL, queue TEXT NOT NULL DEFAULT '',
  numbers_minutes INTEGER, archived_minutes INTEGER
) STRICT;
CREATE INDEX consultations_day ON consultations (mailbox, channel, day);

-- What `#cari` looks through, with secrets masked; written in the transaction of what it is about (`search`).
-- rowid: the ticket's, the text's. The tokenizer folds case and accents and leaves letters and digits.
CREATE VIRTUAL TABLE search_tickets USING fts5(card, tokenize = "unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE search_texts USING fts5(body, tokenize = "unicode61 remove_diacritics 2");
INSERT INTO search_tickets (rowid, card)
  SELECT t.id, masked(t.subject || char(10) || t.number || char(10) || t.form_number || char(10) || t.user_name
    || char(10) || t.user_address || char(10) || coalesce(t.lkpp_number, '') || char(10) || coalesce(t.tts_number, '')
    || char(10) || coalesce((SELECT group_concat(f.value, char(10)) FROM fields f WHERE f.ticket_id = t.id), ''))
    FROM tickets t;
INSERT INTO search_texts (rowid, body) SELECT id, masked(substr(body, 1, 100000)) FROM texts;

-- The words of solved tickets (rowid: the ticket's id), so that new ones find their like (`similar`). place: mailbox
-- and problem, as one word; it ranks nothing.
CREATE VIRTUAL TABLE similar USING fts5(place, words, tokenize = "unicode61 tokenchars '_-/'");
INSERT INTO similar (similar, rank) VALUES ('rank', 'bm25(0.0, 1.0)');
CREATE VIRTUAL TABLE similar_vocabulary USING fts5vocab('similar', 'row');
-- Tickets that were solved before: they come into the index a few at a time.
CREATE TABLE unindexed (ticket_id INTEGER PRIMARY KEY REFERENCES tickets(id)) STRICT;
INSERT INTO unindexed SELECT id FROM tickets WHERE status IN ('resolved', 'closed') AND discarded = 0;

-- What is asked for each mail or each ticket of a rekap, of tables that grow for ever.
CREATE INDEX texts_journal ON texts (journal_id) WHERE journal_id IS NOT NULL;
CREATE INDEX attachments_ticket ON attachments (ticket_id) WHERE ticket_id IS NOT NULL;
CREATE INDEX deadlines_ticket ON deadlines (ticket_id);
-- How often somebody has escalated in the last hour.
CREATE INDEX history_escalations ON history (address, at) WHERE event = 'staff.escalate';
