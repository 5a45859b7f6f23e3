"""What `mailbot check` should say although nothing is wrong: rules that are not official, a calendar with guesses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from mailbot.config.site import Desk


def caveats(desks: Iterable[Desk], now: datetime) -> Iterator[str]:
    """One sentence each. Reads nothing but the desks."""
    for desk in desks:
        if desk.priorities.is_default:
            yield (
                f"{desk.name}: priorities: the Tabel Prioritas is mailbot's own default, not an official one;"
                " users are given no times from it"
            )
        today = desk.local(now).date()
        for year in (today.year, today.year + 1):
            if reason := desk.calendar.incomplete(year, today):
                yield f"{desk.name}: holidays: limits that may shift are marked as estimates. {reason}"
