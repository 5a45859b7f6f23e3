"""The time, for everything that asks what is due. Time-outs and back-off use the monotonic clock instead.

A rehearsal's clock is also the arrival time of the mails that are fetched under it: a mail server knows only the
present. Whoever starts a rehearsal makes sure that every server is on this machine.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


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
