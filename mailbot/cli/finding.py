"""What `mailbot check --online` finds: one line each, and how bad it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How bad a finding is, rising."""

    OK = "ok"
    WARNING = "warning"
    AGAIN = "again"  # a server that did not answer, a mail that did not come
    FAULT = "fault"  # something must be changed


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    text: str
    asks: bool = False  # people are asked for something, and waited for
