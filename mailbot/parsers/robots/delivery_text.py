"""Delivery reports in plain words: who did not get the mail and why, where no field of RFC 3464 says so.

Servers differ in their sentences and agree in their layout: the failed address stands at the start of a line, or behind
a word such as "recipient", and what follows it up to the next such line is the reason. Above the mail that comes back.
Everything is read from a bounded beginning of the text, line by line, in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mailbot import late, wordfile
from mailbot.errors import ParseError
from mailbot.parsers.mime.structure import Headers, Limits, header_block

_WORDS = wordfile.read(__file__, "delivery_text.txt")
TITLES = _WORDS["titles"].any_of
_COPIES = _WORDS["copies"].any_of
_BEFORE_RECIPIENT = _WORDS["before recipient"].any_of
_BEFORE_OTHERS = _WORDS["before others"].any_of
_FAULT = _WORDS["fault"].pattern
_STILL_TRYING = _WORDS["still trying"].pattern
_DELAY = _WORDS["delay"].pattern
_FOR_GOOD = _WORDS["for good"].pattern
_GIVEN_UP = _WORDS["given up"].pattern
_OPENING = _WORDS["opening"].pattern
_REASONS = tuple((detail, said.pattern) for detail, said in wordfile.read(__file__, "delivery_reasons.txt").items())

#: Characters of a report's text, its lines, and the characters of one line that are looked at.
_TEXT, _LINES, _LINE = 40_000, 500, 500
_MOST = 50  # addresses of one text

# ASCII only: in Chinese and Japanese sentences an address touches the words around it.
_ATOM = r"A-Za-z0-9!#$%&*+/=?^_`{|}~"
_LOCAL = rf"(?:\"[^\"\s]{{1,64}}\"|[{_ATOM}][{_ATOM}.'-]{{0,63}})"
_DOMAIN = r"(?:\[[0-9.]{7,15}\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?)(?![A-Za-z0-9_@-]|\.[A-Za-z0-9])"
_ADDRESS = rf"{_LOCAL}@{_DOMAIN}"
_ANY = late.pattern(rf"(?<![A-Za-z0-9.@+=_-])({_ADDRESS})")

# The mail that comes back begins here.
_COPY = late.pattern(rf"[\s>*=_#-]{{0,80}}{_COPIES}", re.I)
_RETURNED_FIELD = late.pattern(
    r"(?:> ?){0,3}(?:received|return-path|dkim-signature|mime-version|message-id|x-[\w-]{2,40}|delivered-to"
    r"|arc-[\w-]{2,40}|authentication-results|content-type|date|from|to|subject|reply-to|cc|sender)[ \t]?:",
    re.I,
)
_TRACE = late.pattern(
    r"(?:> ?){0,3}(?:received|return-path|dkim-signature|mime-version|message-id|delivered-to)[ \t]?:", re.I
)


def report_part(text: str) -> str:
    """The server's own words: the text up to the mail that comes back, of bounded size."""
    lines = [line[:_LINE] for line in text[:_TEXT].split("\n")[:_LINES]]
    kept: list[str] = []
    for number, line in enumerate(lines):
        if kept and (_COPY.match(line) or _begins_headers(lines, number)) and _says_something(kept):
            break
        kept.append(line)
    return "\n".join(kept)


def _begins_headers(lines: Sequence[str], number: int) -> bool:
    """A field of a mail's trace, or two fields of a mail one after the other."""
    if _TRACE.match(lines[number]):
        return True
    following = lines[number + 1] if number + 1 < len(lines) else ""
    return _RETURNED_FIELD.match(lines[number]) is not None and _TRACE.match(following) is not None


def _says_something(lines: Sequence[str]) -> bool:
    return sum(char.isalnum() for line in lines for char in line) > 20


