"""The page that the demo leaves behind: one HTML file that tells the whole play, and opens every mail of it.

It needs nothing beside itself and loads nothing: style and script stand in it, every mail is a frame without scripts.
Without JavaScript it loses comfort only.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mailbot.clean import clean
from mailbot.demo.record import Record
from mailbot.demo.timeline_figures import figures
from mailbot.demo.timeline_flow import HEIGHT, HEIGHTS, TOPS, WIDTH, strip
from mailbot.demo.timeline_story import Card, Story, tell
from mailbot.demo.words import SAID
from mailbot.reports.pages import Pages
from mailbot.reports.sop.html import words
from mailbot.rules.worktime.dates import MONTHS
from mailbot.sentences import Sentences

DOCUMENT = "SOP-LPSE.BTG-015"
_HERE = Path(__file__).parent
_SAID = Sentences(__file__)


@dataclass(frozen=True, slots=True)
class _Ticket:
    """A ticket's card in the page's head. `path`: the steps in the order in which it went through them."""

    index: int
    number: str
    form_number: str
    subject: str
    user: str
    matter: str
    span: str
    path: tuple[tuple[str, str, str], ...]  # (step, answer, anchor)


def page(record: Record) -> str:
    """The whole file, ending in a line feed."""
    story = tell(record)
    script = (_HERE / "timeline.js").read_text(encoding="utf-8")
    pages = Pages(_HERE, filters={"words": words})  # which also keeps "e-mail" on one line
    html = pages.render(
        "timeline.html.j2",
        policy=_policy(script),
        style=(_HERE / "timeline.css").read_text(encoding="utf-8"),
        script=script,
        organisation=record.organisation,
        document=DOCUMENT,
        days=story.days,
        names=SAID["names"],
        mails=[card for card in story.cards if card.mail],
        period=_period(record),
        figures=figures(story),
        tickets=_tickets(record, story),
        strip=strip(record.sop, story.cards),
        drawing={"width": WIDTH, "height": HEIGHT, "tops": TOPS, "heights": HEIGHTS},
    )
    return clean(html.lstrip())  # people's names, subjects and files too: HTML has no control characters


def _policy(script: str) -> str:
    """Nothing from elsewhere; the page's own script by its hash. Styles stand in the mails' elements."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _period(record: Record) -> str:
    """As "21–30 Desember 2026"; "" without anything shown."""
    days = [shown.at.astimezone(record.zone).date() for shown in record.shown if shown.kind != "day"]
    if not days:
        return ""
    first, last = days[0], days[-1]
    end = f"{last.day} {MONTHS[last.month - 1]} {last.year}"
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{end}"
    year = f" {first.year}" if first.year != last.year else ""
    return f"{first.day} {MONTHS[first.month - 1]}{year} – {end}"


def _tickets(record: Record, story: Story) -> list[_Ticket]:
    return [
        _Ticket(
            index=story.numbers[case.number],
            number=case.number,
            form_number=case.form_number,
            subject=case.subject,
            user=case.user,
            matter=case.matter,
            span=_span(case.opened, case.closed, record, story),
            path=_path([card for card in story.cards if card.ticket == story.numbers[case.number]]),
        )
        for case in record.cases
    ]


def _span(opened: datetime, closed: datetime, record: Record, story: Story) -> str:
    first, last = opened.astimezone(record.zone), closed.astimezone(record.zone)
    days = story.calendar.working_days_between(first, last)
    if days:
        return _SAID("span", first=_short(first), last=_short(last), days=days)
    return _SAID("span_of_a_day", first=_short(first), last=_short(last))


def _short(at: datetime) -> str:
    return f"{at.day} {MONTHS[at.month - 1][:3]} {at:%H.%M}"


def _path(cards: list[Card]) -> tuple[tuple[str, str, str], ...]:
    """Each step once per run of cards that show it."""
    found: list[tuple[str, str, str]] = []
    for card in cards:
        for step in card.shown.step:
            before = found[-1] if found else ("", "", "")
            if before[0] == step and not before[1]:
                found[-1] = (step, card.shown.branch, before[2])
            elif before[0] != step or card.shown.branch not in ("", before[1]):
                found.append((step, card.shown.branch, card.anchor))
    return tuple(found)
