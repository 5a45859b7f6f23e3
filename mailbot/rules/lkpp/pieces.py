"""A text as paragraphs and sentences that know where they stand in it, so that one can be cut out and the rest stays as
it was written. Pure; linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailbot.rules.language import normalise
from mailbot.rules.language.normalise import Sentence
from mailbot.rules.language.slips import Slips

_TOKEN = re.compile(r"\S+")
_OPENS, _ENDS_CLAUSE = '([{"“', ",;:)]}?"
_DASHES = frozenset({"-", "–", "—", "--", "|", "=", "→", "->"})
_GOES_ON = re.compile(r"\s{1,20}[a-z]")  # "kepada penyedia ybs. bahwa …"
BULLET = re.compile(r"[ \t]{0,20}(?:[-*•·–][ \t]|\(?(?:[0-9]{1,2}|[a-zA-Z])[.)][ \t])[ \t]{0,20}")


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence. start, end: where it stands in the text, without blanks and its bullet.

    places: for each word of `sentence` where the token it comes from stands in the text: (start, end).
    """

    start: int
    end: int
    sentence: Sentence
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """Lines that a mail program broke and that belong together, or one item of a list."""

    start: int
    end: int
    bullet: bool
    pieces: tuple[Piece, ...]


def lines(text: str) -> list[tuple[int, int]]:
    """Where each line stands: (start, end), without its line break."""
    found, at = [], 0
    for line in text.split("\n"):
        found.append((at, at + len(line)))
        at += len(line) + 1
    return found


def paragraphs(text: str, slips: Slips) -> list[list[Unit]]:
    """The text between empty lines, by units."""
    found: list[list[Unit]] = []
    before = ""
    first = last = -1
    units: list[Unit] = []
    for start, end in [*lines(text), (len(text), len(text))]:
        line = text[start:end]
        if first >= 0 and not (line.strip() and normalise.goes_on(before.strip(), line)):
            units.append(_unit(text, first, last, slips))
            first = -1
        if line.strip():
            first, last = (start if first < 0 else first), end
        elif units:
            found.append(units)
            units = []
        before = line
    return found


def _unit(text: str, start: int, end: int, slips: Slips) -> Unit:
    bullet = BULLET.match(text, start, end)
    begin = bullet.end() if bullet else start
    return Unit(start, end, bullet is not None, tuple(_pieces(text, begin, end, slips)))


def _pieces(text: str, start: int, end: int, slips: Slips) -> Iterator[Piece]:
    at = start
    for until in (*(start + place for place in normalise.ends(text[start:end])), end):
        if text[max(until - 4, at) : until].lower() == "ybs." and _GOES_ON.match(text, until, end):
            continue
        if text[at:until].strip():
            yield piece(text, at, until, slips)
        at = until


def piece(text: str, start: int, end: int, slips: Slips) -> Piece:
    """A stretch of the text as one sentence."""
    words: list[str] = []
    clauses: list[int] = []
    places: list[tuple[int, int]] = []
    clause, asks = 0, False
    for token in _TOKEN.finditer(text, start, end):
        raw = token[0]
        if raw in _DASHES or (raw[0] in _OPENS and words):
            clause += 1
        for word in normalise.words(raw):
            words.append(slips.word(word))
            clauses.append(clause)
            places.append(token.span())
        if raw[-1] in _ENDS_CLAUSE or (len(raw) > 1 and raw[-2] in _ENDS_CLAUSE):
            clause += 1
        asks = asks or "?" in raw
    stretch = text[start:end]
    left = start + len(stretch) - len(stretch.lstrip())
    right = start + len(stretch.rstrip())
    shown = " ".join(stretch.split())
    return Piece(left, right, Sentence(shown, tuple(words), tuple(clauses), asks), tuple(places))
