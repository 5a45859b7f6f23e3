"""Who has had the ball how long: LPSE, user, LKPP. Pure arithmetic over a ticket's history.

Nobody's time is lost and none is counted twice: the turns sum to the time since the ticket was opened, in service hours
and by the wall.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.model import BALL, Ball, Status

#: The time of service between two instants (`rules.worktime.service_hours`: Calendar.service_between).
Service = Callable[[datetime, datetime], timedelta]


@dataclass(frozen=True, slots=True)
class Turn:
    """All the time that one party had the ball. service: inside service hours; wall: by the calendar."""

    ball: Ball
    service: timedelta
    wall: timedelta


def turns(changes: Iterable[tuple[datetime, Status]], until: datetime, service: Service) -> tuple[Turn, ...]:
    """Each party that has had the ball, in the order of `Ball`; a closed ticket is nobody's.

    changes: (instant, status from then on) in the order in which they were recorded; the first one opens the ticket. A
    mail may be handled behind a later one: what it changes then counts from the later instant.
    """
    sums: dict[Ball, tuple[timedelta, timedelta]] = {}
    before: tuple[datetime, Ball] | None = None
    for at, ball in (*((at, BALL[status]) for at, status in changes), (until, Ball.NOBODY)):
        if before is not None:
            start, holder = before
            end = min(max(at, start), max(until, start))
            worked, passed = sums.get(holder, (timedelta(), timedelta()))
            sums[holder] = (worked + service(start, end), passed + (end - start))
            at = end
        before = (at, ball)
    return tuple(Turn(ball, *sums[ball]) for ball in Ball if ball in sums)
