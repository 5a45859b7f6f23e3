"""A mail to a user, read aloud: it greets once, takes leave once, and says nothing that is meant for others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailbot import wordfile

_HEARD = wordfile.read(__file__, "aloud.txt")
_SALUTATION, _CLOSING, _THANKS = (_HEARD[name].pattern for name in ("salutation", "closing", "thanks"))
_FORBIDDEN = [re.compile(line, re.IGNORECASE) for line in _HEARD["forbidden"].lines]


def faults(text: str) -> Iterator[str]:
    """What a user would stumble over in the plain text of a mail to him, a sentence each."""
    lines = [line.removeprefix("│").strip() for line in text.split("\n")]
    lines = [line for line in lines if line]
    greets = [_SALUTATION.fullmatch(line) is not None for line in lines]
    greeted = [line for number, line in enumerate(lines) if greets[number] and not (number and greets[number - 1])]
    if len(greeted) != 1:
        yield f"greets {len(greeted)} times: {greeted}"
    leaves = [line for line in lines if _CLOSING.fullmatch(line)]
    if len(leaves) != 1:
        yield f"takes leave {len(leaves)} times: {leaves}"
    said = " ".join(lines)
    if len(thanks := _THANKS.findall(said)) > 1:
        yield f"thanks {len(thanks)} times"
    yield from (f"says {found[0]!r}" for pattern in _FORBIDDEN if (found := pattern.search(said)))
