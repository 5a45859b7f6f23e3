"""Lengths of time as people write them: "2 hari kerja", "4 jam", "5m", "7d"."""

from __future__ import annotations

import re

from mailbot import wordfile
from mailbot.model import Duration
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

ALLOWED = _SAID("allowed")

#: Unit → the field of a Duration, and how many of it one is.
_KINDS = {
    "working days": ("working_days", 1),
    "weeks": ("days", 7),
    "days": ("days", 1),
    "hours": ("minutes", 60),
    "minutes": ("minutes", 1),
}
_UNITS = {
    word: _KINDS[kind] for kind, words in wordfile.read(__file__, "durations.txt").items() for word in words.phrases
}

# At most four digits: whoever adds working days one by one still ends.
_DURATION = re.compile(r"([0-9]{1,4}) ?(hari kerja|hari|d|jam|h|menit|m)", re.ASCII | re.IGNORECASE)


def parse_duration(text: str) -> Duration:
    """Read a duration; raises ValueError (its text says what is allowed, not what was found).

    "hari kerja" are working days, "hari" and "d" calendar days, "jam", "h", "menit" and "m" minutes.
    """
    match = _DURATION.fullmatch(" ".join(text.split())) if len(text) <= 40 else None
    if match is None:
        raise ValueError(ALLOWED)
    return duration_of(int(match[1]), match[2].lower())


def duration_of(number: int, unit: str) -> Duration:
    """So many of a unit, in small letters and with single blanks."""
    field, times = _UNITS[unit]
    return Duration(**{field: number * times})


def is_positive(duration: Duration) -> bool:
    """Whether the duration is longer than nothing."""
    return duration != Duration()
