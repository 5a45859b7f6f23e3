"""The pages of an evidence file that people read: the history, and what to look at first. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.clean import clean
from mailbot.reports.pages import Pages
from mailbot.rules.worktime.dates import format_date
from mailbot.sentences import Sentences
from mailbot.store.database import to_instant

_SAID = Sentences(__file__)
_FOLDER = Path(__file__).parent

Told = Mapping[str, Any]


def history(told: Told) -> str:
    """`dossier.of` as one HTML page that needs nothing else."""
    zone = ZoneInfo(told["timezone"])
    pages = Pages(
        _FOLDER,
        lambda value: escape(clean("" if value is None else str(value)), quote=True),
        filters={
            "at": lambda text: escape(_at(text, zone)),
            "role": lambda role: escape(_SAID.table("roles").get(role, role)),
            "state": lambda state: escape(_SAID.table("states").get(state, state)),
            "outcome": lambda outcome: escape(_SAID.table("tries").get(outcome, outcome)),
            "outcome_of_limit": lambda limit: escape(_outcome(limit)),
            "source": lambda source: escape(_SAID.table("sources").get(source, "")),
            "put_off": lambda moved: escape(
                _SAID("put_off", by=moved["by"], to=_at(moved["to"], zone), why=moved["why"])
            ),
            "day": lambda day: escape(_day(day)),
            "roles": lambda audience: escape(", ".join(_SAID.table("roles").get(one, one) for one in audience)),
            "condition": lambda mail: escape(_condition(mail)),
        },
    )
    return pages.render("riwayat.html.j2", **told, title=_SAID("title", number=told["ticket"]["number"]))


def readme(told: Told, sheets: int) -> str:
    number = told["ticket"]["number"]
    damaged = [f"  {mail['file']}: {_condition(mail)}" for mail in (*told["received"], *told["sent"]) if mail["fault"]]
    remarks = []
    if told["asked_for"] != number:
        remarks.append(_SAID("asked_for", asked=told["asked_for"], number=number))
    if damaged:
        remarks.append(_SAID("damaged", count=len(damaged), files="\n".join(damaged)))
    return _SAID(
        "readme",
        number=number,
        organisation=told["organisation"],
        received=len(told["received"]),
        sent=len(told["sent"]),
        sheets=sheets,
        file=f"bukti-{number}.zip",
        timezone=told["timezone"],
        remarks="\n".join(remarks),
    )


def _condition(mail: Told) -> str:
    if not mail["fault"]:
        return _SAID("whole")
    return _SAID("gone") if mail["sha256"] is None else _SAID("fault")


def _at(text: str | None, zone: ZoneInfo) -> str:
    """As "21-12-2026 08.00.05": to the second, for comparing with the logs of servers."""
    return "–" if text is None else f"{to_instant(text).astimezone(zone):%d-%m-%Y %H.%M.%S}"


def _outcome(limit: Told) -> str:
    if limit["limit"] is None:
        return _SAID("no_limit")
    if limit["kept"] is None:
        return _SAID("late_still") if limit["limit_from"] == "breach" else _SAID("runs")
    if limit["kept"]:
        return _SAID("kept")
    minutes = limit["late_minutes"]
    return _SAID("late_still") if minutes is None else _SAID("late", minutes=minutes)


def _day(day: Told) -> str:
    hours = ", ".join("–".join(span) for span in day["hours"])
    if not hours:
        said = _SAID("closed", why=day["closed"])
    else:
        said = _SAID("counted", hours=hours, minutes=day["counted_minutes"])
    return _SAID("day", day=format_date(date.fromisoformat(day["day"])), hours=said)
