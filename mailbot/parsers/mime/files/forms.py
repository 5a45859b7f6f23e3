"""Two texts of one mail compared: whether they are the same words in another form (RFC 2046 §5.1.4).

Programs write a body several times, and each form differs a little: other line ends, marks of quotation, numbers of
lists, addresses behind links. So words are compared, in order, and what stands between them is not. Total and linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import compress, count, pairwise

_MOST = 60_000  # words that are compared
_OPENING = 16  # words in which a body's forms begin alike, and a report or a log begins otherwise
_FEW = 5  # words; fewer stand in a body and in a file by chance

# What one form has and another has not: addresses behind links, pictures' names, numbers of lists.
_BETWEEN = re.compile(
    r"(?:https?://|www\.|mailto:|cid:|tel:)[^\s<>\"]{1,2000}|\[(?:cid|image|gambar)\s{0,2}:[^\]\n]{0,200}\]"
    r"|\A[>\s]{0,40}\d{1,2}[.)](?=\s|\Z)",
    re.I,
)
_NUMBERED = re.compile(r"^[>\s]{0,40}\d{1,2}[.)]", re.MULTILINE)
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_WORD = re.compile(r"[^\W_]+")


class Relation(Enum):
    """What a file is to the body. DOUBT: it holds the body and more, or half of it."""

    FORM = "form"
    DOUBT = "doubt"
    FILE = "file"


def _lines(text: str) -> Iterator[str]:
    """A text's lines one by one: a list of all of them may be millions of objects."""
    at = 0
    while at <= len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield text[at:end]
        at = end + 1


def _of_line(line: str) -> list[str]:
    if not line or line.isspace():
        return []
    if not line.isascii():
        line = line.translate(_UNSEEN)
    small = line.casefold()
    return _WORD.findall(_BETWEEN.sub(" ", line).casefold() if _may_hold_between(small) else small)


def _may_hold_between(small: str) -> bool:
    """Whether `_BETWEEN` may be found; most texts have none of its signs."""
    return ":" in small or "www." in small or _NUMBERED.search(small) is not None


def _words_of_lines(text: str) -> Iterator[list[str]]:
    """The words of each line."""
    small = (text if text.isascii() else text.translate(_UNSEEN)).casefold()
    return map(_of_line, _lines(text)) if _may_hold_between(small) else map(_WORD.findall, _lines(small))


@dataclass(slots=True)
class Said:
    """The words that a text says, in their order. Texts may be added."""

    words: list[str] = field(default_factory=list)
    _short_lines: set[tuple[str, ...]] = field(default_factory=set)
    _pairs: set[tuple[str, str]] = field(default_factory=set)
    complete: bool = True  # False: the text goes on behind the words that are compared

    @classmethod
    def of(cls, *texts: str) -> Said:
        said = cls()
        for text in texts:
            said.add(text)
        return said

    def add(self, text: str) -> None:
        start = max(0, len(self.words) - 2)
        for line in _words_of_lines(text):
            self.words += line
            if len(line) < _FEW:
                self._short_lines.add(tuple(line))
            if len(self.words) > _MOST:
                del self.words[_MOST:]
                self.complete = False
                break
        tail = self.words[start:]
        self._pairs.update(pairwise(tail))
        self._pairs.update(zip(tail, tail[2:], strict=False))  # one word may stand between

    @property
    def many(self) -> bool:
        """Whether these are more words than two texts have in common by chance."""
        return len(self.words) >= _FEW

    def has_line(self, line: Sequence[str]) -> bool:
        """Whether a few words stand here as a line of their own: what stands around them may differ."""
        return tuple(line) in self._short_lines

    def covers(self, words: Sequence[str]) -> list[bool]:
        """Which of the words are said here beside one of the words that stand around them there."""
        if len(words) == 1:
            return [words[0] in self.words]
        said = [False] * len(words)
        for apart in (1, 2):
            known = map(self._pairs.__contains__, zip(words, words[apart:], strict=False))
            for at in compress(count(), known):
                said[at] = said[at + apart] = True
        return said

    def share(self, words: Sequence[str]) -> float:
        """The share of the words that are said here; 1 of none. What repeats itself is said as often as it can be."""
        return min(sum(self.covers(words)), len(self.words)) / len(words) if words else 1.0


def unsaid(text: str, said: Said, form: Said | None = None) -> str:
    """What of another form is not said yet: its lines that bring words of their own, "" where there are none. The
    whole text where it is no other form at all but says something else. form: the text's words, if they are known."""
    form = form or Said.of(text)
    covered = said.covers(form.words)
    own = len(covered) - sum(covered)
    if not said.words:
        return text
    if own == 0 and form.complete:
        return ""
    shorter = len(form.words) * 2 < len(said.words)  # so that it cannot say half of it: a mail may have many pieces
    if own * 2 >= len(covered) and (shorter or form.share(said.words) * 2 < 1):
        return text
    lines = []
    at = 0
    for line in _lines(text):
        words = _of_line(line)
        behind = at + len(words) > len(covered)
        if behind or (_brings_words(covered[at : at + len(words)]) and not said.has_line(words)):
            lines.append(line)
        at += len(words)
    return "\n".join(lines)


def _brings_words(covered: Sequence[bool]) -> bool:
    """Whether most words of a line are new, or three in a row: single ones differ between forms by their nature."""
    new = len(covered) - sum(covered)
    return new * 2 > len(covered) or any(not any(covered[at : at + 3]) for at in range(len(covered) - 2))


def relation(file: Said, body: Said, *, event: bool = False) -> Relation:
    """What a file with these words is to the body; a file without words is a file. event: it is an invitation, whose
    description its mail may repeat; it is a form of the body only if it says nearly all of that, too."""
    if not file.words or not body.words:
        return Relation.FILE
    in_body, in_file = body.share(file.words), file.share(body.words)
    enough = in_file >= 0.8 if event else file.many or in_file >= 0.9
    if file.complete and ((in_body >= 0.9 and enough) or (in_body >= 0.75 and in_file >= 0.9)):
        return Relation.FORM
    opening = body.words[:_OPENING]
    begins_alike = len(opening) > 1 and file.words[: len(opening)] == opening
    # A line that a body has of a log stands behind words of the body's own.
    holds_opening = len(opening) >= _FEW and file.share(opening) >= 0.8 and file.share(opening[:4]) > 0.5
    # A log, of which the body has a line, is longer by far.
    holds_most = len(body.words) > _OPENING and in_file >= 0.7 and len(file.words) < 2 * len(body.words)
    half = len(file.words) > _OPENING and in_body >= 0.5 and not event
    if begins_alike or holds_opening or holds_most or half:
        return Relation.DOUBT
    return Relation.FILE
