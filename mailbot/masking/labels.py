"""The words that name a secret, where they stand in a text, and what kind of secret they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailbot import wordfile
from mailbot.masking.plain import MARKED

_WORDS = wordfile.read(__file__, "labels.txt")
BEGIN, END = r"(?<![^\W_])", r"(?![^\W_])"


def _spaced(kind: str) -> str:
    words = (word.replace(" ", "") for of, word in _WORDS["spaced"].rows if of == kind)
    return "|".join(r"[ ._*-]{1,2}".join(word) for word in words)


_LETTERS = {kind: rf"{_spaced(kind)}|{_WORDS[kind].any_of}" for kind in ("password", "pin", "code")}
_KINDS = {**_LETTERS, "token": _WORDS["token"].any_of}
# "passwordnya", "sandi nya", "passwordku", "PIN-nya", "password2"; "PasswordRahasia9" is a word and its value as some
# HTML is turned to text.
_SUFFIX = r"(?:[ \t]?-?nya|[ \t]?ku|mu)?[0-9]?"
_GLUED = r"(?-i:(?<=[a-z])(?=[A-Z]))"
_NAMED = "|".join(
    f"(?P<{kind}>{words})" for kind, words in sorted(_KINDS.items(), key=lambda row: row[0] == "password")
)
#: The letters with which all of them begin: nothing else is tried elsewhere.
_FIRST = r"(?=[pskcmtov2al])"
_LABEL = re.compile(rf"{BEGIN}{_FIRST}(?:{_NAMED})(?:{_SUFFIX}{END}|{_GLUED})", re.IGNORECASE)

PASSWORD = _LETTERS["password"]
# "Pak Sandi: …" is a person; so is whoever stands behind a mark, which may have the "Pak" in it.
_PERSON = re.compile(
    rf"(?:{MARKED}|pak|bapak|bpk|bp|mas|sdr|ibu|bu|kak|mbak|saudara|saya|an|a\.n|nama|yth)[.: \t]{{1,4}}$", re.I
)
# "User ID (tanpa password) : …"
_NONE = re.compile(r"(?<![^\W_])(?:tanpa|bukan|selain|without|no|not)[ \t]{1,3}$", re.I)
_ASKED = re.compile(
    rf"{BEGIN}(?:me[mn]?g?|di|ter|ke|per)?{_WORDS['asked'].any_of}(?:kan|an|nya|i)?(?:[\s,/&-]{{1,3}}\w{{1,20}}){{0,4}}"
    r"[\s:\"'“(-]{1,3}$",
    re.IGNORECASE,
)
_IN_ADDRESS = re.compile(r"[\w.+-]{0,40}@[A-Za-z0-9-]{1,60}\.[A-Za-z]{2}")
_IN_NAME = tuple("@.+-_")
_OF_ADDRESS = "/?&-_.=@"
_SHORT_FORM = 4


@dataclass(frozen=True, slots=True)
class Label:
    """A word for a secret at text[start:end]. kind: "password", "pin", "code" or "token"."""

    start: int
    end: int
    word: str
    kind: str

    @property
    def has_digits(self) -> bool:
        """Whether digits stand in each value of it."""
        return self.kind == "token"

    @property
    def is_phrase(self) -> bool:
        """Whether its value may have several words."""
        return "phrase" in self.word.lower()

    @property
    def is_short_form(self) -> bool:
        return len(self.word) <= _SHORT_FORM and self.word.isalpha()

    @property
    def may_be_name(self) -> bool:
        return self.word.startswith("Sandi")


def labels(text: str) -> Iterator[Label]:
    """In the text's order; without those that are a part of an address, a person's name, or no label ("spf=pass")."""
    for found in _LABEL.finditer(text):
        start, end = found.span()
        if text[end : end + 1] in _IN_NAME and _IN_ADDRESS.match(text, end):
            continue
        word = found[0]
        if text[start - 1 : start] == "=" or _NONE.search(text, max(start - 12, 0), start):
            continue
        if word == "Sandi" and _PERSON.search(text, max(start - 12, 0), start):
            continue
        yield Label(start, end, word, str(found.lastgroup))


def asked_for(text: str, label: Label) -> bool:
    """Whether somebody asks for it, has lost it or wants another ("lupa password"): no value need follow."""
    return _ASKED.search(text, max(label.start - 60, 0), label.start) is not None


def address_around(text: str, label: Label) -> bool:
    """Whether it stands in a link."""
    if label.start == 0 or text[label.start - 1] not in _OF_ADDRESS:
        return False
    before = text[max(label.start - 300, 0) : label.start].split()[-1:]
    return bool(before) and ("://" in before[0] or before[0].lower().startswith("www."))
