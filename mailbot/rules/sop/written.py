"""A paper's words as they are printed, beside what the copy has where the copy is broken.

`<Tahun|Tahan>`: printed is "Tahun", the copy has "Tahan". `<Selesai|>`: the copy has nothing there. A third part gives
the reason where it is another than these two. All other words are the copy's own, letter for letter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MENDED = re.compile(r"<([^<>|\n]+)\|([^<>|\n]*)(?:\|([^<>|\n]+))?>")


@dataclass(frozen=True, slots=True)
class Mended:
    """Words that are printed in the place of what the copy has ("" where it has nothing). reason: "" for the usual."""

    printed: str
    copy: str
    reason: str = ""


def pieces(written: str) -> tuple[str | Mended, ...]:
    """The words of the copy and the mended ones, in their order."""
    found: list[str | Mended] = []
    end = 0
    for match in _MENDED.finditer(written):
        found += [written[end : match.start()], Mended(match[1], match[2], match[3] or "")]
        end = match.end()
    return tuple(piece for piece in (*found, written[end:]) if piece)


def printed(written: str) -> str:
    """The words as they are read in print."""
    return "".join(piece.printed if isinstance(piece, Mended) else piece for piece in pieces(written))
