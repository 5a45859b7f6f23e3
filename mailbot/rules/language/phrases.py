"""The language of the phrase files: patterns of words, matched in linear time.

A pattern is a row of elements with spaces between them:

    sudah|telah     one of these words
    lampir*         a word that begins so
    ~kirim          any form of this verb: kirim, dikirimkan, mengirim, terkirim
    kirim~          any noun made of it: pengiriman, kiriman
    (kami)?         may be there or not
    ..  ...         up to 3, up to 8 words of any kind
    ^  $            the sentence begins here, the clause ends here
    @name           the words of the set `name`

A word is also found with -nya or -lah behind it.

No regular expressions: whoever edits the file cannot write one that never ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailbot.rules.language import morphology
from mailbot.rules.language.normalise import Sentence

GAPS = {"..": 3, "...": 8}
_CLITICS = ("nya", "lah")
_SHORTEST = 6  # letters of a word with one of these


@dataclass(frozen=True, slots=True)
class Words:
    """Alternatives for one word."""

    exact: frozenset[str]
    prefixes: tuple[str, ...] = ()

    def __contains__(self, word: str) -> bool:
        if word in self.exact or (self.prefixes and word.startswith(self.prefixes)):
            return True
        return len(word) >= _SHORTEST and word.endswith(_CLITICS) and word != "masalah" and word[:-3] in self.exact


@dataclass(frozen=True, slots=True)
class _Gap:
    most: int


@dataclass(frozen=True, slots=True)
class _Optional:
    words: Words


@dataclass(frozen=True, slots=True)
class _End:
    pass


_Element = Words | _Gap | _Optional | _End


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern stands: words start..end-1; `named` are the positions of the words it names."""

    start: int
    end: int
    named: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. Its first element is always a word, so that most places are passed over."""

    elements: tuple[_Element, ...]
    at_start: bool

    @property
    def words(self) -> tuple[Words, ...]:
        """All the words that it names."""
        named = (e.words if isinstance(e, _Optional) else e for e in self.elements)
        return tuple(e for e in named if isinstance(e, Words))

    @property
    def required(self) -> tuple[Words, ...]:
        """The words that it cannot do without."""
        return tuple(e for e in self.elements if isinstance(e, Words))

    def begins_in(self, said: Iterable[str]) -> bool:
        """Whether its first word is among these words: else it is found in no sentence made of them."""
        first = self.elements[0]
        assert isinstance(first, Words)
        return any(word in first for word in said)

    def find(self, sentence: Sentence) -> list[Match]:
        """All matches, at most one (the shortest) for each first word."""
        first = self.elements[0]
        assert isinstance(first, Words)
        places = range(min(1, len(sentence.words))) if self.at_start else range(len(sentence.words))
        found = (self._at(sentence, i) for i in places if sentence.words[i] in first)
        return [match for match in found if match]

    def _at(self, sentence: Sentence, start: int) -> Match | None:
        # position -> the named words on the way there; the gaps are short, so there are few positions
        reached: dict[int, tuple[int, ...]] = {start: ()}
        for element in self.elements:
            following: dict[int, tuple[int, ...]] = {}
            for at, named in reached.items():
                for to, name in _step(element, sentence, at):
                    following.setdefault(to, (*named, at) if name else named)
            reached = following
            if not reached:
                return None
        end = min(reached)
        return Match(start, end, reached[end])


def _step(element: _Element, sentence: Sentence, at: int) -> Iterable[tuple[int, bool]]:
    words = sentence.words
    match element:
        case Words():
            return [(at + 1, True)] if at < len(words) and words[at] in element else []
        case _Optional():
            taken = [(at + 1, True)] if at < len(words) and words[at] in element.words else []
            return [*taken, (at, False)]
        case _Gap():
            return [(to, False) for to in range(at, min(at + element.most, len(words)) + 1)]
        case _End():
            ends = at == len(words) or sentence.clauses[at] != sentence.clauses[at - 1]
            return [(at, False)] if ends else []


def compile_pattern(text: str, sets: Mapping[str, Words]) -> Pattern:
    """Read a pattern; raises ValueError with what is wrong in it."""
    parts = text.lower().split()
    at_start = parts[:1] == ["^"]
    elements = [_element(part, sets) for part in parts[at_start:]]
    if not elements or not isinstance(elements[0], Words):
        raise ValueError("a phrase begins with a word (after ^, if there is one)")
    if len(elements) > 20 or sum(isinstance(e, _Gap) for e in elements) > 3:
        raise ValueError("a phrase has at most 20 elements and 3 gaps")
    return Pattern(tuple(elements), at_start)


def compile_words(text: str, sets: Mapping[str, Words] | None = None) -> Words:
    """Read "a|b|c*|@set"; raises ValueError with what is wrong in it."""
    exact: set[str] = set()
    prefixes: list[str] = []
    for word in text.lower().split("|"):
        if word.startswith("@"):
            if sets is None or word[1:] not in sets:
                raise ValueError(f"unknown set {word[:40]}")
            exact |= sets[word[1:]].exact
            prefixes += sets[word[1:]].prefixes
            continue
        if word[:1] == "~" and word[1:].isalpha():
            exact |= morphology.verbs(word[1:])
            continue
        if word[-1:] == "~" and word[:-1].isalpha():
            exact |= morphology.nouns(word[:-1])
            continue
        stem = word.removesuffix("*")
        if not stem or not all(c.isalnum() or c in "_%" for c in stem):
            raise ValueError(f"not a word: {word[:40]!r}")
        if stem == word:
            exact.add(word)
        else:
            prefixes.append(stem)
    return Words(frozenset(exact), tuple(prefixes))


def _element(part: str, sets: Mapping[str, Words]) -> _Element:
    if part in GAPS:
        return _Gap(GAPS[part])
    if part == "$":
        return _End()
    if part.startswith("(") and part.endswith(")?"):
        return _Optional(compile_words(part[1:-2], sets))
    return compile_words(part, sets)
