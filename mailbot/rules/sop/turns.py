"""Who has had the ball how long: LPSE, user, LKPP. Pure arithmetic over a ticket's history.

Nobody's time is lost and none is counted twice: the turns sum to the time since the ticket was opened, in service hours
and by the wall.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from mailbot.model import BALL, Ball, Status, Ticket

#: The time of service between two instants (`rules.worktime.service_hours`: Calendar.service_between).
Service = Callable[[datetime, datetime], timedelta]


@dataclass(frozen=True, slots=True)
class Turn:
    """All the time that one party had the ball. service: inside service hours; wall: by the calendar."""

    ball: Ball
    service: timedelta
    wall: timedelta


def turns(
    changes: Iterable[tuple[datetime, Status]],
    until: datetime,
    service: Service,
    held: Sequence[tuple[datetime, datetime | None]] = (),
) -> tuple[Turn, ...]:
    """Each party that has had the ball, in the order of `Ball`; a closed ticket is nobody's.

    changes: (instant, status from then on) in the order in which they were recorded; the first one opens the ticket. A
    mail may be handled behind a later one: what it changes then counts from the later instant. held: from when to when
    (None: still) data of the user waited for staff to send them on (steps 8 and 9).
    """
    sums: dict[Ball, tuple[timedelta, timedelta]] = {}
    for start, end, status in _spans(changes, until):
        cuts = {at for span in held for at in span if at is not None and start < at < end}
        for first, last in pairwise((start, *sorted(cuts), end)):
            waits = any(began <= first and (done is None or first < done) for began, done in held)
            holder = holder_of(status, waits=waits)
            worked, passed = sums.get(holder, (timedelta(), timedelta()))
            sums[holder] = (worked + service(first, last), passed + (last - first))
    return tuple(Turn(ball, *sums[ball]) for ball in Ball if ball in sums)


def holder_of(status: Status, *, waits: bool) -> Ball:
    """Whose turn it is. waits: whether what LKPP asked the user for is there and waits for staff to send it on."""
    return Ball.LPSE if waits and status is Status.AWAITING_DATA else BALL[status]


def ball_of(ticket: Ticket) -> Ball:
    """Who has to act now: staff, too, where they owe the meaning of a reply of LKPP."""
    return Ball.LPSE if ticket.pending_replies else holder_of(ticket.status, waits=ticket.data_wait)


def _spans(changes: Iterable[tuple[datetime, Status]], until: datetime) -> Iterator[tuple[datetime, datetime, Status]]:
    """From when to when a ticket was in which status."""
    before: tuple[datetime, Status] | None = None
    for at, status in changes:
        if before is not None:
            start, was = before
            at = min(max(at, start), max(until, start))
            yield start, at, was
        before = (at, status)
    if before is not None:
        start, was = before
        yield start, max(until, start), was
