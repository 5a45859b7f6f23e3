"""Lines of at most `width` characters, for a terminal or a printer: wrapped words, ruled tables, records, lanes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from mailbot.clean import clean, one_line
from mailbot.reports.sop.blocks import (
    NOTHING,
    Cell,
    Code,
    Fields,
    Grid,
    Marked,
    Matrix,
    Notes,
    Procedure,
    Rows,
    Signatures,
)
from mailbot.reports.sop.flow import Flow, Node, Shape
from mailbot.reports.sop.words import SAID, WORDS

#: Narrower than this nothing can be laid out.
NARROWEST = 40

_SYMBOLS = {Shape.START: ("(", ")"), Shape.END: ("(", ")"), Shape.DECISION: ("<", ">"), Shape.PROCESS: ("[", "]")}
#: In the matrix: the status stays, the event is refused, the event cannot be.
_KEPT, _REFUSED, _NO_CELL = "·", "×", " "


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def plain(cell: Cell) -> str:
    return "".join(map(_part, cell))


def _part(part: str | Code | Marked) -> str:
    if isinstance(part, Marked):
        return f"{part.words}{raised(part.number)}"
    return part.name if isinstance(part, Code) else part


def raised(number: int) -> str:
    """The mark of a note: "¹²"; nothing for 0."""
    return str(number).translate(_RAISED) if number else ""


def cell(parts: Cell, width: int) -> list[str]:
    return wrap(plain(parts), width)


def title(words: str, width: int) -> list[str]:
    return wrap(one_line(words).upper(), width)


def underlined(words: str, width: int) -> list[str]:
    lines = wrap(words, width)
    return [*lines, "─" * max(map(len, lines))]


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters, never empty; line ends of the text are kept, "e-mail" stays whole."""
    lines: list[str] = []
    for part in clean(text).split("\n"):
        lines += textwrap.wrap(one_line(part), max(1, width), break_on_hyphens=False) or [""]
    return lines


def hanging(first: str, text: str | Cell, width: int) -> list[str]:
    """`first` before the text's first line, the others under it; a long `first` has lines of its own."""
    first = clean(first).replace("\n", " ")
    above: list[str] = []
    if len(first) > width // 2:
        above, first = wrap(first, width), "    "
    lines = wrap(text if isinstance(text, str) else plain(text), width - len(first))
    return [*above, first + lines[0], *(" " * len(first) + line for line in lines[1:])]


def fields(block: Fields, width: int) -> Iterator[str]:
    """Labels and their values, one below the other."""
    label = max(len(plain(name)) for name, _ in block.rows)
    for name, value in block.rows:
        yield from hanging(f"{plain(name).ljust(label)} ", value, width)


def item(number: Cell, words: Cell, width: int) -> list[str]:
    """An item of a list under its number."""
    return hanging(f"  {plain(number)} " if number else "  ", words, width)


def centred(parts: Cell, width: int) -> list[str]:
    return [line.center(width) for line in wrap(plain(parts), width)]


def notes(block: Notes, width: int) -> Iterator[str]:
    """What each mark means, by reason."""
    for reason, found in block.groups:
        yield ""
        each = (f"{raised(number)} {printed}" + (f" ← “{copy}”" if copy else "") for number, printed, copy in found)
        yield from hanging("  ", f"{reason}: {' · '.join(each)}", width)
    for remark in block.remarks:
        yield ""
        yield from hanging("  ", remark, width)


# --- tables ------------------------------------------------------------------------------------------


def grid(block: Grid, width: int) -> list[str]:
    rows = [[plain(cell) for cell in row] for row in block.rows]
    return (None if block.wide else _table([block.columns, *rows], width)) or list(_records(block.columns, rows, width))


def rows(block: Rows, width: int) -> list[str]:
    found = [[plain(cell) for cell in row] for row in block.rows]
    return _table(found, width) or [line for row in found for line in wrap(" | ".join(row), width)]


def signatures(block: Signatures, width: int) -> Iterator[str]:
    """Those who sign, side by side."""
    each = width // max(map(len, block.rows))
    for row in block.rows:
        for parts in zip_longest(*(wrap(plain(cell), each - 2) for cell in row), fillvalue=""):
            yield "".join(part.ljust(each) for part in parts)


def procedure(block: Procedure, width: int) -> list[str]:
    """The performers have one column here, in which a step names its own; the heads of theirs stand above."""
    heads = {name: plain(cell) for name, cell in block.columns.items()}
    columns = [plain(block.no), plain(block.activity), WORDS["columns"]["performer"], *heads.values()]
    lines = []
    for line in block.lines:
        acting = ", ".join(plain(block.performers[name]) for name in (line.step.performer, *line.step.together))
        shown = acting + (f"\n({line.symbol}{raised(line.mark)})" if line.symbol else "")
        lines.append([plain(line.no), plain(line.activity), shown, *(plain(line.cells[name]) for name in heads)])
    groups = {
        plain(block.group) if block.group else WORDS["columns"]["performer"]: map(plain, block.performers.values()),
        plain(block.quality) if block.quality else "": [heads[name] for name in block.under_quality],
    }
    above = [
        line for group, names in groups.items() if group for line in hanging(f"{group}: ", " | ".join(names), width)
    ]
    # The slash of a heading may end a line, or its column would be as wide as the words on both sides.
    head = [column.replace("/", "/ ").replace("/  ", "/ ") for column in columns]
    return [*above, *(_table([head, *lines], width) or list(_records(columns, lines, width)))]


