-- What is asked each second, or several times a mail, costs the same however long an office has been open: it is looked
-- up among what still waits, not among all that ever came. The queries name these indexes.
DROP INDEX journal_state;
CREATE INDEX journal_waiting ON journal (mailbox) WHERE state = 'received';
CREATE INDEX journal_quarantined ON journal (mailbox) WHERE state = 'quarantined';
CREATE INDEX journal_of ON journal (mailbox);
DROP INDEX journal_mark;
CREATE INDEX journal_mark ON journal (mailbox, folder, uidvalidity, uid) WHERE mark = 'wanted';
-- Mail without a ticket that never is listed (questions of staff) stays in it: so the disposition counts, too.
DROP INDEX journal_unlisted;
CREATE INDEX journal_unlisted ON journal (mailbox, disposition, fetched_at)
  WHERE state = 'handled' AND ticket_id IS NULL AND listed_at IS NULL;
DROP INDEX outbox_state;
CREATE INDEX outbox_waiting ON outbox (mailbox, next_try_at) WHERE state IN ('queued', 'sending', 'uncertain');
CREATE INDEX outbox_failed ON outbox (mailbox, created_at) WHERE state IN ('failed', 'bounced');
DROP INDEX tickets_open;
CREATE INDEX tickets_open ON tickets (mailbox, status) WHERE status <> 'closed';
DROP INDEX unsent_open;
CREATE INDEX unsent_open ON unsent (ticket_id, due) WHERE ended_at IS NULL;

-- How often somebody has escalated in the last hour, or asked the coordinator to.
DROP INDEX history_escalations;
CREATE INDEX history_escalations ON history (address, at) WHERE event IN ('staff.escalate', 'staff.ask_approval');

-- What people ask for by number, as they write it; and the tickets of a month.
CREATE INDEX tickets_form ON tickets (upper(form_number));
CREATE INDEX tickets_lkpp ON tickets (upper(lkpp_number)) WHERE lkpp_number IS NOT NULL;
CREATE INDEX tickets_tts ON tickets (upper(tts_number)) WHERE tts_number IS NOT NULL;
CREATE INDEX tickets_opened ON tickets (mailbox, opened_at);
CREATE INDEX tickets_merged ON tickets (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX codes_unused ON codes (expires_at) WHERE used_by IS NULL;
CREATE INDEX codes_argument ON codes (mailbox, command, argument) WHERE argument <> '';

-- How many rows stand in each state: nobody who asks counts the past. what: journal | outbox | tickets.
CREATE TABLE tallies (
  mailbox TEXT NOT NULL, what TEXT NOT NULL, state TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (mailbox, what, state)
) STRICT, WITHOUT ROWID;
INSERT INTO tallies SELECT mailbox, 'journal', state, count(*) FROM journal GROUP BY mailbox, state;
INSERT INTO tallies SELECT mailbox, 'outbox', state, count(*) FROM outbox GROUP BY mailbox, state;
INSERT INTO tallies SELECT mailbox, 'tickets', status, count(*) FROM tickets GROUP BY mailbox, status;
CREATE TRIGGER journal_tally AFTER INSERT ON journal BEGIN
  INSERT INTO tallies VALUES (new.mailbox, 'journal', new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER journal_tally_again AFTER UPDATE OF state ON journal WHEN old.state <> new.state BEGIN
  UPDATE tallies SET n = n - 1 WHERE mailbox = old.mailbox AND what = 'journal' AND state = old.state;
  INSERT INTO tallies VALUES (new.mailbox, 'journal', new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER outbox_tally AFTER INSERT ON outbox BEGIN
  INSERT INTO tallies VALUES (new.mailbox, 'outbox', new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER outbox_tally_again AFTER UPDATE OF state ON outbox WHEN old.state <> new.state BEGIN
  UPDATE tallies SET n = n - 1 WHERE mailbox = old.mailbox AND what = 'outbox' AND state = old.state;
  INSERT INTO tallies VALUES (new.mailbox, 'outbox', new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER tickets_tally AFTER INSERT ON tickets BEGIN
  INSERT INTO tallies VALUES (new.mailbox, 'tickets', new.status, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER tickets_tally_again AFTER UPDATE OF status ON tickets WHEN old.status <> new.status BEGIN
  UPDATE tallies SET n = n - 1 WHERE mailbox = old.mailbox AND what = 'tickets' AND state = old.status;
  INSERT INTO tallies VALUES (new.mailbox, 'tickets', new.status, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
