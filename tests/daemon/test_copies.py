"""The copies that a timer makes: opened, kept by age, missed when they do not come; and the first mail after a fire."""

from __future__ import annotations

import re
import shutil
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from mailbot.cli import main
from mailbot.clock import Clock
from mailbot.daemon import copies
from mailbot.daemon.copies import Ages, to_keep
from mailbot.daemon.outages import Outages
from mailbot.reports import listing, still
from mailbot.store import backup
from mailbot.store.database import Store
from mailbot.store.restored import NOTICE
from tests.mailservers import MailServers
from tests.running import RunningOffice
from tests.steps import flat
from tests.world import PaperWorld, World

AGES = Ages(14, 8, 12)
NOON = datetime(2026, 12, 21, 12, tzinfo=UTC)


def _command(config: Path, *words: str) -> Result:
    return CliRunner().invoke(main.main, ["-c", str(config), *words])


@pytest.fixture
def paper(tmp_path: Path) -> PaperWorld:
    world = PaperWorld(tmp_path)
    world.at("2026-12-21 09:00")
    world.write("pengguna", "Kami tidak bisa masuk.", files=[("a.bin", bytes(400_000))])
    world.once()
    (tmp_path / "copies").mkdir()
    return world


def _keep(world: PaperWorld | World, now: datetime, *, days: int = 2) -> copies.Kept:
    with closing(Store.open(world.config.data)) as store:
        return copies.keep(store, world.folder / "copies", now, AGES, timedelta(days=days))


# --- which ones stay -------------------------------------------------------------------------------------


def _stay(made: list[datetime], ages: Ages = AGES) -> list[datetime]:
    by_name = {backup.default_name(at): at for at in made}
    return sorted(by_name[name] for name in to_keep(by_name.items(), max(made), ages))


def test_after_two_years_of_nights_days_weeks_and_months_are_there() -> None:
    nights = [NOON - timedelta(days=n) for n in range(730)]
    stay = _stay(nights)
    assert stay[-14:] == sorted(nights[:14])
    ages = [(NOON - at).days for at in stay]
    assert max(ages) > 320 and len(stay) <= 14 + 8 + 12
    assert all(any(at.isocalendar()[:2] == week.isocalendar()[:2] for at in stay) for week in nights[: 7 * 7])
    assert {at.strftime("%Y-%m") for at in stay} == {at.strftime("%Y-%m") for at in nights[:340]}


def test_all_of_the_last_two_days_stay_and_the_last_of_each_day_before() -> None:
    hours = [NOON - timedelta(hours=n) for n in range(24 * 5)]
    stay = _stay(hours, Ages(5, 0, 0))
    assert [at for at in hours if NOON - at < timedelta(days=2)] == [at for at in reversed(stay)][:48]
    assert [at.hour for at in stay[:-48]] == [23, 23, 23][: len(stay) - 48]


def test_the_newest_stays_whatever_is_asked_for() -> None:
    old = NOON - timedelta(days=400)
    assert to_keep([("only", old)], NOON, Ages(0, 0, 0)) == {"only"}


def test_deleting_each_night_keeps_what_deleting_once_would() -> None:
    """What is removed tonight is not missed next month."""
    there: set[datetime] = set()
    for n in reversed(range(400)):
        there.add(NOON - timedelta(days=n))
        there = set(_stay(sorted(there)))
    assert {at.strftime("%Y-%m") for at in there} == {at.strftime("%Y-%m") for at in _stay(sorted(there))}
    assert len({at.strftime("%Y-%m") for at in there}) == 12


# --- a copy ------------------------------------------------------------------------------------------------


def test_a_new_copy_is_opened_and_only_old_copies_of_ours_are_removed(paper: PaperWorld) -> None:
    folder = paper.folder / "copies"
    (folder / "keterangan.txt").write_text("bukan cadangan")
    nights = [_keep(paper, NOON + timedelta(days=n)) for n in range(17)]
    assert [backup.verify(kept.made.path) for kept in nights[-14:]] == [NOON + timedelta(days=n) for n in range(3, 17)]
    assert nights[-1].removed and not (folder / nights[-1].removed[0]).exists()
    assert (folder / "keterangan.txt").exists()
    assert not list(folder.glob(".mailbot-backup-*"))


def test_a_damaged_database_removes_no_copy_and_counts_as_none(paper: PaperWorld) -> None:
    good = _keep(paper, NOON - timedelta(days=100))
    paper.store.complete()
    page = int(paper.store.value("SELECT rootpage FROM sqlite_master WHERE name = 'tickets'"))
    size = int(paper.store.value("PRAGMA page_size"))
    with (paper.config.data / "mailbot.sqlite").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    done = _command(paper.config_file, "backup", "--keep", "1,1,1", str(paper.folder / "copies"))
    assert done.exit_code == 74, done.output
    assert [path.name for path in (paper.folder / "copies").iterdir()] == [good.made.path.name]
    assert copies.last(paper.store) == NOON - timedelta(days=100)


