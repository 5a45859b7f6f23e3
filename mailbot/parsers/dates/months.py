"""Months as people write them: "November", "nov 2026", "11-2026", "2026/11", "XI/2026", "bulan lalu".

Pure: what is relative to today stays relative in `read` and is settled by `settle`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from mailbot.parsers.dates import datewords
from mailbot.rules.worktime.dates import MONTHS, ROMAN_MONTHS

_YEARS = range(2000, 2100)
_NAMES = {name.lower(): number for number, name in enumerate(MONTHS, 1)}
_RELATIVE = {
    **dict.fromkeys(("", *datewords.THIS_MONTH), 0),
    **dict.fromkeys(datewords.LAST_MONTH, -1),
}
_WORD = re.compile(r"[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Month:
    """A month as written. `back`: so many months before the present one (month None). year None: the last such month
    that has begun."""

    month: int | None = None
    year: int | None = None
    back: int = 0


def read(text: str) -> Month | None:
    """None: no month that is known."""
    plain = " ".join(unicodedata.normalize("NFKC", text[:80]).lower().strip(" .,!:").split())
    if plain in _RELATIVE:
        return Month(back=-_RELATIVE[plain])
    words = _WORD.findall(plain)
    if words and words[0] in ("bulan", "bln"):
        words = words[1:]
    if not words or len(words) > 2 or _WORD.sub("", plain).strip(" -/.,"):
        return None
    if len(words) == 2 and words[0].isdigit() and int(words[0]) in _YEARS:
        words.reverse()
    month = _month(words[0])
    year = _year(words[1]) if len(words) == 2 else None
    if month is None or (len(words) == 2 and year is None):
        return None
    return Month(month, year)


def _month(word: str) -> int | None:
    if word.isdigit():
        return int(word) if len(word) <= 2 and 1 <= int(word) <= 12 else None
    if word.upper() in ROMAN_MONTHS:
        return ROMAN_MONTHS.index(word.upper()) + 1
    if word in datewords.MONTHS:
        return datewords.MONTHS[word]
    meant = [number for name, number in _NAMES.items() if len(word) >= 3 and name.startswith(word)]
    return meant[0] if len(meant) == 1 else None


def _year(word: str) -> int | None:
    if not word.isdigit() or len(word) not in (2, 4):
        return None
    year = datewords.full_year(word)
    return year if year in _YEARS else None


def settle(wanted: Month, today: date) -> date:
    """The first day of the month that is meant on this day."""
    if wanted.month is None:
        months = today.year * 12 + today.month - 1 - wanted.back
        return date(months // 12, months % 12 + 1, 1)
    year = wanted.year or (today.year if wanted.month <= today.month else today.year - 1)
    return date(year, wanted.month, 1)


def following(first: date) -> date:
    """The first day of the next month."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def last_day(first: date) -> date:
    return following(first) - timedelta(days=1)


def words(first: date) -> str:
    """As "November 2026"."""
    return f"{MONTHS[first.month - 1]} {first.year}"
