"""A thread of the daemon. It begins anew if a fault of ours ends it, and says how long it may be silent."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from mailbot import log
from mailbot.daemon.backoff import SERVER, Backoff
from mailbot.errors import Damaged, PermanentFailure, TemporaryFailure

#: Seconds. A thread that worked so long has recovered from its last fault.
_LONG = 60.0


class Worker(ABC):
    """One thread, one job, its own database connection.

    damaged: called from this thread when the database cannot be trusted any more. Then the thread ends.
    """

    def __init__(self, name: str, damaged: Callable[[Damaged], None]) -> None:
        self.name = name
        self._damaged = damaged
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)
        self._silent_until = float("inf")  # monotonic

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end, from any thread. `join` waits."""
        self._stopping.set()

    def join(self, timeout: float) -> bool:
        """Wait for the thread's end, at most `timeout` seconds. True: it has ended."""
        if self._thread.ident is not None:
            self._thread.join(max(0.0, timeout))
        return not self._thread.is_alive()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def promise(self, seconds: float) -> None:
        """Promise to call this again within so many seconds. A broken promise means that the thread is stuck."""
        self._silent_until = time.monotonic() + seconds

    @property
    def alive(self) -> bool:
        """Whether the thread has kept its last promise."""
        return time.monotonic() <= self._silent_until

    @abstractmethod
    def work(self) -> None:
        """The job. Returns when `stopping`. An error that it raises is logged, and the job begins again after a
        rest."""

    def _main(self) -> None:
        rests = Backoff()
        while not self.stopping:
            began = time.monotonic()
            try:
                self.work()
            except Damaged as error:
                self._damaged(error)
                return
            except (TemporaryFailure, PermanentFailure) as error:
                log.again("-", self.name, str(error))
            except Exception as error:
                log.crashed(error)
            else:
                continue
            if time.monotonic() - began > _LONG:
                rests.succeeded()
            rest = rests.rest(SERVER)
            self.promise(rest + _LONG)
            self._stopping.wait(rest)
        self._silent_until = float("inf")
