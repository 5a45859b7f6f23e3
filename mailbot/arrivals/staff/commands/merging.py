"""`#gabung`: one ticket out of two. Which of them stays, and what each of them must be for that.

The other's number goes on working (`tickets.standing`), its clocks end, and what was written on it comes over with its
readers unchanged: where the two users are not the same address, nothing of either becomes readable to the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.config.site import Site
from mailbot.errors import NotCarriedOut
from mailbot.model import Event, Status, Ticket
from mailbot.parsers.commands import questions
from mailbot.parsers.commands.command_lines import Command
from mailbot.procedure import service
from mailbot.store import sent_mails
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


def _plan(store: Store, site: Site, ticket: Ticket, command: Command) -> Plan:
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
    if any(sent_mails.may_be_taken_back(store, each.id) for each in (ticket, other)):
        raise NotCarriedOut(
            "Masih ada e-mail yang menunggu pengiriman dan dapat ditarik; ulangi setelah e-mail itu terkirim."
        )
    if ticket.was_with_lkpp and not other.was_with_lkpp and ticket.status is not Status.CLOSED:
        return Plan(other, ticket)
    return Plan(ticket, other)


def _check(hand: StaffMail, command: Command, _found: Sequence[Command]) -> None:
    _plan(hand.store, hand.site, tickets.load(hand.store, hand.ticket_id or 0), command)


def _happen(hand: StaffMail, ticket: Ticket, command: Command, event: Event, given: Given) -> Work:
    """The command's event happens to the ticket that goes; the one that stays keeps a note. One transaction."""
    store, site, now = hand.store, hand.site, hand.now
    chosen = _plan(store, site, ticket, command)
    hand.ticket_id = chosen.stays.id
    with_party = f" {PARTY}" if event.argument.endswith(f" {PARTY}") else ""
    event = replace(event, argument=f"{chosen.stays.number}{with_party}")
    work = service.handle(Case(store, site, now, chosen.goes), event, given)
    words = f"Tiket {chosen.goes.number} (pengguna {chosen.goes.user_address}) digabungkan ke tiket ini."
    told = replace(event, kind="staff.note", text=words, argument="")
    joined = Given(key=f"{given.key}.joined", kept=Kept(takes_over=chosen.goes))
    service.handle(Case(store, site, now, chosen.stays), told, joined)
    return work


DOING = Doing(check=_check, happen=_happen)
