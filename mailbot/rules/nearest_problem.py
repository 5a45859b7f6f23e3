"""Which category a first mail comes nearest to where no phrase of `problems` is found in it: a proposal to staff.

A reader learnt from labelled mails, the examples of the phrases and the names of the categories (`bench.nearest`). It
decides nothing: the ticket stays without a category until staff give it one. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mailbot.rules import FOLDER
from mailbot.rules.language import reader
from mailbot.rules.language.normalise import Sentence
from mailbot.rules.problems import Problem, Problems

LEARNT = FOLDER / "problems_learnt.txt"
Reader = reader.Reader

_LEAST = 0.3  # a share: what is less likely is not worth a look
_TELLING = 3  # words


class Nearest(NamedTuple):
    """A category, and the words of the mail that tell most of it."""

    problem: Problem
    words: tuple[str, ...]


def load() -> Reader:
    """The reader; raises ConfigError if its file is not as it was learnt."""
    return reader.load(LEARNT).readers["problems"]


def marks(parts: Sequence[Sentence]) -> frozenset[str]:
    """What the reader weighs."""
    return reader.marks((part.words, part.asks) for part in parts)


def nearest(parts: Sequence[Sentence], problems: Problems, by: Reader) -> Nearest | None:
    """The likeliest category of those that the site has; None where none is likely, or the mail only greets."""
    found = marks(parts)
    shares = by.shares(found) if found else {}
    likeliest = max(shares, key=shares.__getitem__, default="")
    problem = problems.get(likeliest)
    if problem is None or problem is problems.unknown or shares[likeliest] < _LEAST:
        return None
    place = by.meanings.index(likeliest)
    weights = {mark: by.weight(mark, place) for mark in found if mark.isalpha()}
    telling = sorted((mark for mark in weights if weights[mark] > 0), key=lambda mark: (-weights[mark], mark))
    return Nearest(problem, tuple(telling[:_TELLING]))
