"""Days, months and times of day on which something took place, as officers write them in a form or behind `#bukutamu`.

Pure and total. A year left out is the last one that fits (days to come: `periods`).
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta

from mailbot.parsers.dates import months
from mailbot.parsers.dates.datewords import MONTHS, TODAY, existing, full_year

_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})\s?[-/. ]\s?(\d{1,2}|[a-z]{3,9})\.?(?:\s?[-/., ]\s?(\d{4}|\d{2})(?!\d))?")
# Where days are meant too, a month has words alone or its whole year: "12" and "Mei 12" may be either.
_MONTH = re.compile(r"[a-z][a-z .]*|.*(?<!\d)\d{4}(?!\d).*")
_TIME = re.compile(r"(?<![\d.:])(\d{1,2})(?:\s?[.:]\s?(\d{2}))?(?![\d/])")
_LENGTH = 80  # characters of a line that can be a day or a time
_AFTERNOON = re.compile(r"\b(?:siang|sore|petang|malam|pm)\b")
#: A day without a year this far ahead was last year's ("31 Desember", written in January).
_AHEAD = timedelta(days=180)


def read_day(text: str, today: date) -> date | None:
    """The day that a line names ("Senin, 21 Desember 2026", "21/12/2026", "21 Des", "hari ini"); None: none, or one
    that the calendar does not know."""
    line = " ".join(text[:_LENGTH].lower().split())
    if any(word in line for word in TODAY):
        return today
    if line.startswith("kemarin"):
        return today - timedelta(days=1)
    if found := _ISO.search(line):
        return existing(int(found[1]), int(found[2]), int(found[3]))
    for found in _DAY.finditer(line):
        month = _month(found[2])
        if month is None:
            continue
        if found[3] is not None:
            return existing(full_year(found[3]), month, int(found[1]))
        day = existing(today.year, month, int(found[1]))
        return existing(today.year - 1, month, int(found[1])) if day is not None and day > today + _AHEAD else day
    return None


def read_times(text: str) -> tuple[time, time | None] | None:
    """(begin, end or None) of a line such as "09.15", "pukul 9", "09:15 - 09:30 WIB", "2 siang"; None: no time."""
    line = text[:_LENGTH].lower()
    later = 12 if _AFTERNOON.search(line) else 0
    found = []
    for match in _TIME.finditer(line):
        hour, minute = int(match[1]), int(match[2] or 0)
        hour += later if 1 <= hour < 8 else 0
        if hour > 23 or minute > 59:
            return None
        found.append(time(hour, minute))
    if not found or len(found) > 2:
        return None
    return found[0], found[1] if len(found) == 2 and found[1] > found[0] else None


def read_span(text: str, today: date) -> tuple[date, date] | None:
    """(first day, last day) of a day or a month ("21 Desember 2026", "Desember", "12/2026"); the day itself for ""."""
    line = " ".join(text[:_LENGTH].lower().split())
    if not line:
        return today, today
    day = read_day(line, today)
    if day is not None:
        return day, day
    month = months.read(line) if _MONTH.fullmatch(line) else None
    if month is None:
        return None
    first = months.settle(month, today)
    return first, months.last_day(first)


def _month(word: str) -> int | None:
    return (int(word) if 1 <= int(word) <= 12 else None) if word.isdigit() else MONTHS.get(word)
