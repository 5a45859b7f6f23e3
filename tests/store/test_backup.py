"""A backup made while others write, and put back: nothing is lost, no number is given twice, what may be a repetition
says so, and LKPP hears nothing twice."""

from __future__ import annotations

import io
import os
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mailbot.cli import main
from mailbot.delivery import decisions
from mailbot.errors import Damaged, MailbotError, PermanentFailure
from mailbot.store import backup, disk, journal, restored
from mailbot.store.database import Store
from mailbot.store.instance import only_instance
from mailbot.store.restored import NOTICE
from tests.mailservers import MailServers
from tests.running import RunningOffice
from tests.world import LPSE, PaperWorld, World

_BEGINNING = " ".join(NOTICE.split()[:6])


def _make(world: World | PaperWorld, name: str = "cadangan.tar") -> Path:
    with closing(Store.open(world.config.data)) as store:
        return backup.make(store, world.folder / name, world.now).path


def _put_back(world: World | PaperWorld, file: Path) -> backup.Restored:
    return backup.restore(world.config.data, ["batang"], file, world.now)


def _command(world: World | PaperWorld, *words: str) -> Result:
    return CliRunner().invoke(main.main, ["-c", str(world.config_file), *words])


def _repeated(text: str) -> bool:
    return _BEGINNING in " ".join(text.split())


# --- the file -------------------------------------------------------------------------------------------------


@pytest.fixture
def paper(tmp_path: Path) -> PaperWorld:
    """An office with one ticket and one mail that lies in a file."""
    world = PaperWorld(tmp_path)
    world.at("2026-12-21 09:00")
    world.write("pengguna", "Kami tidak bisa masuk.", files=[("a.bin", os.urandom(400_000))])
    world.once()
    return world


def test_a_backup_is_one_private_file_with_everything_in_it(paper: PaperWorld) -> None:
    done = _command(paper, "backup", str(paper.folder / "ke-sini.tar"))
    assert done.exit_code == 0, done.output
    file = paper.folder / "ke-sini.tar"
    assert file.stat().st_mode & 0o777 == 0o600
    with tarfile.open(file) as tar:
        names = tar.getnames()
    assert names[0] == "mailbot.sqlite" and names[-1] == "list.json"
    # The mail as it came, and its file as it goes to staff.
    assert sorted(name.rpartition(".")[2] for name in names if name.startswith("raw/")) == ["eml", "part"]
    assert not list(paper.folder.glob(".mailbot-backup-*"))
    assert re.search("sha256 [0-9a-f]{64}", done.output)


def test_without_a_name_it_lies_in_the_data_folder_and_is_named_by_the_time(paper: PaperWorld) -> None:
    assert _command(paper, "backup").exit_code == 0
    assert len(list((paper.config.data / "backups").glob("mailbot-2*.tar"))) == 1


def test_a_backup_is_of_one_moment_while_others_write(paper: PaperWorld) -> None:
    with paper.store.immediate():
        paper.store.insert("warnings", mailbox="batang", key="not yet committed", at="")
        file = _make(paper)
    _put_back(paper, file)
    with closing(Store.open(paper.config.data)) as store:
        assert store.value("SELECT count(*) FROM warnings WHERE key = 'not yet committed'") == 0
        assert store.value("SELECT count(*) FROM tickets") == 1


def test_a_mail_whose_file_is_gone_is_told_and_the_rest_is_backed_up(paper: PaperWorld) -> None:
    [large] = (paper.config.data / "raw").glob("*.eml")
    large.unlink()
    done = _command(paper, "backup", str(paper.folder / "b.tar"))
    assert done.exit_code == 74
    assert large.name in done.output
    assert _command(paper, "restore", str(paper.folder / "b.tar")).exit_code == 0


def test_what_is_put_back_sends_the_same_files(paper: PaperWorld) -> None:
    before = paper.letters("petugas")
    file = _make(paper)
    shutil.rmtree(paper.config.data / "raw")
    _put_back(paper, file)
    assert [one.raw for one in paper.letters("petugas")] == [one.raw for one in before]


def test_a_damaged_database_is_not_backed_up(paper: PaperWorld) -> None:
    good = _make(paper).read_bytes()
    paper.store.complete()
    page = int(paper.store.value("SELECT rootpage FROM sqlite_master WHERE name = 'tickets'"))
    size = int(paper.store.value("PRAGMA page_size"))
    with (paper.config.data / "mailbot.sqlite").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(Damaged):
        _make(paper)
    assert (paper.folder / "cadangan.tar").read_bytes() == good
    assert _command(paper, "check").exit_code == 74


