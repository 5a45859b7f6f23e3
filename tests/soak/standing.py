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

#: Alone, or collected into one mail a person where many are due at once. From `LISTED` on the ticket stands in the work
#: lists of that party, one a day; WARNING: before a limit, and so not behind it.
STAFF, COORDINATOR, HEAD = "staff_reminder", "coordinator_overdue", "head_overdue"
WARNING, LISTED = f"{STAFF}_warning", "_listed"
ENQUIRY, PROGRESS = "lkpp_status_enquiry", "user_progress"

_WEEK = Duration(days=7)


def _days(count: int) -> Duration:
    return Duration(working_days=count)


def _hours(count: float) -> Duration:
    return Duration(minutes=int(count * 60))


#: When (so long after the time before), and which mails then leave.
Stage = tuple[Duration, Sequence[str]]
Schedule = Callable[[], Iterator[Stage]]


def _listed(*mails: str) -> list[str]:
    return [f"{mail}{LISTED}" for mail in mails]


def _first_response() -> Iterator[Stage]:
    """P3, 4 hours: one warning an hour before, alone; the limit, the coordinator's at twice the limit and all that
    repeats stand in the lists."""
    yield _hours(3), [WARNING]
    yield _hours(5), _listed(COORDINATOR)


def _first_response_urgent() -> Iterator[Stage]:
    """P2, 1 hour, which nobody took: each stage once, alone. Staff at three quarters and at the limit, coordinator at
    twice the limit, the head one working day later, staff and coordinator once more a day later; then the lists."""
    yield _hours(0.75), [WARNING]
    yield _hours(0.25), [STAFF]
    yield _hours(1), [STAFF, COORDINATOR]
    yield _days(1), [HEAD]
    yield _days(1), [STAFF, COORDINATOR]


def _given_back() -> Iterator[Stage]:
    """Step 4, P3: LPSE has one working day; the coordinator's stage is a working day later."""
    yield _days(2), _listed(COORDINATOR)


def _warned_of() -> Iterator[Stage]:
    """One working day of 7.5 hours: an hour before its end."""
    yield _hours(6.5), [WARNING]


def _enquiries(first: int) -> Iterator[Stage]:
    """Step 12: 5 on working days, then weekly. Coordinator from the 2nd on, head from the 5th on, in their lists."""
    yield _days(first), [ENQUIRY]
    yield _days(1), [ENQUIRY, *_listed(COORDINATOR)]
    yield from repeat((_days(1), [ENQUIRY]), 2)
    yield _days(1), [ENQUIRY, *_listed(HEAD)]
    yield from repeat((_WEEK, [ENQUIRY]))


def _news(first: int) -> Iterator[Stage]:
    """Step 12: the user hears with the first enquiry that LKPP was asked, and weekly from then on."""
    yield _days(first), [PROGRESS]
    yield from repeat((_WEEK, [PROGRESS]))


def _data_asked() -> Iterator[Stage]:
    """Step 7: after 3 working days the user is reminded, a week later the coordinator's list has it; never closed."""
    yield _days(3), ["user_reminder"]
    yield _WEEK, _listed(COORDINATOR)


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

_URGENT = "#prioritas 2\n"

KINDS: Mapping[str, Kind] = {
    "new": Kind("new", [_first_response], 0),
    "taken": Kind("in_progress", [_first_response], 0, "#ambil\n"),
    "urgent": Kind("new", [_first_response_urgent], 0, _URGENT),
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
        [_warned_of, _given_back],
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

    @property
    def is_handled(self) -> bool:
        """Whether somebody took it: the first who does more than set a field."""
        return KINDS[self.kind].staff not in ("", _URGENT)


@dataclass(frozen=True)
class Owed:
    """One mail, or one line of a collected mail: not before `due`, not after `latest` (aware). not sure: the clock may
    have ended before it was made. in_lists: from `due` on it may stand in any list."""

    due: datetime
    latest: datetime
    sure: bool
    in_lists: bool = False


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
            if "user_closed" in mails:  # silence closes when the user's day is over
                due = calendar.closes(due)
            for mail, one in warned:  # whoever looks so late that the limit has come is not warned of it any more
                _note(found, mail, replace(one, sure=one.sure and one.latest < due))
            warned = []
            if due > span.end:
                break
            latest = calendar.next_service(due + span.allowance) + span.allowance
            for mail in mails:
                one = Owed(due, latest, due <= span.sure, mail.endswith(LISTED))
                if mail == WARNING:
                    warned.append((mail, one))
                else:
                    _note(found, mail, one)
        for mail, one in warned:
            _note(found, mail, one)
    return {template: sorted(several, key=lambda each: each.due) for template, several in found.items()}


def _note(found: dict[str, list[Owed]], mail: str, one: Owed) -> None:
    found.setdefault(mail.removesuffix(LISTED).removesuffix("_warning"), []).append(one)
