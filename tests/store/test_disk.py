"""A disk that is full, and one that fails: the first heals by itself, the second ends the program."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from mailbot.cli import main
from mailbot.errors import Damaged, DiskFull, MailbotError, TemporaryFailure
from mailbot.store import database, disk
from mailbot.store.database import Store, _meaning, of_disk, write_durably
from tests.kill.child import Office
from tests.mailservers import MailServers
from tests.mailservers.process import wait_until
from tests.running import RunningOffice
from tests.small_disk import mounted
from tests.world import PaperWorld


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MB for the data folder."""
    with mounted(tmp_path / "data", 16) as folder:
        yield folder


def _fill(folder: Path, room: int = 0) -> Path:
    filler = folder / "filler"
    with filler.open("wb") as file:
        file.write(b"x" * max(0, shutil.disk_usage(folder).free - room))
    return filler


# --- a full disk -------------------------------------------------------------------------------------------


def test_on_a_full_disk_the_daemon_takes_no_mail_tells_the_operator_and_goes_on_by_itself(
    servers: MailServers, tmp_path: Path, small_disk: Path
) -> None:
    office = RunningOffice(servers, tmp_path, imap={"poll": "1s"})
    assert disk.has_room(small_disk)
    with office.running() as daemon:
        filler = _fill(small_disk)
        office.write("pengguna", "Kami tidak bisa masuk.", files=[("a.bin", os.urandom(900_000))])
        # The reserve is what this alarm is written with.
        office.wait("operator", 2)
        assert "Disk untuk data mailbot penuh" in office.last("operator").text
        assert not (small_disk / "reserve").exists()
        assert office.letters("pengguna") == []
        assert "FULL" in daemon._state_line()
        filler.unlink()
        office.wait("pengguna")
        wait_until(lambda: (small_disk / "reserve").exists(), 5, "the reserve is not made again")
        assert not disk.is_full(small_disk)
    assert office.error is None
    assert [one.template for one in office.letters("petugas")] == ["staff_new_ticket"]


def test_on_a_full_disk_a_round_tells_the_operator_and_takes_no_mail(
    servers: MailServers, tmp_path: Path, small_disk: Path
) -> None:
    office = Office(servers, tmp_path)
    office.write("pengguna", "Kami tidak bisa masuk.", files=[("a.bin", os.urandom(900_000))])
    filler = _fill(small_disk, 50_000)
    assert office.round().code == 75
    office.servers.settle()
    assert "Disk untuk data mailbot penuh" in office.last("operator").text
    again = office.round()
    assert again.code == 75 and "no mail is taken" in again.log
    filler.unlink()
    office.now += timedelta(minutes=1)
    office.once()
    assert [one.template for one in office.letters("pengguna")] == ["user_acknowledgement"]


def test_the_reserve_is_small_on_a_small_disk_and_not_made_where_it_would_take_the_last_room(small_disk: Path) -> None:
    filler = _fill(small_disk, 1_000_000)
    assert not disk.has_room(small_disk)
    assert disk.is_full(small_disk) and not (small_disk / "reserve").exists()
    filler.unlink()
    assert disk.has_room(small_disk)
    assert (small_disk / "reserve").stat().st_size == 16 * 2**20 // 20
    assert not disk.is_full(small_disk)


def test_a_database_that_may_not_grow_is_a_full_disk(tmp_path: Path) -> None:
    with closing(Store.open(tmp_path)) as found:
        found.rows(f"PRAGMA max_page_count = {found.value('PRAGMA page_count')}")
        with pytest.raises(DiskFull), found.immediate():
            found.insert("warnings", mailbox="x", key="y" * 100_000, at="")
        assert disk.is_full(tmp_path)
        assert found.value("SELECT count(*) FROM warnings") == 0
    assert disk.has_room(tmp_path)


# --- what an error means --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "confirming", "kind"),
    [
        (errno.ENOSPC, False, DiskFull),
        (errno.EDQUOT, False, DiskFull),
        (errno.EFBIG, False, DiskFull),
        (errno.ENOSPC, True, DiskFull),
        (errno.EDQUOT, True, DiskFull),
        (errno.EIO, False, Damaged),
        (errno.EIO, True, Damaged),
        (errno.EINVAL, True, Damaged),
        (errno.EACCES, False, TemporaryFailure),
        (errno.EMFILE, False, TemporaryFailure),
    ],
)
def test_what_an_error_of_the_disk_means(
    tmp_path: Path, number: int, confirming: bool, kind: type[MailbotError]
) -> None:
    found = of_disk(tmp_path, "it", OSError(number, os.strerror(number)), confirming=confirming)
    assert type(found) is kind
    assert (tmp_path / "suspect").exists() == (kind is Damaged)
    assert disk.is_full(tmp_path) == (kind is DiskFull)
    disk.has_room(tmp_path)


