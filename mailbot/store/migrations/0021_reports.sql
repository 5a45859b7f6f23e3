-- The report of a month: tickets that were open in it, however many have been closed before.
CREATE INDEX tickets_closed ON tickets (mailbox, closed_at) WHERE closed_at IS NOT NULL;
-- Answers to the survey are derived from what users wrote after the closing mail, and what opened nothing.
CREATE INDEX history_after_closing ON history (at)
  WHERE event = 'user.mail' AND status_before = 'closed' AND status_after = 'closed';
-- The balance of a day: what came, by what became of it. All that is asked stands in the index.
CREATE INDEX journal_balance ON journal (mailbox, fetched_at, state, disposition, ticket_id);
