"""The second reader: which of a few meanings a short text seems to have, learnt from labelled texts.

The rules look for expressions that somebody wrote down. This reader weighs every mark of a text: its words, each two
that stand side by side, and their pieces of four letters, by which a new spelling resembles a known one. Every mark has
a weight for each meaning; the weights add up, and the sums become shares of one whole (a logistic regression).
`python -m bench.learning` learns them. Pure; linear in the length of the text.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from mailbot import wordfile
from mailbot.errors import ConfigError

BIAS = "(all)"  # what counts for every text: how frequent a meaning is
BEGIN, END, ASKS = "^", "$", "?"  # of a sentence: neighbours of its first and its last word; of a word: its ends
_PIECE, _LONGEST = 4, 40  # letters of a piece; what is longer is no word
UNIT = 100  # the file has whole numbers
_ABOUT, _SUM = "about", "sum"


@dataclass(frozen=True, slots=True)
class Reader:
    """weights: mark → its weight for each of the meanings, in their order."""

    meanings: tuple[str, ...]
    weights: Mapping[str, Sequence[int]]

    def shares(self, found: Set[str]) -> dict[str, float]:
        """How likely each meaning is, 0 to 1; together 1. found: what `marks` finds in a text."""
        known = [self.weights[mark] for mark in found if mark in self.weights]
        scale = UNIT * math.sqrt(len(known) + 1)  # a long text is not surer than a short one
        bias = self.weights.get(BIAS, (0,) * len(self.meanings))
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

    That takes 15 ms and some megabytes. The same file is therefore read once, for all mailboxes and for a reload.
    """
    return _load(path, wordfile.content(path))


@lru_cache(maxsize=8)
def _load(path: Path, text: str) -> Learnt:
    lists = {name: found.lines for name, found in wordfile.lists(text).items()}
    if lists.pop(_SUM, ()) != (checksum(lists),):
        raise ConfigError([f"{path}: was changed by hand or cut off; install mailbot anew"])
    about = dict(line.split(": ", 1) for line in lists.pop(_ABOUT))
    return Learnt(about, {name.split()[0]: _reader(name, lines) for name, lines in lists.items()})


def _reader(name: str, lines: Iterable[str]) -> Reader:
    rows = (line.split(": ", 1) for line in lines)
    return Reader(tuple(name.split()[1:]), {mark: tuple(map(_number, weights.split())) for weights, mark in rows})


_number = lru_cache(maxsize=4096)(int)  # each number once: a hundred thousand weights are a thousand numbers


def as_text(learnt: Learnt) -> str:
    """The file: what it is about, one list for each reader ("name meaning meaning …"), and a sum of all that."""
    lists = {_ABOUT: tuple(f"{what}: {said}" for what, said in learnt.about.items())}
    for name, reader in learnt.readers.items():
        rows = tuple(f"{' '.join(map(str, weights))}: {mark}" for mark, weights in sorted(reader.weights.items()))
        lists[" ".join((name, *reader.meanings))] = rows
    lists[_SUM] = (checksum(lists),)
    head = "# Weights learnt from labelled texts (`python -m bench.learning --write`); never changed by hand.\n"
    return head + "".join(f"[{name}]\n" + "".join(f"{line}\n" for line in lines) for name, lines in lists.items())


def checksum(lists: Mapping[str, Sequence[str]]) -> str:
    """The sum of all lines of a file."""
    whole = "\n".join(f"[{name}]\n" + "\n".join(lines) for name, lines in lists.items())
    return hashlib.sha256(whole.encode()).hexdigest()
