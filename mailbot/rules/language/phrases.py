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

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import Generic, TypeVar

from mailbot.rules.language import morphology
from mailbot.rules.language.normalise import Sentence

GAPS = {"..": 3, "...": 8}
_CLITICS = ("nya", "lah")
#: Words of which a set of lists remembers its answer: the words of all mails are few. Their letters: longer ones are
#: nobody's words, and would fill the memory.
_KEPT, _LONGEST = 4000, 40
_SHORTEST = 6  # letters of a word with one of these

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Words:
    """Alternatives for one word."""

    exact: frozenset[str]
    prefixes: tuple[str, ...] = ()

    def __contains__(self, word: str) -> bool:
        return word in self.exact or word.startswith(self.prefixes) or _without_clitic(word) in self.exact


def _without_clitic(word: str) -> str:
    """The word without -nya or -lah behind it; "" for a word that has none."""
    clitic = len(word) >= _SHORTEST and word.endswith(_CLITICS) and word != "masalah"
    return word[:-3] if clitic else ""


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

    @property
    def first(self) -> Words:
        assert isinstance(self.elements[0], Words)
        return self.elements[0]

    def find(self, sentence: Sentence) -> list[Match]:
        """All matches, at most one (the shortest) for each first word."""
        found = (self.at(sentence, i) for i, word in enumerate(sentence.words) if word in self.first)
        return [match for match in found if match]

    def at(self, sentence: Sentence, start: int) -> Match | None:
        """The match that begins at a word which is among the pattern's first ones."""
        if self.at_start and start:
            return None
        words, at = sentence.words, start
        for element in self.elements:  # most patterns begin with words, and most places fail at the second
            if not isinstance(element, Words):
                break
            if at >= len(words) or words[at] not in element:
                return None
            at += 1
        # position -> the named words on the way there; the gaps are short, so there are few positions
        reached: dict[int, tuple[int, ...]] = {at: tuple(range(start, at))}
        for element in self.elements[at - start :]:
            following: dict[int, tuple[int, ...]] = {}
            for at, named in reached.items():
                for to, name in _step(element, sentence, at):
                    following.setdefault(to, (*named, at) if name else named)
            reached = following
            if not reached:
                return None
        end = min(reached)
        return Match(start, end, reached[end])


class _Remembered(dict[str, tuple[K, ...]]):
    """Word → what was found for it. At each word of each mail a dozen of these are asked, and the words of all mails
    are few."""

    def __init__(self, find: Callable[[str], tuple[K, ...]]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, word: str) -> tuple[K, ...]:
        found = self._find(word)
        if len(word) <= _LONGEST:
            if len(self) >= _KEPT:
                self.clear()
            self[word] = found
        return found


class Lists(Generic[K]):
    """Many lists of words, each with its key: one question for a word tells all the lists that hold it.

    holding: word → the keys of the lists that hold it, in the order of the lists.
    """

    def __init__(self, listed: Iterable[tuple[K, Words]]) -> None:
        self._listed = tuple(listed)
        self._known = _Remembered(self._holding)
        self.holding = self._known.__getitem__

    @cached_property
    def _index(self) -> tuple[Mapping[str, Sequence[int]], Mapping[str, Sequence[int]], Sequence[int]]:
        """(word → numbers of the lists, prefix → the same, lengths of prefixes). Made at the first question: an office
        that starts has no reply of LKPP yet."""
        exact: dict[str, list[int]] = {}
        prefixes: dict[str, list[int]] = {}
        for number, (_, words) in enumerate(self._listed):
            for word in words.exact:
                exact.setdefault(word, []).append(number)
            for prefix in words.prefixes:
                prefixes.setdefault(prefix, []).append(number)
        return _sharing(exact), _sharing(prefixes), sorted(set(map(len, prefixes)))

    def _holding(self, word: str) -> tuple[K, ...]:
        exact, prefixes, lengths = self._index
        found = {*exact.get(word, ())}
        if bare := _without_clitic(word):
            found.update(exact.get(bare, ()))
        for length in lengths:
            found.update(prefixes.get(word[:length], ()))
        return tuple(self._listed[number][0] for number in sorted(found)) if found else ()

    def of(self, words: Iterable[str]) -> list[frozenset[K]]:
        """For each word the keys of the lists that hold it."""
        return [frozenset(self.holding(word)) for word in words]


def _sharing(found: Mapping[str, Sequence[int]]) -> dict[str, tuple[int, ...]]:
    """Many words stand in the very same lists: what is kept of them is kept once."""
    kept: dict[tuple[int, ...], tuple[int, ...]] = {}
    each = ((word, tuple(numbers)) for word, numbers in found.items())
    return {word: kept.setdefault(numbers, numbers) for word, numbers in each}


class Patterns:
    """Many patterns, looked for in a sentence at once: at each word only those that begin with it are tried."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._patterns = tuple(patterns)
        self._beginning = Lists((number, pattern.first) for number, pattern in enumerate(self._patterns))
        self._needing = Lists((number, pattern.required[-1]) for number, pattern in enumerate(self._patterns))

    def __iter__(self) -> Iterator[Pattern]:
        return iter(self._patterns)

    def __len__(self) -> int:
        return len(self._patterns)

    def find(self, sentence: Sentence) -> list[tuple[int, Match]]:
        """(number of the pattern from 0, match), by the number, then by the place."""
        words = sentence.words
        begun = [(place, numbers) for place, numbers in enumerate(map(self._beginning.holding, words)) if numbers]
        if not begun:
            return []
        likely = frozenset(chain.from_iterable(map(self._needing.holding, words)))  # their last word is there, too
        found = [
            (number, match)
            for place, numbers in begun
            for number in numbers
            if number in likely and (match := self._patterns[number].at(sentence, place))
        ]
        return sorted(found, key=_number)

    def matches(self, sentence: Sentence) -> list[Match]:
        """The matches alone."""
        return [match for _, match in self.find(sentence)]

    def named(self, sentence: Sentence) -> set[int]:
        """The places of all words that the patterns found name."""
        return {place for _, match in self.find(sentence) for place in match.named}


def _number(found: tuple[int, Match]) -> int:
    return found[0]


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
        if not stem.isalnum() and not (stem and all(c.isalnum() or c in "_%" for c in stem)):
            raise ValueError(f"not a word: {word[:40]!r}")
        if stem == word:
            exact.add(word)
        else:
            prefixes.append(stem)
    return Words(_once(frozenset(exact)), tuple(prefixes))


@lru_cache(maxsize=4096)
def _once(words: frozenset[str]) -> frozenset[str]:
    """Hundreds of phrases name the same words ("sudah|telah"): these are kept once."""
    return words


def _element(part: str, sets: Mapping[str, Words]) -> _Element:
    if part in GAPS:
        return _Gap(GAPS[part])
    if part == "$":
        return _End()
    if part.startswith("(") and part.endswith(")?"):
        return _Optional(compile_words(part[1:-2], sets))
    return compile_words(part, sets)
