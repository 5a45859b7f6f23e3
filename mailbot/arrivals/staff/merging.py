"""`#gabung`: one ticket out of two. Which of them stays, and what each of them must be for that.

The other's number goes on working (`tickets.standing`), its clocks end, and what was written on it comes over with its
readers unchanged: where the two users are not the same address, nothing of either becomes readable to the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.config.site import Site
from mailbot.errors import NotCarriedOut
from mailbot.model import Event, Status, Ticket
from mailbot.parsers.commands import questions
from mailbot.parsers.commands.command_lines import Command
from mailbot.procedure import service
from mailbot.store.database import Store
from mailbot.tickets import lookups, tickets
from mailbot.tickets.case import Case
from mailbot.tickets.work import Given, Kept, Work

#: The word behind the number that makes the user of the ticket that goes a party of the one that stays.
PARTY = "pihak"


@dataclass(frozen=True, slots=True)
class Plan:
    """`goes` becomes a part of `stays`."""

    goes: Ticket
    stays: Ticket


def plan(store: Store, site: Site, ticket: Ticket, command: Command) -> Plan:
    """What `#gabung NOMOR` on this ticket comes to. Raises NotCarriedOut.

    It goes into the one that is named, unless LKPP knows this one and not that. What the table refuses (a closed
    ticket, two that LKPP knows) is left to it.
    """
    named = questions.numbers(command.argument.removesuffix(f" {PARTY}"), [site.config.ticket_prefix])
    if len(named) != 1:
        raise NotCarriedOut(f"Perintah #gabung memerlukan satu nomor tiket, misalnya #gabung {ticket.number}.")
    found = lookups.asked_for(store, site, named[0])
    if found is None:
        raise NotCarriedOut(f"Tidak ada tiket {named[0]}. Cari nomornya dengan #cari.")
    other = tickets.load(store, tickets.standing(store, found))
    if other.id == ticket.id:
        raise NotCarriedOut(f"{named[0]} adalah tiket ini sendiri, atau sudah digabungkan ke tiket ini.")
    if other.status is Status.CLOSED:
        raise NotCarriedOut(f"Tiket {other.number} sudah ditutup. Bukalah dahulu dengan #buka pada tiket itu.")
    waits = "SELECT 1 FROM outbox WHERE ticket_id IN (?, ?) AND state = 'queued' AND undo_by IS NOT NULL"
    if store.value(waits, ticket.id, other.id) is not None:
        raise NotCarriedOut(
            "Masih ada e-mail yang menunggu pengiriman dan dapat ditarik; ulangi setelah e-mail itu terkirim."
        )
    if ticket.was_with_lkpp and not other.was_with_lkpp and ticket.status is not Status.CLOSED:
        return Plan(other, ticket)
    return Plan(ticket, other)


def merge(store: Store, site: Site, event: Event, given: Given, chosen: Plan, now: datetime) -> Work:
    """The command's event happens to the ticket that goes; the one that stays keeps a note. One transaction."""
    with_party = f" {PARTY}" if event.argument.endswith(f" {PARTY}") else ""
    event = replace(event, argument=f"{chosen.stays.number}{with_party}")
    work = service.handle(Case(store, site, now, chosen.goes), event, given)
    words = f"Tiket {chosen.goes.number} (pengguna {chosen.goes.user_address}) digabungkan ke tiket ini."
    told = replace(event, kind="staff.note", text=words, argument="")
    joined = Given(key=f"{given.key}.joined", kept=Kept(takes_over=chosen.goes))
    service.handle(Case(store, site, now, chosen.stays), told, joined)
    return work
