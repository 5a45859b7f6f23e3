"""What becomes of the data of an earlier mailbot."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from mailbot.cli import main
from mailbot.errors import TemporaryFailure
from mailbot.model import Role
from mailbot.store import database, mail_bytes
from mailbot.store.database import NAME, Store, migrations_of
from mailbot.store.migrations import MIGRATIONS
from mailbot.tickets import search, similar, tickets
from tests import ROOT, older
from tests.steps import BORDER, data_requested, minutes_later, opened, results, staff_writes
from tests.world import PaperWorld


def _bytes(store: Store) -> list[bytes]:
    return [mail_bytes.bytes_of(store, int(row["id"])) for row in store.rows("SELECT id FROM outbox ORDER BY id")]


def test_an_older_database_goes_on_with_all_that_it_holds(
    office: PaperWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(office, "Kami tidak bisa mengunggah dokumen penawaran.")
    staff_writes(office, "#lpse-support TTS-5512")
    staff_writes(office, "#jawab Silakan dicoba dengan peramban lain.")
    ended = office.rows("SELECT tts_at, status FROM tickets")[0]
    assert ended["status"] == "resolved"
    folder = tmp_path / "lama"
    folder.mkdir()
    older.database(office.store, folder, monkeypatch)
    store = Store.open(folder)
    try:
        assert store.value("PRAGMA integrity_check") == "ok" and store.rows("PRAGMA foreign_key_check") == []
        assert _bytes(store) == _bytes(office.store) != []
        [ticket] = store.rows("SELECT channel, problem, tts_at FROM tickets")
        assert ticket == {"channel": "email", "problem": None, "tts_at": ended["tts_at"]}
        assert store.rows("SELECT number, at, address FROM support_numbers") == [
            {"number": "TTS-5512", "at": ended["tts_at"], "address": "sari@batangkab.test"}
        ]
        counted = "SELECT state, n FROM tallies WHERE what = 'outbox' ORDER BY state"
        assert store.rows(counted) == office.rows(counted) != []
        assert search.find(store, office.site, "mengunggah", Role.STAFF).tickets == (1,)
        assert store.rows("SELECT ticket_id FROM solved") == []  # the words come a few at a time
        similar.catch_up(store, office.site)
        assert [row["ticket_id"] for row in store.rows("SELECT ticket_id FROM solved")] == [1]
        assert store.rows("SELECT * FROM unindexed") == []
    finally:
        store.close()


def test_a_story_that_began_under_an_earlier_version_goes_on(
    office: PaperWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_requested(office)
    asked, escalation = office.last("pengguna", "user_data_request"), office.last("lkpp", "lkpp_escalation")
    number = office.rows("SELECT number FROM tickets")[0]["number"]
    folder = tmp_path / "lama"
    (folder / "data").mkdir(parents=True)
    older.database(office.store, folder / "data", monkeypatch)
    before = older.content(folder / "data" / NAME)
    later = PaperWorld(folder)
    later.now, later._uid = office.now, office._uid
    aside = folder / "data" / f"mailbot-{older.LAST}.sqlite"
    assert older.content(aside) == before
    assert aside.stat().st_mode & 0o777 == 0o600
    assert migrations_of(later.config.data / NAME) > migrations_of(aside)
    minutes_later(later, 30)
    later.write("pengguna", "Berikut datanya.", answers=asked, files=[("log.txt", b"galat 500")])
    assert later.once()
    assert staff_writes(later, "#teruskan", later.last("petugas", "staff_user_reply")) == "staff_receipt"
    assert later.status() == "escalated"
    assert number in later.last("lkpp", "lkpp_additional_data").subject
    later.write("lkpp", "Permasalahan sudah kami selesaikan.", answers=escalation)
    assert later.once()
    minutes_later(later, 3)
    assert later.status() == "resolved"
    assert later.last("pengguna", "user_resolved").subject.startswith(f"[{number}]")
    assert [row["number"] for row in later.rows("SELECT number FROM tickets")] == [number]


def test_what_was_found_as_similar_before_is_found_at_once(
    office: PaperWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = "Aplikasi Apendo tertutup sendiri di Windows 11."
    opened(office, problem, subject="Apendo tertutup")
    staff_writes(office, "#jawab Silakan pasang Apendo versi terbaru.")
    [known] = office.rows("SELECT * FROM solved")
    opened(office, problem, subject="Apendo tertutup")
    folder = tmp_path / "lama"
    folder.mkdir()
    older.database(office.store, folder, monkeypatch, last="0019_untold")
    with closing(sqlite3.connect(folder / NAME)) as old, old:
        old.execute("DELETE FROM unindexed")
        old.execute("INSERT INTO similar (rowid, place, words) VALUES (:ticket_id, :place, :words)", known)
    with closing(Store.open(folder)) as store:
        assert store.rows("SELECT * FROM solved") == [known]
        [case] = similar.cases(store, office.site, tickets.load(store, 2))
        assert case.answer == "Silakan pasang Apendo versi terbaru."


def test_what_is_up_to_date_is_not_copied_aside(office: PaperWorld) -> None:
    folder = office.config.data
    Store.open(folder).close()
    assert [path.name for path in folder.glob("*.sqlite*") if not path.name.startswith(NAME)] == []


def test_an_upgrade_that_dies_on_the_way_goes_on_at_the_next_start(
    office: PaperWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(office)
    folder = tmp_path / "lama"
    folder.mkdir()
    older.database(office.store, folder, monkeypatch)
    before = older.content(folder / NAME)
    with monkeypatch.context() as patched:
        broken = [(name, sql if name != "0005_office" else "SELEKT 1;") for name, sql in MIGRATIONS]
        patched.setattr(database, "MIGRATIONS", tuple(broken))
        for _ in range(2):
            with pytest.raises(TemporaryFailure, match="SELEKT"):
                Store.open(folder)
    assert "0005_bytes" in migrations_of(folder / NAME)
    assert "0005_office" not in migrations_of(folder / NAME)
    Store.open(folder).close()
    assert migrations_of(folder / NAME) == {name for name, _ in MIGRATIONS}
    assert older.content(folder / f"mailbot-{older.LAST}.sqlite") == before


def test_processes_that_open_a_new_folder_at_the_same_moment_do_not_disturb_one_another(tmp_path: Path) -> None:
    """The daemon's first start, and `mailbot status` beside it."""
    opening = (
        "import sys, pathlib; from mailbot.store.database import Store; sys.stdin.read(1);"
        " Store.open(pathlib.Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", opening, str(tmp_path / "data")]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(6)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("x")
        process.stdin.flush()
    errors = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 6, "".join(errors)


