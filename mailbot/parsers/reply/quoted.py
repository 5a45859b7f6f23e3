"""What of a mail's text its writer has written now: apart from quotes, forwarded mails and signatures.

The stored text stays whole; this only tells what may be acted on or passed on. Losing a writer's words is
the worse fault, so whatever looks like an answer somewhere else than above the quote raises a doubt, which
the caller holds and shows. One pass over the lines with bounded look-ahead: linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mailbot import wordfile
from mailbot.parsers.reply import marker as own_marker
from mailbot.parsers.reply import signatures
from mailbot.parsers.reply.marker import MARKER
from mailbot.parsers.reply.quote_heads import Head, Heads, ends
from mailbot.sentences import Sentences

__all__ = ["MARKER", "NewText", "new_text"]

_SAID = Sentences(__file__)


@dataclass(frozen=True, slots=True)
class NewText:
    """A mail's text, taken apart.

    text: the writer's new words above any quote, his closing included. below: unquoted lines between or under
    quoted ones, which are likely his too (then there is a doubt). quoted: everything from the first quote on,
    forwarded mails included. signature: what follows "-- ", footers such as "Dikirim dari iPhone saya", legal
    disclaimers, and the banners that a server has put above the mail. closing: the end of `text` that only takes
    leave and names the writer ("Hormat kami," and what follows).
    doubt: why `text` may not be all or only what he wrote, in Indonesian; None if there is no doubt.
    marked: our marker line was found whole. forwarded: what is quoted was passed on, not answered.
    """

    text: str
    quoted: str = ""
    signature: str = ""
    doubt: str | None = None
    below: str = ""
    marked: bool = False
    closing: str = ""
    forwarded: bool = False

    @property
    def own(self) -> str:
        """All that is likely the writer's: for readers who would rather see too much."""
        return "\n\n".join(part for part in (self.text, self.below) if part)

    @property
    def unsigned(self) -> str:
        """The text without the writer's closing: for mails that carry a signature of their own."""
        return self.text.removesuffix(self.closing).rstrip() if self.closing else self.text


@lru_cache(maxsize=8)  # more than one part of the program asks of the mail in hand
def new_text(text: str, marker: str = MARKER) -> NewText:
    """`text` taken apart. Total: any string gives an answer, in time linear in its length."""
    text, marked_at, altered = own_marker.on_its_own_line(_newlines(text), marker)
    kept = text.split("\n")
    plain = [line.strip() for line in _with_blanks(text).split("\n")]
    end = len(kept) if marked_at is None else text.count("\n", 0, marked_at)

    heads = Heads(plain)
    head, suspicious = heads.first(end)
    if head is None:
        head = Head(end, end, sure=True)  # the marker line, or the end of the text
    upper, rest = _split(kept, head)
    whole = min(len(upper), head.line)  # behind these, the beginning of a line in which the head begins
    parts = signatures.apart([*plain[:whole], *(_with_blanks(line).strip() for line in upper[whole:])])
    new = _trim(upper[parts.start : parts.end])
    closing = _trim(upper[parts.closing : parts.end])
    signature = "\n".join((*upper[: parts.start], *upper[parts.end :])).strip("\n")
    signature = signature if signature.strip() else ""
    quoted = "\n".join(rest).strip("\n")
    below = _trim(_unquoted(kept, plain, head.after, heads))

    marked = marked_at is not None
    doubt = None
    if altered:
        doubt = _SAID("marker_changed")
    elif below:
        doubt = _SAID("text_below")
    elif _letters(new) < _NEARLY_NOTHING and _letters(quoted) + _letters(signature) > 0:
        doubt = _SAID("nothing_new")
    elif (not marked and not head.sure) or heads.tired:
        doubt = _SAID("unsure_end")
    elif suspicious:
        doubt = _SAID("heading_like")
    elif quoted and points_below(new):
        doubt = _SAID("answers_inside")
    elif _COMMAND_LIKE.search(signature):
        doubt = _SAID("command_below")
    return NewText(new, quoted, signature, doubt, below, marked, closing, head.forward)


def points_below(text: str) -> bool:
    """Whether a writer points at answers further down, which nothing but a colour may set apart."""
    return _POINTS_BELOW.search(text[:_POINTING]) is not None


# --- lines ----------------------------------------------------------------------------------

# Invisible or odd blanks become spaces for comparing, one for one.
_BLANKS = dict.fromkeys(
    map(ord, "\u00a0\u2007\u202f\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\u00ad\ufeff\t\v\f"), " "
)

_ODD_BLANK = re.compile(f"[{re.escape(''.join(map(chr, _BLANKS)))}]")


def _with_blanks(text: str) -> str:
    return text.translate(_BLANKS) if _ODD_BLANK.search(text) else text


_NEARLY_NOTHING = 3
_COMMAND_LIKE = re.compile(r"^[ \t]{0,8}[#＃][A-Za-z]", re.MULTILINE)
_RULE = re.compile(r"[-–—_*=─━~#ᐧ]{2,}|[ᐧ—]")
_POINTS_BELOW = wordfile.read(__file__, "quoted.txt")["points below"].pattern
_POINTING = 1200  # characters in which a writer points at his answers further down


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _letters(text: str) -> int:
    """How many letters and digits there are, counted no further than needed."""
    count = 0
    for char in text:
        count += char.isalnum()
        if count >= _NEARLY_NOTHING:
            break
    return count


def _trim(lines: Sequence[str]) -> str:
    """The lines without blank ones at both ends and without a rule that led to the quote."""
    lines = [line.rstrip() for line in lines]
    start, end = 0, len(lines)
    while end > start and (not lines[end - 1] or _RULE.fullmatch(lines[end - 1].strip()[:200])):
        end -= 1
    while start < end and not lines[start]:
        start += 1
    return "\n".join(lines[start:end])


def _split(kept: Sequence[str], head: Head) -> tuple[list[str], list[str]]:
    """The lines above the head and those from it on; a head may begin inside a line."""
    upper, rest = list(kept[: head.line]), list(kept[head.line :])
    if head.column and rest:
        blanks = len(rest[0]) - len(_with_blanks(rest[0]).lstrip())
        at = blanks + head.column
        upper.append(rest[0][:at].rstrip(" -–—"))
        rest[0] = rest[0][at:]
    while upper and _leads(_with_blanks(upper[-1]).strip()):
        upper.pop()
    return upper, rest


def _leads(line: str) -> bool:
    """Whether a line above a quote is only on the way to it. (What stands under "--" may be a signature.)"""
    return not line or (line != "--" and _RULE.fullmatch(line[:200]) is not None)


def _unquoted(kept: Sequence[str], plain: Sequence[str], start: int, heads: Heads) -> list[str]:
    """Unquoted lines in a quote that marks its lines with ">", or behind the line that ends the quote; none in a quote
    that does neither."""
    first = next((number for number in range(start, len(plain)) if plain[number]), None)
    if first is not None and not plain[first].startswith(">"):
        first = next((number for number in range(first, len(plain)) if ends(plain[number])), None)
    if first is None:
        return []
    last = max((number for number in range(first, len(plain)) if plain[number].startswith(">")), default=first)
    found: list[str] = []
    bare: list[str] = []
    for number in range(first, len(plain)):
        line = plain[number]
        if not line or line.startswith(">") or ends(line):
            if found and found[-1]:
                found.append("")
                bare.append("")
            continue
        if (line == "--" and number > last) or (len(line) > 2 and not heads.tired and heads.at(number)[0] is not None):
            break
        if not signatures.is_footer(line):
            found.append(kept[number])
            bare.append(line)
    return found[: signatures.apart(bare, signed=False).end]
