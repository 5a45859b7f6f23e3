"""What a reply of LKPP seems to mean where the phrases do not say it, by a reader learnt from labelled replies.

It decides nothing: staff are asked all the same, and read its proposal first. It may only doubt the rules' "selesai".
Pure.
"""

from __future__ import annotations

from mailbot.rules import FOLDER
from mailbot.rules.language import reader
from mailbot.rules.language.normalise import sentences
from mailbot.rules.lkpp.phrases import MEANINGS

LEARNT = FOLDER / "lkpp_replies_learnt.txt"
Reader = reader.Reader

VETO = "unclear.second_reader"  # the rule of a "selesai" that the reader doubts
_DOUBTS_SOLVED = 0.2  # a share: below it "selesai" is in doubt (bench/proposals.py)
_MAX = 8000  # characters: a longer reply is no letter
_TELLING = 3  # words


def load() -> Reader:
    """The reader; raises ConfigError if its file is not as it was learnt."""
    return reader.load(LEARNT).readers["lkpp"]


def marks(text: str) -> frozenset[str]:
    """What the reader weighs."""
    return reader.marks((one.words, one.asks) for one in sentences(text[:_MAX]))


def doubts_solved(text: str, by: Reader) -> bool:
    """Whether the reader sees too little sign that it is solved."""
    return by.shares(marks(text))["solved"] < _DOUBTS_SOLVED


def ranked(text: str, by: Reader, ruled: str = "") -> list[str]:
    """The meanings, the likeliest first. ruled: what the rules say, which stands first where staff are asked all the
    same: of the "selesai" that are doubted most are right."""
    shares = by.shares(marks(text))
    return sorted(MEANINGS, key=lambda meaning: (meaning != ruled, -shares[meaning]))


def seems(text: str, by: Reader, ruled: str = "") -> tuple[str, list[str]] | None:
    """(the likeliest meaning, the words that tell most); None of a reply without words."""
    found = marks(text)
    if not found:
        return None
    likeliest = ranked(text, by, ruled)[0]
    place = by.meanings.index(likeliest)
    words = [mark for mark in found if mark.isalpha() and by.weight(mark, place) > 0]
    return likeliest, sorted(words, key=lambda word: (-by.weight(word, place), word))[:_TELLING]
