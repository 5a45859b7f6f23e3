"""The SOP document as plain text for a terminal or a printer: lines of at most `width` characters."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from mailbot.clean import clean, one_line
from mailbot.reports.sop.document import (
    Block,
    Cell,
    Code,
    Diagram,
    Document,
    Footer,
    Grid,
    Head,
    Heading,
    Paragraph,
    Procedure,
)
from mailbot.reports.sop.flow import MARKS, Flow, Node, Shape, shape

#: Narrower than this nothing can be laid out.
NARROWEST = 40

_SYMBOLS = {Shape.START: ("(", ")"), Shape.END: ("(", ")"), Shape.DECISION: ("<", ">"), Shape.PROCESS: ("[", "]")}


def write(document: Document, width: int) -> str:
    """The document, ending in a line feed. Raises ValueError below `NARROWEST`."""
    if width < NARROWEST:
        raise ValueError(f"width must be at least {NARROWEST}, not {width}")
    lines = [*wrap(one_line(document.title).upper(), width), "═" * width]
    for block in document.blocks:
        lines += ["", *_block(block, width)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters, never empty; line ends of the text are kept, "e-mail" stays whole."""
    lines: list[str] = []
    for part in clean(text).split("\n"):
        lines += textwrap.wrap(one_line(part), max(1, width), break_on_hyphens=False) or [""]
    return lines


def hanging(first: str, text: str, width: int) -> list[str]:
    """`first` before the text's first line, the others under it."""
    lines = wrap(text, width - len(first))
    return [first + lines[0], *(" " * len(first) + line for line in lines[1:])]


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str] | None:
    """A ruled table; None where the longest words do not fit side by side."""
    widths = _widths([columns, *rows], width - 3 * len(columns) - 1)
    if widths is None:
        return None

    def rule(left: str, middle: str, right: str) -> str:
        return left + middle.join("─" * (size + 2) for size in widths) + right

    lines = [rule("┌", "┬", "┐"), *_ruled(columns, widths)]
    for row in rows:
        lines += [rule("├", "┼", "┤"), *_ruled(row, widths)]
    return [*lines, rule("└", "┴", "┘")]


def _ruled(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    wrapped = [wrap(cell, size) for cell, size in zip(cells, widths, strict=True)]
    for index in range(max(len(lines) for lines in wrapped)):
        parts = [lines[index] if index < len(lines) else "" for lines in wrapped]
        yield "│ " + " │ ".join(part.ljust(size) for part, size in zip(parts, widths, strict=True)) + " │"


def _widths(rows: Sequence[Sequence[str]], available: int) -> list[int] | None:
    """Each column at least as wide as its longest word; what is left goes where the most text is."""
    columns = [[clean(cell) for cell in column] for column in zip(*rows, strict=True)]
    least = [max((len(word) for cell in column for word in cell.split()), default=1) for column in columns]
    most = [max(len(line) for cell in column for line in cell.split("\n")) for column in columns]
    spare = available - sum(least)
    if spare < 0:
        return None
    wanted = [max(0, high - low) for low, high in zip(least, most, strict=True)]
    if sum(wanted) <= spare:
        return [max(pair) for pair in zip(least, most, strict=True)]
    return [low + spare * want // sum(wanted) for low, want in zip(least, wanted, strict=True)]


def _records(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """A table turned round: the first column as a title, then "column : value"; empty cells are left out."""
    label = max(len(column) for column in columns[1:])
    for index, (first, *rest) in enumerate(rows):
        if index:
            yield ""
        yield from hanging("■ ", first, width)
        for column, value in zip(columns[1:], rest, strict=True):
            if value not in ("", "–"):
                yield from hanging(f"  {column.ljust(label)} : ", value, width)


def _plain(cell: Cell) -> str:
    return "".join(part.name if isinstance(part, Code) else part for part in cell)


def _block(block: Block, width: int) -> list[str]:
    match block:
        case Heading(2, text, _):
            return ["", *wrap(text.upper(), width), "─" * width]
        case Heading(_, text, _):
            lines = wrap(text, width)
            return [*lines, "─" * max(len(line) for line in lines)]
        case Paragraph(cell):
            return wrap(_plain(cell), width)
        case Footer(cell):
            return ["─" * width, *wrap(_plain(cell), width)]
        case Head(_, _):
            return list(_head(block, width))
        case Procedure():
            return _procedure(block, width)
        case Diagram(flow):
            return list(_lanes(flow, width))
        case Grid(columns, cells, wide):
            rows = [[_plain(cell) for cell in row] for row in cells]
            return (None if wide else table(columns, rows, width)) or list(_records(columns, rows, width))


def _head(head: Head, width: int) -> Iterator[str]:
    label = max((len(name) for name, _ in head.fields), default=0)
    for name, value in head.fields:
        yield from hanging(f"{name.ljust(label)} : ", value, width)
    for name, items in head.sections:
        yield ""
        yield f"{name}:"
        for number, item in enumerate(items, 1):
            yield from hanging(f"{number:>3}. ", item, width)


def _procedure(found: Procedure, width: int) -> list[str]:
    columns = ("No", "Aktivitas", "Pelaksana", *found.columns)
    # The slash of this one heading may end a line, or its column would be as wide as the two words together.
    shown = [column.replace("/", "/ ") for column in columns]
    rows = []
    for step in found.steps:
        mark = MARKS[shape(step)]
        performer = found.performers[step.performer] + (f"\n({mark})" if mark else "")
        rows.append([step.no, step.activity, performer, *found.cells(step)])
    return table(shown, rows, width) or list(_records(columns, rows, width))


def _lanes(flow: Flow, width: int) -> Iterator[str]:
    """The flow in three lanes, a line a step, and where it goes from there."""
    ways = ["; ".join(f"{edge.label} → {edge.target.no}".strip() for edge in flow.leaving(node)) for node in flow.nodes]
    onward = max((len(way) for way in ways), default=0)
    lane = min(31, (width - onward - 6) // len(flow.performers))
    symbols = [_symbol(node) for node in flow.nodes]
    if lane < max((len(symbol) for symbol in symbols), default=0) + 2:
        for node, symbol, way in zip(flow.nodes, symbols, ways, strict=True):
            yield from hanging(f"{symbol} ", f"{flow.performers[node.performer]}: {way or '■'}", width)
        return
    names = [wrap(name, lane - 2) for name in flow.performers.values()]
    for index in range(max(len(name) for name in names)):
        yield "│".join((name[index] if index < len(name) else "").center(lane) for name in names) + "│"
    rule = "┼".join("─" * lane for _ in names) + "┤"
    yield rule
    for node, symbol, way in zip(flow.nodes, symbols, ways, strict=True):
        cells = [(symbol if name == node.performer else "").center(lane) for name in flow.performers]
        yield "│".join(cells) + f"│  {way or '■'}"
    yield rule.replace("┼", "┴").replace("┤", "┘")
    yield from wrap("( ) mulai atau selesai, < > keputusan, [ ] kegiatan, → langkah berikutnya, ■ selesai", width)


def _symbol(node: Node) -> str:
    words = {Shape.START: f"{node.no} Mulai", Shape.END: f"{node.no} Selesai"}.get(node.shape, node.no)
    left, right = _SYMBOLS[node.shape]
    return f"{left} {words} {right}"
