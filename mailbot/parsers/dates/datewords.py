"""What all readers of dates share: names of months and days, years of two digits, days that exist. Pure.

`months` reads a month, `moment` a day on which something took place, `periods` days to come.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from mailbot import wordfile
from mailbot.rules.worktime.dates import WEEKDAYS

_WORDS = wordfile.read(__file__, "datewords.txt")
#: As people write them, in small letters → 1 to 12.
MONTHS: Mapping[str, int] = MappingProxyType(
    {name: number for number, names in enumerate(_WORDS["months"].lines, 1) for name in names.split()}
)
#: → 0 for Monday to 6.
DAYS: Mapping[str, int] = MappingProxyType(
    {name.lower(): number for number, name in enumerate(WEEKDAYS)} | {"jum'at": 4, "jumaat": 4, "ahad": 6}
)
TODAY, THIS_MONTH, LAST_MONTH = (_WORDS[name].phrases for name in ("today", "this month", "last month"))


def full_year(digits: str) -> int:
    """Of a year in two digits or four: "26" and "2026" are 2026."""
    return int(digits) + (2000 if len(digits) == 2 else 0)


def existing(year: int, month: int, day: int) -> date | None:
    """None: the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
