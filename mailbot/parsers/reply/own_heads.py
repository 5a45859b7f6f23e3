"""The lines by which a program leads to a quotation of ours: "Pada … menulis:", a block of headers, a rule.

What a person types looks like a head often enough ("Dari: gudang", "Tanggal: 12 Desember"). So a block of headers
counts only where it names what we sent: our sender, our subject, its day with a time of day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailbot.parsers.reply.quotable import Quotable
from mailbot.parsers.reply.quote_heads import Heads, label, separates, timed

_REACH = 24  # lines above a quotation, blank ones too
_WRAPPED = 6  # lines of "Pada … menulis:"
_LONGEST = 400
_WORD = re.compile(r"[^\W_]+")
_RULE = re.compile(r"[\s>|*_=~#·•│─━┃\-–—]*")
_REPLIED = {"re", "fw", "fwd", "bls", "trs"}
_OF_TICKET = re.compile(r"\S · P[1-4] · \S")  # to staff we write under a name for each ticket: "LPSE-BTG · P1 · Siti"


def lead(lines: Sequence[str], first: int, sent: Sequence[Quotable]) -> list[int]:
    """The numbers of the lines above line `first`, which begins a quotation, that only lead to it. Where the writer's
    words stand between, the head must name our sender."""
    found: list[int] = []
    at, right_above = _up(lines, first - 1, first), True
    while at >= 0 and first - at <= _REACH:
        start = at if right_above and separates(_plain(lines[at])) is not None else _block(lines, at, sent, right_above)
        if start > at:
            start = _attribution(lines, at, sent, right_above)
        if start > at:
            start, right_above = at, False
        else:
            found += range(start, at + 1)
            if not right_above:
                break
        at = _up(lines, start - 1, first)
    return found


def _up(lines: Sequence[str], at: int, first: int) -> int:
    """The next line above that says something."""
    while at >= 0 and first - at <= _REACH and _RULE.fullmatch(lines[at]):
        at -= 1
    return at


def _plain(line: str) -> str:
    return line[: _LONGEST + 1].replace("\u00a0", " ").strip("> |\t\ufeff")


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _attribution(lines: Sequence[str], last: int, sent: Sequence[Quotable], right_above: bool) -> int:
    """Where "Pada … menulis:" begins that ends in this line; last + 1: nowhere."""
    if not right_above and not _plain(lines[last]).endswith((":", "：")):
        return last + 1
    for start in range(last, max(last - _WRAPPED, -1), -1):
        part = [_plain(line) for line in lines[start : last + 1]]
        if not part[0] or len(part[0]) > _LONGEST:
            break
        if not right_above and not _names("from", " ".join(part), sent, more=True):
            continue
        head, _ = Heads([*part, "> ."]).at(0)
        if head is not None and head.sure and head.column == 0 and head.after == len(part) and label(part[0]) is None:
            return start
    return last + 1


def _block(lines: Sequence[str], last: int, sent: Sequence[Quotable], right_above: bool) -> int:
    """Where the block of headers begins that ends in this line; last + 1: none does, or it is not about our mail."""
    begin, proven, roles = last + 1, False, set[str]()
    value: list[str] = []
    for at in range(last, max(last - _REACH, -1), -1):
        line = _plain(lines[at])
        role = label(line) if len(line) <= _LONGEST else None
        if not line or (role is not None and role in roles and role != "other"):
            break
        if role is None:
            if len(value) == 2 or len(line) > _LONGEST:
                break
            value.insert(0, line)
            continue
        value.insert(0, line.partition(":" if ":" in line else "：")[2])
        named = _names(role, " ".join(value), sent)
        if "from" in roles and not named:
            break  # above a block that began with its sender: a line of the writer's
        proven |= named and (role == "from" or (right_above and role in ("subject", "date")))
        roles.add(role)
        value = []
        begin = at
    return begin if proven and len(roles) > 1 else last + 1


def _names(role: str, value: str, sent: Sequence[Quotable], *, more: bool = False) -> bool:
    """Whether a header's value is that of a mail of ours. more: whether it may hold other words, too."""
    said = _words(value)
    if role == "from":
        return _OF_TICKET.search(value) is not None or any(_is_sender(value, one.sender, more) for one in sent)
    if role == "subject":
        return bool(said - _REPLIED) and any(said - _REPLIED <= _words(one.subject) for one in sent)
    if role == "date":
        return timed(value) and any(one.on is not None and _is_day(said, one) for one in sent)
    return False


def _is_sender(value: str, sender: str, more: bool) -> bool:
    """Whether a value names a sender of ours. Address books have names of their own: our address in brackets tells."""
    said, words = _words(value), _words(sender)
    if len(said & words) >= 2 and (more or said <= words | {"mailto"}):
        return True
    address = sender.rpartition("<")[2].rstrip(">").casefold()
    before, found, behind = "".join(value.split()).casefold().rpartition(address or "<")
    return "@" in found and before.removesuffix("mailto:").endswith(("<", "[", "(")) and not behind.strip("<>[]()")


def _is_day(said: set[str], one: Quotable) -> bool:
    """Whether a date is the day of our mail, however it is written."""
    assert one.on is not None
    days = {str(one.on.day), f"{one.on.day:02d}"}
    years = {str(one.on.year), f"{one.on.year % 100:02d}"}
    return bool(said & days) and bool(said & years)
