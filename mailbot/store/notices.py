"""Lines that wait for a collected mail: limits that are due (kind ''), and users' mails of a flood (kind 'mail')."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from mailbot.model import Role, Ticket
from mailbot.store.database import Row, Store, to_instant, to_text


def add(
    store: Store,
    ticket: Ticket,
    audience: Role,
    what: str,
    *,
    at: datetime,
    due: datetime,
    kind: str = "",
) -> None:
    """One more line. due: the limit that it is about, or when the collected mail is to go."""
    store.insert(
        "notices",
        mailbox=ticket.mailbox,
        ticket_id=ticket.id,
        audience=audience.value,
        kind=kind,
        what=what,
        at=to_text(at),
        due=to_text(due),
        daily=0,  # a column of the time before the work lists
    )


def of_limits(store: Store, mailbox: str, audience: Role) -> list[Row]:
    """Those of limits that this audience has not been told of, the earliest limit first."""
    return store.rows(
        "SELECT * FROM notices WHERE mailbox = ? AND audience = ? AND reported_at IS NULL AND kind = ''"
        " ORDER BY due, id",
        mailbox,
        audience.value,
    )


#: Users' mails that staff have not been told of.
_OF_MAILS = "mailbox = ? AND audience = 'staff' AND kind = 'mail' AND reported_at IS NULL"


def of_mails(store: Store, mailbox: str) -> list[Row]:
    """Users' mails that staff have not been told of, in the order in which they came."""
    return store.rows(f"SELECT * FROM notices WHERE {_OF_MAILS} ORDER BY at, id", mailbox)


def mails_due(store: Store, mailbox: str) -> datetime | None:
    """When staff are to be told of users' mails; None: none waits."""
    found = store.value(f"SELECT min(due) FROM notices WHERE {_OF_MAILS}", mailbox)
    return None if found is None else to_instant(found)


def reported(store: Store, notices: Iterable[Row], now: datetime) -> None:
    """They stand in a mail now."""
    for notice in notices:
        store.update("notices", notice["id"], reported_at=to_text(now))
