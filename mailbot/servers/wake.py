"""A bell for which a thread can wait beside a socket. Any thread may ring it, and also a signal handler, which must not
take a lock."""

from __future__ import annotations

import contextlib
import os
import select
from collections.abc import Sequence


def wait_readable(files: Sequence[int], timeout: float) -> list[int]:
    """The file descriptors of these that can be read, or are at their end; waits at most `timeout` seconds.

    poll(2), because select(2) knows no descriptor above 1023, and each watched folder needs several.
    """
    waiting = select.poll()
    for file in files:
        waiting.register(file, select.POLLIN)
    return [file for file, _ in waiting.poll(max(0.0, timeout) * 1000)]


class Wake:
    """One thread waits, others ring. A ring before the wait ends the wait at once. Many rings count as one."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def fileno(self) -> int:
        """The file descriptor, which is readable after a ring."""
        return self._read

    def ring(self) -> None:
        with contextlib.suppress(OSError):  # full: it rings already. Closed: nobody waits any more
            os.write(self._write, b"!")

    def wait(self, timeout: float) -> bool:
        """Wait for a ring, at most `timeout` seconds. True: the bell rang."""
        rang = bool(wait_readable([self._read], timeout))
        self.silence()
        return rang

    def silence(self) -> None:
        """Forget the rings so far."""
        with contextlib.suppress(OSError):
            while os.read(self._read, 4096):
                pass

    def close(self) -> None:
        """Only the last owner may call this: the number of a closed file soon belongs to another file."""
        for file in (self._read, self._write):
            with contextlib.suppress(OSError):
                os.close(file)
        self._read = self._write = -1

    def __del__(self) -> None:
        self.close()
