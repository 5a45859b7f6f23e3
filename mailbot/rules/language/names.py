"""A name as one writes it: people fill in forms all in small letters, or all in capitals."""

from __future__ import annotations

import re

from mailbot import wordfile

_WORDS = wordfile.read(__file__, "names.txt")
_BEFORE = {word.casefold(): word for word in _WORDS["before"].words}
_DEGREES = {word.casefold(): word for word in _WORDS["degrees"].words}
_SMALL = _WORDS["small"].words
_CONSONANTS = re.compile(r"[B-DF-HJ-NP-TV-XZ]{2,5}")  # no name, but an abbreviation
_LETTER = r"[^\W\d_]"
#: What begins with a capital letter: behind an apostrophe that of "D'Angelo", not of "Ma'ruf".
_PART = re.compile(rf"{_LETTER}{{2,}}(?:['’`]{_LETTER}+)*|{_LETTER}")


def as_name(text: str) -> str:
    """For a greeting: "siti" → "Siti", "CV ABADI JAYA" → "CV Abadi Jaya". What has both kinds of letters was written
    with care, and stays; so does an address."""
    if "@" in text or not (text.islower() or text.isupper()):
        return text
    words = text.split(" ")
    return " ".join(_word(word, text.isupper(), first=number == 0) for number, word in enumerate(words))


def _word(word: str, capitals: bool, *, first: bool) -> str:
    bare = word.strip(".,;()\"'")
    known = _BEFORE.get(bare.casefold()) or (None if first else _DEGREES.get(bare.casefold()))
    if known is not None:
        return word.replace(bare, known, 1)
    if not first and bare.casefold() in _SMALL:
        return word.lower()
    if capitals and _CONSONANTS.fullmatch(bare):
        return word
    return _PART.sub(lambda part: part[0][:1].upper() + part[0][1:].lower(), word)
