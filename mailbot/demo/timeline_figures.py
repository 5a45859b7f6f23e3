"""What the page counts and measures in the record; nothing here is claimed that the record does not show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from mailbot.config.settings import Sop
from mailbot.demo.record import LKPP, MAILBOT, STAFF, USER, Shown
from mailbot.demo.timeline_story import Card, Story
from mailbot.model import Duration
from mailbot.rules.worktime.dates import format_duration, format_minutes
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` large, `label` what it is, `note` what it is measured against."""

    value: str
    label: str
    note: str = ""


def figures(story: Story) -> tuple[Figure, ...]:
    """Those that the record has something to say on."""
    found = (_escalation(story), _data(story), _enquiry(story), _sent(story))
    return tuple(figure for figure in found if figure is not None)


def _mails(cards: Sequence[Card]) -> Iterator[Shown]:
    return (card.shown for card in cards if card.shown.kind == "mail")


def _waits(story: Story, cause: Callable[[Shown], bool], effect: Callable[[Shown], bool]) -> list[timedelta]:
    """From each cause to the next effect on the same ticket."""
    found = []
    for number in story.numbers.values():
        since = None
        for shown in _mails([card for card in story.cards if card.ticket == number]):
            if since is not None and effect(shown):
                found.append(shown.at - since)
                since = None
            elif cause(shown):
                since = shown.at
    return found


def _escalation(story: Story) -> Figure | None:
    found = _waits(
        story,
        lambda shown: shown.sender == STAFF and "1" in shown.step,
        lambda shown: (shown.sender, shown.recipient) == (MAILBOT, LKPP) and "1" in shown.step,
    )
    return _longest(found, _SAID("escalated"), Sop().escalate_within)


def _data(story: Story) -> Figure | None:
    found = _waits(
        story,
        lambda shown: shown.sender == USER and "8" in shown.step,
        lambda shown: (shown.sender, shown.recipient) == (MAILBOT, LKPP) and "9" in shown.step,
    )
    return _longest(found, _SAID("forwarded"), Sop().forward_data_within)


def _longest(found: Sequence[timedelta], label: str, limit: Duration) -> Figure | None:
    if not found:
        return None
    minutes = max(found) // timedelta(minutes=1)
    value = format_minutes(minutes) if minutes else _SAID("under_a_minute")
    return Figure(value, label, _SAID("limit", limit=format_duration(limit)))


def _enquiry(story: Story) -> Figure | None:
    """The first enquiry: how many working days after LKPP was last written to, and what lay between."""
    sent: dict[int, Shown] = {}
    for card in story.cards:
        shown = card.shown
        if shown.kind != "mail" or (shown.sender, shown.recipient) != (MAILBOT, LKPP):
            continue
        if "12" in shown.step and card.ticket in sent:
            since = sent[card.ticket]
            working = story.calendar.working_days_between(since.at, shown.at)
            zone = story.calendar.zone
            days = (shown.at.astimezone(zone).date() - since.at.astimezone(zone).date()).days
            skipped = _SAID("skipped", days=days - working) if days > working else ""
            return Figure(_SAID("asked_after", days=working), _SAID("asked"), skipped)
        if {"1", "9"} & set(shown.step):
            sent[card.ticket] = shown
    return None


def _sent(story: Story) -> Figure | None:
    mails = list(_mails(story.cards))
    own = sum(shown.sender == MAILBOT for shown in mails)
    if not own:
        return None
    staff = sum(shown.sender == STAFF for shown in mails)
    return Figure(_SAID("mails", count=own), _SAID("sent"), _SAID("written", count=staff))
