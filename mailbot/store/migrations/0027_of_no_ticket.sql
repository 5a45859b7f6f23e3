-- The last mails of ours to staff that are about no ticket (lists, reports, notices), for each mail of a user that may
-- quote one. They lie far apart in an old office: with all that is asked in the index, none of them is read for it.
CREATE INDEX outbox_of_no_ticket ON outbox (mailbox, party, id, message_id, ticket_id, state)
  WHERE ticket_id IS NULL AND state <> 'cancelled';
