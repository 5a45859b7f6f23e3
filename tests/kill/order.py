"""The order of what is on disk and what leaves: read from a log of system calls, and from nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.kill.traced import Call

#: What a mail server acts upon: the end of a mail, and every IMAP command that changes a folder.
_DOT = re.compile(rb"(?:\A|\r\n)\.\r\n\Z")
_CHANGES = re.compile(rb"\A\w+ UID (?:STORE|MOVE|COPY|EXPUNGE) ")


def is_dot(call: Call) -> bool:
    """Whether this hands a mail server the end of a mail."""
    return _is_sent(call) and _DOT.search(call.data) is not None


def is_synced(call: Call) -> bool:
    """Whether all that was committed is on disk behind this."""
    return call.path.endswith("-wal") and call.name in ("fdatasync", "fsync") and call.result == 0


def _is_sent(call: Call) -> bool:
    return call.name in ("sendto", "write") and "socket:" in call.path


@dataclass
class Order:
    """dots, changes: effects outside. violations: those that left while the write-ahead log had bytes that were not
    yet on disk."""

    dots: int = 0
    changes: int = 0
    violations: list[str] = field(default_factory=list)

    @property
    def effects(self) -> int:
        return self.dots + self.changes

    def read(self, calls: Iterable[Call]) -> None:
        """One round."""
        unsynced = 0
        for call in calls:
            if call.path.endswith("-wal") and call.name == "pwrite64":
                unsynced += max(call.result, 0)
            elif is_synced(call):
                unsynced = 0
            elif _is_sent(call):
                dot, change = is_dot(call), _CHANGES.match(call.data) is not None
                self.dots += dot
                self.changes += change
                if (dot or change) and unsynced:
                    self.violations.append(f"{call.data[:40]!r} after {unsynced} bytes that are not on disk")
