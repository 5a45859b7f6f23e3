"""The second reader: which of a few meanings a short text seems to have, learnt from labelled texts.

The rules look for expressions that somebody wrote down. This reader weighs every mark of a text: its words, each two
that stand side by side, and their pieces of four letters, by which a new spelling resembles a known one. Every mark has
a weight for each meaning; the weights add up, and the sums become shares of one whole (a logistic regression).
`python -m bench.learning` learns them. Pure; linear in the length of the text.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from array import array
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path

from mailbot import wordfile
from mailbot.errors import ConfigError

BIAS = "(all)"  # what counts for every text: how frequent a meaning is
BEGIN, END, ASKS = "^", "$", "?"  # of a sentence: neighbours of its first and its last word; of a word: its ends
_PIECE, _LONGEST = 4, 40  # letters of a piece; what is longer is no word
UNIT = 100  # the file has whole numbers
_HEAD = "# Weights learnt from labelled texts (`python -m bench.learning --write`); never changed by hand.\n"
_ABOUT, _SUM = "about", "sum"
_NAME = re.compile(r"^\[([a-z0-9][\w .-]*)\]\n", re.MULTILINE)  # of a list, above its lines


@dataclass(frozen=True)
class Reader:
    """rows: the weights as they are written: for each mark a line, with its weight for each of the meanings."""

    meanings: tuple[str, ...]
    rows: str = field(repr=False)

    @classmethod
    def of(cls, meanings: tuple[str, ...], weights: Mapping[str, Sequence[int]]) -> Reader:
        """weights: mark → its weight for each of the meanings, in their order."""
        rows = (f"{' '.join(map(str, each))}: {mark}" for mark, each in sorted(weights.items()))
        return cls(meanings, "\n".join(rows))

    @cached_property
    def _read(self) -> tuple[Mapping[str, int], array[int]]:
        """(mark → the place of its first weight, all weights). Read when the first text is weighed: an office that just
        starts has none yet, and tens of thousands of marks take their time and some megabytes."""
        weights, marks = zip(*(line.split(": ", 1) for line in self.rows.split("\n")), strict=True)
        numbers = array("h", json.loads(f"[{','.join(weights).replace(' ', ',')}]"))  # the quickest way to read them
        return dict(zip(marks, range(0, len(numbers), len(self.meanings)), strict=True)), numbers

    def weight(self, mark: str, meaning: int) -> int:
        """Of a mark, for the meaning at this place; 0 for a mark that says nothing."""
        places, numbers = self._read
        return numbers[places[mark] + meaning] if mark in places else 0

    def shares(self, found: Set[str]) -> dict[str, float]:
        """How likely each meaning is, 0 to 1; together 1. found: what `marks` finds in a text."""
        places, numbers = self._read
        many = len(self.meanings)
        known = [numbers[at : at + many] for mark in found if (at := places.get(mark, -1)) >= 0]
        scale = UNIT * math.sqrt(len(known) + 1)  # a long text is not surer than a short one
        bias = [self.weight(BIAS, meaning) for meaning in range(many)]
        sums = [b / UNIT + sum(column) / scale for b, *column in zip(bias, *known, strict=True)]
        parts = [math.exp(one - max(sums)) for one in sums]
        return {meaning: part / sum(parts) for meaning, part in zip(self.meanings, parts, strict=True)}


def marks(sentences: Iterable[tuple[Sequence[str], bool]]) -> frozenset[str]:
    """The marks of a text. sentences: the words of each, and whether it asks."""
    found: set[str] = set()
    for words, asks in sentences:
        shaped = [_shape(word) for word in words]
        found.update(shaped)
        found.update(map(" ".join, pairwise((BEGIN, *shaped, ASKS if asks else END))))
        found.update((ASKS,) if asks else ())
        found.update(piece for word in shaped for piece in _pieces(word))
    return frozenset(found)


def _shape(word: str) -> str:
    """A number by its length: no number is learnt, and a long one is data."""
    if word.isascii() and word.isalpha():
        return word
    return "0" * min(len(word), 6) if word.isdigit() else "a0" if any(map(str.isdigit, word)) else word


def _pieces(word: str) -> Iterable[str]:
    """The pieces of a word, each with "~" before it."""
    whole = f"{BEGIN}{word[:_LONGEST]}{END}"
    return (f"~{whole[i : i + _PIECE]}" for i in range(len(whole) - _PIECE + 1))


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a file of weights holds. about: the texts it was learnt from, and how well it reads."""

    about: Mapping[str, str]
    readers: Mapping[str, Reader]


def load(path: Path) -> Learnt:
    """Read a file of weights; raises ConfigError if it is not as it was learnt.

    The same file is read once, for all mailboxes and for a reload.
    """
    return _load(path, wordfile.content(path))


@lru_cache(maxsize=8)
def _load(path: Path, text: str) -> Learnt:
    whole, _, end = text.removeprefix(_HEAD).rpartition(f"\n[{_SUM}]\n")
    if end.strip() != _sum(whole):
        raise ConfigError([f"{path}: was changed by hand or cut off; install mailbot anew"])
    _, *pieces = _NAME.split(whole)
    lists = dict(zip(pieces[::2], pieces[1::2], strict=True))
    about = dict(line.split(": ", 1) for line in lists.pop(_ABOUT).rstrip("\n").split("\n"))
    readers = {name.split()[0]: Reader(tuple(name.split()[1:]), rows.rstrip("\n")) for name, rows in lists.items()}
    return Learnt(about, readers)


def as_text(learnt: Learnt) -> str:
    """The file: what it is about, one list for each reader ("name meaning meaning …"), and a sum of all that."""
    lists = {_ABOUT: "\n".join(f"{what}: {said}" for what, said in learnt.about.items())}
    lists |= {" ".join((name, *reader.meanings)): reader.rows for name, reader in learnt.readers.items()}
    whole = "\n".join(f"[{name}]\n{rows}" for name, rows in lists.items())
    return f"{_HEAD}{whole}\n[{_SUM}]\n{_sum(whole)}\n"


def _sum(whole: str) -> str:
    return hashlib.sha256(whole.encode()).hexdigest()
