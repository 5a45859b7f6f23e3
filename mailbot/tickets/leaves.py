"""Who of the LPSE is away (`#cuti`), and what that means for his tickets. Local dates, first and last day included."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from mailbot.config.site import Site
from mailbot.model import NamedAddress
from mailbot.rules.worktime.dates import format_date
from mailbot.sentences import Sentences
from mailbot.store.database import Row, Store, to_text

_SAID = Sentences(__file__)


def add(store: Store, site: Site, address: str, first: date, last: date, at: datetime, journal_id: int) -> None:
    """Somebody is away on these days; said in this mail."""
    store.insert(
        "leaves",
        mailbox=site.name,
        address=address,
        first=first.isoformat(),
        last=last.isoformat(),
        at=to_text(at),
        journal_id=journal_id,
    )


def end(store: Store, found: Iterable[Row], at: datetime) -> None:
    """These do not count any more."""
    for row in found:
        store.update("leaves", row["id"], ended_at=to_text(at))


def away_until(store: Store, site: Site, address: str | None, at: datetime) -> date | None:
    """The last day of the leave on which somebody is at this instant; None: he is there, or it is nobody."""
    if not address:
        return None
    today = site.local(at).date().isoformat()
    found = store.value(
        "SELECT max(last) FROM leaves WHERE mailbox = ? AND address = ? AND ended_at IS NULL"
        " AND first <= ? AND last >= ?",
        site.name,
        address,
        today,
        today,
    )
    return None if found is None else date.fromisoformat(str(found))


def present(store: Store, site: Site, people: Iterable[NamedAddress], at: datetime) -> list[NamedAddress]:
    """Those who are not away; everybody where nobody would be left, because somebody must be told."""
    listed = list(people)
    return [one for one in listed if away_until(store, site, one.address, at) is None] or listed


def said(store: Store, site: Site, address: str | None, at: datetime) -> str | None:
    """In words for staff: that whoever handles a ticket is away; None: he is there."""
    until = away_until(store, site, address, at)
    person = site.config.person(address) if address else None
    if until is None or person is None:
        return None
    return _SAID("away", person=person.name, until=format_date(until))


def coming(store: Store, site: Site, address: str, today: date) -> list[Row]:
    """Leaves that are not over yet, the next first."""
    return store.rows(
        "SELECT * FROM leaves WHERE mailbox = ? AND address = ? AND ended_at IS NULL AND last >= ? ORDER BY first, id",
        site.name,
        address,
        today.isoformat(),
    )
