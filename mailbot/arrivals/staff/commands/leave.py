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
from mailbot.store.database import Row, Store
from mailbot.tickets import leaves, ticket_rows, tickets
from mailbot.tickets.case import Case

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
        if not before:
            return "Tidak ada cuti Anda yang tercatat"
        return f"Dibatalkan: cuti {_periods(before)}. Pemberitahuan tiket Anda kembali dikirim kepada Anda"
    first, last = (date.fromisoformat(day) for day in command.argument.split("/"))
    replaced = [row for row in before if row["first"] <= last.isoformat() and row["last"] >= first.isoformat()]
    leaves.end(store, replaced, at)
    leaves.add(store, site, person.address, first, last, at, hand.mail.journal_id)
    words = [f"Cuti dicatat: {_days(first, last)}"]
    if replaced:
        words.append(f"Menggantikan cuti {_periods(replaced)}")
    words.append("Selama itu pemberitahuan tiket Anda dikirim kepada semua petugas, dan Anda tidak diingatkan")
    found = _open_tickets(store, site, person.address)
    words.append(_about(found))
    hand.links += _links(store, site, person, found, hand.now)
    return ". ".join(words)


def _shown(store: Store, site: Site, person: NamedAddress, own: Sequence[Row], at: datetime) -> str:
    words = [f"Cuti Anda: {_periods(own)}" if own else "Tidak ada cuti Anda yang tercatat"]
    others = [one for one in arguments.handlers(site) if one.address != person.address]
    ends = [(one.name, leaves.away_until(store, site, one.address, at)) for one in others]
    away = [f"{name} s.d. {format_date(until)}" for name, until in ends if until is not None]
    if away:
        words.append(f"Rekan yang sedang cuti: {'; '.join(away)}")
    words.append("Untuk mencatat: #cuti 24-12-2026 s.d. 2-1-2027; untuk membatalkan: #cuti batal")
    return ". ".join(words)


def _days(first: date, last: date) -> str:
    return format_date(first) if first == last else f"{format_date(first)} s.d. {format_date(last)}"


def _periods(rows: Sequence[Row]) -> str:
    return "; ".join(_days(date.fromisoformat(row["first"]), date.fromisoformat(row["last"])) for row in rows)


def _open_tickets(store: Store, site: Site, address: str) -> list[Ticket]:
    return [tickets.load(store, ticket_id) for ticket_id in ticket_rows.handled_by(store, site.name, address)]


def _about(found: Sequence[Ticket]) -> str:
    if not found:
        return "Tidak ada tiket terbuka yang Anda tangani"
    listed = "; ".join(f"{ticket.number} ({shorten(ticket.subject, _SUBJECT)})" for ticket in found[:MOST_LISTED])
    more = f"; dan {len(found) - MOST_LISTED} tiket lagi" if len(found) > MOST_LISTED else ""
    return f"Tiket terbuka yang Anda tangani ({len(found)}): {listed}{more}"


def _links(
    store: Store, site: Site, person: NamedAddress, found: Sequence[Ticket], now: datetime
) -> list[dict[str, Any]]:
    return [
        letters.link(
            Case(store, site, now, ticket),
            person,
            f"Tugaskan {ticket.number}",
            letters.assignment(site, person.address),
            hint=f"{shorten(ticket.subject, _SUBJECT)}; tulis nama rekan di belakang perintah.",
        )
        for ticket in found[:MOST_LISTED]
    ]


DOING = Doing(do=_do)
