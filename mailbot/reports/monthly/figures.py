"""The figures of a month, as the report shows them.

Lengths are whole minutes of service. The median of an even number is the mean of the two in the middle, rounded down;
p90 is the nearest rank: the smallest length within which nine of ten lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mailbot.model import Ball, Duration
from mailbot.reports.monthly.month import Breach, Said

#: Grades of the SKM (Permenpan-RB 14/2017): from which index on.
_GRADES = (("A", 88.31), ("B", 76.61), ("C", 65.0), ("D", 0.0))
_SCALE = 25


@dataclass(frozen=True, slots=True)
class Spread:
    """Lengths in minutes of service. within, over: of those that have a limit."""

    n: int
    median: int | None
    p90: int | None
    within: int
    over: int

    @property
    def share(self) -> float | None:
        """Percent."""
        return round(100 * self.within / self.n, 1) if self.n else None


@dataclass(frozen=True, slots=True)
class OfPriority:
    priority: int
    label: str
    limit: Duration
    spread: Spread


@dataclass(frozen=True, slots=True)
class Counted:
    """before: the same of the month before."""

    name: str
    n: int
    before: int = 0


@dataclass(frozen=True, slots=True)
class Week:
    first: date
    last: date
    n: int


@dataclass(frozen=True, slots=True)
class Received:
    total: int
    before: int
    channels: Mapping[str, int]
    problems: tuple[Counted, ...]
    categories: Mapping[str, int]
    weeks: tuple[Week, ...]


@dataclass(frozen=True, slots=True)
class FirstResponse:
    """unanswered: over the limit, and without an answer still."""

    spread: Spread
    priorities: tuple[OfPriority, ...]
    unanswered: int


@dataclass(frozen=True, slots=True)
class Solution:
    spread: Spread
    priorities: tuple[OfPriority, ...]
    endings: Mapping[str, int]
    reopened: int
    turns: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Kind:
    clock: str
    party: Ball
    n: int
    unexplained: int


@dataclass(frozen=True, slots=True)
class Breaches:
    total: int
    parties: Mapping[str, int]
    unexplained: int
    kinds: tuple[Kind, ...]
    reasons: tuple[Breach, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """limit: of the steps that bind the LPSE."""

    step: str
    spread: Spread
    limit: Duration | None = None


@dataclass(frozen=True, slots=True)
class Lkpp:
    escalations: int
    enquiries: int
    finished: int
    enquiries_each: float | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Element:
    n: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class Satisfaction:
    answers: int
    elements: Mapping[str, Element]

    @property
    def value(self) -> float | None:
        """The mean of the elements' means, each of one weight (SKM)."""
        means = [one.mean for one in self.elements.values() if one.mean is not None]
        return round(sum(means) / len(means), 4) if means else None

    @property
    def index(self) -> float | None:
        return None if self.value is None else round(self.value * _SCALE, 2)

    @property
    def grade(self) -> str | None:
        index = self.index
        return None if index is None else next(grade for grade, least in _GRADES if index >= least)


@dataclass(frozen=True, slots=True)
class Surveyed:
    month: Satisfaction
    quarter: Satisfaction
    quarter_from: date
    unread: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    users: int
    tickets: int
    most: int


@dataclass(frozen=True, slots=True)
class Open:
    """oldest: days since the opening. confirming: answered, and waiting for the user's word."""

    total: int
    statuses: Mapping[str, int]
    priorities: Mapping[int, int]
    oldest: int | None
    confirming: int


@dataclass(frozen=True, slots=True)
class Figures:
    first: date
    until: datetime
    complete: bool
    received: Received
    first_response: FirstResponse
    solution: Solution
    breaches: Breaches
    lkpp: Lkpp
    satisfaction: Surveyed
    repeated: Repeated
    open: Open

    @property
    def is_empty(self) -> bool:
        """Whether nothing came, nothing was done and nothing stands open."""
        return not (self.received.total or self.solution.spread.n or self.first_response.spread.n or self.open.total)


def spread(lengths: Sequence[int], late: int = 0) -> Spread:
    """late: how many of them are over their limit."""
    if not lengths:
        return Spread(0, None, None, 0, 0)
    ranked, n = sorted(lengths), len(lengths)
    median = (ranked[(n - 1) // 2] + ranked[n // 2]) // 2
    return Spread(n, median, ranked[(9 * n + 9) // 10 - 1], n - late, late)
