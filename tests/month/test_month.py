"""The played month, counted twice: by mailbot, and from the mails alone. No figure may differ.

A short one, December with its collective leave and the turn of the year, is played with the other tests. The long one
is March 2026: 400 matters, the hours of Ramadan and the week of Idul Fitri (`make month`); MAILBOT_MONTH_SEED says
which people write what and when.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from mailbot import log
from mailbot.rules.worktime.holidaylist import holiday_year
from tests import ROOT
from tests.month import comparing
from tests.month.counting import Count, read
from tests.month.lives import LIVES
from tests.month.officetime import CLOSED, OfficeTime
from tests.month.play import Month, Played, play

#: What the count is made of; all else of the play may use the program.
COUNTING = ("officetime", "counting", "figures")
#: What must have come about in a month, so that it proves something: what its mails were to mailbot.
_MUST_HAPPEN = {
    *("baru", "duplicate", "list", "autoreply", "bounce"),
    *("staff.phone", "staff.counter", "staff.confirmed", "staff.spam", "staff.merge", "staff.reopen", "staff.reason"),
    *("staff.coordinator", "staff.direction", "staff.postpone", "staff.priority", "pengguna-survei", "pengguna-belum"),
    *("7-minta-data", "9-teruskan-langsung", "13-selesai", "14-perkembangan", "4-kembali"),
}
#: What is asked about, refused or held is no act: the script would say another thing than what happened.
_MUST_NOT = ("staff.refused", "staff.held", "staff.unclear")


@pytest.fixture(autouse=True)
def quiet() -> None:
    log.configure("json", "critical")


def _counted(played: Played, month: Month) -> Count:
    time = OfficeTime.between(month.first - timedelta(40), month.last + timedelta(60))
    mails, script = read(played.folder)
    return Count(mails, script, time)


def _compare(played: Played, month: Month) -> Count:
    rows = played.office.rows("SELECT disposition, count(*) AS n FROM journal GROUP BY disposition")
    found = {str(row["disposition"]): int(row["n"]) for row in rows}
    assert not {name: found[name] for name in _MUST_NOT if name in found}
    count = _counted(played, month)
    before, after = month.first - timedelta(1), month.last + timedelta(1)
    differ = [*comparing.of_tickets(played, count), *comparing.of_limits(played, count)]
    for first in (before.replace(day=1), month.first, after):
        differ += comparing.of_recap(played, count, first)
        if first < after:  # the month behind is not over
            differ += comparing.of_report(played, count, first)
    assert not differ, "\n".join([f"{len(differ)} differences:", *differ[:40]])
    runs = Counter(run.clock for ticket in count.tickets.values() for run in ticket.runs)
    print(f"{len(count.mails)} mails, {len(count.tickets)} tickets, limits {dict(runs)}, mails that came {found}")
    return count


@pytest.mark.timeout(600)
def test_a_short_december_counts_the_same_from_its_mails(tmp_path: Path) -> None:
    month = Month(date(2026, 12, 1))
    _compare(play(tmp_path, month, len(LIVES), seed=12, every=timedelta(minutes=10)), month)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_month_of_400_tickets_counts_the_same_from_its_mails(tmp_path: Path) -> None:
    month = Month(date(2026, 3, 1))
    played = play(tmp_path, month, 400, seed=int(os.environ.get("MAILBOT_MONTH_SEED", "1")), every=timedelta(minutes=5))
    count = _compare(played, month)
    rows = played.office.rows("SELECT DISTINCT disposition FROM journal")
    assert {str(row["disposition"]) for row in rows} >= _MUST_HAPPEN
    assert len(count.tickets) >= 390


@pytest.mark.timeout(600)
def test_a_figure_that_is_wrong_is_found(tmp_path: Path) -> None:
    """The comparison itself: whatever mailbot says otherwise than the mails comes out."""
    month = Month(date(2026, 12, 1))
    played = play(tmp_path, month, 6, seed=3, every=timedelta(minutes=30))
    store = played.office.store
    assert not [
        *comparing.of_tickets(played, _counted(played, month)),
        *comparing.of_limits(played, _counted(played, month)),
    ]
    with store.immediate():
        ticket = store.row("SELECT id, number FROM tickets WHERE channel = 'email' AND handler IS NOT NULL LIMIT 1")
        assert ticket is not None
        store.execute("UPDATE tickets SET handler = 'orang@lain.test' WHERE id = ?", ticket["id"])
        store.execute(
            "UPDATE deadlines SET started_at = ended_at WHERE ticket_id = ? AND clock = 'target'", ticket["id"]
        )
    count = _counted(played, month)
    for found in (comparing.of_tickets(played, count), comparing.of_limits(played, count)):
        assert any(str(ticket["number"]) in each for each in found)


@pytest.mark.parametrize("name", COUNTING)
def test_the_count_asks_nothing_of_the_program(name: str) -> None:
    tree = ast.parse((Path(__file__).parent / f"{name}.py").read_text())
    found = {each.module or "" for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)}
    found |= {alias.name for each in ast.walk(tree) if isinstance(each, ast.Import) for alias in each.names}
    ours = {module for module in found if module.partition(".")[0] in ("mailbot", "tests", "bench")}
    assert ours <= {f"tests.month.{other}" for other in COUNTING}
    assert all(module.partition(".")[0] in {*sys.stdlib_module_names, "tests"} for module in found)


def test_nothing_of_the_program_is_loaded_by_the_count() -> None:
    code = "import sys, tests.month.figures; print(sorted(m for m in sys.modules if m.startswith('mailbot')))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_hand_copied_days_are_those_of_the_decree() -> None:
    """The one place where the two calendars meet: a day that either lacks would be found in every limit over it."""
    for year, months in ((2026, (2, 3, 4, 5, 12)), (2027, (1,))):
        decreed = {day for day in holiday_year(year).names if day.month in months}
        assert {day for day in decreed if day.weekday() < 5} <= CLOSED, year
        assert {day for day in CLOSED if day.year == year and day.month in months} <= decreed
