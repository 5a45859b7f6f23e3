"""Tells systemd how the daemon is doing: sd_notify(3), a few lines over a datagram socket.

Each message is one datagram of lines "NAME=value". systemd believes only our main process (NotifyAccess=main), which is
us: mailbot starts no children, so that the variables read here reach nobody else and need not be taken out of the
environment. Outside systemd there is no NOTIFY_SOCKET, and every call does nothing.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping

from mailbot.clean import one_line

# systemd throws away a datagram above 4096 bytes whole; a character of UTF-8 takes at most four.
_STATUS_LIMIT = 500
# The socket's queue is full while systemd is busy. A message may cost a moment, and no more.
_PATIENCE = 1.0  # seconds
_DAY = 86_400.0  # seconds; no start and no stop takes longer


class Notifier:
    """The line to systemd. No call raises, and none takes longer than a second. Any thread may call.

    A message that cannot be delivered is dropped in silence: if it mattered, systemd's own time-out shows it.
    """

    def __init__(self, address: str | None = None, watchdog: float | None = None) -> None:
        """`address`: as in NOTIFY_SOCKET, None for nobody; `watchdog`: see the property."""
        self._address = _socket_address(address or "")
        self._watchdog = watchdog if self._address is not None else None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Notifier:
        """From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. A variable that is not understood counts as not set."""
        watchdog = _positive(environment.get("WATCHDOG_USEC", ""))
        # sd_watchdog_enabled(3): variables that were meant for another process do not count.
        if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
            watchdog = None
        return cls(environment.get("NOTIFY_SOCKET"), None if watchdog is None else watchdog / 1_000_000)

    @property
    def watchdog(self) -> float | None:
        """Seconds after which systemd kills a daemon that was not `alive`; None when nobody watches."""
        return self._watchdog

    def ready(self, status: str) -> None:
        """The start is complete, or the reload that `reloading` announced."""
        self._send("READY=1", _status(status))

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._send(_status(text))

    def alive(self) -> None:
        """A sign of life; sd_watchdog_enabled(3) asks for one every half of `watchdog`."""
        self._send("WATCHDOG=1")

    def reloading(self) -> None:
        """A reload begins. `ready` must follow, also if the old configuration stays."""
        # Type=notify-reload (systemd 253) tells this reload from an earlier one by the time. Older versions ignore the
        # time.
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self, status: str) -> None:
        """The daemon is about to end."""
        self._send("STOPPING=1", _status(status))

    def extend(self, seconds: float) -> None:
        """Starting or stopping goes on for up to `seconds` from now, past the unit's own time-out if need be.

        Counted anew with each call: repeat it before the time is over. Not while running, where it would stretch the
        watchdog's patience as well.
        """
        self._send(f"EXTEND_TIMEOUT_USEC={int(min(max(0.0, seconds), _DAY) * 1_000_000)}")

    def _send(self, *assignments: str) -> None:
        if self._address is None:
            return
        # A socket for each message: nothing to share between threads, and no reader that might have gone meanwhile.
        with (
            contextlib.suppress(OSError, ValueError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line,
        ):
            line.settimeout(_PATIENCE)
            line.sendto("\n".join(assignments).encode(), self._address)


def _socket_address(written: str) -> bytes | None:
    """A path, or Linux's abstract name written with a leading "@"; sd_notify(3) knows others, mailbot does not."""
    if written.startswith("@"):
        return b"\0" + os.fsencode(written[1:])
    return os.fsencode(written) if written.startswith("/") else None


def _positive(written: str) -> int | None:
    """A whole number above zero, as systemd writes it."""
    if not (written.isascii() and written.isdigit() and len(written) < 20):
        return None
    return int(written) or None


def _status(text: str) -> str:
    # A line end inside would begin another assignment.
    return f"STATUS={one_line(text, _STATUS_LIMIT)}"
