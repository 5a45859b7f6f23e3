"""The play in plain lines, for a pipe, a file, or a screen reader."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path

from mailbot.demo import record, words
from mailbot.demo.record import Record, Shown
from mailbot.sentences import filled

_WIDTH = 80


class PlainChat:
    """`write` gets one line after the other."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def opens(self, organisation: str) -> None:
        self._lines("", words.title(organisation))
        self._wrapped(words.SAID["introduction"])

    def show(self, shown: Shown) -> None:
        if shown.kind == "day":
            if record.NO_SERVICE in shown.title:
                self._lines(f"   {shown.title}")
            else:
                self._lines("", f"== {shown.title} ==")
                self._wrapped(shown.text)
        elif shown.kind == "inside":
            self._lines("", f"{words.time(shown)}  Helpdesk LKPP ({shown.ticket})")
            self._wrapped(words.heading(shown), 4)
            self._wrapped(f"> {words.answer(shown)}", 4)
        elif words.is_notice(shown):
            about = f" ({shown.ticket})" if shown.ticket else ""
            self._lines("")
            self._wrapped(f"{words.time(shown)}  {words.heading(shown)}{about}", hanging=11)
        else:
            letter = words.letter(shown, _WIDTH - 6)
            about = f" ({shown.ticket})" if shown.ticket else ""
            self._lines("", f"{words.time(shown)}  {letter.way}{about}")
            self._wrapped(words.heading(shown), 4)
            self._wrapped(filled(words.SAID["subject"], subject=letter.subject), 4)
            self._lines(*(f"    | {line}".rstrip() for line in letter.lines))
            if letter.files:
                self._wrapped(filled(words.SAID["files"], files=letter.files), 4)

    def closes(self, played: Record, folder: Path) -> None:
        self._lines("", words.SAID["steps_shown"], "")
        for step, name, where in words.steps_shown(played):
            mark = "✓" if where else "–"
            self._wrapped(f"{mark} {step:>2}  {name:<28}{where or words.SAID['not_shown']}", hanging=34)
        for case in played.cases:
            self._lines("", f"{case.number}  {case.subject}")
            self._wrapped(case.matter, 2)
        self._lines("", f"{words.SAID['timeline']}{folder / 'linimasa.html'}")
        self._lines(filled(words.SAID["left_behind"], folder=folder))
        self._lines(*(f"  {name:<20}{what}" for name, what in words.left_behind(played)))

    def stays(self, lines: Iterable[str]) -> None:
        self._lines("", *lines)

    def _wrapped(self, text: str, indent: int = 0, hanging: int = 0) -> None:
        first, others = " " * indent, " " * (indent + hanging)
        self._lines(
            *textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)
        )

    def _lines(self, *lines: str) -> None:
        for line in lines:
            self._write(line)
