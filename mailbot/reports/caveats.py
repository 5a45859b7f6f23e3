"""What `mailbot check` should say although nothing is wrong: rules that are not official or looser than the paper, a
calendar with guesses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from mailbot.config.site import Site
from mailbot.model import Duration
from mailbot.rules.worktime.dates import format_duration

#: The terms that the papers set: SOP-015, steps 1, 9, 12 and 14; for LPSE Support SOP 002 §3 (3 x 24 hours).
_PAPER = {
    "escalate_within": Duration(minutes=5),
    "forward_data_within": Duration(minutes=5),
    "lkpp_progress_every": Duration(working_days=1),
}
_STATUS_AFTER = {"email": Duration(working_days=2), "lpse-support": Duration(days=3)}
_MORNINGS = 14  # from which two terms of different kinds are compared


def caveats(sites: Iterable[Site], now: datetime) -> Iterator[str]:
    """One sentence each. Reads nothing but the sites."""
    for site in sites:
        if site.priorities.is_default:
            yield (
                f"{site.name}: priorities: the Tabel Prioritas is mailbot's own default, not an official one;"
                " users are given no times from it"
            )
        yield from _looser(site, now)
        today = site.local(now).date()
        for year in (today.year, today.year + 1):
            if reason := site.calendar.incomplete(year, today):
                yield f"{site.name}: holidays: limits that may shift are marked as estimates. {reason}"


def _looser(site: Site, now: datetime) -> Iterator[str]:
    """Each term of the configuration that ends later than the paper's, on whatever morning it begins."""
    sop, channel = site.config.sop, site.config.lkpp.channel
    terms = [(name, getattr(sop, name), paper) for name, paper in _PAPER.items()]
    terms.append(("lkpp_status_after", sop.status_after(channel), _STATUS_AFTER[channel]))
    first = site.local(now).replace(hour=9, minute=0, second=0, microsecond=0)
    mornings = [first + timedelta(days=day) for day in range(_MORNINGS)]
    for name, set_here, paper in terms:
        if any(site.calendar.add(at, set_here).at > site.calendar.add(at, paper).at for at in mornings):
            yield (
                f'{site.name}: sop.{name}: "{format_duration(set_here)}" is looser than the paper\'s'
                f' "{format_duration(paper)}"; mailbot runs and prints the looser one'
            )