def _table(rows: Sequence[Sequence[str]], width: int) -> list[str] | None:
    """A ruled table; None where the longest words do not fit side by side."""
    widths = _widths(rows, width - 3 * len(rows[0]) - 1)
    if widths is None:
        return None

    def rule(left: str, middle: str, right: str) -> str:
        return left + middle.join("─" * (size + 2) for size in widths) + right

    lines = [rule("┌", "┬", "┐")]
    for row in rows:
        lines += [*_ruled(row, widths), rule("├", "┼", "┤")]
    return [*lines[:-1], rule("└", "┴", "┘")]


def _ruled(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    wrapped = [wrap(cell, size) for cell, size in zip(cells, widths, strict=True)]
    for parts in zip_longest(*wrapped, fillvalue=""):
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
            if value not in ("", NOTHING):
                yield from hanging(f"  {column.ljust(label)} : ", value, width)


# --- the flow ------------------------------------------------------------------------------------------


def lanes(flow: Flow, width: int) -> Iterator[str]:
    """The flow in its performers' lanes, a line a step, and where it goes from there."""
    ways = ["; ".join(f"{edge.label} → {edge.target.no}".strip() for edge in flow.leaving(node)) for node in flow.nodes]
    onward = max((len(way) for way in ways), default=0)
    lane = min(31, (width - onward - 6) // len(flow.performers))
    symbols = [_symbol(node) for node in flow.nodes]
    if lane < max((len(symbol) for symbol in symbols), default=0) + 2:
        for node, symbol, way in zip(flow.nodes, symbols, ways, strict=True):
            yield from hanging(f"{symbol} ", f"{flow.performers[node.performer]}: {way or '■'}", width)
        return
    for parts in zip_longest(*(wrap(name, lane - 2) for name in flow.performers.values()), fillvalue=""):
        yield "│".join(part.center(lane) for part in parts) + "│"
    rule = "┼".join("─" * lane for _ in flow.performers) + "┤"
    yield rule
    for node, symbol, way in zip(flow.nodes, symbols, ways, strict=True):
        cells = [(symbol if name in (node.performer, *node.together) else "").center(lane) for name in flow.performers]
        yield "│".join(cells) + f"│  {way or '■'}"
    yield rule.replace("┼", "┴").replace("┤", "┘")
    yield from wrap(SAID["lanes"], width)


def _symbol(node: Node) -> str:
    mark = WORDS["marks"][node.shape] if node.shape in (Shape.START, Shape.END) else ""
    left, right = _SYMBOLS[node.shape]
    return " ".join(filter(None, (left, node.no, mark, right)))


# --- status × event ------------------------------------------------------------------------------------


def overview(block: Matrix, width: int) -> Iterator[str]:
    """One line an event, one narrow column a status; its signs in its rows' order. Nothing where that does not fit."""
    numbers = {status: str(number) for number, status in enumerate(block.statuses)}
    signs = {
        event: [
            _NO_CELL
            if answers is None
            else " ".join(
                dict.fromkeys(_REFUSED if row.refused else numbers[row.to] if row.to else _KEPT for row in answers)
            )
            for answers in cells
        ]
        for event, _, cells in block.events
    }
    sizes = [max(map(len, column)) for column in zip(numbers.values(), *signs.values(), strict=True)]
    label = width - sum(size + 3 for size in sizes) - 1
    if label < 12:
        return
    label = min(label, max(len(one_line(words)) for _, words, _ in block.events))

    def line(first: str, rest: Sequence[str], rule: str = "│", pad: str = " ") -> str:
        centred = [f"{pad}{word.center(size, pad)}{pad}" for word, size in zip(rest, sizes, strict=True)]
        return rule.join([first.ljust(label, pad) + pad, *centred])

    nothing = ["" for _ in numbers]
    yield line(SAID["event"], list(numbers.values()))
    yield line("", nothing, "┼", "─")
    for event, words, _ in block.events:
        first, *more = wrap(words, label)
        yield line(first, signs[event])
        yield from (line(words, nothing) for words in more)
    yield ""
    meanings = {**{number: block.statuses[status] for status, number in numbers.items()}}
    for sign, meaning in {**meanings, _KEPT: SAID["sign_kept"], _REFUSED: SAID["sign_refused"]}.items():
        yield from hanging(f"  {sign} ", meaning, width)
    yield from hanging("  ", SAID["several_signs"], width)


def cells(block: Matrix, width: int) -> Iterator[str]:
    """Every cell with its rows; cells of an event that say the same stand together."""
    for event, words, answered in block.events:
        yield ""
        yield from hanging("■ ", f"{words} ({event})", width)
        alike: dict[tuple[str, ...], list[int]] = {}
        for index, answers in enumerate(answered):
            if answers:
                alike.setdefault(tuple(answer.row for answer in answers), []).append(index)
        statuses = list(block.statuses.values())
        for indexes in alike.values():
            yield from hanging("  ", "; ".join(statuses[index] for index in indexes), width)
            for answer in answered[indexes[0]] or ():
                yield from hanging("    ", f"{answer.row} → {answer.words}", width)
