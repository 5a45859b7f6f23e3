"""Whose turn it is to write to a database, among the threads of a process and the processes of one program.

SQLite itself would let them sleep and ask again, up to a tenth of a second each time. A plain lock would let whoever
has just written write again before the one that waits is awake. So there are two locks: whoever wants to write takes
the first, waits with it for the second, and lets go of the first when it has the second.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path
from weakref import WeakValueDictionary

#: Bytes of the file that processes share. Nothing else of a process may open it: to close it anywhere would let go of
#: the process's locks (fcntl(2)).
_NEXT, _NOW = 0, 1


class Turns:
    """The line of one database. Not reentrant. A process that dies lets go of its place."""

    def __init__(self) -> None:
        self._next, self._now = threading.Lock(), threading.Lock()
        self._file: int | None = None

    def __del__(self) -> None:
        if self._file is not None:
            os.close(self._file)

    def share(self, folder: Path) -> None:
        """From now on other processes that do the same wait in this line, too. Raises OSError."""
        if self._file is None:
            self._file = os.open(folder / "turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self, seconds: float) -> bool:
        """Wait for the turn, so many seconds at most for another thread. True: it is ours until `give_back`. Raises
        OSError where the file system gives no locks."""
        end = time.monotonic() + seconds
        if not self._next.acquire(timeout=seconds):
            return False
        try:
            if not self._now.acquire(timeout=max(0.0, end - time.monotonic())):
                return False
        finally:
            self._next.release()
        try:
            if self._file is not None:
                _in_line(self._file)
        except BaseException:
            self._now.release()  # else no thread of this process would ever have a turn again
            raise
        return True

    def give_back(self) -> None:
        try:
            if self._file is not None:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _NOW)
        finally:
            self._now.release()


def _in_line(file: int) -> None:
    fcntl.lockf(file, fcntl.LOCK_EX, 1, _NEXT)
    try:
        fcntl.lockf(file, fcntl.LOCK_EX, 1, _NOW)
    finally:
        fcntl.lockf(file, fcntl.LOCK_UN, 1, _NEXT)


_lines: WeakValueDictionary[Path, Turns] = WeakValueDictionary()
_lock = threading.Lock()


def of(folder: Path) -> Turns:
    """The line of the database in a data folder, for all threads of this process."""
    with _lock:
        found = _lines.get(path := folder.resolve())
        if found is None:
            found = _lines[path] = Turns()
        return found
