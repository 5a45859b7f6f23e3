"""Does a text only say that its writer is away? Asked of what people send, by hand or from a program without a header.

Such a note is known by what it does not say. Absence is told in endless ways; but whoever solves something names a
matter or a remedy. So a text is a note if something in it tells of an absence, and all the rest is what such notes are
made of: courtesy, days, a deputy, names. In doubt it is one: a question costs a click, an absence note that closes a
ticket costs a user his answer. Linear in the length of the text.
"""

from __future__ import annotations

import re

from mailbot import late, wordfile

_LISTS = wordfile.read(__file__, "absence.txt")
_AWAY = _LISTS["away"].pattern
_REMEDY, _MATTER, _PROMISED = (
    late.pattern(rf"{_LISTS[name].any_of}\Z", re.IGNORECASE) for name in ("remedy", "matter", "promised")
)
_INSTEAD, _LATER = _LISTS["instead"].words, _LISTS["later"].words
_HARMLESS = _INSTEAD | _LATER | _LISTS["talk"].words
#: Characters of a text that may be a note; what is longer says more.
_LONGEST = 3_000
#: Words that no list knows: so many, or this share of all, may stand in a note.
_UNKNOWN, _SHARE = 3, 0.2
_SENTENCE_END = late.pattern(r"(?<=[.!?;])\s+|\n+")
_WORD = late.pattern(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LONGEST_NAME = 8  # words of a line that may be a name, an office, a title
_SMALL_IN_NAMES = frozenset(("dan", "di", "of", "the", "and", "bin", "binti"))


def only_says_away(text: str) -> bool:
    """Whether nothing stands in a text but that its writer is away (or that a machine answers for him)."""
    if len(text) > _LONGEST or _AWAY.search(text) is None:
        return False
    shouted = text.isupper()
    words = unknown = 0
    for sentence in _SENTENCE_END.split(text):
        found = _WORD.findall(sentence)
        if not found or (not shouted and _is_name(found)):
            continue
        if "?" in sentence or "://" in sentence or _tells(found):
            return False
        words += len(found)
        unknown += sum(_is_unknown(word, first=n == 0 or shouted) for n, word in enumerate(found))
    return unknown <= max(_UNKNOWN, _SHARE * words)


def _tells(words: list[str]) -> bool:
    """Whether a sentence speaks of a matter. One that names a deputy may say for what ("untuk akun SPSE, hubungi …"),
    and a promise for later tells nothing."""
    if any(_is_remedy(word) for word in words):
        return True
    if any(_PROMISED.match(word) for word in words) and not _has(words, _LATER):
        return True
    return any(_MATTER.match(word) for word in words) and not _has(words, _INSTEAD)


def _is_remedy(word: str) -> bool:
    return _REMEDY.match(word) is not None and word.lower() not in _INSTEAD


def _has(words: list[str], known: frozenset[str]) -> bool:
    return any(word.lower() in known for word in words)


def _is_unknown(word: str, *, first: bool) -> bool:
    """Whether no list has the word. One with a capital inside a sentence is a name."""
    named = word[0].isupper() and not first
    return not named and word.lower() not in _HARMLESS and _PROMISED.match(word) is None


def _is_name(words: list[str]) -> bool:
    """Whether a line names a person or an office: each of its words has a capital."""
    named = all(word[0].isupper() or word in _SMALL_IN_NAMES for word in words)
    return named and len(words) <= _LONGEST_NAME and not any(_is_remedy(word) for word in words)
