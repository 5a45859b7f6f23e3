"""Where a person stands in the data, as plain data: in which tickets, as what, how many mails, files and numbers."""

from __future__ import annotations

from typing import Any

from mailbot.config.settings import Config
from mailbot.masking.numbers import numbers
from mailbot.store.database import Row, Store
from mailbot.tickets import persons, ticket_rows, tickets


def find(store: Store, config: Config, address: str) -> dict[str, Any] | None:
    """None: the address stands nowhere. address: in small letters."""
    written, sent = persons.written_by(store, address), persons.sent_to(store, address)
    of_tickets = persons.tickets_of(store, address)
    if not (written or sent or of_tickets):
        return None
    listed = next((person for box in config.mailboxes for person in box.people() if person.address == address), None)
    return {
        "address": address,
        "listed_as": None if listed is None else listed.role.value,
        "tickets": [_ticket(store, address, ticket_id, how, written, sent) for ticket_id, how in of_tickets.items()],
        "mails_in": len(written),
        "mails_out": len(sent),
        "without_ticket": sum(mail["ticket_id"] is None for mail in written),
    }


def _ticket(
    store: Store, address: str, ticket_id: int, how: frozenset[str], written: list[Row], sent: list[Row]
) -> dict[str, Any]:
    row = ticket_rows.one(store, ticket_id)
    assert row is not None  # it was found by its id
    own = persons.USER in how
    mails = [int(mail["id"]) for mail in written if mail["ticket_id"] == ticket_id]
    return {
        "number": row["number"],
        "mailbox": row["mailbox"],
        "status": row["status"],
        "subject": row["subject"] if own else "",
        "as": sorted(how),
        "names": sorted(filter(None, {str(row["user_name"])})) if own else [],
        "mails_in": len(mails),
        "mails_out": sum(mail["ticket_id"] == ticket_id for mail in sent),
        "files": sum(files_of(store, mail) for mail in mails),
        "fields": tickets.fields(store, ticket_id) if own else {},
        "numbers": sorted({one for text in texts_of(store, ticket_id, address) for one in numbers(str(text["body"]))}),
    }


def files_of(store: Store, journal_id: int) -> int:
    """How many files a mail brought."""
    return int(store.value("SELECT count(*) FROM attachments WHERE journal_id = ?", journal_id))


def texts_of(store: Store, ticket_id: int, address: str) -> list[Row]:
    """What the person wrote on a ticket."""
    return store.rows(
        "SELECT at, body FROM texts WHERE ticket_id = ? AND role = 'user' AND lower(address) = ? ORDER BY at, id",
        ticket_id,
        address,
    )
