"""Escalations that wait for the coordinator: who asks for which, in what words and with which files."""

from __future__ import annotations

from dataclasses import dataclass

from mailbot.model import Ticket
from mailbot.store.database import Store
from mailbot.tickets import earlier

#: The kind under which the words of a request are kept: for the LPSE's own people, until they are approved.
KIND = "request_for_approval"
#: The clock that runs while one waits.
CLOCK = "approval"


@dataclass(frozen=True, slots=True)
class Request:
    """entry: the journal's, of the mail that asks. address: whose it is. words: the escalation's text. mails: journal
    ids of the mails whose files go with it."""

    entry: int
    address: str
    words: str
    mails: tuple[int, ...]


def add(store: Store, ticket_id: int, entry: int, mails: str, address: str) -> None:
    """From now on this one waits, and none before it. mails: journal ids, with a blank between them."""
    store.insert("approvals", ticket_id=ticket_id, journal_id=entry, mails=mails, address=address)


def waiting(store: Store, ticket: Ticket) -> Request | None:
    """The one that waits; None: none does."""
    if CLOCK not in ticket.clocks:
        return None
    row = store.row("SELECT * FROM approvals WHERE ticket_id = ? ORDER BY id DESC LIMIT 1", ticket.id)
    if row is None:
        return None
    entry = int(row["journal_id"])
    words = earlier.words_of_kind(store, ticket.id, entry, KIND)
    return Request(entry, str(row["address"]), words, tuple(map(int, str(row["mails"]).split())))
