"""What a month's figures are made of: tickets with their history, lines of the rekap, and answers to the survey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mailbot.model import Ball, Duration, Status
from mailbot.rules.worktime.service_hours import Calendar


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a ticket's history. mail: the journal's entry of the mail that brought it."""

    at: datetime
    event: str
    before: Status
    after: Status
    mail: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a clock. ended: None while it runs."""

    clock: str
    started: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Breach:
    ticket: str
    clock: str
    party: Ball
    due: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Life:
    """A ticket. asked: when the server took each enquiry to LKPP."""

    number: str
    user: str
    priority: int
    opened: datetime
    answered: datetime | None
    changes: tuple[Change, ...]
    runs: tuple[Run, ...] = ()
    breaches: tuple[Breach, ...] = ()
    asked: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the month's rekap. problem, category: "" where nobody knows."""

    day: date
    channel: str
    problem: str
    category: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a user wrote after the closing mail. survey: whether it is more than thanks."""

    ticket: str
    at: datetime
    words: str
    survey: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one priority, by the Tabel Prioritas. label: as "P2 Tinggi"."""

    label: str
    first_response: Duration
    target: Duration


@dataclass(frozen=True, slots=True)
class Month:
    """All that a report is made of. first: the month's first day. begin, end: its instants; until: as of when, `end` or
    earlier. lives: tickets that were open at any time of the month; said: of the whole quarter, rising."""

    first: date
    begin: datetime
    end: datetime
    until: datetime
    quarter: datetime
    calendar: Calendar
    limits: Mapping[int, Limits]
    step_limits: Mapping[str, Duration]
    lines: Sequence[Line]
    before: Sequence[Line]
    lives: Sequence[Life]
    said: Sequence[Said]

    def known(self, life: Life) -> list[Change]:
        """What had happened by then, in the order in which it was recorded."""
        return [change for change in life.changes if change.at < self.until]

    def has(self, at: datetime | None) -> bool:
        return at is not None and self.begin <= at < self.until

    def minutes(self, since: datetime, at: datetime) -> int:
        return self.calendar.working_minutes_between(since, at)

    def late(self, since: datetime, at: datetime, limit: Duration) -> bool:
        """As a breach is: less than a minute is none."""
        return self.minutes(self.calendar.add(since, limit).at, at) > 0
