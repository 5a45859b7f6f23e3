"""How wide words are in Arial, and how many lines they take in a cell.

Excel finds the height of a row by itself only when it opens a file that it has written; other programs print what the
file says. So the file must say it, and what a row has no room for must be cut before. Liberation Sans is as wide.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

#: Widths in thousandths of the size (Adobe's metrics of Helvetica, to which Arial is made) → the signs that have them.
_SIGNS = {
    191: "'",
    222: "ijl",
    260: "|",
    278: " !,./:;I[\\]ft",
    333: "()-`r",
    355: '"{}',
    389: "*",
    469: "^",
    500: "Jcksvxyz",
    556: "#$0123456789?L_abdeghnopqu",
    584: "+<=>~",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1015: "@",
}
_WIDTHS = {sign: width for width, signs in _SIGNS.items() for sign in signs}
_OTHER, _WIDE = 722, 1000  # any other letter; Chinese ones and emoji


def width(text: str, size: float) -> float:
    """In points."""
    return sum(_width(sign) for sign in text) * size / 1000


def wrapped(text: str, size: float, room: float) -> Iterator[str]:
    """The lines that a text takes in a cell of `room` points: broken at blanks, a longer word anywhere."""
    most = int(room * 1000 / size)
    for line in text.split("\n"):
        yield from _wrapped(line, most)


def _wrapped(line: str, most: int) -> Iterator[str]:
    begin, used, blank = 0, 0, -1  # blank: where the line can be broken
    for position, sign in enumerate(line):
        if sign == " ":
            blank = position
        used += _width(sign)
        if used > most and position > begin and sign != " ":
            end = blank + 1 if blank >= begin else position
            yield line[begin:end]
            begin, blank = end, -1
            used = sum(_width(each) for each in line[begin : position + 1])
    yield line[begin:]


def _width(sign: str) -> int:
    known = _WIDTHS.get(sign)
    if known is not None:
        return known
    if sign.isascii() or not unicodedata.combining(sign):
        return _WIDE if unicodedata.east_asian_width(sign) in "WF" else _OTHER
    return 0
