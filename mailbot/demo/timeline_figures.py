"""What the page counts and measures in the record; nothing here is claimed that the record does not show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from mailbot.config.settings import Sop
from mailbot.demo.record import LKPP, MAILBOT, STAFF, USER, Shown
from mailbot.demo.timeline_story import Card, Story
from mailbot.rules.worktime.dates import format_duration, format_minutes


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
    limit = format_duration(Sop().escalate_within)
    return _longest(found, "dari perintah petugas sampai eskalasi terkirim kepada LKPP", f"Batas SOP: {limit}")


def _data(story: Story) -> Figure | None:
    found = _waits(
        story,
        lambda shown: shown.sender == USER and "8" in shown.step,
        lambda shown: (shown.sender, shown.recipient) == (MAILBOT, LKPP) and "9" in shown.step,
    )
    limit = format_duration(Sop().forward_data_within)
    return _longest(found, "dari data tambahan pengguna sampai diteruskan kepada LKPP", f"Batas SOP: {limit}")


def _longest(found: Sequence[timedelta], label: str, note: str) -> Figure | None:
    if not found:
        return None
    minutes = max(found) // timedelta(minutes=1)
    return Figure(format_minutes(minutes) if minutes else "< 1 menit", label, note)


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
            skipped = f"{days - working} hari libur di antaranya dilewati" if days > working else ""
            return Figure(f"{working} hari kerja", "tanpa kabar, lalu status ditanyakan kepada LKPP", skipped)
        if {"1", "9"} & set(shown.step):
            sent[card.ticket] = shown
    return None


def _sent(story: Story) -> Figure | None:
    mails = list(_mails(story.cards))
    own = sum(shown.sender == MAILBOT for shown in mails)
    if not own:
        return None
    staff = sum(shown.sender == STAFF for shown in mails)
    return Figure(f"{own} e-mail", "ditulis dan dikirim mailbot", f"Petugas cukup menulis {staff} e-mail")
