"""The text below `#eskalasi` and `#koordinator`, taken apart by the headings that its link opens. Pure and total."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo

from mailbot import late
from mailbot.parsers.dates import moment
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

#: The parts by the headings under which they stand.
PARTS = _SAID.table("parts")
#: What is taken for a heading: "Upaya" alone, too.
_HEADINGS = {**{heading.lower(): name for name, heading in PARTS.items()}, **_SAID.table("short")}
#: The blank before a heading in the middle of a line ("Gagal unggah. Upaya: dua peramban").
_WITHIN = late.pattern(rf"(?<=[.;!?])[ \t]+(?=(?:{'|'.join(map(re.escape, _HEADINGS))}):)", re.IGNORECASE)
#: A time of day with its minutes, in a line that may name a day as well.
_CLOCK = late.pattern(r"(?<![\d.:/-])\d{1,2}\s?[.:]\s?\d{2}(?![\d.:/-])")


@dataclass(frozen=True, slots=True)
class EscalationText:
    """summary, tried: for LKPP; tried is None where nothing stands there. known: when the LPSE knew that it cannot
    solve the problem, as written, reason: why it is late or incomplete, "" where left empty: both for the office alone.
    """

    summary: str
    tried: str | None
    known: str
    reason: str = ""


def _heading(line: str) -> str | None:
    """The part that a line begins."""
    head, colon, _ = line.partition(":")
    return _HEADINGS.get(head.strip(" *\t").lower()) if colon else None


def read(text: str) -> EscalationText:
    """Where the headings are not kept all is the summary; the time and the reason have their own line only, so that
    what is written below the form is never theirs. A heading may also follow a sentence in its line."""
    text = _WITHIN.sub("\n", text)
    parts: dict[str, list[str]] = {"summary": [], "tried": []}
    current, lines = "summary", {"known": "", "reason": ""}
    for line in text.splitlines():
        name, rest = _heading(line), line.partition(":")[2]
        if name in lines:
            lines[name] = lines[name] or rest.strip()
            continue
        if name:
            current, line = name, rest.strip()
        parts[current].append(line)
    summary, tried = ("\n".join(parts[name]).strip() for name in parts)
    return EscalationText(summary or tried, tried if summary and tried else None, **lines)


def without_reason(text: str) -> str:
    """The text as LKPP may have it: without the line that gives a reason."""
    kept = [line for line in _WITHIN.sub("\n", text).splitlines() if _heading(line) != "reason"]
    return "\n".join(kept) if read(text).reason else text


def known_at(written: str, arrived: datetime, zone: tzinfo) -> datetime | None:
    """The instant that the line names, by default of the day on which the command arrived; None: it names none."""
    today = arrived.astimezone(zone).date()
    clocks = list(_CLOCK.finditer(written))
    if clocks:  # "09.08" is a time here, and may be a day elsewhere
        day = moment.read_day(written[: clocks[-1].start()], today) or today
        times = moment.read_times(clocks[-1][0])
    else:
        day, times = today, moment.read_times(written)
    return None if times is None else datetime.combine(day, times[0], zone)
