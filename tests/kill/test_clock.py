"""A machine's clock that is set, under a program that does not rehearse: no storm, and nothing twice.

The program runs as a process of its own under libfaketime, which moves the wall's clock and leaves the monotonic one
alone, as `date -s` and a broken time server do. Two hundred tickets stand open, and everything is counted in the
parties' mailboxes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
import time_machine
import yaml

from mailbot.clock import PAUSE, Clock, RehearsalClock, Steadiness
from mailbot.procedure.deadlines import DIGEST_ABOVE
from mailbot.store.database import Store
from mailbot.store.instance import AlreadyRunning, Owner
from tests import ROOT
from tests.mailservers import MailServers
from tests.soak.opening import open_tickets
from tests.soak.standing import Ticket
from tests.world import NO_CAPS, PEOPLE, WIB, Letter, PaperWorld, World, environment

_LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), Path("/no/libfaketime"))
_INSIDE = ("petugas", "rekan", "koordinator", "kepala")
#: A collected mail's line does not tell its stage: staff hear of a limit's half and of the limit, in two passes.
_STAGES = {"staff_digest": 2}
Opened = Callable[[str, int], tuple[Path, list[Ticket]]]
_LINE = re.compile(r"^(LPSE-BTG-\d{4}-\d{6}) – ", re.MULTILINE)

needs_faketime = pytest.mark.skipif(
    not _LIBRARY.exists() and os.environ.get("CI") != "true", reason="libfaketime is not installed"
)


@dataclass(frozen=True)
class Jump:
    """Tickets opened on `day`; at 13:46 the clock is set by so much, or told of another zone."""

    name: str
    day: str
    by: timedelta
    zone: str = "Asia/Jakarta"


_DAY = "2026-12-22"
JUMPS = (
    Jump("30 days back", _DAY, timedelta(days=-30)),
    Jump("an hour back", _DAY, timedelta(hours=-1)),
    Jump("an hour ahead", _DAY, timedelta(hours=1)),
    Jump("31 days ahead", _DAY, timedelta(days=31)),
    Jump("over 29 February", "2028-02-28", timedelta(days=1)),
    Jump("over the year's end", "2026-12-30", timedelta(days=5)),
    Jump("to WIT", _DAY, timedelta(), "Asia/Jayapura"),
    Jump("to WITA and six days ahead", _DAY, timedelta(days=6), "Asia/Makassar"),
)


def _round(office: World, at: datetime) -> None:
    """One round of a process whose wall's clock says `at`."""
    faked = {
        "LD_PRELOAD": str(_LIBRARY),
        "FAKETIME": at.astimezone(UTC).strftime("@%Y-%m-%d %H:%M:%S"),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "TZ": "UTC",
    }
    command = [sys.executable, "-m", "mailbot", "-c", str(office.config_file), "once"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(**faked), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    office.servers.settle()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """The data of an office with so many open tickets of a day; made once, to be copied."""

    @cache
    def open_on(day: str, count: int) -> tuple[Path, list[Ticket]]:
        paper = PaperWorld(tmp_path_factory.mktemp("paper"), limits=NO_CAPS)
        tickets = open_tickets(paper, count, day)
        paper.store.complete()
        paper.store.close()
        return paper.config.data, tickets

    return open_on


def _jump(
    servers: MailServers,
    folder: Path,
    jump: Jump,
    data: Path,
    tickets: Sequence[Ticket],
    back: Sequence[int] = (5, 6, 7),
) -> None:
    """back: so many minutes after the start the clock is right again."""
    rate = {"per_minute": 1_000_000, "per_hour": 1_000_000, "per_day": 1_000_000}
    servers.wipe()
    office = World(servers, folder, smtp={"rate": rate}, limits=NO_CAPS)
    shutil.rmtree(office.config.data)
    shutil.copytree(data, office.config.data)
    start = datetime.fromisoformat(f"{jump.day} 13:46").replace(tzinfo=WIB)
    people = [*(PEOPLE[name] for name in (*_INSIDE, "lkpp")), *(ticket.user for ticket in tickets)]

    _round(office, start)
    before = {who: len(office.letters(who)) for who in (*people, "operator")}
    office.config_file.write_text(
        yaml.safe_dump({**yaml.safe_load(office.config_file.read_text()), "timezone": jump.zone})
    )
    _round(office, start + jump.by)
    if abs(jump.by) > timedelta(minutes=10):
        assert _new(office, people, before) == [], "overdue mails left right after a jump"
        assert any("Jam komputer" in one.text for one in office.letters("operator"))
    most = 0
    ahead = [jump.by + timedelta(minutes=minute) for minute in (1, 2)][: len(back) or 1]
    for at in (*ahead, *(timedelta(minutes=minute) for minute in back)):
        seen = {who: len(office.letters(who)) for who in people}
        _round(office, start + at)
        for who in people[: len(_INSIDE)]:
            singles = [one for one in office.letters(who)[seen[who] :] if one.message["X-Mailbot-Ticket"]]
            assert len(singles) <= DIGEST_ABOVE, f"{len(singles)} single mails to {who} in one pass"
            most = max(most, len(singles))
    made = Counter(_about(who, one) for who, one in _new(office, people, before) if one.message["X-Mailbot-Ticket"])
    twice = {what: n for what, n in made.items() if n > 1}
    assert not twice, f"{jump.name}: {twice}"
    collected = [one for _, one in _new(office, people, before) if not one.message["X-Mailbot-Ticket"]]
    for who in people[: len(_INSIDE)]:
        lines = Counter(
            (one.template, number)
            for one in office.letters(who)[before[who] :]
            if not one.message["X-Mailbot-Ticket"]
            for number in _LINE.findall(one.text)
        )
        for (template, number), n in lines.items():
            assert n <= _STAGES.get(template, 1), f"{jump.name}: {who} has {number} {n} times in {template}"
    print(
        f"{jump.name}: {len(tickets)} tickets, {sum(made.values())} mails of one ticket (at most {most} to one of the"
        f" LPSE's people in a pass), {len(collected)} collected ones, none twice"
    )


def _new(office: World, people: list[str], before: dict[str, int]) -> list[tuple[str, Letter]]:
    return [(who, one) for who in people for one in office.letters(who)[before[who] :]]


def _about(who: str, one: Letter) -> tuple[str, str, str, str]:
    """Whom, which ticket, what, and of which clock: the stage is the only one of it that can be due in a moment."""
    limit = re.search(r"^(?:Batas|Tenggat|Yang ditunggu|Perihal batas)\s*:.*$", one.text, re.MULTILINE)
    return who, str(one.message["X-Mailbot-Ticket"]), one.template, limit[0] if limit else ""


@needs_faketime
@pytest.mark.mailservers
@pytest.mark.timeout(300)
def test_a_jump_of_a_month_makes_no_storm_and_nothing_twice(
    servers: MailServers, tmp_path: Path, opened: Opened
) -> None:
    _jump(servers, tmp_path, JUMPS[3], *opened(_DAY, 9), back=())


@needs_faketime
@pytest.mark.long
@pytest.mark.mailservers
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("jump", JUMPS, ids=lambda jump: jump.name)
def test_two_hundred_tickets_survive_a_jump(servers: MailServers, tmp_path: Path, jump: Jump, opened: Opened) -> None:
    _jump(servers, tmp_path, jump, *opened(jump.day, 200))


# --- how a jump is known --------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [-60, -11, 11, 60, 44_640])
def test_a_clock_that_is_set_while_the_daemon_runs_pauses_what_is_overdue_and_is_told_once(
    minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = 1000.0
    monkeypatch.setattr("mailbot.clock.ticks", lambda: passed)
    with time_machine.travel(datetime(2026, 12, 22, 7, 0, tzinfo=UTC), tick=False) as traveller:
        found = Steadiness(Clock())
        assert found.steady() and found.take_jump() == 0.0
        traveller.shift(timedelta(minutes=minutes))
        assert not found.steady()
        assert round(found.take_jump() / 60) == minutes
        assert not found.steady() and found.take_jump() == 0.0
        passed += PAUSE + 1
        assert found.steady()


@pytest.mark.parametrize("minutes", [-9, 0, 9])
def test_small_steps_and_slow_machines_pause_nothing(minutes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = 1000.0
    monkeypatch.setattr("mailbot.clock.ticks", lambda: passed)
    with time_machine.travel(datetime(2026, 12, 22, 7, 0, tzinfo=UTC), tick=False) as traveller:
        found, rehearsed = Steadiness(Clock()), Steadiness(RehearsalClock(datetime.now(UTC), 1000))
        traveller.shift(timedelta(minutes=minutes))
        assert found.steady()
        traveller.shift(timedelta(hours=8))  # asleep: both clocks went on
        passed += 8 * 3600
        assert found.steady()
        traveller.shift(timedelta(days=8))
        assert rehearsed.steady()


@pytest.mark.parametrize("days", [-30, 0, 31])
def test_a_round_knows_that_the_clock_was_set_since_the_last_one(tmp_path: Path, days: int) -> None:
    with closing(Store.open(tmp_path)) as store:
        with time_machine.travel(datetime(2026, 12, 22, 7, 0, tzinfo=UTC), tick=False):
            first = Owner(store)
            assert first.jumped == 0.0
            first.leave()
        with time_machine.travel(datetime(2026, 12, 22, 7, 1, tzinfo=UTC) + timedelta(days=days), tick=False):
            assert round(Owner(store).jumped / 86_400) == days


def test_after_a_restart_of_the_machine_only_a_clock_that_went_back_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Store.open(tmp_path)) as store:
        for boot, hours, jumped in (("a", 0, 0), ("b", 5, 0), ("c", -5, -10)):
            monkeypatch.setattr("mailbot.store.instance._boot", lambda boot=boot: boot)
            with time_machine.travel(datetime(2026, 12, 22, 7, tzinfo=UTC) + timedelta(hours=hours), tick=False):
                found = Owner(store)
                assert round(found.jumped / 3600) == jumped
                found.leave()


# --- the owner in the database -----------------------------------------------------------------------------------


def test_another_machines_mailbot_is_respected_for_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system whose locks do not reach it."""
    with closing(Store.open(tmp_path)) as store:
        start = datetime(2026, 12, 22, 7, 0, tzinfo=UTC)
        with time_machine.travel(start, tick=False) as traveller:
            first = Owner(store)
            monkeypatch.setattr("mailbot.store.instance._boot", lambda: "another machine")
            traveller.shift(59)
            with pytest.raises(AlreadyRunning):
                Owner(store)
            traveller.shift(2)
            second = Owner(store)
            monkeypatch.setattr("mailbot.store.instance.RENEW", 0.0)
            second.renew()
            with pytest.raises(AlreadyRunning, match="taken over"):
                first.renew()
            second.leave()
            monkeypatch.setattr("mailbot.store.instance._boot", lambda: "a third one")
            Owner(store)  # he has left in good order


def test_on_this_machine_the_lock_alone_decides(tmp_path: Path) -> None:
    """Whoever was killed here keeps nobody waiting."""
    with closing(Store.open(tmp_path)) as store:
        Owner(store)
        Owner(store)
