"""The time, for everything that asks what is due. Time-outs and back-off use the monotonic clock instead.

A rehearsal's clock also gives the arrival time of the mails that are fetched under it: a mail server knows only the
present. The caller that starts a rehearsal makes sure that every server is on this machine.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

#: Seconds. If the wall's clock differs by more from a clock that nobody sets, the wall's clock has been set.
DRIFT = 600.0
#: Seconds for which no overdue deadline fires after that: a wrong clock is often set right soon.
PAUSE = 300.0


def ticks() -> float:
    """Seconds of a clock that nobody sets and that goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Clock:
    """The wall's clock."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        return datetime.now(UTC)

    def arrival(self, internaldate: datetime) -> datetime:
        """When a mail arrived: the server's INTERNALDATE, but never later than now, if the server's clock is ahead."""
        return min(internaldate, self.now())

    @property
    def rehearsal(self) -> bool:
        return False

    def plain(self) -> list[str | float]:
        """For another process of this machine, as JSON takes it (`read`)."""
        return []


class RehearsalClock(Clock):
    """A clock of our own. It begins at `start` (aware) and runs `speed` times as fast as the wall's; with 0 it stands.

    `set` moves the clock on, as the demo does between two days. Safe to share between threads.
    """

    def __init__(self, start: datetime, speed: float = 0.0) -> None:
        self._speed = speed
        self._anchor = (start.astimezone(UTC), time.monotonic())

    def now(self) -> datetime:
        start, since = self._anchor  # one read: `set` replaces both at once
        return start + timedelta(seconds=(time.monotonic() - since) * self._speed)

    def set(self, at: datetime) -> None:
        """From now on the time is `at` (aware). Never set the clock back: deadlines that have fired stay fired."""
        self._anchor = (at.astimezone(UTC), time.monotonic())

    def began(self, tick: float) -> None:
        """It began at this moment, by the monotonic clock, which all processes of a machine share."""
        self._anchor = (self._anchor[0], tick)

    def arrival(self, internaldate: datetime) -> datetime:
        return self.now()

    @property
    def rehearsal(self) -> bool:
        return True

    def plain(self) -> list[str | float]:
        start, since = self._anchor
        return [start.isoformat(), since, self._speed]


def read(told: Sequence[str | float]) -> Clock:
    """A clock that tells the same time as the one of another process of this machine, unless that one is set."""
    if not told:
        return Clock()
    start, since, speed = told
    clock = RehearsalClock(datetime.fromisoformat(str(start)), float(speed))
    clock.began(float(since))
    return clock


class Steadiness:
    """Whether the wall's clock runs evenly. A rehearsal's clock always does. Safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        self._rehearsal = clock.rehearsal
        self._lock = threading.Lock()
        self._wall, self._ticks = time.time(), ticks()
        self._paused_until = float("-inf")
        self._jump = 0.0

    def steady(self) -> bool:
        """False: the clock was set by more than ten minutes a short while ago, so what seems overdue may not be."""
        if self._rehearsal:
            return True
        with self._lock:
            wall, now = time.time(), ticks()
            drift = (wall - self._wall) - (now - self._ticks)
            if abs(drift) > DRIFT:
                self._wall, self._ticks = wall, now
                self._jumped(drift, now)
            return now >= self._paused_until

    def jumped(self, drift: float) -> None:
        """Takes note that the clock was set by so many seconds while nobody was at work; 0: it was not set."""
        if drift and not self._rehearsal:
            with self._lock:
                self._jumped(drift, ticks())

    def take_jump(self) -> float:
        """Seconds by which the clock was set since the last call; 0: it was not set."""
        with self._lock:
            found, self._jump = self._jump, 0.0
            return found

    def _jumped(self, drift: float, now: float) -> None:
        self._jump += drift
        self._paused_until = now + PAUSE
