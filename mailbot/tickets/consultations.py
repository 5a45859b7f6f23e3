"""Calls and visits in the database: when they took place, who explained, and how long the numbers took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from mailbot.config.site import Site
from mailbot.parsers.dates import moment
from mailbot.parsers.forms.consultation import Consultation
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences
from mailbot.store.database import Row, Store, to_instant, to_text

_SAID = Sentences(__file__)

#: SOP telephone and counter, steps 7 and 8: to give the numbers, and to archive the form.
LIMIT_MINUTES = 10
#: How a channel is said, after "konsultasi".
HOW = _SAID.table("how")
#: A time ahead of the arrival of the mail that records it: two clocks differ, or the hour is wrong.
_CLOCKS_DIFFER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Held:
    """When a consultation took place. precise: its time of day stands in the form; else began_at is the arrival of the
    mail that records it, or the noon of another day. remark: what staff should know of it."""

    day: date
    began_at: datetime
    ended_at: datetime | None
    precise: bool
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A consultation as it is kept. channel: telepon | loket. giver: who explained. queue: the Nomor Antrian, or ""."""

    channel: str
    held: Held
    giver: str
    queue: str


class InTheFuture(Exception):
    """The form names a time after its own arrival."""


def when(site: Site, form: Consultation, arrived: datetime) -> Held:
    """When the form says that it took place; by its arrival where it says nothing that can be read. Raises
    InTheFuture."""
    local = site.local(arrived)
    remarks = []
    day = moment.read_day(form.date, local.date()) if form.date else local.date()
    if day is None:
        remarks.append(_SAID("day_unread", day=form.date))
        day = local.date()
    times = moment.read_times(form.time) if form.time else None
    if form.time and times is None:
        remarks.append(_SAID("time_unread", time=form.time))
    if times is None:
        remarks.append(_SAID("not_measured"))
        began = arrived if day == local.date() else _at(site, day, time(12))
        if day > local.date():
            raise InTheFuture
        return Held(day, began, None, False, "; ".join(remarks))
    began = _at(site, day, times[0])
    ended = None if times[1] is None else _at(site, day, times[1])
    if began > arrived + _CLOCKS_DIFFER:
        raise InTheFuture
    return Held(day, min(began, arrived), None if ended is None else min(ended, arrived), True, "; ".join(remarks))


def _at(site: Site, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, site.zone)


def keep(store: Store, site: Site, ticket_id: int, recorded: Recorded) -> None:
    held = recorded.held
    store.insert(
        "consultations",
        ticket_id=ticket_id,
        mailbox=site.name,
        channel=recorded.channel,
        day=held.day.isoformat(),
        began_at=to_text(held.began_at),
        ended_at=None if held.ended_at is None else to_text(held.ended_at),
        precise=int(held.precise),
        giver=recorded.giver,
        queue=recorded.queue,
    )


def numbers_given(store: Store, ticket_id: int, minutes: int) -> None:
    """How long it took to give the numbers."""
    store.execute("UPDATE consultations SET numbers_minutes = ? WHERE ticket_id = ?", minutes, ticket_id)


def archived(store: Store, ticket_id: int, minutes: int) -> None:
    """How long it took to archive the form."""
    store.execute("UPDATE consultations SET archived_minutes = ? WHERE ticket_id = ?", minutes, ticket_id)


def of(store: Store, ticket_id: int) -> Row | None:
    return store.row("SELECT * FROM consultations WHERE ticket_id = ?", ticket_id)


def next_queue(store: Store, site: Site, day: date) -> str:
    """The next Nomor Antrian of a day at the counter, above all that are numbers."""
    rows = store.rows(
        "SELECT queue FROM consultations WHERE mailbox = ? AND channel = 'loket' AND day = ?",
        site.name,
        day.isoformat(),
    )
    taken = [int(row["queue"]) for row in rows if str(row["queue"]).isascii() and str(row["queue"]).isdigit()]
    return str(max(taken, default=0) + 1)


def at_words(site: Site, row: Row) -> str:
    """When it took place: "Senin, 21 Desember 2026 pukul 09.15 WIB", or only the day."""
    if not row["precise"]:
        return dates.format_date(date.fromisoformat(row["day"]))
    return site.say(to_instant(row["began_at"]))


def how_words(site: Site, row: Row) -> str:
    """As "melalui telepon pada Senin, 21 Desember 2026 pukul 09.15 WIB"."""
    return _SAID("how_and_when", how=HOW[row["channel"]], at=at_words(site, row))


def status_words(site: Site, row: Row) -> str:
    """For `#status`: when, by whom, and what was measured."""
    parts = [how_words(site, row), _SAID("explained_by", giver=row["giver"])]
    if row["queue"]:
        parts.append(_SAID("queue", number=row["queue"]))
    limit = dates.format_minutes(LIMIT_MINUTES)
    for column, what in _SAID.table("measured").items():
        if row[column] is not None:
            took = dates.format_minutes(row[column])
            late = row[column] > LIMIT_MINUTES
            parts.append(_SAID("too_late" if late else "in_time", what=what, took=took, limit=limit))
    return "; ".join(parts)
