-- The daemon asks every second; the outbox grows for ever.
CREATE INDEX outbox_unsettled ON outbox (mailbox) WHERE outcome_handled = 0 AND state IN ('accepted', 'failed');