def test_an_old_copy_that_has_rotted_is_found_within_as_many_nights_as_there_are_copies(paper: PaperWorld) -> None:
    rotten = _keep(paper, NOON).made.path
    for night in (1, 2):
        _keep(paper, NOON + timedelta(days=night))
    raw = bytearray(rotten.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    rotten.write_bytes(raw)
    found = [_keep(paper, NOON + timedelta(days=night)) for night in range(3, 8)]
    assert rotten.name in {kept.opened for kept in found}
    assert all(bool(kept.fault) == (kept.opened == rotten.name) for kept in found)


def test_verify_names_what_is_wrong_with_a_file_and_changes_nothing(paper: PaperWorld) -> None:
    file = _keep(paper, NOON).made.path
    before = sorted(path.name for path in paper.config.data.rglob("*"))
    done = _command(paper.config_file, "backup", "--verify", str(file))
    assert done.exit_code == 0 and "whole, made on 2026-12-21 19:00" in done.output
    file.write_bytes(file.read_bytes()[:-20_000])
    done = _command(paper.config_file, "backup", "--verify", str(file))
    assert done.exit_code == 74 and str(file) in done.output
    assert sorted(path.name for path in paper.config.data.rglob("*")) == before


@pytest.mark.parametrize("value", ["14", "1,2", "a,b,c", "1,2,-3", "1,2,3,4", ""])
def test_ages_that_are_none_are_refused(paper: PaperWorld, value: str) -> None:
    done = _command(paper.config_file, "backup", "--keep", value)
    assert done.exit_code == 2 and "14,8,12" in done.output


# --- when none comes ----------------------------------------------------------------------------------------


def test_a_missing_copy_is_told_once_a_day_stands_in_the_status_and_is_over_with_the_next(paper: PaperWorld) -> None:
    begun = paper.now
    _keep(paper, begun)
    outages = Outages()

    def told(after: timedelta) -> list[str]:
        paper.now = begun + after
        found = copies.outage(paper.store, paper.now)
        outages.look(paper.store, paper.sites, [found] if found else [], paper.now)
        paper.once()
        return [mail.subject for mail in paper.new_letters("operator") if "cadangan" in mail.subject]

    assert told(timedelta(hours=47)) == []
    assert told(timedelta(hours=49)) == ["[LPSE-BTG] Alarm: cadangan data terlambat"]
    alarm = [mail for mail in paper.letters("operator") if "terlambat" in mail.subject][-1]
    assert "Senin, 21 Desember 2026 pukul 09.00 WIB" in flat(alarm.text) and "mailbot backup --forget" in alarm.text
    status = listing.status(paper.store, paper.config, paper.now)
    assert [(one["what"], one["stops"]) for one in status["troubles"]] == [("backup", False)]
    assert still.verdict({**status, "mailboxes": []}) == (
        1,
        "WARNING: mailbot: 1 backup overdue: no good one was made in time",
    )
    assert told(timedelta(hours=60)) == []
    assert len(told(timedelta(hours=74))) == 1
    _keep(paper, paper.now)
    assert told(timedelta(hours=75)) == ["[LPSE-BTG] Alarm: cadangan data dibuat lagi"]


def test_who_makes_no_copies_by_a_timer_is_told_nothing(paper: PaperWorld) -> None:
    assert _command(paper.config_file, "backup", str(paper.folder / "copies")).exit_code == 0
    assert copies.outage(paper.store, paper.now + timedelta(days=400)) is None
    _keep(paper, paper.now, days=0)
    assert copies.outage(paper.store, paper.now + timedelta(days=400)) is None
    _keep(paper, paper.now)
    assert copies.outage(paper.store, paper.now + timedelta(days=3)) is not None
    assert _command(paper.config_file, "backup", "--forget").exit_code == 0
    assert copies.outage(paper.store, paper.now + timedelta(days=3)) is None


# --- after a fire -------------------------------------------------------------------------------------------


def test_another_machine_takes_over_from_the_last_copy(servers: MailServers, tmp_path: Path) -> None:
    """Of the old machine nothing is left but a copy and the configuration. What came since is read from the mail server
    again: the user hears of it once more, and the mail says so; LKPP hears nothing twice; no number is given twice."""
    (tmp_path / "old").mkdir()
    old = RunningOffice(servers, tmp_path / "old", imap={"poll": "1s"})
    old.now = datetime.now(UTC)  # the commands go by the machine's clock
    old.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    old.once()
    made = _command(old.config_file, "backup", "--keep", "14,8,12")
    assert made.exit_code == 0, made.output
    [copy] = (old.config.data / "backups").glob("*.tar")

    old.write("petugas", "#eskalasi\nPengguna tidak bisa masuk.", answers=old.last("petugas"))
    old.write("orang luar", "Kami juga.", subject="Juga")
    old.once()
    before = old.last("orang luar").subject
    assert len(old.letters("lkpp")) == 1

    elsewhere = tmp_path / "new"
    elsewhere.mkdir()
    shutil.copy(copy, elsewhere / "cadangan.tar")
    written = yaml.safe_load(old.config_file.read_text()) | {"data": str(elsewhere / "data")}
    shutil.rmtree(old.config.data)
    old.config_file.write_text(yaml.safe_dump(written))
    restored = _command(old.config_file, "restore", str(elsewhere / "cadangan.tar"))
    assert restored.exit_code == 0, restored.output
    time.sleep(1.1)  # a mail server dates mails in whole seconds
    old.now, old.clock = datetime.now(UTC), Clock()
    with old.running():
        again = old.wait("orang luar", 2)[-1]
        old.write("pengguna2@penyedia.test", "Baru.", subject="Baru", sender="P <pengguna2@penyedia.test>")
        [first] = old.wait("pengguna2@penyedia.test", 1)
    [alarm] = [mail for mail in old.letters("operator") if "dipulihkan" in mail.subject]
    beginning = " ".join(NOTICE.split()[:6])
    assert beginning in flat(again.text) and beginning not in flat(first.text)
    numbers = [re.findall(r"LPSE-BTG-\d{4}-\d{6}", text)[0] for text in (before, again.subject, first.subject)]
    assert len(set(numbers)) == 3
    assert len(old.letters("lkpp")) == 1
    assert "Nomor tiket yang dilewati" in flat(alarm.text)
    assert (elsewhere / "data" / "mailbot.sqlite").exists()
