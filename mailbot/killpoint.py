"""Named points at which a test may have the process killed, to show what a crash there leaves behind.

A point costs one comparison when off. Points can be armed only if every configured server is on loopback.
"""

from __future__ import annotations

import os
import signal

from mailbot.errors import ConfigError

#: The points in the order a mail meets them (fetching, handling, marking, deadlines, sending).
POINTS = (
    "filed",  # a large mail's file is on disk, its row is not
    "fetched",  # bytes in memory (or in that file), nothing recorded
    "journalling",  # inside the journal's transaction
    "journalled",  # recorded, not yet handled
    "attempt_counted",  # before parsing
    "parted",  # a large file within a mail of ours is on disk, its row is not
    "handling",  # inside the event's transaction
    "quarantining",  # inside the transaction that keeps what cannot be read
    "handled",  # committed, the IMAP flag not yet set
    "marked",  # flag set, not yet recorded
    "fired",  # a deadline's stage committed, the next one not begun
    "listing",  # inside the transaction of the work lists
    "reporting",  # inside the transaction of a month's report
    "recovered",  # mails that an earlier run left half sent are queued again, nothing is sent
    "claimed",  # outbox row claimed, nothing handed over
    "handed_over",  # all but the final dot handed over
    "dot_sent",  # the final dot has left, no answer yet
    "after_dot",  # the server's answer came, not yet recorded
    "accepted",  # acceptance recorded, its outcome not yet handled
    "refused",  # refusal recorded, its outcome not yet handled
    "settled",  # the ticket knows, the next mail is not begun
)

_armed: str | None = None
_left = 0


def arm(plan: str | None, *, all_loopback: bool) -> None:
    """Arm "point" or "point:n" (die at the nth passing). Raises ConfigError if a server is not on loopback."""
    global _armed, _left
    if not plan:
        return
    point, _, count = plan.partition(":")
    if not all_loopback:
        raise ConfigError(["MAILBOT_FAULT: refused, because not every server is on a loopback address"])
    if point not in POINTS or not (count or "1").isdigit():
        raise ConfigError([f"MAILBOT_FAULT: unknown point {point!r}; known: {', '.join(POINTS)}"])
    _armed, _left = point, int(count or "1")


def armed() -> bool:
    """Whether a test has asked for a death."""
    return _armed is not None


def kill_point(name: str) -> None:
    """Die here as in a power cut, if a test asked for it."""
    global _left
    if name == _armed:
        _left -= 1
        if _left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