def test_everything_comes_back_on_an_empty_machine(paper: PaperWorld, tmp_path: Path) -> None:
    file = _make(paper)
    elsewhere = tmp_path / "elsewhere"
    assert backup.restore(elsewhere, ["batang"], file, paper.now).aside is None
    with closing(Store.open(elsewhere)) as store:
        for row in store.rows("SELECT * FROM journal"):
            assert journal.raw(store, row) == journal.raw(paper.store, row)
        for table in ("tickets", "texts", "history", "deadlines", "journal"):
            sql = f"SELECT * FROM {table}"
            assert store.rows(sql) == paper.store.rows(sql)


def test_a_full_disk_leaves_the_old_backup_as_it_was(paper: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _make(paper).read_bytes()

    def no_room(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mailbot.store.backup.os.fsync", no_room)
    with pytest.raises(MailbotError, match="No space left"):
        _make(paper)
    assert (paper.folder / "cadangan.tar").read_bytes() == before
    assert not list(paper.folder.glob(".mailbot-*"))
    disk.has_room(paper.folder)


# --- what is refused ---------------------------------------------------------------------------------------------


def _cut(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def _without_list(raw: bytes) -> bytes:
    return raw[: raw.rindex(b"list.json") // 512 * 512] + b"\0" * 1024


def _bit(raw: bytes) -> bytes:
    at = raw.index(b"Kami tidak bisa masuk.")
    return raw[:at] + b"k" + raw[at + 1 :]


def _in_the_large_mail(raw: bytes) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        at = tar.getmembers()[1].offset_data + 1000
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def _with(name: str, kind: bytes = tarfile.REGTYPE) -> Callable[[bytes], bytes]:
    def change(_raw: bytes) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            tar.addfile(entry)
        return out.getvalue()

    return change


@pytest.mark.parametrize(
    "change",
    [
        _cut,
        _without_list,
        _bit,
        _in_the_large_mail,
        _with("../mailbot.sqlite"),
        _with("/tmp/x"),
        _with("raw/../../x.eml"),
        _with("mailbot.sqlite", tarfile.SYMTYPE),
        lambda _: b"",
        lambda _: b"no archive at all" * 1000,
        lambda raw: raw[:512] + b"\xff" * 512 + raw[1024:],
    ],
)
def test_what_is_no_whole_backup_is_refused_and_nothing_is_touched(
    paper: PaperWorld, change: Callable[[bytes], bytes]
) -> None:
    file = _make(paper)
    file.write_bytes(change(file.read_bytes()))
    before = _folder(paper.config.data)
    done = _command(paper, "restore", str(file))
    assert done.exit_code == 74, done.output
    assert "Traceback" not in done.output
    assert _folder(paper.config.data) == before


def _folder(data: Path) -> dict[str, bytes]:
    files = {str(path.relative_to(data)): path.read_bytes() for path in data.rglob("*") if path.is_file()}
    return {name: content for name, content in files.items() if name not in ("lock", "mailbot.sqlite-shm")}


def _of_a_later_version(paper: PaperWorld) -> None:
    with paper.store.immediate():
        paper.store.execute("INSERT INTO _sqlite_migrations VALUES (99, 'mailbot', '0099_later', '')")


def test_a_backup_of_a_later_version_is_refused(paper: PaperWorld) -> None:
    _of_a_later_version(paper)
    file = backup.make(paper.store, paper.folder / "cadangan.tar", paper.now).path
    with pytest.raises(PermanentFailure, match="0099_later"):
        _put_back(paper, file)


def test_a_backup_takes_the_place_of_the_data_of_a_later_version(paper: PaperWorld) -> None:
    file = _make(paper)
    _of_a_later_version(paper)
    paper.store.close()
    assert _command(paper, "status").exit_code == 78
    assert _command(paper, "restore", str(file)).exit_code == 0
    assert _command(paper, "status").exit_code == 0


def test_nothing_is_restored_while_a_mailbox_is_at_work(paper: PaperWorld) -> None:
    file = _make(paper)
    before = _folder(paper.config.data)
    with only_instance(paper.config.data):
        done = _command(paper, "restore", str(file))
    assert done.exit_code == 75
    assert "at work" in done.output
    assert _folder(paper.config.data) == before


# --- putting it in its place ------------------------------------------------------------------------------------------


def test_the_old_database_is_kept_aside_each_time(paper: PaperWorld) -> None:
    file = _make(paper)
    paper.write("orang luar", "Kami juga.")
    paper.once()
    first, second = _put_back(paper, file), _put_back(paper, file)
    assert first.aside is not None and second.aside is not None and first.aside != second.aside
    with closing(sqlite3.connect(first.aside / "mailbot.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM tickets").fetchone() == (2,)


@pytest.mark.parametrize("dies_at", [1, 2, 3, 4])
def test_a_restore_that_dies_is_noticed_and_can_be_done_again(
    paper: PaperWorld, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    file = _make(paper)
    paper.write("orang luar", "Kami juga.")
    paper.once()
    left = dies_at
    rename = Path.replace

    def dying(self: Path, target: Any) -> Any:
        nonlocal left
        left -= "mailbot.sqlite" in str(self)
        if left == 0:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", dying)
    with pytest.raises(KeyboardInterrupt):
        _put_back(paper, file)
    monkeypatch.undo()
    with pytest.raises(Damaged, match="restore"):
        Store.open(paper.config.data)
    assert _command(paper, "once").exit_code == 74
    _put_back(paper, file)
    with closing(Store.open(paper.config.data)) as store:
        assert store.value("SELECT count(*) FROM tickets") == 1


# --- afterwards -----------------------------------------------------------------------------------------------------


def test_what_came_after_the_backup_is_read_again_and_nothing_is_said_twice_to_lkpp(
    servers: MailServers, tmp_path: Path
) -> None:
    world = World(servers, tmp_path)
    world.at("2026-12-21 09:00")
    world.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    world.once()
    file = _make(world)
    world.now += timedelta(minutes=5)
    world.write("petugas", "#eskalasi\nPengguna tidak bisa masuk.", answers=world.last("petugas"))
    world.write("orang luar", "Kami juga.", subject="Juga", files=[("a.bin", os.urandom(400_000))])
    world.once()
    assert [one.template for one in world.letters("lkpp")] == ["lkpp_escalation"]
    before = {str(one.message["X-Mailbot-Ticket"]) for one in world.letters("petugas")}
    assert len(before) == 2
    world.now += timedelta(minutes=5)
    for path in world.config.data.glob("mailbot.sqlite*"):
        path.unlink()  # another machine: the old database cannot tell which numbers were given
    _put_back(world, file)
    for who in ("pengguna", "petugas", "orang luar"):
        world.new_letters(who)
    world.once()

    [again] = world.new_letters("orang luar")
    assert again.template == "user_acknowledgement" and _repeated(again.text)
    assert str(again.message["X-Mailbot-Ticket"]) not in before, "a number was given twice"
    assert "Juga" in {row["subject"] for row in world.rows("SELECT subject FROM tickets")}
    assert [one.template for one in world.letters("lkpp")] == ["lkpp_escalation"], "LKPP was written to twice"
    receipts = [one for one in world.new_letters("petugas") if one.template == "staff_receipt"]
    assert "ditahan" in receipts[0].text and _repeated(receipts[0].text)
    alarms = [one.text for one in world.letters("operator")]
    assert any("dipulihkan dari cadangan" in text and "LPSE-BTG-2026-000002 s.d." in text for text in alarms)
    assert any("outbox sent" in text for text in alarms)

    # The operator has seen that it had left: LKPP's clock runs, and nothing is sent.
    [held] = world.rows("SELECT id, state FROM outbox WHERE template = 'lkpp_escalation'")
    with closing(Store.open(world.config.data)) as store:
        decisions.arrived(store, held["id"], world.now)
    world.once()
    assert world.rows("SELECT 1 FROM deadlines WHERE clock = 'lkpp_status' AND ended_at IS NULL")
    assert len(world.letters("lkpp")) == 1

    # What happens from now on is no repetition.
    world.now += timedelta(minutes=5)
    world.write("pengguna2@penyedia.test", "Baru.", subject="Baru", sender="P <pengguna2@penyedia.test>")
    world.once()
    assert not _repeated(world.last("pengguna2@penyedia.test").text)


def test_what_waited_when_the_backup_was_made_goes_out_again_unchanged_but_not_to_lkpp(paper: PaperWorld) -> None:
    paper.write("petugas", "#eskalasi\nPengguna tidak bisa masuk.", answers=paper.last("petugas"))
    store, sql = paper.store, "SELECT party, state, held, message_id FROM outbox WHERE state <> 'accepted'"
    from mailbot.arrivals.intake import Intake

    Intake(store, paper.site, ["LPSE-BTG"]).handle_waiting(paper.now)
    waiting = {row["party"]: row["message_id"] for row in store.rows(sql)}
    file = _make(paper)
    _put_back(paper, file)
    with closing(Store.open(paper.config.data)) as found:
        rows = {row["party"]: row for row in found.rows(sql)}
        assert {party: row["message_id"] for party, row in rows.items()} == waiting
        assert {row["state"] for row in rows.values()} == {"uncertain"}
        assert [party for party, row in rows.items() if row["held"]] == ["lkpp"]


def test_where_copies_are_kept_a_mail_to_lkpp_that_had_left_is_known_by_its_copy(
    servers: MailServers, tmp_path: Path
) -> None:
    if not servers.real:
        pytest.skip("needs a server with folders")
    world = World(servers, tmp_path, proof={"folder": "Terkirim", "wait": "1s"})
    servers.append(LPSE, b"From: x@y.test\r\nSubject: lama\r\n\r\nlama\r\n", "Terkirim")
    world.at("2026-12-21 09:00")
    for who, title in (("pengguna", "Masuk"), ("orang luar", "Juga")):
        world.write(who, "Kami tidak bisa masuk.", subject=title)
    world.once()
    for notice in [one for one in world.letters("petugas") if one.template == "staff_new_ticket"]:
        world.write("petugas", "#eskalasi\nPengguna tidak bisa masuk.", answers=notice)
    servers.smtp.kill()
    world.once()
    file = _make(world)  # both wait
    servers.smtp.restart()
    world.now += timedelta(minutes=5)
    world.once()
    copies = world.letters("lkpp")
    assert len(copies) == 2
    servers.append(LPSE, copies[0].raw, "Terkirim")
    _put_back(world, file)
    world.once()
    world.once()
    rows = world.rows("SELECT message_id, state, held FROM outbox WHERE template = 'lkpp_escalation' ORDER BY id")
    found = {row["message_id"]: (row["state"], row["held"]) for row in rows}
    assert found == {copies[0].message_id: ("accepted", 0), copies[1].message_id: ("uncertain", 1)}
    assert len(world.letters("lkpp")) == 2
    assert len(world.rows("SELECT 1 FROM deadlines WHERE clock = 'lkpp_status' AND ended_at IS NULL")) == 1


def test_a_mailbox_is_not_worked_on_before_its_counter_is_raised(paper: PaperWorld) -> None:
    file = _make(paper)
    _put_back(paper, file)
    with closing(Store.open(paper.config.data)) as store:
        assert restored.pending(store, "batang") is not None
    done = _command(paper, "once")  # its server does not answer
    assert done.exit_code == 75
    with closing(Store.open(paper.config.data)) as store:
        assert restored.pending(store, "batang") is not None


def test_handled_mails_that_were_moved_away_are_read_again_from_where_they_lie(
    servers: MailServers, tmp_path: Path
) -> None:
    if not servers.real:
        pytest.skip("needs a server with folders")
    servers.append(LPSE, b"From: x@y.test\r\nSubject: lama\r\n\r\nlama\r\n", "Selesai")
    world = World(servers, tmp_path, imap={"done": "move:Selesai"})
    world.now = datetime.now(UTC)
    file = _make(world)
    world.write("orang luar", "Kami juga.", subject="Juga")
    world.once()
    assert not world.servers.messages(LPSE), "it was moved"
    first = world.last("orang luar").subject
    world.now = datetime.now(UTC)
    _put_back(world, file)
    world.once()
    again = world.last("orang luar")
    assert again.subject != first and _repeated(again.text)
    world.once()
    assert len(world.letters("orang luar")) == 2


def test_the_daemon_goes_on_from_a_backup_too(servers: MailServers, tmp_path: Path) -> None:
    office = RunningOffice(servers, tmp_path, imap={"poll": "1s"})
    file = _make(office)
    office.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    office.once()
    first = office.last("pengguna").subject
    _put_back(office, file)
    with office.running():
        office.wait("pengguna", 2)
    again = office.last("pengguna")
    assert again.subject != first and _repeated(again.text)


@pytest.mark.parametrize(("tag", "first"), [("2026-004000", 4001), ("2026-999999", 0)])
def test_counters_start_above_a_tag_in_a_subject_unless_nobody_can_believe_it(
    servers: MailServers, tmp_path: Path, tag: str, first: int
) -> None:
    world = World(servers, tmp_path)
    world.at("2026-12-21 09:00")
    file = _make(world)
    world.write("orang luar", "Tentang itu.", subject=f"Re: [LPSE-BTG-{tag}] Tentang =?utf-8?q?itu?=")
    world.once()
    _put_back(world, file)
    world.once()
    number = int(str(world.last("orang luar").message["X-Mailbot-Ticket"])[-6:])
    assert number == first if first else 1 < number < 100
