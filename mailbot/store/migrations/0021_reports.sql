-- The report of a month: tickets that were open in it, however many have been closed before.
CREATE INDEX tickets_closed ON tickets (mailbox, closed_at) WHERE closed_at IS NOT NULL;
-- Answers to the survey are derived from what was filed: by these rows of the SOP table.
CREATE INDEX history_survey ON history (at) WHERE row IN ('pengguna-survei', 'pengguna-survei-catatan');
-- The balance of a day: what came, by what became of it. All that is asked stands in the index.
CREATE INDEX journal_balance ON journal (mailbox, fetched_at, state, disposition, role, ticket_id);
