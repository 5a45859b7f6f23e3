"""The report as one file: nothing is loaded from elsewhere, its charts are drawn in it, and it prints on A4."""

from __future__ import annotations

from pathlib import Path

from mailbot.reports.monthly.shown import Shown
from mailbot.reports.pages import Pages

_PAGES = Pages(Path(__file__).parent)


def page(found: Shown, organisation: str, made_at: str = "") -> str:
    """made_at: when, in words; "" for a page that is made of an archive, the same on every day."""
    return _PAGES.render("page.html.j2", found=found, organisation=organisation, made_at=made_at)
