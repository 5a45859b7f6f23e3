"""What stands behind `#status`, `#daftar`, `#cari`, `#rekap` and `#bantuan` on their line, read tolerantly.

Pure and total. Who asks for what is not there is told what there is.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot import late
from mailbot.parsers.commands.vocabulary import Takes
from mailbot.parsers.dates import months
from mailbot.parsers.mime.subject import find_numbers
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

#: Characters of a line that are read; whoever writes more asks for nothing that can be found.
_LONGEST = 200

MINE, LATE, LKPP = "saya", "terlambat", "lkpp"
_FILTERS = {
    **dict.fromkeys(("saya", "sy", "aku", "mine", "my", "milik", "punya", "tugas"), MINE),
    **dict.fromkeys(("terlambat", "telat", "lewat", "overdue", "late"), LATE),
    **dict.fromkeys(("lkpp",), LKPP),
    **dict.fromkeys(("semua", "all", "tiket", "terbuka", "open", "yang", "di", "sedang"), ""),
}
ANONYMOUS = "anonim"
#: A channel as tickets have it → how people write it.
_CHANNELS = {
    "telepon": late.pattern(r"\b(?:melalui\s+)?(?:telepon|telpon|telp|phone)\b", re.IGNORECASE),
    "loket": late.pattern(r"\b(?:(?:di|melalui)\s+)?(?:loket|tamu|counter)\b", re.IGNORECASE),
    "lpse-support": late.pattern(r"\b(?:melalui\s+)?(?:lpse[\s-]support|tts)\b", re.IGNORECASE),
    "email": late.pattern(r"\b(?:melalui\s+)?(?:e-?mail|surel)\b", re.IGNORECASE),
}
_ANONYMOUS = late.pattern(r"\b(?:anonim|anonymous|tanpa\s+data\s+pribadi|tanpa\s+nama)\b", re.IGNORECASE)


def read(takes: Takes, rest: str) -> tuple[str, str]:
    """(argument, what is wrong with it): the canonical argument of a question, and "" or a sentence.

    FILTERS: "saya", "terlambat", "lkpp", several with blanks between, or "". MONTH: as written, a channel, and
    "anonim": see `report`.
    """
    said = " ".join(unicodedata.normalize("NFKC", rest[:_LONGEST]).split())
    if takes is Takes.FILTERS:
        return _filters(said)
    if takes is Takes.MONTH:
        return _month(said)
    if takes is Takes.SOUGHT:
        if not any(map(str.isalnum, said)):
            return "", _SAID("nothing_sought")
        return said, ""
    if takes is Takes.NUMBERS and said.strip(" .!") and not any(map(str.isdigit, said)):
        return "", _SAID("no_number")
    return said.strip(" .!"), ""


def numbers(said: str, prefixes: Sequence[str]) -> tuple[str, ...]:
    """The numbers that `#status` is about: full ones in any spelling, or words such as "12" and "0012/FK/LPSE/XI/2026"
    for others to look up; each once, in order."""
    words = (word.strip("#[]().") for word in re.split(r"[\s,;&]+", said))
    return find_numbers(said, prefixes) or tuple(dict.fromkeys(word for word in words if any(map(str.isdigit, word))))


def _filters(said: str) -> tuple[str, str]:
    found = []
    for word in re.findall(r"[^\s,;/&+.!|()\[\]]+", said.lower()):
        if word in ("dan", "and"):
            continue
        if word not in _FILTERS:
            near = difflib.get_close_matches(word[:40], (MINE, LATE, LKPP), n=1, cutoff=0.6)
            if near:
                return "", _SAID("unknown_list_nearest", word=word[:40], nearest=near[0])
            return "", _SAID("unknown_list", word=word[:40])
        found.append(_FILTERS[word])
    return " ".join(each for each in (MINE, LATE, LKPP) if each in found), ""


def _month(said: str) -> tuple[str, str]:
    without = _ANONYMOUS.sub(" ", said)
    channels = {name for name, pattern in _CHANNELS.items() if pattern.search(without)}
    month = without
    for name in channels:
        month = _CHANNELS[name].sub(" ", month)
    month = " ".join(month.split()).strip(" .,![]()")
    if months.read(month) is None:
        return "", _SAID("unknown_month", month=month[:40])
    if len(channels) > 1:
        return "", _SAID("one_channel")
    return " ".join(filter(None, (month, *channels, ANONYMOUS if without != said else ""))), ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a report's argument asks for. month: as written, perhaps "". channel: None: all."""

    month: str
    channel: str | None
    anonymous: bool


def report(argument: str) -> Report:
    """The parts of an argument that `read` has made."""
    month, anonymous = argument.removesuffix(ANONYMOUS).strip(), argument.endswith(ANONYMOUS)
    channel = next((name for name in _CHANNELS if month == name or month.endswith(f" {name}")), None)
    return Report(month.removesuffix(channel or "").strip(), channel, anonymous)