def _error(code: int, kind: type[sqlite3.DatabaseError]) -> sqlite3.DatabaseError:
    error = kind("so it is")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "raised", "kind"),
    [
        (sqlite3.SQLITE_FULL, sqlite3.OperationalError, DiskFull),
        (sqlite3.SQLITE_IOERR_FSYNC, sqlite3.OperationalError, Damaged),
        (sqlite3.SQLITE_IOERR_DIR_FSYNC, sqlite3.OperationalError, Damaged),
        (sqlite3.SQLITE_IOERR_WRITE, sqlite3.OperationalError, Damaged),  # and there is room
        (sqlite3.SQLITE_IOERR_READ, sqlite3.OperationalError, Damaged),
        (sqlite3.SQLITE_CORRUPT, sqlite3.DatabaseError, Damaged),
        (sqlite3.SQLITE_NOTADB, sqlite3.DatabaseError, Damaged),
        (sqlite3.SQLITE_BUSY, sqlite3.OperationalError, TemporaryFailure),
        (sqlite3.SQLITE_CANTOPEN, sqlite3.OperationalError, TemporaryFailure),
        (sqlite3.SQLITE_READONLY, sqlite3.OperationalError, TemporaryFailure),
    ],
)
def test_what_an_error_of_the_database_means(
    tmp_path: Path, code: int, raised: type[sqlite3.DatabaseError], kind: type[MailbotError]
) -> None:
    assert type(_meaning(_error(code, raised), tmp_path)) is kind
    assert (tmp_path / "suspect").exists() == (kind is Damaged)
    disk.has_room(tmp_path)


def test_an_error_of_writing_is_a_full_disk_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite names no quota: a used-up one is an I/O error to it."""

    def quota(*_: object) -> None:
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr("mailbot.store.disk.can_write", quota)
    for code in (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR_SHMSIZE):
        assert type(_meaning(_error(code, sqlite3.OperationalError), tmp_path)) is DiskFull
    assert type(_meaning(_error(sqlite3.SQLITE_IOERR_FSYNC, sqlite3.OperationalError), tmp_path)) is Damaged
    monkeypatch.undo()
    disk.has_room(tmp_path)


# --- a disk that fails -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, database._AT_ONCE - 1, database._AT_ONCE, 2 * database._AT_ONCE + 1])
def test_a_file_that_is_written_piece_by_piece_is_there_as_a_whole(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    write_durably(tmp_path / "mail", data, tmp_path)
    assert (tmp_path / "mail").read_bytes() == data
    assert [path.name for path in tmp_path.iterdir()] == ["mail"]


def test_a_file_that_the_disk_does_not_confirm_is_not_there_and_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    def failing(_file: int) -> None:
        nonlocal tries
        tries += 1
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("mailbot.store.database.os.fsync", failing)
    with pytest.raises(Damaged, match="disk has failed"):
        write_durably(tmp_path / "mail", b"text", tmp_path)
    assert tries == 1
    assert [path.name for path in tmp_path.iterdir()] == ["suspect"]


def test_after_a_failure_of_the_disk_the_database_is_examined_once_before_work(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    database.suspect(tmp_path, "disk I/O error")
    database.trust(tmp_path)
    assert not (tmp_path / "suspect").exists()


def test_a_damaged_database_is_not_worked_on_again(office: PaperWorld) -> None:
    office.write("pengguna", "Kami tidak bisa masuk.")
    office.once()
    office.store.complete()
    data = office.config.data
    page = int(office.store.value("SELECT rootpage FROM sqlite_master WHERE name = 'tickets'"))
    size = int(office.store.value("PRAGMA page_size"))
    office.store.close()
    with (data / "mailbot.sqlite").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(Damaged), closing(Store.open(data)) as found:
        found.rows("SELECT * FROM tickets")
    for _ in range(2):
        done = CliRunner().invoke(main.main, ["-c", str(office.config_file), "once"])
        assert done.exit_code == 74, done.output
        assert "restore a backup" in done.output
