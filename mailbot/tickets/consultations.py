"""Calls and visits in the database: when they took place, who explained, and how long the numbers took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from mailbot.config.site import Site
from mailbot.parsers.dates import moment
from mailbot.parsers.forms import form
from mailbot.parsers.forms.consultation import Consultation
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences
from mailbot.store.database import Row, Store, to_instant, to_text

_SAID = Sentences(__file__)

#: SOP telephone and counter, steps 7 and 8: to give the numbers, and to archive the form.
LIMIT_MINUTES = 10
#: How a channel is said, after "konsultasi".
HOW = _SAID.table("how")
#: A time so far ahead of the arrival of the mail that records it: two clocks differ; more, and the form is wrong.
_CLOCKS_DIFFER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Held:
    """When a consultation took place. precise: its time of day stands in the form; else began_at is the arrival of the
    mail that records it (estimated), or the noon of another day. remark: what staff should know of it."""

    day: date
    began_at: datetime
    ended_at: datetime | None
    precise: bool
    remark: str = ""
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called or came, as the form says it; "" for what it does not say."""

    name: str
    organisation: str = ""
    street: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A consultation as it is kept. channel: telepon | loket. giver: who explained. queue: the Nomor Antrian, or "".
    recorder, journal_id: who has recorded it, with which mail. handed_in_at: when the first mail of its form arrived,
    where that one came back to be completed, or waited for a code. mails: the journal's entries that came before."""

    channel: str
    held: Held
    caller: Caller
    giver: str
    queue: str
    recorder: str
    journal_id: int
    handed_in_at: datetime | None = None
    mails: Sequence[int] = ()


class InTheFuture(Exception):
    """The form names a day or a time after its own arrival."""


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
        if day > local.date():
            raise InTheFuture
        estimated = day == local.date()
        remarks.append(_SAID("estimated", at=site.say(arrived)) if estimated else _SAID("not_measured"))
        began = arrived if estimated else _at(site, day, time(12))
        return Held(day, began, None, False, "; ".join(remarks), estimated)
    began = _at(site, day, times[0])
    ended = None if times[1] is None else _at(site, day, times[1])
    if (ended or began) > arrived + _CLOCKS_DIFFER:
        raise InTheFuture
    return Held(day, min(began, arrived), None if ended is None else min(ended, arrived), True, "; ".join(remarks))


def _at(site: Site, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, site.zone)


def keep(store: Store, site: Site, ticket_id: int, recorded: Recorded) -> None:
    """A further sheet of the ticket's Formulir Konsultasi."""
    held, caller = recorded.held, recorded.caller
    sheets = store.value("SELECT count(*) FROM consultations WHERE ticket_id = ?", ticket_id)
    store.insert(
        "consultations",
        ticket_id=ticket_id,
        sheet=int(sheets) + 1,
        journal_id=recorded.journal_id,
        recorder=recorded.recorder,
        mailbox=site.name,
        channel=recorded.channel,
        day=held.day.isoformat(),
        began_at=to_text(held.began_at),
        ended_at=None if held.ended_at is None else to_text(held.ended_at),
        precise=int(held.precise),
        estimated=int(held.estimated),
        **asdict(caller),
        giver=recorded.giver,
        queue=recorded.queue,
        handed_in_at=None if recorded.handed_in_at is None else to_text(recorded.handed_in_at),
        mails=" ".join(map(str, recorded.mails)),
    )


def time_told(store: Store, site: Site, row: Row, held: Held, recorded_at: datetime) -> str:
    """When one of them took place, told after it was recorded; what is measured of it ends where it was recorded.
    Returns it in words."""
    values = {
        "began_at": to_text(held.began_at),
        "ended_at": None if held.ended_at is None else to_text(held.ended_at),
        "precise": 1,
        "estimated": 0,
        "handed_in_at": row["handed_in_at"] or to_text(recorded_at),
    }
    store.update("consultations", int(row["id"]), **values)
    return at_words(site, {**dict(row), **values})


_NEWEST = "(SELECT max(id) FROM consultations WHERE ticket_id = ?)"


def numbers_given(store: Store, ticket_id: int, minutes: int) -> None:
    """How long it took to give the numbers of the newest one."""
    store.execute(f"UPDATE consultations SET numbers_minutes = ? WHERE id = {_NEWEST}", minutes, ticket_id)


