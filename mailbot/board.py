"""What the daemon's threads tell one another: the desks as they are now, and how far each mailbox is known.

Durable state is in the database only; what stands here is lost in a crash and found again by looking.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from mailbot.clock import Clock
from mailbot.desk import Desk


class Board:
    """Shared by all threads; each method is one step that nothing comes between."""

    def __init__(self, desks: Sequence[Desk], clock: Clock) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._looked: dict[tuple[str, str], datetime] = {}
        self._seen: dict[str, tuple[datetime, float]] = {}
        self._began = time.monotonic()
        self._desks: Mapping[str, Desk] = {desk.name: desk for desk in desks}

    # --- desks -----------------------------------------------------------------------------------

    def desk(self, mailbox: str) -> Desk | None:
        """The mailbox's desk as of now; None when it is not configured any more. Ask anew for each piece of work."""
        return self._desks.get(mailbox)

    def desks(self) -> list[Desk]:
        return list(self._desks.values())

    def replace(self, desks: Sequence[Desk]) -> None:
        """A new configuration, whole, from the next piece of work on."""
        with self._lock:
            self._desks = {desk.name: desk for desk in desks}

    # --- how far a mailbox is known ----------------------------------------------------------------

    def looked(self, mailbox: str, folder: str, began: datetime) -> None:
        """All that had come into the folder when the look began is in the journal."""
        with self._lock:
            self._looked[mailbox, folder] = began

    def looked_at(self, mailbox: str) -> datetime | None:
        """Up to when all that came into any folder of the mailbox is in the journal; None: not looked at yet."""
        desk = self.desk(mailbox)
        with self._lock:
            found = [self._looked.get((mailbox, folder)) for folder in (desk.config.imap.folder if desk else ())]
        return min((at for at in found if at is not None), default=None) if None not in found else None

    def handled(self, mailbox: str, up_to: datetime) -> None:
        """And all of it has been handled."""
        with self._lock:
            self._seen[mailbox] = (up_to, time.monotonic())

    def seen(self, mailbox: str) -> datetime | None:
        """Up to when everything that came has been read and handled; None: never since the start."""
        with self._lock:
            found = self._seen.get(mailbox)
        return None if found is None else found[0]

    def blind_for(self, mailbox: str) -> float:
        """Seconds since that was last so, by a clock that nobody sets."""
        with self._lock:
            return time.monotonic() - self._seen.get(mailbox, (None, self._began))[1]
