"""The record put in order for the page: days, moments, and the place of each card between the lanes.

A moment is what happened in one minute on one ticket: a mail that came in, and what mailbot did about it. On a wide
window a moment is a small grid: what came in stands in the first row, its consequences below it side by side, each in
the lane of the party outside: with the user on the left, inside the LPSE in the middle, with LKPP on the right.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from mailbot.clean import clean
from mailbot.config import service_hours
from mailbot.config.settings import Sop
from mailbot.demo.excerpt import excerpt
from mailbot.demo.record import LKPP, MAILBOT, USER, Record, Shown
from mailbot.demo.timeline_mail import Opened, opened
from mailbot.model import Duration
from mailbot.rules.worktime.dates import MONTHS, WEEKDAYS, format_date
from mailbot.rules.worktime.service_hours import Calendar
from mailbot.sentences import Sentences, filled

_SAID = Sentences(__file__)
#: The lanes from left to right, by number.
LANES = {"user": 1, "lpse": 2, "lkpp": 3}


@dataclass(slots=True)
class Card:
    """One thing on the timeline, placed.

    anchor: the id that steps link to. ticket: its number in the page's order from 1, 0 if it belongs to none.
    tone: "user", "staff", "bot" or "lkpp": who speaks. row, span: in the moment's grid, from 1.
    waits: whose answer is awaited until when, in words; "" where nothing begins to be awaited.
    preview: the beginning of what a mail says.
    """

    anchor: str
    shown: Shown
    ticket: int
    lane: str
    tone: str
    mail: Opened | None
    preview: str = ""
    waits: str = ""
    row: int = 1
    span: int = 1

    @property
    def column(self) -> int:
        return LANES[self.lane]

    @property
    def reader(self) -> str:
        """To whom a mail is written, as its writer sees it: of mailbot only the LPSE's own people know."""
        outside = self.shown.sender in (USER, LKPP)
        return "LPSE" if outside and self.shown.recipient == MAILBOT else self.shown.recipient

    @property
    def notice(self) -> bool:
        """Whether mailbot tells the LPSE's own people what the timeline shows beside it anyway."""
        return self.lane == "lpse" and self.shown.sender == MAILBOT

    @property
    def way(self) -> str:
        """How its arrow points: "in" towards the LPSE, "out" away from it, "within" for none."""
        if self.lane == "lpse" or self.shown.kind == "inside":
            return "within"
        return "out" if self.shown.sender == MAILBOT else "in"


@dataclass(slots=True)
class Moment:
    time: str
    ticket: int
    cards: list[Card]


@dataclass(frozen=True, slots=True)
class Pause:
    """A day without a mail between two days: "Kam, 24 Des" and why; `off` unless it is a working day."""

    day: str
    reason: str
    off: bool
    note: str = ""


@dataclass(slots=True)
class Day:
    """A day on which something happened. off: why it is no working day, "" for a working day.

    before: the days without a mail before it; open: the tickets that were open on these.
    """

    anchor: str
    title: str
    off: str
    before: list[Pause]
    note: str
    moments: list[Moment]
    open: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Story:
    """`numbers`: ticket number -> its place in the page's order, from 1."""

    days: tuple[Day, ...]
    cards: tuple[Card, ...]
    numbers: Mapping[str, int]
    calendar: Calendar


def tell(record: Record) -> Story:
    """Raises nothing that a record of any content could cause."""
    calendar = usual_calendar(record)
    numbers = _numbers(record)
    tickets = _tickets(record.shown, numbers)
    notes = _notes(record)
    cards: list[Card] = []
    days: list[Day] = []
    previous: date | None = None
    pairs = [pair for pair in zip(record.shown, tickets, strict=True) if pair[0].kind != "day"]
    for day, group in groupby(pairs, key=lambda pair: pair[0].at.astimezone(record.zone).date()):
        placed = [
            _card(len(cards) + index, shown, ticket, record, calendar) for index, (shown, ticket) in enumerate(group)
        ]
        cards += placed
        pauses = list(_pauses(previous, day, calendar, notes)) if previous else []
        moments = list(_moments(placed, record))
        anchor, title, off = f"hari-{day.isoformat()}", format_date(day), _off(day, calendar)
        days.append(Day(anchor, title, off, pauses, notes.get(day, ""), moments))
        previous = day
    for index, one in enumerate(days):
        one.open = frozenset(_active(days[:index]) & _active(days[index:]))
    return Story(tuple(days), tuple(cards), numbers, calendar)


def _active(days: Sequence[Day]) -> set[int]:
    return {moment.ticket for day in days for moment in day.moments}


def usual_calendar(record: Record) -> Calendar:
    """Indonesia's holidays and the usual service hours, in the office's zone."""
    week = service_hours.hours({}).week
    return Calendar(record.zone, dict(enumerate(week)))


def _numbers(record: Record) -> dict[str, int]:
    found = [case.number for case in record.cases]
    found += [shown.ticket for shown in record.shown if shown.ticket]
    return {number: index for index, number in enumerate(dict.fromkeys(found), start=1)}


def _tickets(shown: Sequence[Shown], numbers: Mapping[str, int]) -> list[int]:
    """Without a number are a user's first mail, which opens the next ticket, and a report on several tickets at once,
    which is shown beside what happened in its minute."""
    found = [numbers[one.ticket] if one.ticket else 0 for one in shown]
    following = 0
    for index in range(len(found) - 1, -1, -1):
        if not found[index] and shown[index].kind == "mail" and shown[index].sender == USER:
            found[index] = following
        following = found[index] or following
    for index in range(1, len(found)):
        if not found[index] and shown[index].kind == "mail" and shown[index].at == shown[index - 1].at:
            found[index] = found[index - 1]
    return found


