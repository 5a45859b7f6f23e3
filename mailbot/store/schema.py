"""The database's schema as numbered migrations; an applied one is never changed, only followed by another.

Instants are UTC text of one width ("2026-12-23T02:00:00.000000+00:00"), so that they compare as text.
"""

from __future__ import annotations

MIGRATIONS: tuple[tuple[str, str], ...] = (
    (
        "0001_first",
        """
-- How far each IMAP folder was read. A new UIDVALIDITY is a new epoch (RFC 9051 §2.3.1.1), a row of its own.
CREATE TABLE folders (
  mailbox TEXT NOT NULL, folder TEXT NOT NULL, uidvalidity INTEGER NOT NULL,
  last_uid INTEGER NOT NULL, started_at TEXT NOT NULL,
  PRIMARY KEY (mailbox, folder, uidvalidity)
) STRICT;

-- Every mail the server showed us, durable before anything of it is understood. `raw` or `raw_file` holds the bytes.
-- state: received → handled | duplicate | quarantined → discarded.
CREATE TABLE journal (
  id INTEGER PRIMARY KEY,
  mailbox TEXT NOT NULL, folder TEXT NOT NULL, uidvalidity INTEGER NOT NULL, uid INTEGER NOT NULL,
  arrived_at TEXT NOT NULL, fetched_at TEXT NOT NULL,
  size INTEGER NOT NULL, sha256 TEXT NOT NULL, raw BLOB, raw_file TEXT, complete INTEGER NOT NULL DEFAULT 1,
  state TEXT NOT NULL DEFAULT 'received', attempts INTEGER NOT NULL DEFAULT 0, next_try_at TEXT,
  disposition TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
  message_id TEXT, fingerprint TEXT, sender TEXT NOT NULL DEFAULT '', role TEXT NOT NULL DEFAULT '',
  ticket_id INTEGER REFERENCES tickets(id), threaded_by TEXT NOT NULL DEFAULT '',
  mark TEXT NOT NULL DEFAULT 'wanted',
  UNIQUE (mailbox, folder, uidvalidity, uid)
) STRICT;
CREATE UNIQUE INDEX journal_fingerprint ON journal (mailbox, fingerprint)
  WHERE fingerprint IS NOT NULL AND state <> 'duplicate';
CREATE INDEX journal_state ON journal (state, mailbox);
CREATE INDEX journal_message_id ON journal (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX journal_mark ON journal (mailbox, mark) WHERE mark = 'wanted';
CREATE INDEX journal_ticket ON journal (ticket_id) WHERE ticket_id IS NOT NULL;

-- Ticket and form numbers rise without reuse per year; by prefix, so that a mailbox may get another name.
CREATE TABLE counters (
  prefix TEXT NOT NULL, year INTEGER NOT NULL, last INTEGER NOT NULL,
  PRIMARY KEY (prefix, year)
) STRICT;

CREATE TABLE tickets (
  id INTEGER PRIMARY KEY,
  mailbox TEXT NOT NULL, number TEXT NOT NULL UNIQUE, form_number TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL, priority INTEGER NOT NULL, subject TEXT NOT NULL,
  user_address TEXT NOT NULL, user_name TEXT NOT NULL DEFAULT '', user_verified INTEGER NOT NULL DEFAULT 0,
  handler TEXT, lkpp_number TEXT, tts_number TEXT,
  opened_at TEXT NOT NULL, first_response_at TEXT, escalated_at TEXT, closed_at TEXT,
  was_with_lkpp INTEGER NOT NULL DEFAULT 0,
  held_data INTEGER NOT NULL DEFAULT 0, pending_reply INTEGER REFERENCES journal(id),
  user_unreachable INTEGER NOT NULL DEFAULT 0, discarded INTEGER NOT NULL DEFAULT 0,
  merged_into INTEGER REFERENCES tickets(id), split_from INTEGER REFERENCES tickets(id),
  continues INTEGER REFERENCES tickets(id)
) STRICT;
CREATE INDEX tickets_open ON tickets (mailbox, status);
CREATE INDEX tickets_lkpp_number ON tickets (mailbox, lkpp_number) WHERE lkpp_number IS NOT NULL;

-- Who belongs to a ticket. Grows by decisions of staff and by the first mail, never by headers of incoming mail.
CREATE TABLE parties (
  ticket_id INTEGER NOT NULL REFERENCES tickets(id), address TEXT NOT NULL, role TEXT NOT NULL,
  added_by TEXT NOT NULL, added_at TEXT NOT NULL,
  PRIMARY KEY (ticket_id, address)
) STRICT;
CREATE INDEX parties_address ON parties (address);

-- Identity and other fields of the Formulir Konsultasi, each with where it was read.
CREATE TABLE fields (
  ticket_id INTEGER NOT NULL REFERENCES tickets(id), name TEXT NOT NULL, value TEXT NOT NULL,
  source TEXT NOT NULL, journal_id INTEGER REFERENCES journal(id), at TEXT NOT NULL,
  PRIMARY KEY (ticket_id, name)
) STRICT;

-- Every text with who may see it: `audience` is a set like ",staff,user,".
CREATE TABLE texts (
  id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL REFERENCES tickets(id),
  journal_id INTEGER REFERENCES journal(id), at TEXT NOT NULL,
  role TEXT NOT NULL, address TEXT NOT NULL, kind TEXT NOT NULL, audience TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX texts_ticket ON texts (ticket_id, at);

-- The attachment ledger; the bytes stay in the journalled mail.
CREATE TABLE attachments (
  id INTEGER PRIMARY KEY, journal_id INTEGER NOT NULL REFERENCES journal(id), ticket_id INTEGER REFERENCES tickets(id),
  position INTEGER NOT NULL, name TEXT NOT NULL, content_type TEXT NOT NULL, size INTEGER NOT NULL,
  sha256 TEXT NOT NULL, audience TEXT NOT NULL,
  UNIQUE (journal_id, position)
) STRICT;

-- The audit trail: what happened, by which row of the SOP, resting on which mail and sentence.
CREATE TABLE history (
  id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL REFERENCES tickets(id),
  at TEXT NOT NULL, recorded_at TEXT NOT NULL,
  event TEXT NOT NULL, row TEXT NOT NULL, step TEXT NOT NULL, role TEXT NOT NULL, address TEXT NOT NULL,
  status_before TEXT NOT NULL, status_after TEXT NOT NULL, journal_id INTEGER REFERENCES journal(id),
  rule TEXT NOT NULL DEFAULT '', sentence TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',
  before TEXT, after TEXT
) STRICT;
CREATE INDEX history_ticket ON history (ticket_id, id);

-- One row per run of a clock; `stage` fires at `due`.
CREATE TABLE deadlines (
  id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL REFERENCES tickets(id), clock TEXT NOT NULL,
  started_at TEXT NOT NULL, stage INTEGER NOT NULL, fired INTEGER NOT NULL, due TEXT NOT NULL,
  estimated INTEGER NOT NULL DEFAULT 0, ended_at TEXT
) STRICT;
CREATE UNIQUE INDEX deadlines_running ON deadlines (ticket_id, clock) WHERE ended_at IS NULL;
CREATE INDEX deadlines_due ON deadlines (due) WHERE ended_at IS NULL;

-- The outbox. Bytes and Message-ID are fixed here, before the first attempt.
-- state: queued → sending → accepted | failed | uncertain → bounced; cancelled. `held`: waits.
-- phase: '' | 'dot'.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY, mailbox TEXT NOT NULL, ticket_id INTEGER REFERENCES tickets(id),
  event_key TEXT NOT NULL, party TEXT NOT NULL, template TEXT NOT NULL, recipient TEXT NOT NULL,
  envelope_sender TEXT NOT NULL, message_id TEXT NOT NULL UNIQUE, subject TEXT NOT NULL, raw BLOB NOT NULL,
  audience TEXT NOT NULL, thread INTEGER NOT NULL DEFAULT 1,
  state TEXT NOT NULL DEFAULT 'queued', phase TEXT NOT NULL DEFAULT '', not_before TEXT NOT NULL,
  held INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0, next_try_at TEXT NOT NULL,
  created_at TEXT NOT NULL, asked_at TEXT NOT NULL, accepted_at TEXT, answer TEXT NOT NULL DEFAULT '',
  outcome_handled INTEGER NOT NULL DEFAULT 0, undo_by INTEGER,
  UNIQUE (mailbox, event_key, recipient, template)
) STRICT;
CREATE INDEX outbox_state ON outbox (state, next_try_at);
CREATE INDEX outbox_ticket ON outbox (ticket_id, party);
CREATE INDEX outbox_accepted ON outbox (mailbox, accepted_at) WHERE accepted_at IS NOT NULL;

-- Codes of links: bound to addressee, ticket and command, good once.
CREATE TABLE codes (
  code TEXT PRIMARY KEY, mailbox TEXT NOT NULL, address TEXT NOT NULL,
  ticket_id INTEGER NOT NULL REFERENCES tickets(id),
  command TEXT NOT NULL, status TEXT NOT NULL, issued_at TEXT NOT NULL, expires_at TEXT NOT NULL,
  used_by INTEGER REFERENCES journal(id), receipt TEXT
) STRICT;

-- Lines that wait for one collected mail (overdue reports a day, folded reminders).
CREATE TABLE notices (
  id INTEGER PRIMARY KEY, mailbox TEXT NOT NULL, ticket_id INTEGER NOT NULL REFERENCES tickets(id),
  audience TEXT NOT NULL, what TEXT NOT NULL, at TEXT NOT NULL, due TEXT NOT NULL,
  daily INTEGER NOT NULL, reported_at TEXT
) STRICT;
CREATE INDEX notices_open ON notices (mailbox, audience) WHERE reported_at IS NULL;

-- Senders whom staff have discarded: no automatic answer to them any more.
CREATE TABLE silenced (
  mailbox TEXT NOT NULL, address TEXT NOT NULL, at TEXT NOT NULL, ticket_id INTEGER REFERENCES tickets(id),
  PRIMARY KEY (mailbox, address)
) STRICT;

-- What was said once in a while and is not said again before its time (key names person and matter).
CREATE TABLE warnings (
  mailbox TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (mailbox, key)
) STRICT;
""",
    ),
    (
        "0002_unsettled",
        """
-- The daemon asks every second; the outbox grows for ever.
CREATE INDEX outbox_unsettled ON outbox (mailbox) WHERE outcome_handled = 0 AND state IN ('accepted', 'failed');
""",
    ),
    (
        "0003_reading",
        """
-- What mailbot takes a ticket to be about; staff decide. what: problem | priority | category.
CREATE TABLE proposals (
  ticket_id INTEGER NOT NULL REFERENCES tickets(id), what TEXT NOT NULL,
  value TEXT NOT NULL, reason TEXT NOT NULL, journal_id INTEGER REFERENCES journal(id), at TEXT NOT NULL,
  PRIMARY KEY (ticket_id, what)
) STRICT;

-- A mail of a machine that belongs to no ticket is listed once in staff's digest.
ALTER TABLE journal ADD COLUMN listed_at TEXT;
-- What a person decided about a quarantined mail: '' | 'proses' | 'tiket' | 'buang', and who. One with 'tiket' waits
-- in state 'received' with its ticket_id; thrown away means the state 'discarded', never a deleted row.
ALTER TABLE journal ADD COLUMN released TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN released_by TEXT NOT NULL DEFAULT '';
-- What cannot be read has no fingerprint: the same bytes under another UID are known by their hash.
CREATE INDEX journal_unread ON journal (mailbox, sha256)
  WHERE fingerprint IS NULL AND state IN ('quarantined', 'discarded');

-- A link may be about an entry of the quarantine instead of a ticket: then `argument` is its number.
CREATE TABLE new_codes (
  code TEXT PRIMARY KEY, mailbox TEXT NOT NULL, address TEXT NOT NULL,
  ticket_id INTEGER REFERENCES tickets(id), argument TEXT NOT NULL DEFAULT '',
  command TEXT NOT NULL, status TEXT NOT NULL, issued_at TEXT NOT NULL, expires_at TEXT NOT NULL,
  used_by INTEGER REFERENCES journal(id), receipt TEXT
) STRICT;
INSERT INTO new_codes (code, mailbox, address, ticket_id, command, status, issued_at, expires_at, used_by, receipt)
  SELECT code, mailbox, address, ticket_id, command, status, issued_at, expires_at, used_by, receipt FROM codes;
DROP TABLE codes;
ALTER TABLE new_codes RENAME TO codes;

-- Which rule holds a mail (`caps`; 'hand': a person), why in words, and until when that makes sense: then it lapses.
ALTER TABLE outbox ADD COLUMN held_by TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN held_why TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN held_until TEXT;
-- Whose mail it answers without a person in between: '' | 'proven' | 'unproven' (whether anything vouches for him).
ALTER TABLE outbox ADD COLUMN answers TEXT NOT NULL DEFAULT '';
-- '': a limit that is due; 'mail': a user's mail of which staff were not told by a mail of its own.
ALTER TABLE notices ADD COLUMN kind TEXT NOT NULL DEFAULT '';

-- The caps are counted from what was written and received.
CREATE INDEX outbox_asked ON outbox (mailbox, template, asked_at);
CREATE INDEX outbox_recipient ON outbox (mailbox, recipient, not_before) WHERE held = 0 AND state <> 'cancelled';
CREATE INDEX outbox_answers ON outbox (mailbox, answers, not_before)
  WHERE answers <> '' AND held = 0 AND state <> 'cancelled';
CREATE INDEX outbox_held ON outbox (mailbox, recipient) WHERE held = 1;
CREATE INDEX notices_mail ON notices (mailbox, at) WHERE kind = 'mail';
CREATE INDEX journal_sender ON journal (mailbox, sender, arrived_at);
-- Staff's digest asks for it in every round; the journal grows for ever.
CREATE INDEX journal_unlisted ON journal (mailbox)
  WHERE state = 'handled' AND ticket_id IS NULL AND listed_at IS NULL;
CREATE INDEX journal_arrived ON journal (mailbox, arrived_at);
""",
    ),
    (
        "0004_assurance",
        """
-- An uncertain mail is looked up before it is sent again. proof: '' | 'wanted' | 'once' (one look before the next try);
-- since when it is wanted, and when it was first looked for in vain.
ALTER TABLE outbox ADD COLUMN proof TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN proof_since TEXT;
ALTER TABLE outbox ADD COLUMN proof_looked TEXT;
-- Whether its recipient's server asked for patience: then no mail to him leaves before next_try_at.
ALTER TABLE outbox ADD COLUMN deferred INTEGER NOT NULL DEFAULT 0;
-- Whether it was refused for its size: a smaller one goes instead.
ALTER TABLE outbox ADD COLUMN too_big INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_proof ON outbox (mailbox) WHERE proof <> '';
CREATE INDEX outbox_deferred ON outbox (mailbox, recipient) WHERE deferred = 1;
-- What the border server said of a mail of the LPSE's own people: pass | fail | absent; '' for all other mail.
ALTER TABLE journal ADD COLUMN verdict TEXT NOT NULL DEFAULT '';
CREATE INDEX journal_verdict ON journal (mailbox, id) WHERE verdict <> '';
-- SHA-256 of what a signed mail of theirs says and when, without its Message-ID.
ALTER TABLE journal ADD COLUMN said TEXT NOT NULL DEFAULT '';
CREATE INDEX journal_said ON journal (mailbox, said) WHERE said <> '';

-- Confirmation codes are counted per address; command 'confirm', argument: the journal entry that waits for it.
CREATE INDEX codes_confirm ON codes (mailbox, address, issued_at) WHERE command = 'confirm';

-- Who works on this data, or did last: how long it counts as at work without a further word (on a file system whose
-- locks do not reach other machines), and how far the wall's clock and one that nobody sets had come.
CREATE TABLE owner (
  one INTEGER PRIMARY KEY CHECK (one = 1), name TEXT NOT NULL, boot TEXT NOT NULL, process INTEGER NOT NULL,
  wall REAL NOT NULL, ticks REAL NOT NULL, ended INTEGER NOT NULL DEFAULT 0
) STRICT;

-- A backup was put in the place of the database: what it does not know of may have happened all the same.
-- made_at: when the backup was made. cursors, counters: JSON, how far folders were read and numbers given then.
CREATE TABLE restorations (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, made_at TEXT NOT NULL, cursors TEXT NOT NULL, counters TEXT NOT NULL
) STRICT;
-- Mailboxes of which nothing is handled before their counters stand above every number that may have been given.
CREATE TABLE restored (
  restoration INTEGER NOT NULL REFERENCES restorations(id), mailbox TEXT NOT NULL,
  settled_at TEXT, gaps TEXT NOT NULL DEFAULT '', PRIMARY KEY (restoration, mailbox)
) STRICT;

-- The last look at a folder that came to its end (to ten minutes); up to which UID it is known whether anybody saw its
-- mail; how many nobody saw (gaps in the UIDs), and how many were gone between SEARCH and FETCH.
ALTER TABLE folders ADD COLUMN looked_at TEXT;
ALTER TABLE folders ADD COLUMN counted_uid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folders ADD COLUMN unseen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folders ADD COLUMN vanished INTEGER NOT NULL DEFAULT 0;
UPDATE folders SET counted_uid = last_uid, looked_at = coalesce((SELECT max(j.fetched_at) FROM journal j
  WHERE j.mailbox = folders.mailbox AND j.folder = folders.folder), started_at);
-- A mail that came as new although the server had it long before our last look: '' | 'few' | 'unsure' | 'many'
-- (`latecomers`).
ALTER TABLE journal ADD COLUMN latecomer TEXT NOT NULL DEFAULT '';
CREATE INDEX journal_latecomer ON journal (mailbox, fetched_at) WHERE latecomer <> '';
CREATE INDEX journal_unsure ON journal (mailbox) WHERE latecomer = 'unsure';
""",
    ),
    (
        "0005_bytes",
        """
-- A mail's bytes, never changed, beside its row, which changes at each step of its sending: SQLite writes a changed
-- row anew as a whole, with all its attachments.
CREATE TABLE outbox_bytes (id INTEGER PRIMARY KEY REFERENCES outbox(id), raw BLOB NOT NULL) STRICT;
INSERT INTO outbox_bytes (id, raw) SELECT id, raw FROM outbox;
ALTER TABLE outbox DROP COLUMN raw;
""",
    ),
    (
        "0005_office",
        """
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
""",
    ),
)
