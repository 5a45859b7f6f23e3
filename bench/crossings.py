"""What one mail sets in motion, from its row in the journal to the rows of the outbox: modules, functions, crossings.

    python -m bench.crossings             a user's first mail, an #eskalasi of staff and a reply of LKPP
    python -m bench.crossings --most 30   and the 30 most trodden crossings of each

A crossing is a call of a function of mailbot by one in another module, also through a library; an arrow is a pair of
modules between which there is at least one. Counted is what happens inside `Intake.handle_one`. The process in which
mails are read does not count. Each mail is handled once before, in another office, so that what is read only once
(rules, templates) does not count either. Watched functions are named without their packages, so that trees in which
modules stand elsewhere can be compared: copy this file there. Needs no servers.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from bench import meter
from mailbot import log
from tests.world import PaperWorld

#: The work that should be done once for a mail or an event: module, function.
WATCHED = (
    ("automatic", "automatic"),
    ("identity", "is_lkpp"),
    ("quoted", "new_text"),
    ("masking", "mask"),
    ("tickets", "load"),
)
_WHOLE = ("intake", "handle_one")
#: Code of its own to Python, and a part of its function to whoever reads it.
_NAMELESS = ("<module>", "<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>")
_PACKAGE = f"{Path(__file__).resolve().parent.parent / 'mailbot'}/"

SUMMARY = "Ringkasan:\nPengguna tidak dapat masuk ke SPSE.\n\nUpaya yang telah dilakukan:\nKata sandi diatur ulang."
SOLVED = "Permasalahan sudah selesai kami perbaiki. Silakan pengguna mencoba kembali."
PROBLEM = "Yth. Helpdesk,\n\nSaya tidak dapat masuk ke aplikasi SPSE sejak kemarin pagi.\n\nHormat kami,\nBudi\n"


@dataclass
class Way:
    """What was entered on the way of a mail. crossings: (from, to) → how often."""

    functions: Counter[tuple[str, str]] = field(default_factory=Counter)
    crossings: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def modules(self) -> set[str]:
        return {module for module, _ in self.functions}

    def times(self, module: str, function: str) -> int:
        """How often a function ran. module: its name without its packages."""
        return sum(
            n for (where, name), n in self.functions.items() if (where.rpartition("/")[2], name) == (module, function)
        )


def followed(act: Callable[[], Any]) -> Way:
    """The way of the mails that `act` has an office handle."""
    way = Way()
    inside: list[FrameType] = []

    def hook(frame: FrameType, event: str, _argument: Any) -> None:
        here = _module(frame)
        if event not in ("call", "return") or here is None:
            return
        name = frame.f_code.co_name
        if (here.rpartition("/")[2], name) == _WHOLE:
            inside[:] = [frame] if event == "call" else []
        if event == "return" or not inside:
            return
        if name in _NAMELESS:
            return
        way.functions[here, name] += 1
        caller = frame.f_back
        while caller is not None and (there := _module(caller)) is None:
            caller = caller.f_back
        if caller is not None and frame is not inside[0] and there is not None and there != here:
            way.crossings[there, here] += 1

    sys.setprofile(hook)
    try:
        act()
    finally:
        sys.setprofile(None)
    return way


def _module(frame: FrameType) -> str | None:
    """Of mailbot, as "arrivals/intake"; None: another's."""
    file = frame.f_code.co_filename
    return file[len(_PACKAGE) : -3] if file.startswith(_PACKAGE) else None


def ways(folder: Path) -> dict[str, Way]:
    """The ways of the three mails, in the office of one ticket."""
    office = PaperWorld(folder)
    found = {}
    office.write("pengguna", PROBLEM, subject="Tidak dapat masuk SPSE")
    found["user's first mail"] = followed(office.once)
    office.write("petugas", f"#eskalasi\n{SUMMARY}", answers=office.last("petugas", "staff_new_ticket"))
    found["#eskalasi"] = followed(office.once)
    office.write("lkpp", SOLVED, answers=office.last("lkpp", "lkpp_escalation"))
    found["LKPP's reply"] = followed(office.once)
    return found


def summary(found: dict[str, Way]) -> str:
    heads = ("mail", "modules", "functions", "arrows", "crossings", *(f"{place}.{name}" for place, name in WATCHED))
    rows = [
        [
            title,
            len(way.modules),
            len(way.functions),
            len(way.crossings),
            way.crossings.total(),
            *(way.times(*each) for each in WATCHED),
        ]
        for title, way in found.items()
    ]
    return meter.table(heads, rows)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--most", type=int, default=0, help="crossings of each mail to show")
    shown = arguments.parse_args().most
    log.configure("json", "info")  # as an office runs; what it says is nobody's here
    with tempfile.TemporaryDirectory() as name, contextlib.redirect_stderr(io.StringIO()):
        for office in ("first", "measured"):
            folder = Path(name) / office
            folder.mkdir()
            found = ways(folder)
    print(summary(found))
    for title, way in found.items() if shown else ():
        rows = [[n, start, end] for (start, end), n in way.crossings.most_common(shown)]
        print(f"\n{title}\n\n{meter.table(('times', 'from', 'to'), rows)}")


if __name__ == "__main__":
    main()
