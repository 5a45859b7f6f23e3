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
