"""The words of the printed SOP that its table does not bring: words.yaml, and what is counted before it is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from mailbot import yamlfile
from mailbot.config.settings import Sop
from mailbot.model import Duration
from mailbot.rules.sop.clocks import CLASSIFY_WITHIN, HEAD_FROM, ONE_WEEK, ONE_WORKING_DAY
from mailbot.rules.worktime.dates import format_duration
from mailbot.sentences import filled

WORDS: Mapping[str, Any] = yamlfile.read(Path(__file__).with_name("words.yaml")).data

#: Single words and sentences, some with fields for `filled`.
SAID: Mapping[str, str] = WORDS["said"]
#: The performers in the order of the paper form's columns.
PERFORMERS: Mapping[str, str] = WORDS["performers"]
CONDITION_WORDS: Mapping[str, str] = WORDS["conditions"]
#: Lengths that no single number can stand for.
PRIORITY_LENGTHS: Mapping[str, str] = WORDS["lengths"]
#: Lengths that nobody can set.
FIXED_LENGTHS: Mapping[str, str] = {
    "classify_within": format_duration(CLASSIFY_WITHIN),
    "one_working_day": format_duration(ONE_WORKING_DAY),
    "one_week": format_duration(ONE_WEEK),
}


def lengths_in_words(settings: Sop, channel: str = "email") -> dict[str, str]:
    """A configuration's `sop:` in words, by key, for a channel to LKPP; `enquiries_max` as a number."""
    found = {name: getattr(settings, name) for name in Sop.model_fields}
    found["lkpp_status_after"] = settings.status_after(channel)
    words = {name: format_duration(value) for name, value in found.items() if isinstance(value, Duration)}
    from_user = by_priority([settings.data_from_user(level) for level in range(1, 5)])
    return {**words, "data_from_user_within": from_user, "enquiries_max": str(settings.enquiries_max)}


def by_priority(lengths: Sequence[Duration]) -> str:
    """The lengths of P1, P2 … in words, equal neighbours together: "P1 4 jam, P2 1 hari kerja, P3–P4 3 hari kerja"."""
    levels = [(f"P{level}", length) for level, length in enumerate(lengths, start=1)]
    groups = [(length, [name for name, _ in found]) for length, found in groupby(levels, key=lambda one: one[1])]
    if len(groups) == 1:
        return format_duration(lengths[0])
    spans = [(names[0] if len(names) == 1 else f"{names[0]}–{names[-1]}", each) for each, names in groups]
    return ", ".join(f"{span} {format_duration(each)}" for span, each in spans)


def times_words(name: str, lengths: Mapping[str, str]) -> str:
    """How often a stage fires (clocks.Timing.times); the enquiries by number where `enquiries_max` is known."""
    said: Mapping[str, str] = WORDS["times"]
    if name not in ("enquiries_between", "enquiries_last"):
        return said["always" if name == "always" else "once"]
    known = lengths.get("enquiries_max", "")
    if not (known.isascii() and known.isdigit() and len(known) <= 4):
        return said[name]
    most = int(known)
    before_head = max(0, min(most, HEAD_FROM) - 2)
    first, last = (2, 1 + before_head) if name == "enquiries_between" else (2 + before_head, most)
    form = "never" if last < first else "one" if last == first else "several"
    return filled(said[form], count=last - first + 1, first=first, last=last)
