"""Lengths of time as people write them: "2 hari kerja", "4 jam", "5m", "7d"."""

from __future__ import annotations

import re

from mailbot.model import Duration

ALLOWED = '"2 hari kerja", "7 hari" or "7d", "4 jam" or "4h", "5 menit" or "5m"'

# At most four digits: whoever adds working days one by one still ends.
_DURATION = re.compile(r"([0-9]{1,4}) ?(hari kerja|hari|d|jam|h|menit|m)", re.ASCII | re.IGNORECASE)


def parse_duration(text: str) -> Duration:
    """Read a duration; raises ValueError (its text says what is allowed, not what was found).

    "hari kerja" are working days, "hari" and "d" calendar days, "jam", "h", "menit" and "m" minutes.
    """
    match = _DURATION.fullmatch(" ".join(text.split())) if len(text) <= 40 else None
    if match is None:
        raise ValueError(ALLOWED)
    number = int(match[1])
    match match[2].lower():
        case "hari kerja":
            return Duration(working_days=number)
        case "hari" | "d":
            return Duration(days=number)
        case "jam" | "h":
            return Duration(minutes=number * 60)
        case _:
            return Duration(minutes=number)


def in_words(duration: Duration) -> str:
    """The duration in Indonesian; `parse_duration` reads it back."""
    if duration.working_days:
        return f"{duration.working_days} hari kerja"
    if duration.days:
        return f"{duration.days} hari"
    if duration.minutes and duration.minutes % 60 == 0:
        return f"{duration.minutes // 60} jam"
    return f"{duration.minutes} menit"


def is_positive(duration: Duration) -> bool:
    """Whether the duration is longer than nothing."""
    return duration != Duration()
