"""The expressions by which users' short replies are read (`user_replies.yaml`), and how they are found in words.

People write as they talk: "wes iso", "tos tiasa" and "udeh bisa" all say "sudah bisa". The table `same` puts such words
into Indonesian first, and -nya falls off, so that each expression stands in the file once. Pure.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from mailbot import yamlfile
from mailbot.rules import FOLDER
from mailbot.rules.language.normalise import one_slip, words

BUILT_IN = FOLDER / "user_replies.yaml"

_LISTS = (
    "greetings", "address", "thanks", "done", "beside_done", "works", "at_last", "beside_works", "assent",
    "tries", "later", "explains", "apologies", "objects", "no_objection", "unsettled", "still", "contrasts",
    "question", "no_question", "promise", "regional", "evidence", "attachment",
    "criteria", "marks", "beside_marks", "praise", "blame", "beside_praise", "trouble", "asks", "wishes", "blessings",
)  # fmt: skip
_LONGEST = 12  # words of one expression
_MOST = 5000  # expressions that one line of the file may stand for
_DONE = "selesai"
#: The same word by its consonants, with the vowels that people leave out, double or exchange; "solusi", "selasa" and
#: "sales" are others.
_SPELT_DONE = re.compile(r"s[ae]{0,2}l[ae]{0,2}ss?(?:[ae]{1,2}[iy]{1,3}|[ae]?i{1,3}|ae)(?:mi|mo|lah)?")
_SPACED = 5  # letters
_CLITIC, _STEM = "nya", 4  # "kendalanya" is "kendala"; "hanya" and "tanya" are words of their own

_Read = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class UserPhrases:
    """The expressions of a phrase file, as rows of words as `read` gives them, by the name of their list.

    same: regional and everyday words, each with the Indonesian words that it stands for.
    """

    lists: Mapping[str, frozenset[tuple[str, ...]]]
    same: Mapping[str, tuple[str, ...]]

    def read(self, found: Sequence[str]) -> tuple[str, ...]:
        """Words as the expressions have them."""
        return _joined(self.same.get(word) or (_plain(word),) for word in _unspaced(found))

    def words(self, text: str) -> tuple[str, ...]:
        """The words of a text as the expressions have them."""
        return self.read(words(text))

    def begins(self, name: str) -> Mapping[str, tuple[int, ...]]:
        """The words with which the expressions of a list begin, and how many words such an expression has."""
        return _beginnings(self.lists[name])


def _unspaced(found: Sequence[str]) -> Sequence[str]:
    """The words, with "s e l e s a i" as one of them."""
    if sum(len(word) == 1 for word in found) < _SPACED:
        return found
    parts = [(single, list(some)) for single, some in itertools.groupby(found, key=lambda word: len(word) == 1)]
    return [w for single, some in parts for w in (["".join(some)] if single and len(some) >= _SPACED else some)]


def _plain(word: str) -> str:
    """A word without -nya; the word that closes a ticket also as people spell it ("slesai", "selessai", "slsei")."""
    if word.endswith(_CLITIC) and len(word) - len(_CLITIC) >= _STEM:
        return word[: -len(_CLITIC)]
    almost = word[0] == _DONE[0] and abs(len(word) - len(_DONE)) <= 1 and word.isascii()  # no foreign look-alike
    return _DONE if _SPELT_DONE.fullmatch(word) or (almost and one_slip(word, _DONE)) else word


@lru_cache(maxsize=256)  # lists: they are a phrase file's
def _beginnings(expressions: frozenset[tuple[str, ...]]) -> Mapping[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for each in expressions:
        found.setdefault(each[0], set()).add(len(each))
    return {word: tuple(sorted(lengths, reverse=True)) for word, lengths in found.items()}


def consume(left: tuple[str, ...], phrases: UserPhrases, names: Sequence[str]) -> set[str] | None:
    """Cut the words into known expressions, the longest first; None if that fails."""
    kinds: set[str] = set()
    at = 0
    while at < len(left):
        for length in range(min(_LONGEST, len(left) - at), 0, -1):
            part = left[at : at + length]
            if name := next((n for n in names if part in phrases.lists[n]), None):
                kinds.add(name)
                at += length
                break
        else:
            return None
    return kinds


def without(found: tuple[str, ...], phrases: UserPhrases, name: str) -> tuple[str, ...]:
    """The words without the expressions of a list: "apa pun" asks nothing."""
    left: list[str] = []
    at, begins = 0, phrases.begins(name)
    while at < len(found):
        step = next((n for n in begins.get(found[at], ()) if found[at : at + n] in phrases.lists[name]), 0)
        left += found[at : at + 1] if not step else ("-",)
        at += step or 1
    return tuple(left)


def holds(found: tuple[str, ...], phrases: UserPhrases, *names: str) -> bool:
    """Whether an expression of one of the lists stands in the words."""
    return any(start(found, phrases, name) is not None for name in names)


def start(found: tuple[str, ...], phrases: UserPhrases, name: str) -> int | None:
    """Where the first expression of a list begins in the words."""
    expressions, begins = phrases.lists[name], phrases.begins(name)
    places = (
        at for at, word in enumerate(found) if any(found[at : at + n] in expressions for n in begins.get(word, ()))
    )
    return next(places, None)


def load_user_phrases(path: Path | None = None, raw: bytes | None = None) -> UserPhrases:
    """Read a site's expressions, or the built-in ones; raises ConfigError with every fault. raw: the file's bytes, if
    they have been read."""
    return yamlfile.rules(_Reader, path or BUILT_IN, raw)


class _Reader(yamlfile.Reader[UserPhrases]):
    def result(self) -> UserPhrases:
        top = self.table((), self.document.data, ("same", *_LISTS))
        same = self._same(top.get("same", {}))
        read = cache(UserPhrases({}, same).words)  # most words stand in many expressions
        return UserPhrases({name: self._expressions(name, top.get(name), read) for name in _LISTS}, same)

    def _same(self, data: Any) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for meant, others in self.table(("same",), data).items():
            if not isinstance(others, str) or not others.split():
                self.fault(("same", meant), "must be words with spaces between them")
                continue
            for word in others.split():
                if found.setdefault(word, words(meant)) != words(meant):
                    self.fault(("same", meant), f"{word} stands for {' '.join(found[word])} already")
        return found

    def _expressions(self, name: str, data: Any, read: _Read) -> frozenset[tuple[str, ...]]:
        if name == "regional":  # these are counted as they were written
            read = words
        found: set[tuple[str, ...]] = set()
        for i, item in enumerate(self.entries((name,), data, "of expressions", least=1)):
            parts = [_either(part, read) for part in item.split()] if isinstance(item, str) else []
            many = math.prod(map(len, parts))
            expressions = set(map(_joined, itertools.product(*parts))) if many <= _MOST else set()
            lengths = set(map(len, expressions)) or {0}
            if min(lengths) == 0 or max(lengths) > _LONGEST:
                self.fault((name, i), f"must be 1 to {_LONGEST} words of text, and at most {_MOST} expressions")
            found |= expressions
        return frozenset(found)


def _either(part: str, read: _Read) -> list[tuple[str, ...]]:
    """What a part of a line of the file stands for: "a|b" for either of two words, "(c|d)?" for one of these or for
    nothing."""
    optional = part.startswith("(") and part.endswith(")?")
    found = [read(word) for word in (part[1:-2] if optional else part).split("|")]
    return [*found, ()] if optional else found


def _joined(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(itertools.chain.from_iterable(parts))
