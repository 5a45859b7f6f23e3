"""The report of a month: its figures, and the values by which a mail shows them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from mailbot.config.site import Site
from mailbot.reports.monthly import lives, reckoning
from mailbot.reports.monthly.figures import Figures
from mailbot.reports.monthly.shown import Shown, shown
from mailbot.store.database import Store


@dataclass(frozen=True, slots=True)
class Report:
    figures: Figures
    shown: Shown

    @property
    def values(self) -> dict[str, Any]:
        """The record `month` of the templates."""
        return asdict(self.shown)


def of_month(store: Store, site: Site, first: date, now: datetime) -> Report:
    """first: the month's first day; a month that has not begun is empty."""
    found = reckoning.compute(lives.of_month(store, site, first, now))
    return Report(found, shown(site, found))