def returned_headers(text: str) -> Headers:
    """The headers of a mail that comes back inside the text."""
    bounded = text[:200_000]
    rest = bounded[len(report_part(text)) :].lstrip("\n")
    lines = [line.lstrip("> \t") if line[:1] == ">" else line for line in rest.split("\n")[:400]]
    start = next((n for n, line in enumerate(lines) if _RETURNED_FIELD.match(line)), None)
    if start is None:
        return ()
    try:
        return header_block("\n".join(line[:2000] for line in lines[start:]).lstrip(" \t").encode("utf-8"), Limits())
    except ParseError:
        return ()


def addresses_in(text: str) -> tuple[str, ...]:
    """Every address, lower-cased, each once, in order."""
    found = (match[1].strip("'").lower() for match in _ANY.finditer(text))
    return tuple(dict.fromkeys(found))


# --- who ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recipients:
    """`certain`: read from the layout of a report, not only from an address being there."""

    addresses: tuple[str, ...]
    certain: bool


# "<a@b>: reason", "  a@b", "a@b (reason)", "* a@b:", "\"a@b\":", "a@b<mailto:a@b>", "a@b on Thu, 29 Apr 2010"
_AT_START = late.pattern(rf"[\s>*•·|'\"(\[<-]{{0,20}}(?:(?:smtp|rfc822|mailto)[:;]\s?)?({_ADDRESS})", re.I)
_GOES_ON = late.pattern(r"[>'\")\]]{0,4}(?:\s{0,3}(?:[:;,.(|<–—=-]|\Z)|\s(?:on|at|pada|not|has|is|was|does)\b)", re.I)
_NAMED = late.pattern(
    rf"(?<![\w.@-]){_BEFORE_RECIPIENT}(?![\w.@-])\s?(?:\([^)]{{1,20}}\))?\s?(?:is|was|adalah|named)?\s?[:=]?\s{{0,3}}"
    rf"(?:rfc822;\s?|smtp[:;]\s?)?[<'\"\[(“]{{0,2}}({_ADDRESS})",
    re.I,
)
_NO_RECIPIENT = late.pattern(rf"{_BEFORE_OTHERS}\b\W{{0,12}}(?:\w{{1,20}}\W{{1,5}}){{0,3}}\Z", re.I)
_ROBOTS = late.pattern(r"(?:mailer[-_.]?daemon|postmaster|post_master|abuse|no-?reply)@")


def recipients(text: str, not_these: Collection[str], addressees: Collection[str] = ()) -> Recipients:
    """Whom a report's own words name as not reached. `not_these`: its sender, its reader, and who wrote the mail that
    came back; `addressees`: whom that mail was for, the last resort."""
    lines = text.split("\n")
    tiers: tuple[list[str], list[str], list[str], list[str]] = ([], [], [], [])
    for line in lines:
        if line.lstrip().startswith(("http:", "https:")):
            continue
        if (found := _AT_START.match(line)) and (_GOES_ON.match(line, found.end()) or _FAULT.search(line, found.end())):
            tiers[0].append(found[1])
        elif len(named := addresses_in(line)) > 1 and not _ANY.sub("", line).strip(" ,;<>\t\"'"):
            tiers[0].extend(named)
        for match in _NAMED.finditer(line):
            tiers[1].append(match[1])
        for match in _ANY.finditer(line):
            if not _NO_RECIPIENT.search(line[max(0, match.start() - 60) : match.start()]):
                tiers[2 if _FAULT.search(line) else 3].append(match[1])
    for number, tier in enumerate(tiers):
        found_here = _plausible(tier, not_these, addressees)
        if found_here:
            if number == 3 and (known := tuple(a for a in found_here if a in addressees)):
                found_here = known
            return Recipients(found_here[:_MOST], certain=number < 3)
    if tiers[0]:  # a mail that its writer sent to himself
        return Recipients(_plausible(tiers[0], (), addressees)[:_MOST], certain=True)
    others = tuple(address for address in addressees if address not in not_these)
    return Recipients(others if len(others) == 1 else (), certain=False)


def _plausible(found: Sequence[str], not_these: Collection[str], addressees: Collection[str]) -> tuple[str, ...]:
    lower = dict.fromkeys(address.strip("'\"").lower() if address[:1] != '"' else address.lower() for address in found)
    return tuple(
        address
        for address in lower
        if address in addressees or (address not in not_these and not _ROBOTS.match(address))
    )