def archived(store: Store, ticket_id: int, minutes: int) -> None:
    """How long it took to archive the form of the newest one."""
    store.execute(f"UPDATE consultations SET archived_minutes = ? WHERE id = {_NEWEST}", minutes, ticket_id)


def of(store: Store, ticket_id: int) -> Row | None:
    """The newest one of a ticket."""
    return store.row(f"SELECT * FROM consultations WHERE id = {_NEWEST}", ticket_id)


def all_of(store: Store, ticket_id: int) -> list[Row]:
    """Those of a ticket and of all that are merged into it, in the order of their days, each with its form number."""
    return store.rows(
        "SELECT c.*, t.form_number FROM consultations c JOIN tickets t ON t.id = c.ticket_id"
        " WHERE t.id = ?1 OR t.merged_into = ?1 ORDER BY c.day, c.began_at, c.id",
        ticket_id,
    )


def problem(store: Store, row: Row) -> str:
    """Part B of a form."""
    found = store.value(
        "SELECT body FROM texts WHERE journal_id = ? AND role = 'user' ORDER BY id LIMIT 1", row["journal_id"]
    )
    return str(found or "")


def holds_form(text: str) -> bool:
    """Whether a user has filled in lines of the Formulir Konsultasi in a mail: one alone may be a signature's."""
    return len(form.read_lines(text)) > 1


def form_number(number: str, sheet: int) -> str:
    """How a sheet is called: the ticket's one form number, from the second sheet on with its place."""
    return number if sheet == 1 else _SAID("sheet", number=number, sheet=str(sheet))


def next_queue(store: Store, site: Site, day: date) -> str:
    """The next Nomor Antrian of a day at the counter, above all that are numbers."""
    rows = store.rows(
        "SELECT queue FROM consultations WHERE mailbox = ? AND channel = 'loket' AND day = ?",
        site.name,
        day.isoformat(),
    )
    taken = [int(row["queue"]) for row in rows if str(row["queue"]).isascii() and str(row["queue"]).isdigit()]
    return str(max(taken, default=0) + 1)


def mails_of(store: Store, journal_id: int) -> list[int]:
    """All mails of the form that this one has completed, the first first; itself alone where it has completed none."""
    sql = "SELECT mails FROM consultations INDEXED BY consultations_mail WHERE journal_id = ?"
    before = store.value(sql, journal_id)
    return [*map(int, str(before or "").split()), journal_id]


def at_words(site: Site, row: Mapping[str, Any]) -> str:
    """When it took place: "Senin, 21 Desember 2026 pukul 09.15 WIB (7 menit)", "… (perkiraan)", or only the day."""
    at = site.say(to_instant(row["began_at"]))
    if row["precise"]:
        return at if row["ended_at"] is None else _SAID("at_for", at=at, length=_length(row))
    if row["estimated"]:
        return _SAID("at_estimated", at=at)
    return dates.format_date(date.fromisoformat(row["day"]))


def time_words(site: Site, row: Row) -> str:
    """The same without the day, for lists; "" where no time is known."""
    at = dates.format_time(to_instant(row["began_at"]), site.zone)
    if row["precise"]:
        return at if row["ended_at"] is None else _SAID("at_for", at=at, length=_length(row))
    return _SAID("at_estimated", at=at) if row["estimated"] else ""


def _length(row: Mapping[str, Any]) -> str:
    return dates.format_minutes(round((to_instant(row["ended_at"]) - to_instant(row["began_at"])).total_seconds() / 60))


def how_words(site: Site, row: Row) -> str:
    """As "melalui telepon pada Senin, 21 Desember 2026 pukul 09.15 WIB"."""
    return _SAID("how_and_when", how=HOW[row["channel"]], at=at_words(site, row))


def status_words(site: Site, row: Row) -> str:
    """For `#status`, of a row of `all_of`: its form number, when, by whom, and what was measured."""
    parts = [form_number(row["form_number"], row["sheet"]), how_words(site, row)]
    parts.append(_SAID("explained_by", giver=row["giver"]))
    if row["queue"]:
        parts.append(_SAID("queue", number=row["queue"]))
    limit = dates.format_minutes(LIMIT_MINUTES)
    for column, what in _SAID.table("measured").items():
        if row[column] is not None:
            took = dates.format_minutes(row[column])
            late = row[column] > LIMIT_MINUTES
            parts.append(_SAID("too_late" if late else "in_time", what=what, took=took, limit=limit))
    return "; ".join(parts)
