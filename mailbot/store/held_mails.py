"""Mails of the outbox that are held: by which rule (`held_by`; 'hand': a person), until when, and what becomes of them.

`restraint` decides which one may leave; here stands what is held, and how a row is held and let go.
"""

from __future__ import annotations

from datetime import datetime

from mailbot.store.database import Row, Store, to_text
from mailbot.store.outbox import ORDER


def hold(store: Store, outbox_id: int, by: str, why: str) -> None:
    """It does not leave before a person lets it; nor does it lapse."""
    store.update("outbox", outbox_id, held=1, held_by=by, held_why=why, held_until=None)


def let_go(store: Store, outbox_id: int, now: datetime) -> None:
    """It may leave, now."""
    at = to_text(now)
    store.update("outbox", outbox_id, held=0, held_by="", held_why="", held_until=None, not_before=at, next_try_at=at)


def let_go_missed(store: Store, mailbox: str, address: str, by: str, now: datetime) -> None:
    """What a rule kept from one of the LPSE's own people for as long as it held may leave, now."""
    rows = store.rows(
        "SELECT id FROM outbox INDEXED BY outbox_held"
        " WHERE mailbox = ? AND recipient = ? AND held = 1 AND held_by = ? AND held_until IS NULL"
        " AND state = 'queued' AND party NOT IN ('user', 'lkpp') ORDER BY id",
        mailbox,
        address,
        by,
    )
    for row in rows:
        let_go(store, int(row["id"]), now)


def by_another_rule(store: Store, outbox_id: int, by: str, why: str) -> None:
    """It stays held, for another reason."""
    store.update("outbox", outbox_id, held_by=by, held_why=why)


def lapse_answers(store: Store, mailbox: str, address: str, reason: str) -> None:
    """The held answers to an address never leave."""
    store.execute(
        "UPDATE outbox INDEXED BY outbox_held SET state = 'cancelled', held = 0, reason = ?"
        " WHERE mailbox = ? AND recipient = ? AND held = 1 AND answers <> '' AND state = 'queued'",
        reason,
        mailbox,
        address,
    )


#: What waits for room or for its time.
_WAITS = (
    "FROM outbox INDEXED BY outbox_held WHERE held = 1",
    "FROM notices INDEXED BY notices_open WHERE audience = 'staff' AND reported_at IS NULL AND kind = 'mail'",
    "FROM journal INDEXED BY journal_unsure WHERE latecomer = 'unsure'",
)


def anything(store: Store, mailbox: str) -> bool:
    """Whether a mail is held, a user's mail waits for staff's collected notice, or an old mail for a decision."""
    sql = " UNION ALL ".join(f"SELECT 1 {waits} AND mailbox = ?1" for waits in _WAITS)
    return store.value(f"{sql} LIMIT 1", mailbox) is not None


def mailboxes(store: Store) -> set[str]:
    """Those of which `anything` is true."""
    sql = " UNION ".join(f"SELECT mailbox {waits}" for waits in _WAITS)
    return {str(row["mailbox"]) for row in store.rows(sql)}


def count(store: Store, mailbox: str) -> int:
    """How many are held."""
    found = store.value("SELECT count(*) FROM outbox INDEXED BY outbox_held WHERE mailbox = ? AND held = 1", mailbox)
    return int(found)


def over(store: Store, mailbox: str, now: datetime) -> list[Row]:
    """Those that make no sense any more, with their ticket's number."""
    return store.rows(
        "SELECT o.id, o.template, o.message_id, o.held_why, t.number FROM outbox o INDEXED BY outbox_held"
        " LEFT JOIN tickets t ON t.id = o.ticket_id WHERE o.mailbox = ? AND o.held = 1 AND o.held_until <= ?"
        " AND o.state = 'queued'",
        mailbox,
        to_text(now),
    )


def by_rule(store: Store, mailbox: str) -> list[Row]:
    """For each rule how many mails it holds (n), and one recipient."""
    return store.rows(
        "SELECT held_by, count(*) AS n, max(recipient) AS recipient FROM outbox INDEXED BY outbox_held"
        " WHERE mailbox = ? AND held = 1 GROUP BY held_by",
        mailbox,
    )


def of_rule(store: Store, rule: str) -> list[int]:
    """All mails of all mailboxes that a rule holds, the oldest first."""
    rows = store.rows(
        "SELECT id FROM outbox INDEXED BY outbox_held WHERE held = 1 AND held_by = ? AND state = 'queued' ORDER BY id",
        rule,
    )
    return [int(row["id"]) for row in rows]


def unproven_answers(store: Store, mailbox: str, at_most: int) -> list[Row]:
    """Answers that were one hour's too many, the oldest first."""
    return store.rows(
        "SELECT id, recipient FROM outbox INDEXED BY outbox_held WHERE mailbox = ? AND held = 1"
        " AND held_by = 'unproven_hour'"
        " AND state = 'queued' ORDER BY id LIMIT ?",
        mailbox,
        at_most,
    )


def for_latecomers(store: Store, mailbox: str) -> list[int]:
    """What old mails have set off while nobody knew how many there are."""
    rows = store.rows(
        "SELECT id FROM outbox INDEXED BY outbox_held"
        " WHERE mailbox = ? AND held = 1 AND held_by = 'latecomers?' AND state = 'queued'",
        mailbox,
    )
    return [int(row["id"]) for row in rows]


def full_addresses(store: Store, mailbox: str) -> list[str]:
    """The addresses whose cap holds a mail."""
    rows = store.rows(
        "SELECT DISTINCT recipient FROM outbox INDEXED BY outbox_held"
        " WHERE mailbox = ? AND held = 1 AND held_by = 'address'",
        mailbox,
    )
    return [str(row["recipient"]) for row in rows]


def at_address(store: Store, mailbox: str, address: str, *, inside_only: bool) -> list[Row]:
    """What an address's cap holds: first what somebody waits for, as in the outbox. inside_only: nothing for users or
    LKPP."""
    parties = " AND party NOT IN ('user', 'lkpp')" if inside_only else ""
    return store.rows(
        "SELECT id, template, ticket_id FROM outbox INDEXED BY outbox_held WHERE mailbox = ?"
        " AND recipient = ? AND held = 1"
        f" AND held_by = 'address' AND state = 'queued'{parties} ORDER BY {ORDER}, id",
        mailbox,
        address,
    )
