"""Headings, facts and tables on a terminal: what an answer says stands in `terminal`, how it looks stands here.

Text out of mails reaches the terminal only as `Text(one_line(…))`: no escape sequences, no hidden characters,
no markup.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mailbot.clean import clean, one_line

#: Longer than this, a text out of a mail would push everything else off the screen.
_MOST = 300

_LATE, _QUIET = "bold red", "dim"


@dataclass(frozen=True, slots=True)
class Words:
    value: object
    style: str = ""


def late(value: object, when: bool = True) -> Words:
    """What somebody must look at."""
    return Words(value, _LATE if when else "")


def quiet(value: object, when: bool = True) -> Words:
    """What is said beside the matter."""
    return Words(value, _QUIET if when else "")


#: One value, or several, each on a line of its own.
Cell = object | Words | tuple[object | Words, ...]
Fact = tuple[str, Cell | None]


@dataclass(frozen=True, slots=True)
class Column:
    """cell: what of a row stands in it. room: "whole" is never broken, "cut" stays on one line, "folded" takes as many
    as it needs."""

    heading: str
    cell: Callable[[Any], Cell]
    room: Literal["whole", "cut", "folded"] = "whole"


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[], None]]:
    """A bar on standard error while long work is done; call what comes back once for each piece. Elsewhere than on a
    terminal nothing is printed. total: None where nobody knows it yet."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    times = (TimeElapsedColumn(),) if total is None else (TimeRemainingColumn(elapsed_when_finished=True),)
    with Progress(*columns, *times, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


class Screen:
    """Prints one part of an answer after the other."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)

    def heading(self, first: str, rest: str) -> None:
        self._console.print(Text.assemble((one_line(first), "bold"), "  ", one_line(rest, _MOST)))

    def line(self, words: Cell, style: str = "") -> None:
        self._console.print(_text(words, style))

    def paragraph(self, words: Cell, style: str = "") -> None:
        """Indented, with an empty line below."""
        self._indented(Group(_text(words, style)))

    def facts(self, facts: Iterable[Fact]) -> None:
        """Names and values; None is left out."""
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, style=_QUIET)
        table.add_column(overflow="fold")
        for name, value in facts:
            if value is not None:
                table.add_row(_text(name), _text(value))
        self._indented(table)

    def mark(self, words: str, detail: str = "") -> None:
        """A line that stands out, and below it what was said."""
        lines = Table.grid(padding=(0, 1))
        lines.add_column(no_wrap=True)
        lines.add_column(overflow="fold")
        said = [_text(words, "yellow"), *([_text(detail, _QUIET)] if detail else [])]
        lines.add_row(_text("!", _LATE), Group(*said))
        self._indented(lines)

    def table(self, columns: Sequence[Column], rows: Iterable[Any]) -> None:
        """As wide as the terminal."""
        self._console.print(_table(columns, rows, expand=True))

    def section(self, title: str, columns: Sequence[Column], rows: Sequence[Any], nothing: str = "nothing yet") -> None:
        """An indented table under its title. nothing: said where it has no rows."""
        self.line(title, "bold")
        if rows:
            self._indented(_table(columns, rows, expand=False))
        else:
            self.line(nothing, _QUIET)

    def mail(self, headers: Iterable[tuple[str, str]], text: str, attachments: Iterable[str]) -> None:
        """A mail with its text; nothing in it that a terminal would obey."""
        for name, value in headers:
            self._console.print(Text(f"{one_line(name)}: {one_line(value, _MOST)}", style=_QUIET))
        self._console.print(Text("\n" + clean(text)))
        for attachment in attachments:
            self.line(f"[{attachment}]", _QUIET)

    def _indented(self, body: RenderableType) -> None:
        self._console.print(Padding(body, (0, 0, 1, 2)))


def _table(columns: Sequence[Column], rows: Iterable[Any], *, expand: bool) -> Table:
    table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", expand=expand)
    for column in columns:
        if column.room == "whole":
            table.add_column(column.heading, no_wrap=True)
        else:
            cut = column.room == "cut"
            table.add_column(column.heading, no_wrap=cut, overflow="ellipsis" if cut else "fold", ratio=1)
    for row in rows:
        table.add_row(*(_text(column.cell(row)) for column in columns))
    return table


def _text(cell: Cell, style: str = "") -> Text:
    if isinstance(cell, tuple):
        first, *others = map(_text, cell)
        for other in others:
            first = first + "\n" + other
        return first
    words = cell if isinstance(cell, Words) else Words(cell, style)
    return Text(one_line("" if words.value is None else str(words.value), _MOST), style=words.style)
