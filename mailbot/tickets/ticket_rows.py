"""Rows of the table `tickets`: one by its id or number, and which ones of a mailbox are in somebody's hands."""

from __future__ import annotations

from collections.abc import Sequence

from mailbot.model import Status
from mailbot.store.database import Row, Store


def one(store: Store, ticket_id: int) -> Row | None:
    return store.row("SELECT * FROM tickets WHERE id = ?", ticket_id)


def by_number(store: Store, number: str) -> Row | None:
    return store.row("SELECT * FROM tickets WHERE number = ?", number)


def numbered(store: Store, mailbox: str, number: str) -> int | None:
    """The ticket of a mailbox that has this number."""
    found = store.value("SELECT id FROM tickets WHERE mailbox = ? AND number = ?", mailbox, number)
    return None if found is None else int(found)


def user_of(store: Store, mailbox: str, number: str) -> str:
    """The address of the user of the ticket that has this number, "" where there is none."""
    return str(store.value("SELECT user_address FROM tickets WHERE mailbox = ? AND number = ?", mailbox, number) or "")


def titles(store: Store, mailbox: str, numbers: Sequence[str]) -> list[str]:
    """What the tickets that have these numbers are about, in their users' words."""
    marks = ", ".join("?" for _ in numbers)
    rows = store.rows(f"SELECT subject FROM tickets WHERE mailbox = ? AND number IN ({marks})", mailbox, *numbers)
    return [str(row["subject"]) for row in rows]


def last_id(store: Store) -> int:
    """The last ticket that was made; 0: none was."""
    return int(store.value("SELECT coalesce(max(id), 0) FROM tickets"))


def merged_into(store: Store, ticket_id: int) -> int | None:
    """The ticket that this one has become a part of."""
    found = store.value("SELECT merged_into FROM tickets WHERE id = ?", ticket_id)
    return None if found is None else int(found)


def with_lkpp(store: Store, mailbox: str, at_most: int) -> list[int]:
    """Tickets that LKPP works on, the longest first."""
    rows = store.rows(
        "SELECT id FROM tickets INDEXED BY tickets_open WHERE mailbox = ? AND status IN (?, ?) AND status <> 'closed'"
        " ORDER BY escalated_at LIMIT ?",
        mailbox,
        Status.ESCALATED.value,
        Status.AWAITING_DATA.value,
        at_most,
    )
    return [int(row["id"]) for row in rows]


def handled_by(store: Store, mailbox: str, address: str) -> list[int]:
    """The open tickets of one handler, the most urgent first."""
    rows = store.rows(
        "SELECT id FROM tickets INDEXED BY tickets_open WHERE mailbox = ? AND handler = ? AND status <> 'closed'"
        " ORDER BY priority, id",
        mailbox,
        address,
    )
    return [int(row["id"]) for row in rows]


def open_of_user(store: Store, mailbox: str, address: str, but: int, at_most: int) -> list[int]:
    """The other open tickets of a user's address, the newest first. but: the one at hand."""
    rows = store.rows(
        "SELECT t.id FROM parties p INDEXED BY parties_address CROSS JOIN tickets t ON t.id = p.ticket_id"
        " WHERE p.address = ?2 AND t.user_address = ?2 AND t.mailbox = ?1 AND t.status <> 'closed' AND t.id <> ?3"
        " ORDER BY t.id DESC LIMIT ?4",
        mailbox,
        address,
        but,
        at_most,
    )
    return [int(row["id"]) for row in rows]


def open_by_status(store: Store, mailbox: str) -> dict[Status, int]:
    """How many tickets are open, in each status that has any."""
    rows = store.rows(
        "SELECT status, count(*) AS n FROM tickets INDEXED BY tickets_open WHERE mailbox = ? AND status <> 'closed'"
        " GROUP BY status ORDER BY status",
        mailbox,
    )
    return {Status(row["status"]): int(row["n"]) for row in rows}
