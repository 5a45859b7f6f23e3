"""What the links of the LPSE's people have done without a receipt of its own, until a mail to them tells it.

A line is written in the transaction of what it tells of, and marked as told in that of the mail that tells it. A mail
that never leaves (`outbox.cancel`) has told nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mailbot.store.database import Row, Store, to_instant, to_text


@dataclass(frozen=True, slots=True)
class Done:
    """command: as written, "#ambil". said: what a receipt would have said. at: when the mail with it arrived."""

    id: int
    ticket_id: int
    command: str
    said: str
    at: datetime


def add(store: Store, ticket_id: int, address: str, journal_id: int, *, command: str, said: str, at: datetime) -> None:
    """One more. Inside the transaction of what was done."""
    store.insert(
        "untold",
        ticket_id=ticket_id,
        address=address,
        journal_id=journal_id,
        command=command,
        said=said,
        at=to_text(at),
    )


def of_ticket(store: Store, ticket_id: int, address: str) -> list[Done]:
    """What a person has done with a ticket and was not told of, in the order in which it was done."""
    rows = store.rows(
        "SELECT * FROM untold INDEXED BY untold_open"
        " WHERE address = ? AND ticket_id = ? AND told_in IS NULL ORDER BY id",
        address,
        ticket_id,
    )
    return [_read(row) for row in rows]


def of_person(store: Store, mailbox: str, address: str) -> list[Done]:
    """The same with all tickets of a mailbox, for a list of what waits."""
    rows = store.rows(
        "SELECT untold.* FROM untold INDEXED BY untold_open CROSS JOIN tickets ON tickets.id = untold.ticket_id"
        " WHERE untold.address = ? AND untold.told_in IS NULL AND tickets.mailbox = ? ORDER BY untold.id",
        address,
        mailbox,
    )
    return [_read(row) for row in rows]


def told(store: Store, done: Iterable[Done], outbox_id: int) -> None:
    """This mail tells them. Inside the transaction that puts it into the outbox."""
    for one in done:
        store.update("untold", one.id, told_in=outbox_id)


def _read(row: Row) -> Done:
    return Done(int(row["id"]), int(row["ticket_id"]), str(row["command"]), str(row["said"]), to_instant(row["at"]))