def reason_of(text: str, recipient: str, *, alone: bool = False) -> str:
    """What the text says about a recipient: from a line with the address to the next one with another address at its
    start; where the recipient is `alone`, from there to the end, or all of it. At most 2,000 characters."""
    lines = text.split("\n")
    start = next((n for n, line in enumerate(lines) if recipient and recipient in line.lower()), None)
    if start is None:
        return text[:2000]
    kept = [lines[start]]
    for line in lines[start + 1 :]:
        found = _AT_START.match(line)
        if found and found[1].lower() != recipient and not alone:
            break
        kept.append(line)
    reason = "\n".join(kept)[:2000]
    if alone and not _ENHANCED.search(reason) and not _REPLY.search(reason):
        return f"{reason}\n{text}"[:4000]
    return reason


# --- why: a status code ------------------------------------------------------------------------------------------

GENERIC = late.pattern(r"[245]\.0\.0\Z")  # says no more than its class
_ENHANCED = late.pattern(r"(?<![0-9.])#?([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")
_AFTER_REPLY = late.pattern(r"(?<![0-9.])[245][0-9]{2}[ -]{1,2}#?([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")
_REPLY = late.pattern(
    r"(?<![0-9.:/-])([245])([0-9]{2})(?=[ ,:-]|\.{0,3}\Z)(?! (?:days?|hours?|messages?|bytes|kb|mb))", re.I | re.M
)

# RFC 5321 §4.2.3: what a reply code alone says.
_OF_REPLY = {
    "521": "5.3.2",
    "523": "5.3.4",
    "541": "5.7.1",
    "552": "5.2.2",
    "553": "5.1.3",
    "556": "5.1.10",
    "422": "4.2.2",
}


def written_code(reason: str) -> str:
    """The code of RFC 3463 that stands in a reason, the exact one before one that only names its class; "" for none."""
    found = _AFTER_REPLY.search(reason[:4000]) or _last_exact(reason[:4000])
    return found[1] if found is not None else ""


def code_in(reason: str, action: str) -> str:
    """RFC 3463's code for a reason: written there, or told from its words and the SMTP reply; "" without any.

    `action` tells the class where neither does.
    """
    reason = reason[:4000]
    written = written_code(reason)
    if written and not GENERIC.match(written):
        return written
    reply = _REPLY.search(reason)
    kind = written[:1] or (reply[1] if reply else {"failed": "5", "delayed": "4"}.get(action, ""))
    if kind not in ("4", "5"):
        return written
    for detail, said in _REASONS:
        if said.search(reason):
            return f"{kind}.{detail}"
    if reply is not None:
        return _OF_REPLY.get(reply[1] + reply[2], f"{reply[1]}.0.0")
    return written


def _last_exact(reason: str) -> re.Match[str] | None:
    """The first code that says more than its class, else the first."""
    matches = list(_ENHANCED.finditer(reason))
    return next((match for match in matches if not GENERIC.match(match[1])), matches[0] if matches else None)


# --- is it one? --------------------------------------------------------------------------------------------------


def speaks_of_delay(subject: str, text: str) -> bool:
    """Whether the server is still trying."""
    beginning = f"{subject[:300]}\n{text[:3000]}"
    if _FOR_GOOD.search(beginning) is not None:
        return False
    if _STILL_TRYING.search(beginning) is not None:
        return True
    return _DELAY.search(beginning) is not None and _GIVEN_UP.search(beginning) is None


def opens_like_a_report(text: str) -> bool:
    """Whether the first lines are those of a server, and an address is among what it says."""
    beginning = "\n".join(line[:300] for line in text[:4000].split("\n")[:25])
    return _OPENING.search(beginning) is not None and _ANY.search(text[:4000]) is not None


def begins_as_a_report(text: str) -> bool:
    """Whether the very first words are a server's: nobody has greeted, asked or explained before them."""
    first = text[:2000].lstrip("\n \t*#>|-")[:300]
    return _OPENING.match(first) is not None and opens_like_a_report(text)
