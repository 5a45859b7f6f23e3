"""Days and times of day as Indonesian officers write them in a form. Pure and total."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("jan januari january", "feb februari february peb pebruari", "mar maret march mrt", "apr april"),
            *("mei may", "jun juni june", "jul juli july", "agu agustus august aug ags agt", "sep september sept"),
            *("okt oktober october oct", "nov november nop nopember", "des desember december dec"),
        ),
        start=1,
    )
    for name in names.split()
}
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})\s?[-/. ]\s?(\d{1,2}|[a-z]{3,9})\.?(?:\s?[-/., ]\s?(\d{4}|\d{2})(?!\d))?")
_MONTH = re.compile(r"(\d{1,2}|[a-z]{3,9})\.?(?:\s?[-/. ]\s?(\d{4}))?")
_ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_TIME = re.compile(r"(?<![\d.:])(\d{1,2})(?:\s?[.:]\s?(\d{2}))?(?![\d/])")
_LENGTH = 80  # characters of a line that can be a day or a time
_AFTERNOON = re.compile(r"\b(?:siang|sore|petang|malam|pm)\b")
#: A day without a year this far ahead was last year's ("31 Desember", written in January).
_AHEAD = timedelta(days=180)


def read_day(text: str, today: date) -> date | None:
    """The day that a line names ("Senin, 21 Desember 2026", "21/12/2026", "21 Des", "hari ini"); None: none, or one
    that the calendar does not know."""
    line = " ".join(text[:_LENGTH].lower().split())
    if "hari ini" in line:
        return today
    if line.startswith("kemarin"):
        return today - timedelta(days=1)
    if found := _ISO.search(line):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    for found in _DAY.finditer(line):
        month = _month(found[2])
        if month is None:
            continue
        if found[3] is not None:
            year = int(found[3])
            return _day(year + 2000 if year < 100 else year, month, int(found[1]))
        day = _day(today.year, month, int(found[1]))
        return _day(today.year - 1, month, int(found[1])) if day is not None and day > today + _AHEAD else day
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


def read_period(text: str, today: date) -> tuple[date, date] | None:
    """(first day, last day) of a day or a month ("21 Desember 2026", "Desember", "12/2026"); the day itself for ""."""
    line = " ".join(text[:_LENGTH].lower().split())
    if not line:
        return today, today
    if line in ("bulan ini", "bulanan"):
        return _whole(today.year, today.month)
    if found := _ISO_MONTH.fullmatch(line):
        return _whole(int(found[1]), int(found[2]))
    found = _MONTH.fullmatch(line)
    month = _month(found[1]) if found and (found[2] or not found[1].isdigit()) else None
    if found and month is not None:
        year = int(found[2]) if found[2] else today.year - (month > today.month)
        return _whole(year, month)
    day = read_day(line, today)
    return None if day is None else (day, day)


def _month(word: str) -> int | None:
    return (int(word) if 1 <= int(word) <= 12 else None) if word.isdigit() else _MONTHS.get(word)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _whole(year: int, month: int) -> tuple[date, date] | None:
    first = _day(year, month, 1)
    if first is None or first.year == date.max.year:
        return None
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first, following - timedelta(days=1)
