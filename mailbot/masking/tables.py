"""Tables in plain text: the cells below a head that names a secret, whether bars, tabs or blanks part the columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mailbot import wordfile
from mailbot.masking.labels import Label
from mailbot.masking.plain import MARKED

_HEADS = wordfile.read(__file__, "tables.txt")["heads"].words
#: What parts cells, the surest first.
_BARS = (re.compile(r"\|"), re.compile(r"\t+"), re.compile(r" {2,}"), re.compile(r"[ \t]*[/&][ \t]*|[ \t]dan[ \t]"))
_ROW = re.compile(r"[ \t*•-]{0,60}[^\s*•-][^\n]*?(?:[|\t/&]|  | dan )")
_RULE = re.compile(r"[\s|+:=_-]*")
_WORD = re.compile(r"[^\W\d]+(?:[-_][^\W\d]+)?")
#: Longer lines are no rows, and a table has at most so many rows.
_LONGEST, _MOST_ROWS = 400, 40
#: Characters of a column's head.
_WIDEST = 60

_Cell = tuple[int, int]


def columns(text: str, found: Iterable[Label]) -> Iterator[tuple[Label, list[_Cell]]]:
    """Each label that heads a column, with the places of the cells below it."""
    of_line: dict[tuple[int, int], list[Label]] = {}
    end = -1
    begin = 0
    for label in found:
        if label.start > end:
            begin = max(text.rfind("\n", max(label.start - _LONGEST, 0), label.start) + 1, label.start - _LONGEST, 0)
            end = text.find("\n", label.start)
            end = len(text) if end < 0 else end
        of_line.setdefault((begin, end), []).append(label)
    starts = {begin for begin, _ in of_line}
    for (begin, end), labels in of_line.items():
        if end - begin <= _LONGEST and end + 1 not in starts and _ROW.match(text, begin, end):
            yield from _below(text, begin, end, labels, starts)


def _below(
    text: str, begin: int, end: int, labels: list[Label], starts: set[int]
) -> Iterator[tuple[Label, list[_Cell]]]:
    others = _without(text, begin, end, labels)
    for bar in _BARS:
        head = _cells(text, begin, end, bar)
        if sum(start < stop for start, stop in head) < 2:
            continue
        if not all(_is_head(others[start - begin : stop - begin]) for start, stop in head):
            continue
        rows = list(_rows(text, end, bar, starts))
        if not rows:
            return
        for n, label in _in_cells(head, labels):
            yield label, [cell for row in rows if (cell := _under(row, n, head, bar is _BARS[2]))]
        return


def _without(text: str, begin: int, end: int, labels: list[Label]) -> str:
    """The line with blanks in place of its words for secrets."""
    parts: list[str] = []
    at = begin
    for label in labels:
        stop = min(label.end, end)
        parts += (text[at : label.start], " " * (stop - label.start))
        at = stop
    return "".join((*parts, text[at:end]))


def _in_cells(head: list[_Cell], labels: list[Label]) -> Iterator[tuple[int, Label]]:
    """The first label of each cell that has one, with the cell's number."""
    waiting = iter(labels)
    label = next(waiting, None)
    for n, (start, stop) in enumerate(head):
        while label is not None and label.start < start:
            label = next(waiting, None)
        if label is not None and label.start < stop:
            yield n, label


def _cells(text: str, begin: int, end: int, bar: re.Pattern[str]) -> list[_Cell]:
    """The cells of a line, each without the blanks around it; those outside the outer bars left out."""
    while begin < end and text[begin] in " \t*-•":
        begin += 1
    edges = [(begin, begin), *(found.span() for found in bar.finditer(text, begin, end)), (end, end)]
    cells = [_stripped(text, edges[n][1], edges[n + 1][0]) for n in range(len(edges) - 1)]
    for outer in (0, -1):
        if len(cells) > 1 and cells[outer][0] == cells[outer][1]:
            del cells[outer]
    return cells


def _stripped(text: str, begin: int, end: int) -> _Cell:
    while begin < end and text[begin] in " \t*:":
        begin += 1
    while begin < end and text[end - 1] in " \t*:":
        end -= 1
    return begin, end


def _is_head(cell: str) -> bool:
    """Empty, or made of words that stand in heads; what names a secret is left out before."""
    if len(cell) > _WIDEST or MARKED in cell or any(c.isdigit() for c in cell):
        return False
    return all(word.lower() in _HEADS for word in _WORD.findall(cell))


def _rows(text: str, end: int, bar: re.Pattern[str], starts: set[int]) -> Iterator[list[_Cell]]:
    """The rows below a line, down to an empty line, one of a single cell, or one with a word for a secret."""
    for _ in range(_MOST_ROWS):
        begin = end + 1
        if begin >= len(text) or begin in starts:
            return
        end = text.find("\n", begin, begin + _LONGEST)
        end = min(len(text), begin + _LONGEST) if end < 0 else end
        if _RULE.fullmatch(text, begin, end):
            if text[begin:end].strip():
                continue
            return
        row = _cells(text, begin, end, bar)
        if len(row) < 2:
            return
        yield row


def _under(row: list[_Cell], n: int, head: list[_Cell], by_place: bool) -> _Cell | None:
    if by_place and len(row) != len(head):
        return None
    return row[n] if n < len(row) and row[n][0] < row[n][1] else None
