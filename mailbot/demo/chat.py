"""The play on a terminal, like a chat: users write from the left, the LPSE stands in the middle, LKPP on the right."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path

from rich.align import Align
from rich.box import ROUNDED
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from mailbot.demo import record, words
from mailbot.demo.record import Record, Shown
from mailbot.sentences import filled

_COLOURS = {record.USER: "green", record.LKPP: "magenta"}
_OURS = "cyan"
_QUIET = "dim"
#: Wider lines are hard to read.
_WIDEST, _WIDEST_BUBBLE = 132, 78


class Chat:
    """Prints one thing after the other as it happens."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = min(console.width, _WIDEST)
        self._bubble = min(_WIDEST_BUBBLE, self._width, max(44, self._width * 7 // 10))

    def opens(self, organisation: str) -> None:
        self._print("")
        self._centred(words.title(organisation), "bold")
        for line in textwrap.wrap(words.SAID["introduction"], self._width - 4):
            self._centred(line, _QUIET)
        self._print("")
        lanes = Table.grid(expand=True)
        lanes.add_column(justify="left", ratio=1)
        lanes.add_column(justify="center", ratio=1)
        lanes.add_column(justify="right", ratio=1)
        names = ((record.USER, _COLOURS[record.USER]), ("LPSE", _OURS), (record.LKPP, _COLOURS[record.LKPP]))
        lanes.add_row(*(Text(name, style=f"bold {style}") for name, style in names))
        self._print(lanes)

    def show(self, shown: Shown) -> None:
        if shown.kind == "day":
            self._day(shown)
        elif shown.kind == "inside":
            self._inside(shown)
        elif words.is_notice(shown):
            self._place(Text(f"✉ {words.time(shown)}  {words.heading(shown)}", style=_QUIET), shown)
        else:
            self._mail(shown)

    # --- one thing ---------------------------------------------------------------------------------------

    def _day(self, shown: Shown) -> None:
        if record.NO_SERVICE in shown.title:
            self._centred(shown.title, "yellow")
            return
        self._print("")
        self._print(Rule(Text(shown.title, style="bold"), style=_QUIET))
        self._centred(shown.text, _QUIET)

    def _inside(self, shown: Shown) -> None:
        """No mail says so: LKPP's own work, on its side."""
        what = Text(f"{words.time(shown)}  {words.heading(shown)}", style="dim italic")
        self._place(Group(what, Text(f"→ {words.answer(shown)}", style=_COLOURS[record.LKPP])), shown)

    def _mail(self, shown: Shown) -> None:
        letter = words.letter(shown, self._bubble - 4)
        parts = [Text(words.heading(shown), style="bold")]
        parts.append(Text(letter.subject, style=_QUIET, no_wrap=True, overflow="ellipsis"))
        parts += [Text(line) for line in letter.lines]
        if letter.files:
            parts.append(Text(filled(words.SAID["files"], files=letter.files), style=_QUIET))
        colour = _COLOURS.get(shown.sender, _OURS)
        bubble = Panel(
            Group(*parts),
            box=ROUNDED,
            border_style=colour,
            title=Text(letter.way, style=colour),
            title_align="left",
            subtitle=Text(" · ".join(filter(None, (shown.ticket, words.time(shown)))), style=_QUIET),
            subtitle_align="right",
        )
        self._place(bubble, shown)

    # --- the end -----------------------------------------------------------------------------------------

    def closes(self, played: Record, folder: Path) -> None:
        self._print("")
        self._print(Rule(Text(words.SAID["steps_shown"], style="bold"), style=_QUIET))
        table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, justify="right")
        table.add_column(overflow="fold")
        table.add_column(overflow="fold")
        for step, name, where in words.steps_shown(played):
            mark = Text("✓", style="bold green") if where else Text("–", style="bold red")
            table.add_row(mark, Text(step), Text(name), Text(where or words.SAID["not_shown"], style=_QUIET))
        self._print(table)
        for case in played.cases:
            self._print("")
            self._print(Text.assemble((case.number, "bold"), "  ", case.subject))
            self._print(Text(case.matter, style=_QUIET))
        self._print("")
        self._print(Text.assemble(words.SAID["timeline"], (str(folder / "linimasa.html"), "bold")))
        self._print(Text(filled(words.SAID["left_behind"], folder=folder)))
        for name, what in words.left_behind(played):
            self._print(Text.assemble(f"  {name:<20}", (what, _QUIET)))

    def stays(self, lines: Iterable[str]) -> None:
        self._print("")
        for line in lines:
            self._print(Text(line))

    # --- layout ------------------------------------------------------------------------------------------

    def _place(self, what: RenderableType, shown: Shown) -> None:
        """In the lane of its sender."""
        room = self._width - self._bubble
        left = {record.USER: 0, record.LKPP: room}.get(shown.sender, room // 2)
        self._print(Padding(what, (0, room - left, 0, left)))

    def _centred(self, text: str, style: str) -> None:
        if text:
            self._print(Align.center(Text(text, style=style)))

    def _print(self, what: RenderableType) -> None:
        self._console.print(what, width=self._width, highlight=False, markup=False)
