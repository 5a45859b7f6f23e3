"""Which characters text may hold: for one line (a subject, a name) or for many (a body).

Everything here is total and takes time linear in its input.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# C0, DEL and C1 controls; explicit bidi controls, which make text read otherwise than it is stored
# (UAX #9); the byte order mark; and lone surrogates, which no UTF-8 sink takes.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_DROPPED = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f{_BIDI}\ud800-\udfff\ufff9-\ufffb]+")
_CONTROL = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029{_BIDI}\ud800-\udfff\ufff9-\ufffb]")
_LINE_ENDS = ("\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")
_SPACES = re.compile(r"\s+")


def has_control(text: str) -> bool:
    """Whether the text holds characters that have no place in a header (tabs are folding, and pass)."""
    return not text.isprintable() and _CONTROL.search(text.replace("\t", " ")) is not None


def one_line(text: str) -> str:
    """Text fit for one line: NFC, no control or bidi characters, blanks collapsed."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACES.sub(" ", _CONTROL.sub(" ", normalise(text, "NFC"))).strip()


_ISSPACE = "".join(filter(str.isspace, map(chr, range(0x3001))))
_ASCII_ISSPACE = "".join(filter(str.isascii, _ISSPACE))


def single_blanks(text: str) -> str:
    """The text with one blank for all that stand together, and for the ends of lines. In some passes: a list of words
    would be many objects, and takes three to ten times as long."""
    for blank in _ASCII_ISSPACE if text.isascii() else _ISSPACE:
        text = text.replace(blank, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def clean_text(text: str) -> str:
    """Text of many lines: NFC, lines end in \\n, no control or bidi characters but tab and newline."""
    for line_end in _LINE_ENDS:  # not one pattern: that would make a list with an entry for each line
        text = text.replace(line_end, "\n")
    return normalise(_DROPPED.sub("", text), "NFC")


@cache
def _combining_runs() -> re.Pattern[str]:
    marks = "".join(chr(c) for c in range(0x300, 0x1F000) if unicodedata.combining(chr(c)))
    return re.compile(f"([{re.escape(marks)}]{{30}})(?=[{re.escape(marks)}])")


def normalise(text: str, form: str) -> str:
    """Unicode normalisation in linear time ("NFC" or "NFKC").

    Sorting a long run of combining marks is quadratic in CPython; UAX #15 §13 (Stream-Safe Text
    Format) breaks such runs after 30 marks with U+034F.
    """
    if text.isascii():
        return text
    if any(map(unicodedata.combining, set(text))):  # hardly any text; looking for runs takes 20 times as long
        text = _combining_runs().sub("\\1\u034f", text)
    return unicodedata.normalize("NFKC" if form == "NFKC" else "NFC", text)
