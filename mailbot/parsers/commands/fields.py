"""What stands behind `#ubah`: fields of a ticket, each with what it is to become. Pure and total.

A field is a command of its own, too ("#prioritas 2"). Between two fields stands a comma, "dan", or nothing.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mailbot.parsers.commands.vocabulary import VOCABULARY, Spec, Takes

FIELDS = tuple(spec for spec in VOCABULARY if spec.is_field)
#: The command that sets them, and without any shows them.
SET = next(spec for spec in VOCABULARY if spec.takes is Takes.FIELDS)

_BY_WORD: Mapping[str, Spec] = {word: spec for spec in FIELDS for word in (spec.word, *spec.aliases)}
_PARTS = re.compile(r"[,;]")
_WORD = re.compile(r"([^:=]+)[:=]?")
#: Between a field and its value ("prioritas: 2", "prioritas menjadi 2").
_LINKING = ("=", ":", "ke", "jadi", "menjadi", "adalah", "to")
_AND = ("dan", "serta", "and", "&")
#: Characters that are read.
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Fields:
    """values: each field with its value, in order, a word that names none read as the one most like it. unknown: the
    first such word as it is written. nearest: the field that it is read as, None where none is like it."""

    values: tuple[tuple[Spec, str], ...]
    unknown: str = ""
    nearest: Spec | None = None


def read(rest: str) -> Fields:
    """What stands behind the command's word."""
    said = unicodedata.normalize("NFKC", rest[:_LONGEST])
    values: list[tuple[Spec, str]] = []
    unknown, nearest = "", None
    for part in _PARTS.split(said):
        word, value = _divided(part)
        if not word:
            continue
        spec = _BY_WORD.get(word.casefold())
        like = None if spec is not None else _like(word)
        if spec is None and like is None and values and values[-1][0].takes_commas:
            before, begun = values.pop()  # "Direktorat Pengembangan SPSE, Deputi II" is one name
            values.append((before, f"{begun}, {part.strip()}"))
            continue
        if spec is None and not unknown:
            unknown, nearest = word, like
        if spec is not None or like is not None:
            values += _several(spec or like, value)
    return Fields(tuple(values), unknown, nearest)


def names_one(line: str) -> bool:
    """Whether a line begins with a field: written below `#ubah`, it belongs to it."""
    return _divided(line)[0].casefold() in _BY_WORD


def _divided(part: str) -> tuple[str, str]:
    """(its first word, what follows), without what only links them."""
    words = part.split()
    while words and words[0].casefold() in _AND:
        del words[0]
    if not words or (found := _WORD.match(words[0])) is None:
        return "", ""
    value = [word for word in (words[0][found.end() :], *words[1:]) if word]
    while value and value[0].casefold() in _LINKING:
        del value[0]
    return found[1], " ".join(value)


def _several(spec: Spec | None, value: str) -> Iterator[tuple[Spec, str]]:
    """A field with its value; more of them where their words stand in it ("2 jenis AKUN_LOGIN"), but in a name."""
    assert spec is not None
    own: list[str] = []
    words = value.split()
    for number, word in enumerate(words):
        if word.casefold() in _BY_WORD and not spec.takes_commas:
            following, rest = _divided(" ".join(words[number:]))
            yield spec, " ".join(own)
            yield from _several(_BY_WORD[following.casefold()], rest)
            return
        if not (word.casefold() in _AND and words[number + 1 : number + 2] and _begins(words[number + 1])):
            own.append(word)
    yield spec, " ".join(own)


def _begins(word: str) -> bool:
    return word.casefold().rstrip(":=") in _BY_WORD


def _like(word: str) -> Spec | None:
    near = difflib.get_close_matches(word.casefold()[:80], list(_BY_WORD), n=1, cutoff=0.6)
    return _BY_WORD[near[0]] if near else None
