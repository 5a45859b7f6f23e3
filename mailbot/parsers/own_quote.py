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
    r"|(?:pada|on)\b|.{0,300}(?:menulis|wrote)\s*:?\s*$|[^\w]*(?:pesan asli|original message)\b|[^\w]*$)",
    re.IGNORECASE,
)
_LONGEST = 400  # characters of a line that can be a head's
_WORD = re.compile(r"\w+")


def only_ours(quote: str, ours: Iterable[str]) -> bool:
    """Whether the words of `quote`, its head apart, stand in this order in one of `ours`, with nothing in between."""
    texts = [_words(text) for text in ours]
    lines = quote.split("\n")
    for start in range(min(_HEAD_LINES, len(lines)) + 1):
        if start and not _leads(lines[start - 1]):
            return False
        rest = _words("\n".join(lines[start:]))
        if rest.strip() and any(rest in text for text in texts):
            return True
    return False


def _leads(line: str) -> bool:
    return len(line) <= _LONGEST and _HEAD.match(line) is not None


def _words(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "
