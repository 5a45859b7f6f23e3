"""`#buka`: opens a closed ticket, and ends the silence of its user, also where the ticket is open."""

from __future__ import annotations

from dataclasses import replace

from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.model import Event, Ticket
from mailbot.parsers.commands.command_lines import Command
from mailbot.procedure import service
from mailbot.store import silences
from mailbot.tickets.case import Case
from mailbot.tickets.work import Given, Work


def _happen(hand: StaffMail, ticket: Ticket, _command: Command, event: Event, given: Given) -> Work:
    if silences.any_of(hand.store, hand.site.name, ticket.user_address):
        event = replace(event, facts=event.facts | {"user_silenced"})
    work = service.handle(Case(hand.store, hand.site, hand.now, ticket), event, given)
    hand.ticket = work.ticket
    return work


def _result(_command: Command, work: Work) -> str | None:
    """Of a ticket that was open all the time only what the event has remarked is to be told."""
    return "" if work.decision.row == "buka-terdiam" else None


DOING = Doing(happen=_happen, result=_result)
