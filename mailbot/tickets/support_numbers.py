"""The numbers that tickets have had in LPSE Support/TTS; the last one stands with the ticket too."""

from __future__ import annotations

from datetime import datetime

from mailbot.store.database import Row, Store, to_text


def add(store: Store, ticket_id: int, number: str, at: datetime, address: str, journal_id: int | None) -> None:
    """From now on the ticket has this one. address: who has said so."""
    store.insert(
        "support_numbers",
        ticket_id=ticket_id,
        number=number,
        at=to_text(at),
        address=address,
        journal_id=journal_id,
    )


def of(store: Store, ticket_id: int) -> list[Row]:
    """All that a ticket has had (number, at), the first one first."""
    return store.rows("SELECT number, at FROM support_numbers WHERE ticket_id = ? ORDER BY id", ticket_id)


def others_with(store: Store, mailbox: str, number: str, ticket_id: int) -> list[str]:
    """Which other tickets of the mailbox have, or had, this number."""
    rows = store.rows(
        "SELECT DISTINCT t.number FROM support_numbers s JOIN tickets t ON t.id = s.ticket_id"
        " WHERE s.number = ? AND t.mailbox = ? AND t.id <> ? ORDER BY t.id",
        number,
        mailbox,
        ticket_id,
    )
    return [str(row["number"]) for row in rows]
