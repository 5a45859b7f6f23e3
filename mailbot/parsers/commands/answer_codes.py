"""Whether the text of `#jawab` is the code of a canned answer, and what stands below it. Pure and total.

Many codes are words as well ("PAKET", "jadwal"), and a text that begins with one must never lose it: a code stands on
its line alone. What could be either is asked about; nothing is sent on a guess.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from mailbot.sentences import Sentences

_SAID = Sentences(__file__)


@dataclass(frozen=True, slots=True)
class Chosen:
    """code: as its file has it. more: what the writer adds below it."""

    code: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why nothing may be sent, in Indonesian. nearest: a code that may be meant; None: the reader needs the list."""

    sentence: str
    nearest: str | None = None


_BETWEEN = re.compile(r"[\s_‐‑‒–—-]+")
_SHAPED = re.compile(r"[A-Z0-9]{2,20}(?:_[A-Z0-9]{1,20}){1,4}")  # what is typed like this is nobody's sentence
_LONGEST = 60  # characters of a line that can be a code
_MOST_WORDS = 3  # "akun login"
_NEAR = 0.8
_LONG_ENOUGH = 6  # letters of a code that small letters can miss: "siap" is a word of its own, not SIKAP mistyped


def read(text: str, codes: Collection[str]) -> Chosen | Unclear | None:
    """What the text of `#jawab` asks for; None: it is the answer itself. `codes`: in capitals, as the files have them.

    Alone in the mail a code may be written in any way ("akun login") and in part ("login", where only one code has it).
    With a text below it, it must look like one: in capitals or with its underscore.
    """
    line, _, more = text.strip().partition("\n")
    line, more = line.strip(), more.strip()
    if not line or len(line) > _LONGEST:
        return None
    known = {_fold(code): code for code in codes}
    named = known.get(_fold(line))
    if named is not None and (not more or "_" in line or (line.isupper() and not more.isupper())):
        return Chosen(named, more)
    if named is not None:
        return Unclear(_SAID("code_or_text", line=line, code=named), named)
    if not more and (part := _by_part(line, codes)) is not None:
        return Chosen(part)
    return _slip(line, more, known)


def _slip(line: str, more: str, known: dict[str, str]) -> Unclear | None:
    """What looks like a code and is none."""
    word, _, behind = line.partition(" ")
    if behind and "_" in word and _fold(word) in known:
        code = known[_fold(word)]
        return Unclear(_SAID("code_stands_alone", code=code), code)
    if len(line.split()) > (1 if more else _MOST_WORDS) or line.endswith(","):
        return None
    likely = [code for code in known if len(code) >= _LONG_ENOUGH or line.isupper()]
    near = difflib.get_close_matches(_fold(line), likely, n=1, cutoff=_NEAR)
    if near:
        code = known[near[0]]
        return Unclear(_SAID("nearest_code", line=line, code=code), code)
    return Unclear(_SAID("no_code", line=line)) if _SHAPED.fullmatch(line) else None


def _fold(text: str) -> str:
    """As compared: case, blanks, dashes and underscores levelled, a full stop or colon at the end left out."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text.rstrip(" .:!"))).casefold()


def _by_part(line: str, codes: Collection[str]) -> str | None:
    """The only code of which this is a part ("login": AKUN_LOGIN)."""
    found = [code for code in codes if _fold(line) in map(_fold, code.split("_"))]
    return found[0] if len(found) == 1 else None
