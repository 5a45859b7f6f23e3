-- Escalations that wait for the coordinator's approval (`sop.escalation_by: coordinator`): the mail that asks, and the
-- mails whose files go with its words (journal ids, with a blank between them). The newest of a ticket is the one that
-- waits, as long as its clock "approval" runs.
CREATE TABLE approvals (
  id INTEGER PRIMARY KEY,
  ticket_id INTEGER NOT NULL REFERENCES tickets(id),
  journal_id INTEGER NOT NULL REFERENCES journal(id),
  mails TEXT NOT NULL,
  address TEXT NOT NULL
);
CREATE INDEX approvals_ticket ON approvals (ticket_id);
-- SOP e-mail Batam, Daftar Istilah: Gangguan, Permasalahan or Permintaan Layanan, as staff have set it.
ALTER TABLE tickets ADD COLUMN nature TEXT;