# --- cards -----------------------------------------------------------------------------------------


def _card(index: int, shown: Shown, ticket: int, record: Record, calendar: Calendar) -> Card:
    mail = opened(shown.raw, record.zone) if shown.raw is not None else None
    return Card(
        anchor=f"p{index + 1}",
        shown=shown,
        ticket=ticket,
        lane=_lane(shown),
        tone=_tone(shown),
        mail=mail,
        preview=_preview(shown),
        waits=_waits(shown, mail, record, calendar),
    )


def _preview(shown: Shown) -> str:
    lines = excerpt(clean(shown.text), 70, 4) if shown.kind == "mail" else []
    return " ".join(line.removeprefix("│").strip() for line in lines)


def _lane(shown: Shown) -> str:
    parties = {shown.sender, shown.recipient}
    return "user" if USER in parties else "lkpp" if LKPP in parties else "lpse"


def _tone(shown: Shown) -> str:
    return {USER: "user", LKPP: "lkpp", MAILBOT: "bot"}.get(shown.sender, "staff")


#: Mail (by its template) -> what is awaited from now on (as in `awaited`), and for how long.
_AWAITED: Mapping[str, tuple[str, Duration]] = {
    "lkpp_escalation": ("lkpp", Sop().status_after("email")),
    "lkpp_additional_data": ("lkpp", Sop().status_after("email")),
    "lkpp_status_enquiry": ("lkpp", Sop().lkpp_progress_every),
    "user_data_request": ("data", Sop().data_from_user(3)),
    "user_resolved": ("confirmation", Sop().confirm_close_after),
    "user_answer": ("confirmation", Sop().confirm_close_after),
}
_INSTANT = re.compile(rf"\b(\d\d?)\s({'|'.join(MONTHS)})\s(\d{{4}})\spukul\s(\d\d)\.(\d\d)\b")


def _waits(shown: Shown, mail: Opened | None, record: Record, calendar: Calendar) -> str:
    """The deadline that begins with this mail: the one that the mail itself names, otherwise the SOP's."""
    found = _AWAITED.get(mail.template) if mail else None
    if shown.sender == LKPP and shown.kind == "mail" and "14" in shown.step:
        found = ("lkpp_next", Sop().lkpp_progress_every)
    if found is None:
        return ""
    whose, length = found
    due = _named(mail.text, record) if mail and shown.recipient == USER else None
    if due is None or due <= shown.at:
        try:
            due = calendar.add(shown.at, length).at.astimezone(record.zone)
        except (ValueError, OverflowError):  # a record of year 1 or 9999
            return ""
    return filled(_SAID.table("awaited")[whose], day=short_day(due.date()), time=f"{due:%H.%M}")


def _named(text: str, record: Record) -> datetime | None:
    """The latest instant of a text, local."""
    found = []
    for day, month, year, hour, minute in _INSTANT.findall(text):
        with contextlib.suppress(ValueError):  # "31 Februari", year 0
            at = datetime(int(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute), tzinfo=record.zone)
            found.append(at)
    return max(found, default=None)


def short_day(day: date) -> str:
    """As "Sen, 28 Des"."""
    return f"{WEEKDAYS[day.weekday()][:3]}, {day.day} {MONTHS[day.month - 1][:3]}"


# --- days ------------------------------------------------------------------------------------------


def _off(day: date, calendar: Calendar) -> str:
    """Why it is no working day; "" for a working day."""
    if calendar.is_working_day(day):
        return ""
    return calendar.holiday(day) or _SAID("weekend")


def _notes(record: Record) -> dict[date, str]:
    """What the record says of a day beyond the date and what the page's own rulers say."""
    found: dict[date, str] = {}
    for shown in record.shown:
        if shown.kind == "day":
            day = shown.at.astimezone(record.zone).date()
            own = "" if shown.title.startswith(format_date(day)) else shown.title
            found[day] = " ".join(filter(None, [found.get(day, ""), own, shown.text]))
    return found


def _pauses(previous: date, day: date, calendar: Calendar, notes: Mapping[date, str]) -> Iterator[Pause]:
    between = (day - previous).days - 1
    if between > 60:
        yield Pause("", _SAID("days_later", days=between), True)
        return
    for n in range(1, between + 1):
        at = previous + timedelta(n)
        off = _off(at, calendar)
        yield Pause(short_day(at), off or _SAID("quiet"), bool(off), notes.get(at, ""))


def _moments(placed: Sequence[Card], record: Record) -> Iterator[Moment]:
    for (minute, ticket), group in groupby(placed, key=lambda card: (_minute(card, record), card.ticket)):
        cards = list(group)
        _place(cards)
        yield Moment(f"{minute:%H.%M}", ticket, cards)


def _minute(card: Card, record: Record) -> datetime:
    return card.shown.at.astimezone(record.zone).replace(second=0, microsecond=0)


def _place(cards: list[Card]) -> None:
    """Rows in a moment's grid: consequences side by side below their cause, in the order of the record."""
    top = dict.fromkeys(LANES, 1)
    floor = 1
    for card in cards:
        if card.shown.kind == "mail" and card.shown.recipient == MAILBOT:
            card.row = max(top.values())
            floor = card.row + 1
        else:
            card.row = max(floor, top[card.lane])
        top[card.lane] = card.row + 1
    last = max(card.row for card in cards)
    for lane in LANES:
        own = [card for card in cards if card.lane == lane]
        for card, following in zip(own, [*own[1:], None], strict=False):
            # A card may be taller than its neighbours: it grows into the free rows below it.
            card.span = (following.row if following else last + 1) - card.row
