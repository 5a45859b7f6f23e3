"""LKPP's own ticket number: in its automatic acknowledgement and wherever else it names it."""

from __future__ import annotations

import re
from collections.abc import Collection

from mailbot import late
from mailbot.model import Message
from mailbot.parsers.mime.headers import one_line
from mailbot.parsers.mime.subject import find_numbers
from mailbot.parsers.robots.automatic import Automatic
from mailbot.parsers.robots.autoreplies import own_opening, received_number
from mailbot.wordfile import small

_LKPP_NUMBER = (
    r"\b(?:nomor|no\.?|kode|id)?\s?(?:tiket|ticket)(?:\s(?:anda|support|lpse|helpdesk|bantuan)\b)?(?:\s?(?:nomor|number|no|id)\b\.?)?"
    r"(?:\s(?:adalah|ialah|is)\b)?\s?[:=#]*\s?[\[(#]*(?=[A-Z./_-]{0,30}[0-9])(?P<number>[A-Z0-9][A-Z0-9./_-]{2,30})"
)


def lkpp_number(text: str, pattern: str | None = None, prefixes: Collection[str] = ()) -> str | None:
    """LKPP's own ticket number in a text, or None where there is none or more than one.

    `prefixes` are those of our own tickets: LKPP names our numbers too, and those are not its own.

    `pattern`: a site's regular expression, its group `number`, else its first group, else the whole
    match counting. Without one: what follows "tiket", "ticket" or "nomor tiket" and holds a digit.
    """
    found: set[str] = set()
    for match in re.finditer(pattern or _LKPP_NUMBER, text[:50_000], re.I):
        groups = match.groupdict()
        value = groups.get("number") or (match.group(1) if match.re.groups else match.group(0))
        value = one_line(value or "").strip("./_-")
        if any(c.isdigit() for c in value) and not find_numbers(value, prefixes):
            found.add(value.upper())
    return found.pop() if len(found) == 1 else None


# What an acknowledgement may call the number that a person's mail does not.
_REGISTERED = late.pattern(
    r"\b(?:nomor|no\.?|kode|id)\s(?:laporan|registrasi|pengaduan|permohonan|referensi|kasus|antrean|reg)\b\.?(?:\s(?:anda|adalah|ialah))*"
    r"\s?[:=#]*\s?[\[(#]*(?=[A-Z./_-]{0,30}[0-9])(?P<number>[A-Z0-9][A-Z0-9./_-]{2,30})",
    re.I,
)
_BEHIND = late.pattern(r"\s*(?:tiket\s|registrasi\s|laporan\s)?[:#]?\s*(?P<number>[A-Z0-9][A-Z0-9./_-]{2,30})", re.I)


def lkpp_acknowledgement(
    message: Message, machine: Automatic | None, pattern: str | None = None, prefixes: Collection[str] = ()
) -> str | None:
    """The number that LKPP's automatic acknowledgement gives our mail; None if it is none, or ambiguous. machine: what
    `automatic` has found."""
    if machine is None or machine.kind != "autoreply":
        return None
    opening = own_opening(message.text)
    number = lkpp_number(opening, pattern, prefixes)
    if number is not None or pattern is not None:
        return number
    found = [match["number"] for match in _REGISTERED.finditer(opening)]
    if (received := received_number(small(opening))) is not None:
        found += [match["number"] for match in [_BEHIND.match(opening, received.end())] if match is not None]
    values = {value.strip("./_-").upper() for value in found if any(c.isdigit() for c in value)}
    others = {value for value in values if not find_numbers(value, prefixes)}
    return others.pop() if len(others) == 1 else None
