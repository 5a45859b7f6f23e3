"""What is due now, over all mailboxes: a few questions that cost next to nothing while the answer is "nothing"."""

from __future__ import annotations

from datetime import datetime

from mailbot.store import held_mails, journal, outbox
from mailbot.store.database import Store, Value, to_instant, to_text


def to_handle(store: Store, now: datetime) -> set[str]:
    """Mailboxes with a mail to handle or an outcome to settle."""
    waiting = _mailboxes(
        store,
        "SELECT DISTINCT mailbox FROM journal INDEXED BY journal_waiting"
        " WHERE state = 'received' AND (next_try_at IS NULL OR next_try_at <= ? OR next_try_at > ?)",
        to_text(now),
        to_text(now + journal.FAR),
    )
    unsettled = (
        "SELECT DISTINCT mailbox FROM outbox INDEXED BY outbox_unsettled"
        " WHERE outcome_handled = 0 AND state IN ('accepted', 'failed')"
    )
    return waiting | _mailboxes(store, unsettled)


def with_deadlines(store: Store, now: datetime) -> dict[str, datetime]:
    """Mailboxes of which a deadline's stage is due, each with the moment at which the last one fell due."""
    sql = (
        "SELECT t.mailbox, max(d.due) AS last FROM deadlines d INDEXED BY deadlines_due CROSS JOIN tickets t"
        " ON t.id = d.ticket_id WHERE d.ended_at IS NULL AND d.due <= ? GROUP BY t.mailbox"
    )
    return {str(row["mailbox"]): to_instant(row["last"]) for row in store.rows(sql, to_text(now))}


def to_send(store: Store, now: datetime) -> set[str]:
    """Mailboxes with a mail that may leave, or that was under way when something broke."""
    return _mailboxes(
        store,
        "SELECT DISTINCT mailbox FROM outbox INDEXED BY outbox_waiting"
        f" WHERE {outbox.WAITING} AND held = 0 AND (next_try_at <= ? OR next_try_at > ?)",
        to_text(now),
        to_text(now + outbox.FAR),
    )


def to_prove(store: Store, now: datetime) -> set[str]:
    """Mailboxes with a mail that may have been sent and is to be looked up."""
    return _mailboxes(
        store,
        f"SELECT DISTINCT mailbox FROM outbox INDEXED BY outbox_proof WHERE {outbox.PROVABLE}",
        "",  # ?1 is the mailbox where one is asked for
        to_text(now),
        to_text(now + outbox.FAR),
    )


def to_tend(store: Store, now: datetime) -> set[str]:
    """Mailboxes where something waits that has no deadline: held mails and what is told together, questions to be asked
    again, mails that have had no outcome for an hour, tickets that were solved before there was an index of them."""
    asked_again = (
        "SELECT DISTINCT t.mailbox FROM unsent u INDEXED BY unsent_open CROSS JOIN tickets t ON t.id = u.ticket_id"
        " WHERE u.ended_at IS NULL AND u.due <= ?"
    )
    unindexed = (
        "SELECT DISTINCT t.mailbox FROM (SELECT ticket_id FROM unindexed LIMIT 100) u CROSS JOIN tickets t"
        " ON t.id = u.ticket_id"
    )
    return (
        held_mails.mailboxes(store)
        | journal.mailboxes_without_outcome(store, now)
        | _mailboxes(store, asked_again, to_text(now))
        | _mailboxes(store, unindexed)
    )


def to_mark(store: Store) -> set[tuple[str, str]]:
    """(mailbox, folder) with handled mails whose mark on the server is still wanted."""
    sql = (
        "SELECT DISTINCT mailbox, folder FROM journal INDEXED BY journal_mark"
        " WHERE mark = 'wanted' AND state <> 'received'"
    )
    return {(str(row["mailbox"]), str(row["folder"])) for row in store.rows(sql)}


def _mailboxes(store: Store, sql: str, *values: Value) -> set[str]:
    return {str(row["mailbox"]) for row in store.rows(sql, *values)}
