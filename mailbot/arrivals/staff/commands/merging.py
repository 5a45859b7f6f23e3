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
from mailbot.sentences import Sentences
from mailbot.store import sent_mails
from mailbot.store.database import Store
from mailbot.tickets import joining, lookups, tickets
from mailbot.tickets.case import Case
from mailbot.tickets.work import Given, Kept, Work

_SAID = Sentences(__file__)
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
        raise NotCarriedOut(_SAID("one_number", example=ticket.number))
    found = lookups.asked_for(store, site, named[0])
    if found is None:
        raise NotCarriedOut(_SAID("no_such_ticket", number=named[0]))
    other = tickets.load(store, tickets.standing(store, found))
    if other.id == ticket.id:
        raise NotCarriedOut(_SAID("same_ticket", number=named[0]))
    if other.status is Status.CLOSED:
        raise NotCarriedOut(_SAID("closed", number=other.number))
    if any(sent_mails.may_be_taken_back(store, each.id) for each in (ticket, other)):
        raise NotCarriedOut(_SAID("mails_wait"))
    if ticket.was_with_lkpp and not other.was_with_lkpp and ticket.status is not Status.CLOSED:
        return Plan(other, ticket)
    return Plan(ticket, other)


def _step_up(hand: StaffMail) -> str:
    """Two users' tickets wait for a code in every case: a forged mail would open one's mails to the other."""
    for command in hand.read.commands:
        if command.name == "merge" and hand.ticket is not None:
            try:
                chosen = _plan(hand.store, hand.site, hand.ticket, command)
            except NotCarriedOut:  # nothing will be joined: the receipt says why
                continue
            if not joining.one_user(hand.store, chosen.goes, chosen.stays):
                return _SAID("two_users")
    return ""


def _check(hand: StaffMail, command: Command, _found: Sequence[Command]) -> None:
    _plan(hand.store, hand.site, hand.own_ticket, command)


def _happen(hand: StaffMail, ticket: Ticket, command: Command, event: Event, given: Given) -> Work:
    """The command's event happens to the ticket that goes; the one that stays keeps a note. One transaction."""
    store, site, now = hand.store, hand.site, hand.now
    chosen = _plan(store, site, ticket, command)
    with_party = f" {PARTY}" if event.argument.endswith(f" {PARTY}") else ""
    event = replace(event, argument=f"{chosen.stays.number}{with_party}")
    work = service.handle(Case(store, site, now, chosen.goes), event, given)
    words = _SAID("merged", number=chosen.goes.number, user=chosen.goes.user_address)
    told = replace(event, kind="staff.note", text=words, argument="")
    joined = Given(key=f"{given.key}.joined", kept=Kept(takes_over=chosen.goes))
    hand.ticket = service.handle(Case(store, site, now, chosen.stays), told, joined).ticket
    return work


DOING = Doing(step_up=_step_up, check=_check, happen=_happen)
