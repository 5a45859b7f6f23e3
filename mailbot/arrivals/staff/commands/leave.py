"""`#cuti`: a leave is recorded or taken back, and the open tickets of whoever leaves are offered to colleagues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from mailbot import letters
from mailbot.arrivals.staff import arguments
from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.clean import shorten
from mailbot.config.site import Site
from mailbot.model import NamedAddress, Ticket
from mailbot.parsers.commands.command_lines import Command
from mailbot.rules.worktime.dates import format_date
from mailbot.sentences import Sentences
from mailbot.store.database import Row, Store
from mailbot.tickets import leaves, ticket_rows, tickets
from mailbot.tickets.case import Case

_SAID = Sentences(__file__)
#: Tickets that one receipt offers to hand over; the others are counted.
MOST_LISTED = 20
_SUBJECT = 60


def _do(hand: StaffMail, command: Command, _key: str) -> str:
    """`#cuti` with its argument as `arguments.settled` has made it. Returns the words for the receipt, which also gets
    links that hand the writer's tickets over."""
    store, site, at = hand.store, hand.site, hand.mail.at
    person = NamedAddress(hand.mail.sender.name, hand.mail.sender.address)
    today = site.local(at).date()
    before = leaves.coming(store, site, person.address, today)
    if not command.argument:
        return _shown(store, site, person, before, at)
    if command.argument == arguments.CANCELLED:
        leaves.end(store, before, at)
        return _SAID("cancelled", periods=_periods(before)) if before else _SAID("none")
    first, last = (date.fromisoformat(day) for day in command.argument.split("/"))
    replaced = [row for row in before if row["first"] <= last.isoformat() and row["last"] >= first.isoformat()]
    leaves.end(store, replaced, at)
    leaves.add(store, site, person.address, first, last, at, hand.mail.journal_id)
    words = [_SAID("recorded", period=_days(first, last))]
    if replaced:
        words.append(_SAID("replaced", periods=_periods(replaced)))
    words.append(_SAID("while_away"))
    found = _open_tickets(store, site, person.address)
    words.append(_about(found))
    hand.links += _links(store, site, person, found, hand.now)
    return ". ".join(words)


def _shown(store: Store, site: Site, person: NamedAddress, own: Sequence[Row], at: datetime) -> str:
    words = [_SAID("yours", periods=_periods(own)) if own else _SAID("none")]
    others = [one for one in arguments.handlers(site) if one.address != person.address]
    ends = [(one.name, leaves.away_until(store, site, one.address, at)) for one in others]
    away = [_SAID("colleague", who=name, last=format_date(until)) for name, until in ends if until is not None]
    if away:
        words.append(_SAID("away", colleagues="; ".join(away)))
    words.append(_SAID("how"))
    return ". ".join(words)


def _days(first: date, last: date) -> str:
    if first == last:
        return format_date(first)
    return _SAID("days", first=format_date(first), last=format_date(last))


def _periods(rows: Sequence[Row]) -> str:
    return "; ".join(_days(date.fromisoformat(row["first"]), date.fromisoformat(row["last"])) for row in rows)


def _open_tickets(store: Store, site: Site, address: str) -> list[Ticket]:
    return [tickets.load(store, ticket_id) for ticket_id in ticket_rows.handled_by(store, site.name, address)]


def _about(found: Sequence[Ticket]) -> str:
    if not found:
        return _SAID("no_tickets")
    listed = "; ".join(f"{ticket.number} ({shorten(ticket.subject, _SUBJECT)})" for ticket in found[:MOST_LISTED])
    if (more := len(found) - MOST_LISTED) > 0:
        return _SAID("tickets_and_more", count=len(found), listed=listed, more=more)
    return _SAID("tickets", count=len(found), listed=listed)


def _links(
    store: Store, site: Site, person: NamedAddress, found: Sequence[Ticket], now: datetime
) -> list[dict[str, Any]]:
    return [
        letters.link(
            Case(store, site, now, ticket),
            person,
            _SAID("hand_over", number=ticket.number),
            letters.assignment(site, person.address),
            hint=_hint(site, person, ticket),
        )
        for ticket in found[:MOST_LISTED]
    ]


def _hint(site: Site, person: NamedAddress, ticket: Ticket) -> str:
    """Which ticket it is, and what is to be filled in where several colleagues might take it."""
    subject = shorten(ticket.subject, _SUBJECT)
    named = letters.assignment(site, person.address) != "#tugaskan"
    return subject if named else _SAID("to_whom", subject=subject)


DOING = Doing(do=_do)
