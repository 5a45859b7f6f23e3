"""The report of a month with its rekap, to the head of unit and the coordinators: its record and its mails are one
transaction.

It goes with the first round in service hours of the next month, which is the opening of its first working day. If
mailbot stands still then, the report goes later, and so do those of the months that passed meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from mailbot import letters
from mailbot.config.site import Site
from mailbot.killpoint import kill_point
from mailbot.model import Attachment, NamedAddress, Role
from mailbot.reports import listing, recap, recap_xlsx
from mailbot.reports.monthly import report
from mailbot.reports.monthly.report import Report
from mailbot.rules.worktime.dates import month_before
from mailbot.store import already_told, journal
from mailbot.store.database import Store
from mailbot.store.traffic import LISTED
from mailbot.tickets.case import Context

#: Of the records, before the month.
_TOLD = "month:"
_TEMPLATES = {Role.HEAD: "head_report", Role.COORDINATOR: "coordinator_report"}
#: Months that a report is made up for.
_MOST = 12


def due(store: Store, site: Site, now: datetime) -> list[date]:
    """The first days of the months whose reports have not been sent, the oldest first."""
    found: list[date] = []
    for first in _months_before(site.local(now).date()):
        if already_told.last(store, site.name, _key(first)) is not None:
            return found[::-1]
        found.append(first)
    return found[:1]  # there has never been one: only the last month


def _months_before(today: date) -> Iterator[date]:
    first = today.replace(day=1)
    for _ in range(_MOST):
        first = month_before(first)
        yield first


def _key(first: date) -> str:
    return f"{_TOLD}{first:%Y-%m}"


def send(store: Store, site: Site, now: datetime) -> int:
    """Write the reports that are due; in service hours. Returns the mails made."""
    return sum(_send(Context(store, site, now), first) for first in due(store, site, now))


def _send(context: Context, first: date) -> int:
    """A month in which this mailbox was not read yet has none."""
    store, site, now = context.store, context.site, context.now
    # Before the transaction, which keeps others waiting: no other thread changes tickets.
    made = report.of_month(store, site, first, now)
    people = _people(site) if journal.read_before(store, site.name, made.figures.until) else []
    files = _rekap(context, first) if people else []
    with store.immediate():
        already_told.once(store, site.name, _key(first), now)
        for role, person in people:
            _write(context, role, person, made, first, files)
        kill_point("reporting")
    return len(people)


def _rekap(context: Context, first: date) -> list[Attachment]:
    """The rekap of the month to print and sign. (`#rekap` brings it as CSV, too.)"""
    store, site, now = context.store, context.site, context.now
    asked = recap.Asked(site.config, listing.words_of_site(site), site.zone, first)
    name, raw = recap_xlsx.file_name(site.config.ticket_prefix, asked), recap_xlsx.workbook(store, asked, now)
    return [Attachment(name, recap_xlsx.MEDIA_TYPE, raw, hashlib.sha256(raw).hexdigest())]


def _people(site: Site) -> list[tuple[Role, NamedAddress]]:
    listed = ((Role.HEAD, site.config.head), (Role.COORDINATOR, site.config.coordinator))
    return [(role, NamedAddress(one.name, one.address)) for role, people in listed for one in people]


def _write(
    context: Context, role: Role, person: NamedAddress, made: Report, first: date, files: Sequence[Attachment]
) -> None:
    site = context.site
    sent, listed = letters.fitting(site, files)
    letter = letters.Letter(
        template=_TEMPLATES[role],
        recipient=person,
        shown={
            **_values(site, made),
            "recipient": {"name": person.name, "address": person.address},
            "attachments": listed,
        },
        files=sent,
        key=f"{LISTED}{_key(first)}",
        subject=f"[{site.config.ticket_prefix}] {made.shown.title}",
        listed=True,
    )
    letters.put(context, letter)


def _values(site: Site, made: Report) -> dict[str, Any]:
    """It is about no ticket, and holds nobody's words."""
    return {
        "organisation": letters.organisation(site),
        "month": made.values,
        "tiers": letters.tier_names(site),
        **dict.fromkeys(("ticket", "user", "actor", "text", "direction", "deadline", "standing", "enquiries")),
        **{"attachments": [], "chronology": [], "actions": []},
    }
