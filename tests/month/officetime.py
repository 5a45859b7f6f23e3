"""Office time, counted second by second: the second opinion on every limit. Standard library only.

The days come from the joint decree of three ministers and the President's decree on collective leave, copied by hand;
the hours are those of the played office. Readings of SOP-LPSE.BTG-015: minutes and hours run inside service hours only;
"N hari kerja" is the same time of day N days of service later, moved into service hours; a limit may fall on the very
end of service.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")

#: SKB 3 Menteri and Keppres: days on which no office serves (those of the played months, and around them).
CLOSED = frozenset(
    date.fromisoformat(day)
    for day in (
        "2026-02-16", "2026-02-17", "2026-03-18", "2026-03-19", "2026-03-20", "2026-03-21", "2026-03-22", "2026-03-23",
        "2026-03-24", "2026-04-03", "2026-04-05", "2026-05-01", "2026-05-14", "2026-05-15", "2026-05-27", "2026-05-28",
        "2026-12-24", "2026-12-25", "2027-01-01", "2027-01-05", "2027-02-05", "2027-02-06",
    )
)  # fmt: skip
#: First and last day of Ramadan 1447 H as the government declared it.
RAMADAN = (date(2026, 2, 19), date(2026, 3, 20))
#: Monday to Thursday, and Friday.
USUAL = (("07:30-12:00", "13:00-16:00"), ("07:30-11:30", "13:00-16:30"))
IN_RAMADAN = (("08:00-12:00", "12:30-15:00"), ("08:00-11:30", "12:30-15:30"))


def hours_of(day: date) -> tuple[str, ...]:
    """The service hours of a day, () where there are none."""
    if day.weekday() > 4 or day in CLOSED:
        return ()
    usual = IN_RAMADAN if RAMADAN[0] <= day <= RAMADAN[1] else USUAL
    return usual[day.weekday() == 4]


def _seconds_of(day: date) -> Iterator[int]:
    for span in hours_of(day):
        opens, closes = (
            int(datetime.fromisoformat(f"{day} {at}").replace(tzinfo=WIB).timestamp()) for at in span.split("-")
        )
        yield from range(opens, closes)


@dataclass(frozen=True)
class OfficeTime:
    """Every second in which the office serves, from one day to another."""

    seconds: list[int]

    @classmethod
    def between(cls, first: date, last: date) -> OfficeTime:
        days = (first + timedelta(n) for n in range((last - first).days + 1))
        return cls([second for day in days for second in _seconds_of(day)])

    def serves(self, at: datetime) -> bool:
        """The very end of service included."""
        second = int(at.timestamp())
        place = bisect_left(self.seconds, second)
        return self.seconds[place] == second or self.seconds[place - 1] == second - 1

    def moved(self, at: datetime) -> datetime:
        """The instant itself where the office serves, else the next opening."""
        if self.serves(at):
            return at.astimezone(WIB)
        return _instant(self.seconds[bisect_left(self.seconds, int(at.timestamp()))])

    def after_minutes(self, at: datetime, minutes: int) -> datetime:
        first = bisect_left(self.seconds, int(at.timestamp()))
        return _instant(self.seconds[first + 60 * minutes - 1] + 1)

    def after_days(self, at: datetime, days: int) -> datetime:
        """The same time of day, so many days of service later."""
        local, left = at.astimezone(WIB), days
        day = local.date()
        while left:
            day += timedelta(1)
            left -= bool(hours_of(day))
        return self.moved(datetime.combine(day, local.time(), WIB))

    def span(self, start: datetime, end: datetime) -> int:
        """Seconds of service from one instant to another."""
        first, last = (bisect_left(self.seconds, int(at.timestamp())) for at in (start, end))
        return max(0, last - first)

    def minutes(self, start: datetime, end: datetime) -> int:
        """Whole minutes of it."""
        return self.span(start, end) // 60


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, WIB)


def closing(day: date) -> datetime:
    """When service ends on a day that has some."""
    return datetime.fromisoformat(f"{day} {hours_of(day)[-1].partition('-')[2]}").replace(tzinfo=WIB)
