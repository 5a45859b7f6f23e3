"""What a day asks of the database costs the same in an office of a hundred thousand tickets as in a new one.

The statements are those that the program itself makes while a day is played: mails of users, staff and LKPP, rounds
against mail servers, questions of staff and commands of the operator. A new statement is watched from the day on which
anything of that day makes it.
"""

from __future__ import annotations

import inspect
import re
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench import grown
from mailbot.cli.main import main
from mailbot.store import agenda
from mailbot.store.database import NAME, Store
from tests.mailservers import MailServers
from tests.steps import results
from tests.world import World

_TICKETS, _OPEN = 100_000, 40
#: Steps of SQLite's virtual machine that one statement may take. A table that grows has a hundred thousand rows here,
#: or one in seven of them where a state is asked for, and whatever goes through them takes several steps a row. (SQLite
#: itself takes 17,000 when it reads the schema anew.)
_STEPS = 25_000
#: Where more is asked for: (module, function) → why that has an end all the same.
_MORE = {
    ("search", "_looked_for"): "the newest 2,000 texts, and as many cards, that hold a word",
    ("entries", "of_month"): "the tickets of one month: a rekap lists them",
    ("silences", "listed"): "a list of all silences is what the operator asks for",
}
#: Looks at all rows of a table, or of an index.
_SCAN = re.compile(r"SCAN (?P<table>\S+)(?: USING (?:COVERING )?INDEX (?P<index>\w+))?")
#: Indexes over what still waits, is open or has failed: as short in an old office as in a new one.
_SHORT = {
    *(
        "deadlines_due",
        "journal_mark",
        "journal_unsure",
        "journal_waiting",
        "notices_open",
        "outbox_failed",
        "outbox_held",
        "outbox_proof",
    ),
    *("outbox_unsettled", "outbox_waiting", "tickets_open", "unsent_open", "untold_open"),
}
#: What grows with the tickets, by the names that the statements give it.
_GROWS = {
    *("approvals", "attachments", "breaches", "codes", "consultations", "deadlines", "fields", "history", "journal"),
    *("notices", "outbox", "outbox_bytes", "parties", "proposals", "support_numbers", "texts", "tickets", "unsent"),
    *("solved", "untold", "warnings", "a", "b", "d", "e", "h", "j", "n", "o", "p", "t", "x"),
}
#: How rows are sorted or sieved says nothing of how many are read.
_ASIDE = ("USE TEMP B-TREE", "BLOOM FILTER")

_QUESTIONS = (
    *(
        "#cari login",
        "#cari 87654321",
        "#cari kode tender apendo",
        '"hapus cache" budi',
        "#daftar",
        "#status",
        "#tiket 12",
    ),
    *("#status 12", "#rekap", "#arsip", "#bukutamu", "#karantina", "#bantuan"),
)


@dataclass
class _Statement:
    """origin: who made it, (module, function). steps, values: of its dearest run."""

    origin: tuple[str, str]
    values: tuple[Any, ...]
    steps: int = 0


class _Watch:
    """All statements that any `Store` is given."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.seen: dict[str, _Statement] = {}
        for name in ("rows", "tuples", "value", "execute"):
            patch.setattr(Store, name, self._counting(getattr(Store, name)))

    def _counting(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        def counted(store: Store, sql: str, *values: Any) -> Any:
            steps = 0

            def step() -> int:
                nonlocal steps
                steps += 50
                return 0

            connection = store._connection
            connection.set_progress_handler(step, 50)
            try:
                return ask(store, sql, *values)
            finally:
                connection.set_progress_handler(None, 0)
                found = self.seen.setdefault(sql, _Statement(_origin(), values))
                if steps > found.steps:
                    found.steps, found.values = steps, values

        return counted


def _origin() -> tuple[str, str]:
    frame = sys._getframe(2)
    while frame.f_back is not None and Path(frame.f_code.co_filename).name in ("database.py", Path(__file__).name):
        frame = frame.f_back
    return Path(frame.f_code.co_filename).stem, frame.f_code.co_name


def _people_write(folder: Path) -> None:
    office = grown.Office(folder)
    office.world.now = grown.NOW
    for live in (grown.nobodys, grown.discarded, grown.confirmed, grown.with_lkpp):
        live(office)
    for question in _QUESTIONS:
        office.world.write("petugas", question, subject="Pertanyaan", headers=[results("pass", "batangkab.test")])
    office.later(minutes=1)
    for _, ask in inspect.getmembers(agenda, inspect.isfunction):  # what the daemon asks each second
        if ask.__module__ == agenda.__name__ and not ask.__name__.startswith("_"):
            ask(office.world.store, *[office.world.now] * (len(inspect.signature(ask).parameters) - 1))
    office.world.store.close()


def _rounds(servers: MailServers, folder: Path) -> None:
    world = World(servers, folder)
    world.now = grown.NOW.replace(month=12, day=28)
    world.write("pengguna", "Kami tidak bisa login SPSE.", subject="Tidak bisa login")
    for _ in range(2):
        world.once()
    assert world.letters("pengguna")


def _operator_asks(folder: Path) -> None:
    number = "LPSE-BTG-2026-099999"
    for asked in (
        *(["status"], ["tickets"], ["ticket", number], ["ticket", "99999"], ["rekap"], ["arsip"]),
        *(["outbox", "list"], ["outbox", "list", "--held"], ["quarantine", "list"], ["person", "silenced"]),
    ):
        done = CliRunner().invoke(main, ["--config", str(folder / "config.yaml"), *asked], catch_exceptions=False)
        assert done.exit_code == 0, (asked, done.output)


def _plans(database: Path, seen: Mapping[str, _Statement]) -> dict[str, list[str]]:
    with closing(sqlite3.connect(database)) as connection:
        return {
            sql: [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", found.values)]
            for sql, found in seen.items()
            if not sql.startswith(("INSERT", "PRAGMA"))
        }


def _is_whole(step: str) -> bool:
    found = _SCAN.match(step)
    return found is not None and found["table"] in _GROWS and found["index"] not in _SHORT


def _ways(plan: list[str]) -> list[str]:
    """By which ways a plan comes to the rows of what grows."""
    return [step for step in plan if not step.startswith(_ASIDE) and (" " not in step or step.split()[1] in _GROWS)]


def test_a_day_costs_an_old_office_no_more_than_a_new_one(
    servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One test: what it looks at takes seconds to make."""
    grown.grow(tmp_path, _TICKETS, opened=_OPEN, sparse=True)
    watch = _Watch(monkeypatch)
    _people_write(tmp_path)
    _rounds(servers, tmp_path)
    _operator_asks(tmp_path)
    dear = {sql: found for sql, found in watch.seen.items() if found.steps > _STEPS and found.origin not in _MORE}
    assert dear == {}
    plans = _plans(tmp_path / "data" / NAME, watch.seen)
    assert len(plans) > 150
    whole = {sql: plan for sql, plan in plans.items() if any(map(_is_whole, plan))}
    assert whole == {}
    with closing(sqlite3.connect(tmp_path / "data" / NAME)) as connection:
        connection.execute("ANALYZE")
    with_statistics = _plans(tmp_path / "data" / NAME, watch.seen)  # they are read when a database is opened
    turned = {
        sql: (plan, with_statistics[sql]) for sql, plan in plans.items() if _ways(plan) != _ways(with_statistics[sql])
    }
    assert turned == {}
