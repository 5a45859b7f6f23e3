"""A form that was filled in as a table: its rows become lines "label : value" again. Pure and total.

Mail programs make of a table a row of pipes ("| a. | Nama | : | Budi |"), or a line of each of its cells ("a. Nama",
":", "Budi"). Only a row or cell that begins with a label of the form is put together: a table that somebody has pasted
into the problem stays as it is. Linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_NUMBERING = re.compile(r"(?:[A-Za-z]|\d{1,2})[.)]")
_RULE = re.compile(r"[|+][-=+:|\s]*[|+]")  # between the rows of a table
_MOST_CELLS = 12
_NUMBERED = 3  # characters of a numbering
_BLANKS = 3  # lines, less than which are blank between a line and the one that goes on with it


def lines_of(lines: Iterable[str], is_label: Callable[[str], bool]) -> list[str]:
    """The lines with cells put together. is_label: whether a cell is a label or heading of the form and no more."""
    found: list[str] = []
    above = -_BLANKS - 1  # which of them is the last one that is not blank
    waiting = False  # whether blank lines between a label and its value are left out
    for raw in lines:
        line = _row(raw, is_label)
        bare = line.strip()
        if not bare and waiting:
            continue
        waiting = False
        if bare:
            if len(found) - above <= _BLANKS and _goes_on(found[above].strip(), bare, is_label):
                found[above] = f"{found[above].rstrip()} {bare}"
                del found[above + 1 :]
                waiting = bare == ":"
                continue
            above = len(found)
        found.append(line)
    return found


def _goes_on(above: str, line: str, is_label: Callable[[str], bool]) -> bool:
    """Whether a line is the next cell of the row above: a label behind its numbering, or a colon behind its label."""
    if len(above) <= _NUMBERED and _NUMBERING.fullmatch(above):
        return is_label(line)
    return line.startswith(":") and is_label(above)


def _row(line: str, is_label: Callable[[str], bool]) -> str:
    """A row between pipes as one line; any other line as it is."""
    bare = line.strip()
    if bare[:1] not in ("|", "+"):  # nearly all lines
        return line
    if bare[0] == "+" or len(bare) < 2:
        return "" if _RULE.fullmatch(bare) else line
    if _RULE.fullmatch(bare):
        return ""
    cells = [cell.strip() for cell in bare.strip("|").split("|", _MOST_CELLS)]
    cells = [cell for cell in cells if cell not in ("", ":")]
    if len(cells) > 1 and _NUMBERING.fullmatch(cells[0]):
        cells[:2] = [f"{cells[0]} {cells[1]}"]
    if len(cells) < 2:
        return "".join(cells)
    label, *values = cells
    return f"{label} : {' '.join(values).lstrip(': ')}" if is_label(label) else line
