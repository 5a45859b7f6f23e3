"""Many tickets in every status, about which then nobody does anything: what the SOP owes for each, day by day.

The lists are written from the SOP and know nothing of the program's table of clocks; only the working calendar, which
has tests of its own, is asked where a day or an hour ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import repeat

from mailbot.model import Duration
from mailbot.rules.worktime.service_hours import Calendar

#: Collected into one mail a person where many are due at once; `_daily`: always, and once a day.
STAFF, COORDINATOR, HEAD = "staff_reminder", "coordinator_overdue", "head_overdue"
COORDINATOR_DAILY, HEAD_DAILY = f"{COORDINATOR}_daily", f"{HEAD}_daily"
#: Before a limit, and so not behind it; of HANDLER's those who do not handle the ticket have only what is collected.
WARNING, HANDLER = f"{STAFF}_warning", f"{STAFF}_handler"
ENQUIRY, PROGRESS = "lkpp_status_enquiry", "user_progress"

_WEEK = Duration(days=7)


def _days(count: int) -> Duration:
    return Duration(working_days=count)


def _hours(count: float) -> Duration:
    return Duration(minutes=int(count * 60))


#: When (so long after the time before), and which mails then leave.
Stage = tuple[Duration, Sequence[str]]
Schedule = Callable[[], Iterator[Stage]]


def _first_response(limit: float, *, handled: bool = False, urgent: bool = False) -> Iterator[Stage]:
    """P3: 4 hours, P2: 1 hour. Staff at three quarters and at the limit (where somebody took it also half-way),
    coordinator at twice the limit, the head one working day later (P1 and P2), and staff and coordinator each working
    day from then on."""
    if handled:
        yield _hours(limit / 2), [WARNING]
        yield _hours(limit / 4), [HANDLER]
    else:
        yield _hours(limit * 3 / 4), [WARNING]
    yield _hours(limit / 4), [STAFF]
    yield _hours(limit), [STAFF, COORDINATOR]
    yield _days(1), [HEAD] if urgent else []
    yield from repeat((_days(1), [STAFF, COORDINATOR]))


def _given_back() -> Iterator[Stage]:
    """Step 4, P3: LPSE has one working day; whoever handles it is reminded after half and three quarters of
    its 7.5 hours."""
    yield _days(1), [STAFF]
    yield _days(1), [STAFF, COORDINATOR]
    yield _days(1), []
    yield from repeat((_days(1), [STAFF, COORDINATOR]))


def _parts_of_the_day() -> Iterator[Stage]:
    yield _hours(3.75), [WARNING]
    yield _hours(1.875), [HANDLER]


def _enquiries(first: int) -> Iterator[Stage]:
    """Step 12: 5 on working days, then weekly. Coordinator from the 2nd on, head from the 5th on."""
    yield _days(first), [ENQUIRY, STAFF]
    yield from repeat((_days(1), [ENQUIRY, STAFF, COORDINATOR_DAILY]), 3)
    yield _days(1), [ENQUIRY, STAFF, COORDINATOR_DAILY, HEAD_DAILY]
    yield from repeat((_WEEK, [ENQUIRY, STAFF, COORDINATOR_DAILY, HEAD_DAILY]))


def _news(first: int) -> Iterator[Stage]:
    """Step 12: the user hears with the first enquiry that LKPP was asked, and weekly from then on."""
    yield _days(first), [PROGRESS]
    yield from repeat((_WEEK, [PROGRESS]))


def _data_asked() -> Iterator[Stage]:
    """Step 7: after 3 working days the user is reminded, then staff and coordinator weekly; never closed."""
    yield _days(3), ["user_reminder"]
    yield from repeat((_WEEK, [STAFF, COORDINATOR]))


def _silent_user() -> Iterator[Stage]:
    yield _days(3), ["user_reminder"]
    yield _days(5), ["user_closed"]


def _unconfirmed() -> Iterator[Stage]:
    yield _days(3), ["user_closed"]


@dataclass(frozen=True)
class Kind:
    """How a ticket comes into its status, and what is owed from then on.

    staff, lkpp: what they write about it, ten minutes after one another. since: which of the writings (0: the user's)
    starts the clocks.
    """

    status: str
    clocks: Sequence[Schedule]
    since: int
    staff: str = ""
    lkpp: str = ""


_ESCALATES = "#eskalasi\nRingkasan:\nLogin gagal\nUpaya yang telah dilakukan:\nreset kata sandi\n"

KINDS: Mapping[str, Kind] = {
    "new": Kind("new", [lambda: _first_response(4)], 0),
    "taken": Kind("in_progress", [lambda: _first_response(4, handled=True)], 0, "#ambil\n"),
    "urgent": Kind("new", [lambda: _first_response(1, urgent=True)], 0, "#prioritas 2\n"),
    "asked": Kind("awaiting_user", [_silent_user], 1, "#minta-data\nMohon kirimkan tangkapan layar galatnya."),
    "answered": Kind("resolved", [_unconfirmed], 1, "Silakan hapus cache peramban, lalu coba masuk kembali."),
    "escalated": Kind("escalated", [lambda: _enquiries(2), lambda: _news(2)], 1, _ESCALATES),
    "progress": Kind(
        "escalated",
        [lambda: _enquiries(1), lambda: _news(1)],
        2,
        _ESCALATES,
        "Permasalahan masih dalam proses penanganan oleh Tim Teknis LKPP.",
    ),
    "data": Kind("awaiting_data", [_data_asked], 2, _ESCALATES, "Mohon dilengkapi tangkapan layar dan kode tender."),
    "returned": Kind(
        "returned",
        [_parts_of_the_day, _given_back],
        2,
        _ESCALATES,
        "Permasalahan tersebut merupakan kewenangan LPSE, silakan dapat ditangani oleh Admin PPE.",
    ),
}


@dataclass
class Ticket:
    """An open ticket; `since`: when the clocks of its status began (aware); handler: who of staff wrote about it."""

    title: str
    user: str
    kind: str
    since: datetime
    number: str = ""
    handler: str = ""


@dataclass(frozen=True)
class Owed:
    """One mail, or one line of a collected mail: not before `due`, not after `latest` (aware). not sure: the clock may
    have ended before it was made. to_handler: others may or may not have it."""

    due: datetime
    latest: datetime
    sure: bool
    to_handler: bool = False


@dataclass(frozen=True)
class Span:
    """Until when the clock ran: at the least to `sure`, at the most to `end`. allowance: of this clock's time, within
    which whatever is due is made."""

    sure: datetime
    end: datetime
    allowance: timedelta


def owed(ticket: Ticket, calendar: Calendar, span: Span) -> dict[str, list[Owed]]:
    """By template, in the order of their dues, all that fell due."""
    found: dict[str, list[Owed]] = {}
    for schedule in KINDS[ticket.kind].clocks:
        due = ticket.since
        warned: list[tuple[str, Owed]] = []
        for length, mails in schedule():
            due = calendar.add(due, length).at
            for mail, one in warned:  # whoever looks so late that the limit has come is not warned of it any more
                _note(found, mail, replace(one, sure=one.sure and one.latest < due))
            warned = []
            if due > span.end:
                break
            latest = calendar.next_service(due + span.allowance) + span.allowance
            # What belongs into the report of the day waits for the next day's, if today's has gone out.
            next_report = calendar.next_service(calendar.add(due, _days(1)).at + span.allowance) + span.allowance
            for mail in mails:
                one = Owed(due, latest, due <= span.sure, mail == HANDLER)
                if mail in (WARNING, HANDLER):
                    warned.append((mail, one))
                elif mail.endswith("_daily"):
                    _note(found, mail, Owed(due, next_report, next_report <= span.sure))
                else:
                    _note(found, mail, one)
        for mail, one in warned:
            _note(found, mail, one)
    return {template: sorted(several, key=lambda each: each.due) for template, several in found.items()}


def _note(found: dict[str, list[Owed]], mail: str, one: Owed) -> None:
    template = mail
    for suffix in ("_daily", "_handler", "_warning"):
        template = template.removesuffix(suffix)
    found.setdefault(template, []).append(one)
