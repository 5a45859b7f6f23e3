"""What a person wrote on a ticket that was held: nothing was carried out, and it stands open until they send it or
drop it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mailbot.store.database import Row, Store, to_instant, to_text

#: Instead of the instant at which somebody is told again.
_NEVER = to_text(datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Unsent:
    """entry: the journal's, of the mail that holds the words. address: who is asked. shown: what the question shows of
    it (what, text, to, files), and why it was held. send: the arguments of the link that carries it out, {} where the
    ticket lets none."""

    id: int
    ticket_id: int
    entry: int
    address: str
    since: datetime
    shown: Mapping[str, str | None] = field(hash=False)
    send: Mapping[str, Any] = field(hash=False)

    @property
    def what(self) -> str:
        """The commands as they were written, or the mail that it would have been."""
        return str(self.shown["what"])


def add(
    store: Store,
    ticket_id: int,
    entry: int,
    address: str,
    *,
    shown: Mapping[str, str | None],
    send: Mapping[str, Any],
    since: datetime,
    due: datetime,
) -> int:
    """One more, of which the person is told again at `due`. Returns its id."""
    return store.insert(
        "unsent",
        ticket_id=ticket_id,
        journal_id=entry,
        address=address,
        since=to_text(since),
        due=to_text(due),
        shown=json.dumps(shown),
        send=json.dumps(send) if send else "",
    )


def due(store: Store, mailbox: str, now: datetime) -> list[Unsent]:
    """Those of which somebody is to be told again, the oldest first."""
    rows = store.rows(
        "SELECT unsent.* FROM unsent INDEXED BY unsent_open CROSS JOIN tickets ON tickets.id = unsent.ticket_id"
        " WHERE unsent.ended_at IS NULL AND unsent.due <= ? AND tickets.mailbox = ? ORDER BY unsent.id",
        to_text(now),
        mailbox,
    )
    return [_read(row) for row in rows]


def of_ticket(store: Store, ticket_id: int) -> list[Unsent]:
    """Those of a ticket, the oldest first."""
    rows = store.rows("SELECT * FROM unsent WHERE ticket_id = ? AND ended_at IS NULL ORDER BY id", ticket_id)
    return [_read(row) for row in rows]


def with_copies(store: Store, ticket_id: int, ids: Iterable[int]) -> list[Unsent]:
    """These, of those that stand open on a ticket, and what others were asked about the same words."""
    found, named = of_ticket(store, ticket_id), set(ids)
    meant = {(one.entry, one.what, one.shown["text"]) for one in found if one.id in named}
    return [one for one in found if (one.entry, one.what, one.shown["text"]) in meant]


def told(store: Store, ids: Iterable[int]) -> None:
    """The person has been told again; from now on it stands in the work lists."""
    for one in ids:
        store.execute("UPDATE unsent SET due = ? WHERE id = ?", _NEVER, one)


def all_open(store: Store, mailbox: str) -> list[Unsent]:
    """All that stand open in a mailbox, the oldest first."""
    rows = store.rows(
        "SELECT unsent.* FROM unsent INDEXED BY unsent_open CROSS JOIN tickets ON tickets.id = unsent.ticket_id"
        " WHERE unsent.ended_at IS NULL AND tickets.mailbox = ? ORDER BY unsent.id",
        mailbox,
    )
    return [_read(row) for row in rows]


def end(store: Store, ids: Iterable[int], at: datetime) -> None:
    """They were sent, or dropped."""
    for one in ids:
        store.execute("UPDATE unsent SET ended_at = ? WHERE id = ? AND ended_at IS NULL", to_text(at), one)


def move(store: Store, gone: int, stays: int) -> None:
    """`#gabung`: they belong to the ticket that stays."""
    store.execute("UPDATE unsent SET ticket_id = ? WHERE ticket_id = ? AND ended_at IS NULL", stays, gone)


def _read(row: Row) -> Unsent:
    return Unsent(
        id=int(row["id"]),
        ticket_id=int(row["ticket_id"]),
        entry=int(row["journal_id"]),
        address=str(row["address"]),
        since=to_instant(str(row["since"])),
        shown=json.loads(str(row["shown"])),
        send=json.loads(str(row["send"])) if row["send"] else {},
    )
