"""What `mailbot check` should say although nothing is wrong: rules that are not official, a calendar with guesses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from mailbot.config.site import Site


def caveats(sites: Iterable[Site], now: datetime) -> Iterator[str]:
    """One sentence each. Reads nothing but the sites."""
    for site in sites:
        if site.priorities.is_default:
            yield (
                f"{site.name}: priorities: the Tabel Prioritas is mailbot's own default, not an official one;"
                " users are given no times from it"
            )
        today = site.local(now).date()
        for year in (today.year, today.year + 1):
            if reason := site.calendar.incomplete(year, today):
                yield f"{site.name}: holidays: limits that may shift are marked as estimates. {reason}"
