"""The heartbeat: a file that is touched, or an address that is asked for, each minute in which all mailboxes are
served. Whoever watches it is told of a machine that is off, too, which no alarm of ours can tell."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from mailbot import log
from mailbot.errors import TemporaryFailure
from mailbot.servers.beat import beat

#: Seconds between two beats.
EVERY = 60


class Heartbeat:
    """For the main thread. An address without an answer keeps nobody waiting: it has a thread, one at a time."""

    def __init__(self) -> None:
        self._asking: threading.Thread | None = None
        self._failed = False

    def beat(self, where: Path | str | None) -> None:
        if isinstance(where, Path):
            self._try(lambda: _touch(where))
        elif where is not None and (self._asking is None or not self._asking.is_alive()):
            self._asking = threading.Thread(
                target=self._try, args=(lambda: beat(where),), name="heartbeat", daemon=True
            )
            self._asking.start()

    def _try(self, one: Callable[[], None]) -> None:
        """The first of several failures is told, no other."""
        try:
            one()
        except TemporaryFailure as error:
            if not self._failed:
                log.again("-", "heartbeat", str(error))
            self._failed = True
        else:
            self._failed = False


def _touch(path: Path) -> None:
    try:
        path.touch()
    except OSError as error:
        raise TemporaryFailure("heartbeat", f"{path}: {error.strerror or error}") from None
