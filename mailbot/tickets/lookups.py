"""What the store knows of the Message-IDs and numbers in a message, in the shape that thread.find asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mailbot.config.site import Site
from mailbot.model import Message, Role, Sender, Status
from mailbot.parsers.mime.subject import find_numbers
from mailbot.parsers.robots import acknowledgement
from mailbot.parsers.thread import NumberHit, Reference, lookup_ids
from mailbot.store import sent_mails
from mailbot.store.database import Store, to_instant
from mailbot.tickets import ticket_rows, tickets

#: A mail that names more tickets than this is a list; nobody's question hangs on the rest.
MOST_NUMBERS = 20


def closed_too_long(store: Store, site: Site, ticket_id: int, at: datetime) -> bool:
    """Closed for longer than `reopen_within`, by the arrival of the mail that asks."""
    row = store.row("SELECT status, closed_at FROM tickets WHERE id = ?", ticket_id)
    if row is None or row["status"] != Status.CLOSED.value or row["closed_at"] is None:
        return False
    until = site.calendar.add(to_instant(row["closed_at"]), site.config.sop.reopen_within)
    return at > until.at


def references(store: Store, site: Site, message: Message, sender: Sender, at: datetime) -> list[Reference]:
    """The stored mails that this message refers to, in the order of `thread.lookup_ids`."""
    found: list[Reference] = []
    for message_id in lookup_ids(message):
        ours = sent_mails.ours(store, site.name, message_id)
        # Anybody may write a Message-ID that exists already: the mail of a ticket that is his comes first.
        row = ours or store.row(
            "SELECT j.ticket_id FROM journal j INDEXED BY journal_message_id WHERE j.mailbox = ?1"
            " AND j.message_id = ?2 AND j.ticket_id IS NOT NULL"
            " AND j.state = 'handled' ORDER BY NOT EXISTS"
            " (SELECT 1 FROM parties p WHERE p.ticket_id = j.ticket_id AND p.address = ?3), j.id LIMIT 1",
            site.name,
            message_id,
            sender.address,
        )
        if row is None:
            continue
        ticket_id = None if row["ticket_id"] is None else tickets.standing(store, int(row["ticket_id"]))
        party = ticket_id is not None and tickets.is_party(store, int(ticket_id), sender.address)
        found.append(
            Reference(
                message_id=message_id,
                ticket_id=ticket_id,
                party=Role(ours["party"]) if ours else Role.USER,
                recipient=str(ours["recipient"]) if ours else "",
                ours=ours is not None,
                sender_is_party=party,
                user="" if ticket_id is None else tickets.load(store, ticket_id).user_address,
                issued_at=to_instant(ours["created_at"]) if ours else None,
                closed_too_long=ticket_id is not None and closed_too_long(store, site, int(ticket_id), at),
            )
        )
    return found


def numbers(
    store: Store, site: Site, message: Message, sender: Sender, at: datetime, prefixes: Sequence[str]
) -> list[NumberHit]:
    """The existing tickets of this mailbox whose numbers stand in subject and body."""
    found: list[NumberHit] = []
    for where, text in (("subject", message.subject), ("body", message.text)):
        for number in find_numbers(text, prefixes)[:MOST_NUMBERS]:
            ticket_id = ticket_rows.numbered(store, site.name, number)
            if ticket_id is not None:
                found.append(_hit(store, site, number, ticket_id, where, sender, at))
        if sender.role is Role.LKPP:
            found += _foreign(store, site, text, where, sender, at, prefixes)
    return found


def _foreign(
    store: Store, site: Site, text: str, where: str, sender: Sender, at: datetime, prefixes: Sequence[str]
) -> list[NumberHit]:
    """LKPP's own number, known from an earlier mail of LKPP."""
    pattern = site.config.lkpp.number
    number = acknowledgement.lkpp_number(text, pattern.pattern if pattern else None, prefixes)
    if number is None:
        return []
    rows = store.rows(
        "SELECT id FROM tickets INDEXED BY tickets_lkpp_number WHERE mailbox = ? AND lkpp_number = ?", site.name, number
    )
    return [_hit(store, site, number, int(row["id"]), where, sender, at, lkpp=True) for row in rows]


def _hit(
    store: Store,
    site: Site,
    number: str,
    ticket_id: int,
    where: str,
    sender: Sender,
    at: datetime,
    *,
    lkpp: bool = False,
) -> NumberHit:
    ticket_id = tickets.standing(store, ticket_id)
    return NumberHit(
        number=number,
        ticket_id=ticket_id,
        where="subject" if where == "subject" else "body",
        sender_is_party=tickets.is_party(store, ticket_id, sender.address),
        closed_too_long=closed_too_long(store, site, ticket_id, at),
        lkpp=lkpp,
    )


def asked_for(store: Store, site: Site, word: str) -> int | None:
    """The ticket that a person of the LPSE calls so: by its number, the last digits of the newest such number, the
    Nomor Formulir Konsultasi, or its number at LKPP or LPSE Support where only one ticket has it."""
    if word.isascii() and word.isdigit() and len(word) <= 6:
        found = store.value(
            # Every number that was given is one of a counter's: so few are looked up, however many there are.
            "SELECT t.id FROM counters c CROSS JOIN tickets t ON t.number = c.prefix || '-' || c.year || '-' || ?2"
            " WHERE t.mailbox = ?1 ORDER BY t.id DESC LIMIT 1",
            site.name,
            f"{int(word):06d}",
        )
        if found is not None:
            return int(found)
    rows = store.rows(
        "SELECT id FROM tickets WHERE number = ?2 AND mailbox = ?1"
        " UNION SELECT id FROM tickets INDEXED BY tickets_form WHERE upper(form_number) = upper(?2) AND mailbox = ?1"
        " UNION SELECT id FROM tickets INDEXED BY tickets_lkpp"
        "  WHERE upper(lkpp_number) = upper(?2) AND lkpp_number IS NOT NULL AND mailbox = ?1"
        " UNION SELECT id FROM tickets INDEXED BY tickets_tts"
        "  WHERE upper(tts_number) = upper(?2) AND tts_number IS NOT NULL AND mailbox = ?1 LIMIT 2",
        site.name,
        word,
    )
    return int(rows[0]["id"]) if len(rows) == 1 else None
