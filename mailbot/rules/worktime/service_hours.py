"""Working time: when the office serves, and when a length of the SOP ends.

The readings of SOP-LPSE.BTG-015, which says neither:

- "N hari kerja" after an instant is the same local time N working days later, moved into service
  hours. The day of the instant never counts, also when it is no working day itself.
- Minutes and hours run inside service hours only.
- Calendar days are days of the wall calendar; their end is moved into service hours.

Service hours include the closing minute: a deadline may fall on it. Pure, but for a cache of days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mailbot.errors import PermanentFailure
from mailbot.model import Due, Duration
from mailbot.rules.worktime.dates import format_date
from mailbot.rules.worktime.holidaylist import holiday_year
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

# Per weekday (0 = Monday) the service hours in local time; a weekday without any is no working day.
Hours = Mapping[int, tuple[tuple[time, time], ...]]
Span = tuple[datetime, datetime]  # two instants in UTC

MAX_CLOSED_DAYS = 3660  # ten years without one service day: the hours or holidays are wrong
MAX_DAYS = 40_000  # no length of the SOP reaches this far; keeps every loop finite


class Notice(NamedTuple):
    """What the operator has to be told, and the week for which he then has been ("2026-W46")."""

    key: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The service hours and holidays of one mailbox.

    ramadan: first and last day, and the hours between them; a weekday that these hours do not name
    keeps its usual ones. added, removed: the site's own corrections of the holidays, each with its
    reason. Raises ValueError for hours that cannot be.
    """

    zone: ZoneInfo
    hours: Hours
    ramadan: tuple[date, date, Hours] | None = None
    added: Mapping[date, str] = field(default_factory=dict)
    removed: Mapping[date, str] = field(default_factory=dict)
    country: str = "ID"
    _spans: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        _check_hours(self.hours)
        if self.ramadan:
            first, last, hours = self.ramadan
            _check_hours(hours)
            if last < first:
                raise ValueError("Ramadan ends before it begins")
        if both := self.added.keys() & self.removed.keys():
            raise ValueError(f"added and removed: {min(both)}")
        holiday_year(2026, self.country)  # an unknown country is refused here, not at the first deadline

    # --- days ---------------------------------------------------------------------------------

    def holiday(self, day: date) -> str | None:
        """The name of the holiday or collective leave on a day, the site's own corrections included."""
        if day in self.added:
            return self.added[day]
        if day in self.removed:
            return None
        return holiday_year(day.year, self.country).names.get(day)

    def is_working_day(self, day: date) -> bool:
        """Whether the office serves at all on a local date."""
        return bool(self.service(day))

    def service(self, day: date) -> tuple[Span, ...]:
        """The spans of service of a local date, in order, as instants in UTC; none on a holiday."""
        spans = self._spans.get(day)
        if spans is None:
            spans = self._spans[day] = () if self.holiday(day) is not None else self._hours_of(day)
        return spans

    def opens(self, day: date) -> datetime | None:
        """The instant at which service begins on a local date, or None."""
        spans = self.service(day)
        return spans[0][0] if spans else None

    def closes(self, instant: datetime) -> datetime:
        """The end of service on the local date of an instant that lies in service hours."""
        return self.service(self._local_date(instant))[-1][1]

    def working_days_between(self, a: datetime, b: datetime) -> int:
        """How many working days lie after the local date of `a`, up to the local date of `b`."""
        first, last = self._local_date(a), self._local_date(b)
        days = min((last - first).days, MAX_DAYS)
        return sum(self.is_working_day(first + timedelta(n)) for n in range(1, days + 1))

    # --- instants -----------------------------------------------------------------------------

    def in_service(self, instant: datetime) -> bool:
        """Whether an instant lies in service hours, the closing minute included: what is due then is still done."""
        at = instant.astimezone(UTC)
        return any(opens <= at < closes + timedelta(minutes=1) for opens, closes in self.service(self._local_date(at)))

    def next_service(self, instant: datetime) -> datetime:
        """The instant itself in service hours, otherwise the next opening; in UTC.

        Raises PermanentFailure if there is none within ten years.
        """
        at = instant.astimezone(UTC)
        opens, _ = next(self._spans_from(at))
        return max(opens, at)

    def add(self, start: datetime, duration: Duration) -> Due:
        """When a length that begins at `start` (aware) is over; always in service hours.

        `estimated`: the days in between touch a part of a year whose holidays are not all decreed.
        Raises PermanentFailure if that never happens with these hours, ValueError for a length with
        more than one unit or below zero.
        """
        lengths = (duration.working_days, duration.minutes, duration.days)
        if min(lengths) < 0 or sum(n > 0 for n in lengths) > 1:
            raise ValueError(f"not a length: {duration}")
        if duration.working_days:
            at = self._after_working_days(start, duration.working_days)
        elif duration.days:
            at = self._after_days(start, duration.days)
        else:
            at = self._after_minutes(start, duration.minutes)
        return Due(at, self._is_estimated(self._local_date(start), self._local_date(at)))

    def before(self, end: datetime, length: Duration) -> datetime:
        """The instant from which so many minutes of service are left until `end`; in UTC.

        Raises PermanentFailure if there is none within ten years.
        """
        at = end.astimezone(UTC)
        left = timedelta(minutes=length.minutes)
        first = self._local_date(at)
        for n in range(MAX_CLOSED_DAYS):
            for opens, closes in reversed(self.service(_later(first, -n))):
                ends = min(closes, at)
                if opens < ends:
                    if left <= ends - opens:
                        return ends - left
                    left -= ends - opens
        raise _never(first)

    def working_minutes_between(self, a: datetime, b: datetime) -> int:
        """The whole minutes of service between two instants; 0 if `b` is not after `a`."""
        return self.service_between(a, b) // timedelta(minutes=1)

    def service_between(self, a: datetime, b: datetime) -> timedelta:
        """The time of service between two instants; nothing if `b` is not after `a`."""
        at, end = a.astimezone(UTC), b.astimezone(UTC)
        day, last = self._local_date(at), self._local_date(end)
        total = timedelta()
        for n in range(min((last - day).days, MAX_DAYS) + 1):
            for opens, closes in self.service(day + timedelta(n)):
                total += max(min(closes, end) - max(opens, at), timedelta())
        return total

    # --- a calendar that is not all decreed ------------------------------------------------------

    def incomplete(self, year: int, today: date) -> str | None:
        """Why the holidays of a year cannot be relied on yet, in Indonesian; None if they can.

        A year is incomplete without any collective leave, or with an estimated day from `today` on.
        The site settles an estimate by listing its date among its added or removed days, and the
        collective leave by adding days with "cuti bersama" in their reason.
        """
        decreed = self._has_collective_leave(year)
        names = holiday_year(year, self.country).names
        days = "; ".join(f"{format_date(day)} ({names[day]})" for day in self._estimates(year, today))
        if not days:
            return None if decreed else _SAID("no_collective_leave", year=year)
        if decreed:
            return _SAID("estimated_days", year=year, days=days)
        return _SAID("no_collective_leave_and_estimated_days", year=year, days=days)

    def notice_due(self, today: date) -> Notice | None:
        """The operator's notice for this week: about this year, and from November on about the next."""
        years = [today.year, today.year + 1] if today.month >= 11 else [today.year]
        reasons = [reason for year in years if (reason := self.incomplete(year, today))]
        if not reasons:
            return None
        week = today.isocalendar()
        return Notice(f"{week.year}-W{week.week:02}", "\n".join(reasons))

    def _has_collective_leave(self, year: int) -> bool:
        return bool(holiday_year(year, self.country).collective_leave) or any(
            day.year == year and "cuti bersama" in reason.lower() for day, reason in self.added.items()
        )

    def _estimates(self, year: int, today: date) -> list[date]:
        estimated = holiday_year(year, self.country).estimated
        return sorted(d for d in estimated if d >= today and d not in self.added and d not in self.removed)

    def _is_estimated(self, first: date, last: date) -> bool:
        # An estimate makes its year doubtful up to that day only: what begins later is past it.
        return any(
            not self._has_collective_leave(year) or self._estimates(year, first)
            for year in range(first.year, last.year + 1)
        )

    # --- inside ---------------------------------------------------------------------------------

    def _local_date(self, instant: datetime) -> date:
        if instant.tzinfo is None:
            raise ValueError("an instant must be aware")
        return instant.astimezone(self.zone).date()

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)

    def _hours_of(self, day: date) -> tuple[Span, ...]:
        hours = self.hours.get(day.weekday(), ())
        if self.ramadan and self.ramadan[0] <= day <= self.ramadan[1]:
            hours = self.ramadan[2].get(day.weekday(), hours)
        return tuple((self._instant(day, opens), self._instant(day, closes)) for opens, closes in hours)

    def _spans_from(self, at: datetime) -> Iterator[Span]:
        """The spans that end at `at` (UTC) or later, in order."""
        first = self._local_date(at)
        closed = 0
        for n in range(MAX_DAYS):
            spans = self.service(_later(first, n))
            closed = 0 if spans else closed + 1
            if closed > MAX_CLOSED_DAYS:
                break
            yield from (span for span in spans if span[1] >= at)
        raise _never(first)

    def _after_working_days(self, start: datetime, count: int) -> datetime:
        local = start.astimezone(self.zone)
        day, closed = local.date(), 0
        for n in range(1, MAX_DAYS):
            day = _later(local.date(), n)
            if self.is_working_day(day):
                count, closed = count - 1, 0
                if not count:
                    return self.next_service(self._instant(day, local.time()))
            else:
                closed += 1
                if closed > MAX_CLOSED_DAYS:
                    break
        raise _never(local.date())

    def _after_days(self, start: datetime, count: int) -> datetime:
        local = start.astimezone(self.zone)
        return self.next_service(self._instant(_later(local.date(), count), local.time()))

    def _after_minutes(self, start: datetime, minutes: int) -> datetime:
        at = start.astimezone(UTC)
        left = timedelta(minutes=minutes)
        for opens, closes in self._spans_from(at):
            begins = max(opens, at)
            if left <= closes - begins:
                return begins + left
            left -= closes - begins
        raise AssertionError("the spans end by an error only")


def _check_hours(hours: Hours) -> None:
    for weekday, spans in hours.items():
        if not 0 <= weekday <= 6:
            raise ValueError(f"no weekday {weekday}")
        for opens, closes in spans:
            if opens >= closes:
                raise ValueError(f"service ends at {closes:%H:%M}, not after its start at {opens:%H:%M}")
        for (_, closes), (opens, _) in pairwise(spans):
            if opens < closes:
                raise ValueError(f"service hours overlap at {opens:%H:%M}")


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days)
    except OverflowError:
        raise _never(day) from None


def _never(day: date) -> PermanentFailure:
    return PermanentFailure("working time", f"no end is found for a length that begins on {day}")
