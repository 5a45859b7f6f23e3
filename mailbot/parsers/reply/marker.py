"""The line "answer above this line" in a mail: ours, however the reader's mail program has dressed it, and those of
other helpdesks, under which their mail stands as ours does under ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from mailbot import wordfile
from mailbot.sentences import Sentences
from mailbot.wordfile import small

_SAID = Sentences(__file__)
_OTHERS = frozenset(wordfile.read(__file__, "other_markers.txt")["above"].phrases)
_SIGNS = " \t\u00a0*_#>|=~–—─━-.!:\\/()[]"
_LONGEST = 160
# "##- … -##" stands around nothing else, in whatever language (Zendesk).
_FENCED = re.compile(r"[>\s]{0,20}##-[^\n]{4,120}-##\W{0,10}")

# Stands in every mail of ours that staff or LKPP may answer; all below it is ours. Plain words between two
# rules: they survive quoting, wrapping and the way from HTML to text.
MARKER = _SAID("marker")


#: Its words, folded.
WORDS = tuple(re.findall(r"\w+", MARKER.casefold()))
_ENOUGH = 3  # words of it, in its order


def is_rest_of(words: Sequence[str]) -> bool:
    """Whether a line's words, folded, are what is left of our line: nothing but words of it, in their order."""
    left = iter(WORDS)
    return _ENOUGH <= len(words) <= len(WORDS) and all(word in left for word in words)


def is_others(line: str) -> bool:
    """Whether this line is another helpdesk's."""
    if not 10 <= len(line) <= _LONGEST:
        return False
    return line.strip(_SIGNS).casefold() in _OTHERS or ("##-" in line and _FENCED.fullmatch(line) is not None)


def on_its_own_line(text: str, marker: str) -> tuple[str, int | None, bool]:
    """(text, offset of our marker or None, whether only a part of it is there).

    Only the marker's words count: quote prefixes, line breaks and rules around and between them are what
    mail programs do to it. Where a program has flattened the text, the marker gets a line of its own.
    """
    whole, part = _patterns(marker)
    read = small(text)
    found = whole.search(read)
    if found is None:
        return text, None, any(not _in_others(text, match.start()) for match in part.finditer(read))
    at = found.start()
    line_start = text.rfind("\n", 0, at) + 1
    before = text[line_start:at]
    if not any(char.isalnum() for char in before):
        return text, line_start, False
    words_end = line_start + len(before.rstrip("-–—_=*─━~│|> \t\u00a0"))
    return f"{text[:words_end]}\n{text[words_end:]}", words_end + 1, False


def _in_others(text: str, at: int) -> bool:
    """Whether what stands there is a word of another helpdesk's line."""
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    return is_others(text[start : end if end >= 0 else len(text)].strip())


@lru_cache(maxsize=4)
def _patterns(marker: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What finds the whole marker and what a part of it, in a text of small letters."""
    words = re.findall(r"\w+", small(marker))
    # Every gap is possessive and every word begins with a letter: no way back, hence linear.
    whole = r"[\W_]+".join(map(re.escape, words))
    runs = (words[i : i + 4] for i in range(max(1, len(words) - 3)))
    part = "|".join(r"[\W_]{1,40}".join(map(re.escape, run)) for run in runs)
    return re.compile(whole), re.compile(part)
