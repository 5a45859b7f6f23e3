"""Whether what a reply quotes is nothing but our own mail: then it says nothing, marker line or not.

Mails with a form to be filled in carry no marker, because the answers may stand in the quote. Where they do not, staff
and LKPP need not read our own form again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: Lines by which a program leads to a quote: "Pada … menulis:", or the head of the mail.
_HEAD_LINES = 12
_HEAD = re.compile(
    r"[>\s*_-]*(?:(?:dari|from|dikirim|terkirim|sent|tanggal|date|kepada|ke|to|cc|subjek|perihal|subject)\s*\*?\s*:"
    r"|.{0,300}(?:menulis|wrote)\s*:?\s*$|[^\w]*(?:pesan asli|original message)\b|[^\w]*$)",
    re.IGNORECASE,
)
#: The first line of "Pada … menulis:", which may go on; a sentence may begin so as well ("Pada saat masuk muncul …").
_BEGINS = re.compile(r"[>\s]*(?:pada|on)\b", re.IGNORECASE)
_ENDS = re.compile(r"(?:menulis|wrote)\s*:?\s*$", re.IGNORECASE)
_WRAPPED = 3  # lines of it
_LONGEST = 400  # characters of a line that can be a head's
_WORD = re.compile(r"\w+")


def only_ours(quote: str, ours: Iterable[str]) -> bool:
    """Whether the words of `quote`, its head apart, stand in this order in one of `ours`, with nothing in between."""
    texts = [_words(text) for text in ours]
    lines = quote.split("\n")
    for start in range(min(_HEAD_LINES, len(lines)) + 1):
        if start and not _leads(lines, start - 1):
            return False
        rest = _words("\n".join(lines[start:]))
        if rest.strip() and any(rest in text for text in texts):
            return True
    return False


def _leads(lines: list[str], number: int) -> bool:
    """Whether a line is one by which a program leads to a quote, also the first or second of a wrapped one."""
    line = lines[number]
    if len(line) > _LONGEST:
        return False
    if _HEAD.match(line):
        return True
    starts = [first for first in range(max(0, number - _WRAPPED + 1), number + 1) if _BEGINS.match(lines[first])]
    if not starts:
        return False
    for at in range(starts[-1], min(starts[-1] + _WRAPPED, len(lines))):
        if at > number and _BEGINS.match(lines[at]):
            return False  # another one begins: this was a sentence
        if at >= number and len(lines[at]) <= _LONGEST and _ENDS.search(lines[at]):
            return True
    return False


def _words(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "
