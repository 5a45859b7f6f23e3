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
    return duration_of(int(match[1]), match[2].lower())


def duration_of(number: int, unit: str) -> Duration:
    """So many of a unit, in small letters and with single blanks."""
    match unit:
        case "hari kerja" | "hk":
            return Duration(working_days=number)
        case "minggu" | "pekan":
            return Duration(days=7 * number)
        case "hari" | "d":
            return Duration(days=number)
        case "jam" | "j" | "h":
            return Duration(minutes=60 * number)
        case "menit" | "m":
            return Duration(minutes=number)
        case _:
            raise ValueError(ALLOWED)


def is_positive(duration: Duration) -> bool:
    """Whether the duration is longer than nothing."""
    return duration != Duration()
