"""A plain reply of staff that is no answer to a user: a command without its #, or words to a colleague.

What has no command goes to the user, and these would cross to the wrong reader. In doubt a reply is asked about. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailbot import late, wordfile
from mailbot.parsers.commands import command_lines

_WORDS = wordfile.read(__file__, "unmarked.txt")
_BESIDE, _ASKS, _TELLS = (_WORDS[name].words for name in ("beside", "asks", "tells"))
_MOST_WORDS = 8
_WORD = late.pattern(r"[^\W\d_][\w'’-]*")
_OPENING = late.pattern(
    rf"\W*(?:{_WORDS['greetings'].any_of}[\s,.:]+)?(?P<title>@|{_WORDS['titles'].any_of}[\s.]+)?"
    r"(?P<name>[^\W\d_]+)(?P<behind>[ \t]*[^\w\s]|[ \t]*\n|\s+\w+|\Z)",
    re.IGNORECASE,
)


def command(text: str) -> str | None:
    """The command that a text names without its #, where it says nothing else ("tutup saja")."""
    said = [word.casefold() for word in _WORD.findall(text)]
    words = [word for word in said if word not in _BESIDE]
    if not words or len(said) > _MOST_WORDS:
        return None
    return _known("-".join(words)) or (_known(words[0]) if len(words) == 1 else None)


def _known(word: str) -> str | None:
    """ "tutup", and as people say it: "ditutup", "diteruskan"."""
    bare = word.removeprefix("di")
    for form in (word, bare, bare.removesuffix("kan")):
        if (found := command_lines.mentioned(f"#{form}")) is not None:
            return found
    return None


def colleague(text: str, colleagues: Iterable[str], user: str) -> str | None:
    """The colleague whom a text begins by speaking to, as he is called in it. user: whom it would go to, who may be
    called the same."""
    found = _OPENING.match(text)
    if found is None:
        return None
    name = found["name"].casefold()
    if len(name) < 3 or name in _names(user) or not any(name in _names(one) for one in colleagues):
        return None
    behind = found["behind"].strip().casefold()
    if behind.isalpha() and (behind in _TELLS if found["title"] else behind not in _ASKS):
        return None
    return found["name"]


def _names(full: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(full)}
