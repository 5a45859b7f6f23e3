"""When the work lists are written. Pure: times of a configuration on a working calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from mailbot.rules.worktime.service_hours import Calendar

#: The word for the time at which service begins.
OPENING = "opening"
#: A list still goes so long after its time: rounds may come every quarter of an hour, and an update or a restart across
#: the time takes minutes. Later the notices of the morning stand above it, and the next list is near.
GRACE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class ListTime:
    """One list of a day. name: as configured. first: the day's first, which has all that waits."""

    name: str
    day: date
    at: datetime
    first: bool

    @property
    def key(self) -> str:
        return f"{self.day.isoformat()}:{self.name}"


def of_day(calendar: Calendar, day: date, times: Sequence[str]) -> list[ListTime]:
    """The lists of a local date in order; a time outside its service hours is left out."""
    spans = calendar.service(day)
    found = {_instant(calendar, day, name): name for name in reversed(times)} if spans else {}
    inside = sorted(at for at in found if any(opens <= at < closes for opens, closes in spans))
    return [ListTime(found[at], day, at, at == inside[0]) for at in inside]


def _instant(calendar: Calendar, day: date, name: str) -> datetime:
    if name == OPENING:
        return calendar.service(day)[0][0]
    return datetime.combine(day, time.fromisoformat(name), tzinfo=calendar.zone).astimezone(UTC)


def due(calendar: Calendar, times: Sequence[str], now: datetime) -> ListTime | None:
    """The list whose time it is: the day's last one up to now, if that was not too long ago."""
    past = [one for one in of_day(calendar, now.astimezone(calendar.zone).date(), times) if one.at <= now]
    return past[-1] if past and now - past[-1].at < GRACE else None
