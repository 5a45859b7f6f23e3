"""The time, for everything that asks what is due. Time-outs and back-off use the monotonic clock instead.

A rehearsal's clock is also the arrival time of the mails that are fetched under it: a mail server knows only the
present. Whoever starts a rehearsal makes sure that every server is on this machine.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

#: Seconds between the wall's clock and one that nobody sets above which the wall's has been set.
DRIFT = 600.0
#: Seconds for which nothing that is overdue fires after that: a clock that is wrong is often set right soon.
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
        """When a mail arrived: by the server's INTERNALDATE, but not after now, should its clock be ahead of ours."""
        return min(internaldate, self.now())

    @property
    def rehearsal(self) -> bool:
        return False


class RehearsalClock(Clock):
    """A clock of our own: it begins at `start` (aware) and runs `speed` times as fast as the wall's; 0 stands still.

    `set` moves it on, as the demo does between two days. Safe to share between threads.
    """

    def __init__(self, start: datetime, speed: float = 0.0) -> None:
        self._speed = speed
        self._anchor = (start.astimezone(UTC), time.monotonic())

    def now(self) -> datetime:
        start, since = self._anchor  # one read: `set` replaces both at once
        return start + timedelta(seconds=(time.monotonic() - since) * self._speed)

    def set(self, at: datetime) -> None:
        """From now on it is `at` (aware). Never set it back: deadlines that have fired stay fired."""
        self._anchor = (at.astimezone(UTC), time.monotonic())

    def arrival(self, internaldate: datetime) -> datetime:
        return self.now()

    @property
    def rehearsal(self) -> bool:
        return True


class Steadiness:
    """Whether the wall's clock goes as it should. Safe to share between threads; a rehearsal's clock always does."""

    def __init__(self, clock: Clock) -> None:
        self._rehearsal = clock.rehearsal
        self._lock = threading.Lock()
        self._wall, self._ticks = time.time(), ticks()
        self._paused_until = float("-inf")
        self._jump = 0.0

    def steady(self) -> bool:
        """False: it was set, by more than ten minutes, a short while ago; what is overdue by it may not be."""
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
        """It was set by so many seconds while nobody was at work; 0: it was not."""
        if drift and not self._rehearsal:
            with self._lock:
                self._jumped(drift, ticks())

    def take_jump(self) -> float:
        """Seconds by which it was set since this was last asked; 0: it was not."""
        with self._lock:
            found, self._jump = self._jump, 0.0
            return found

    def _jumped(self, drift: float, now: float) -> None:
        self._jump += drift
        self._paused_until = now + PAUSE
