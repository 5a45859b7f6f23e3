"""What stands in place of something masked: MASK, or for a secret the mark that names its kind."""

from __future__ import annotations

import re

from mailbot import wordfile

_MARKS = dict(wordfile.read(__file__, "marks.txt")["marks"].rows)

#: For what is no secret and still somebody's own: names, numbers, links.
MASK = _MARKS["other"]
#: Kind of secret ("password", "pin", "code") → its mark.
OF_KIND = {kind: mark for kind, mark in _MARKS.items() if kind != "other"}

PATTERN = re.compile("|".join(map(re.escape, _MARKS.values())))


def mark_in(text: str) -> str | None:
    """The first mark in the text, or None."""
    found = PATTERN.search(text)
    return found and found[0]


def of_no_kind(text: str) -> str:
    """The text with MASK for each mark: for readers of words, whom the name of a kind would lead astray."""
    return PATTERN.sub(MASK, text)


def without_marks(text: str) -> str:
    """The text with a space in place of each mark: for readers of words, to whom a mark says nothing."""
    return PATTERN.sub(" ", text)