def test_who_was_silenced_by_a_mail_without_proof_is_so_no_longer_than_a_day(
    office: PaperWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(office)
    opened(office, subject="Lain")
    with office.store.immediate():
        office.store.update("tickets", 2, user_verified=1)
    folder = tmp_path / "lama"
    folder.mkdir()
    older.database(office.store, folder, monkeypatch)
    with closing(sqlite3.connect(folder / NAME)) as old, old:
        silenced = [("batang", f"u{n}@luar.test", "2026-12-21T01:02:03.456000+00:00", n) for n in (1, 2)]
        old.executemany("INSERT INTO silenced VALUES (?, ?, ?, ?)", silenced)
    with closing(Store.open(folder)) as store:
        rows = store.rows("SELECT address, why, until FROM silences ORDER BY address")
        assert [(row["address"], row["why"], row["until"]) for row in rows] == [
            ("u1@luar.test", "unproven", "2026-12-22T01:02:03.456000+00:00"),
            ("u2@luar.test", "discarded", None),
        ]


def test_a_database_of_a_later_version_is_refused_and_left_alone(office: PaperWorld) -> None:
    stored = office.config.data / NAME
    with office.store.immediate():
        office.store.insert("_sqlite_migrations", migration_set="mailbot", name="9999_later", applied_at="2027-01-01")
    office.store.complete()
    office.store.close()
    before = stored.read_bytes()
    for command in ("status", "tickets", "once"):
        done = CliRunner().invoke(main.main, ["-c", str(office.config_file), command])
        assert done.exit_code == 78
        assert done.stderr == (
            f"mailbot: {stored} was written by a later mailbot than this one (9999_later); install that one again, or"
            " restore a backup that was made before it; nothing was done and no server was contacted\n"
        )
    assert stored.read_bytes() == before


@pytest.mark.parametrize("waktu", ["Waktu : 08.50 - 08.57\n", "", "Hari/Tanggal Konsultasi : 18 Desember 2026\n"])
def test_a_consultation_of_an_earlier_version_is_the_first_sheet_of_its_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waktu: str
) -> None:
    office = PaperWorld(tmp_path, authentication={"authserv_id": BORDER})
    office.at("2026-12-21 09:00")
    form = f"{waktu}a. Nama : Budi\nb. Instansi : CV X\nd. HP : 0812-3456-7890\nB. PERMASALAHAN\nLupa sandi."
    office.write("petugas", f"#loket\n{form}", subject="Tamu", headers=[results("pass", "batangkab.test")])
    assert office.once()
    folder = tmp_path / "lama"
    folder.mkdir()
    older.database(office.store, folder, monkeypatch, last="0011_unsent")
    store = Store.open(folder)
    try:
        assert store.rows("SELECT * FROM consultations") == office.rows("SELECT * FROM consultations") != []
    finally:
        store.close()
        office.store.close()


def test_the_names_of_applied_migrations_stay() -> None:
    assert [name for name, _ in MIGRATIONS] == [
        *("0001_first", "0002_unsettled", "0003_reading", "0004_assurance", "0005_bytes", "0005_office"),
        "0006_silences",
        "0007_replies",
        "0008_again",
        "0009_stored",
        "0010_door",
        "0011_unsent",
        "0013_forms",
        "0014_support",
        "0015_flat",
        "0016_parts",
        "0017_again",
        "0018_first_form",
        "0019_untold",
        "0021_reports",
        "0022_evidence",
        "0024_similar",
        "0025_outages",
        "0026_certificates",
        "0027_of_no_ticket",
    ]
