"""`mailbot person redact`: no trace of the person stays under the data folder, figures stay, nothing comes back."""

from __future__ import annotations

import base64
import io
import json
import quopri
import signal
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from email.header import Header
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mailbot.cli import main
from mailbot.store.database import Store
from tests import ROOT
from tests.steps import minutes_later, opened, staff_writes
from tests.world import PEOPLE, PaperWorld, environment

BUDI = PEOPLE["pengguna"]
NAME, PHONE, NIK = "Budiman Kanarisantoso", "081234567890", "3325010101800001"
FORM = f"Nama: {NAME}\nInstansi: CV Kanariabadi\nHP: {PHONE}\nNIK: {NIK}\n"
CANARIES = (
    *(BUDI, "budi@", NAME, "Kanarisantoso", "Kanariabadi", PHONE, NIK),
    *("KANARI-TEKS", "KANARI-PERIHAL", "KANARI-BERKAS", "kanari-nama.txt", "KANARI-BESAR"),
)


def run(office: PaperWorld, *words: str, **more: Any) -> Result:
    return CliRunner().invoke(main.main, ["-c", str(office.config_file), *words], **more)


def redacted(office: PaperWorld) -> Result:
    done = run(office, "person", "redact", BUDI, "--yes")
    assert done.exit_code == 0, done.output
    return done


def history_of_budi(office: PaperWorld) -> None:
    """Two tickets with files, one at LKPP; lists, a search, a rekap and another user's words that name him."""
    large = b"KANARI-BESAR" * 40_000
    office.write(
        "pengguna",
        f"KANARI-TEKS, kami tidak bisa login.\n{FORM}",
        subject="KANARI-PERIHAL tidak bisa login",
        files=[("kanari-nama.txt", b"KANARI-BERKAS"), ("besar.bin", large)],
        sender=f"{NAME} <{BUDI}>",
    )
    office.once()
    staff_writes(office, "#eskalasi Login gagal, KANARI-TEKS.")
    office.write("lkpp", f"Untuk {NAME}: silakan dicoba kembali, sudah kami perbaiki.", answers=office.last("lkpp"))
    office.once()
    office.write("orang luar", f"Saya rekan {NAME} ({BUDI}, {PHONE}), tidak bisa mengunggah.", subject="Unggah gagal")
    office.once()
    for question in ("#daftar", "#cari kanarisantoso", "#rekap", "#status 1"):
        staff_writes(office, question)
    office.now += timedelta(days=1)
    office.once()
    staff_writes(office, "#tutup Selesai, Bapak Kanarisantoso.", office.letters("petugas")[0])
    minutes_later(office, 10)
    office.write("pengguna", "4 4 3 4 terima kasih, KANARI-TEKS", answers=office.last("pengguna", "user_closed"))
    office.once()
    minutes_later(office, 10)
    for row in office.rows("SELECT id FROM tickets WHERE status <> 'closed' AND user_address = ?", BUDI):
        raise AssertionError(f"ticket {row['id']} is open")


def figures(office: PaperWorld) -> dict[str, Any]:
    """What reports count, and what is told of every ticket but names and words."""
    columns = "number, form_number, status, priority, opened_at, first_response_at, escalated_at, closed_at"
    month = f"{office.now:%Y-%m}"
    report = json.loads(run(office, "report", "--month", month, "--json").stdout)
    recap = json.loads(run(office, "rekap", "--month", month, "--format", "json").stdout)
    return {
        "tickets": office.rows(f"SELECT {columns}, problem, category, channel, discarded FROM tickets ORDER BY id"),
        "deadlines": office.rows(
            "SELECT ticket_id, clock, started_at, stage, fired, due, ended_at FROM deadlines ORDER BY id"
        ),
        "breaches": office.rows(
            "SELECT ticket_id, clock, due, ended_at, minutes, reason <> '' AS given FROM breaches ORDER BY id"
        ),
        "history": office.rows("SELECT ticket_id, at, event, row, step, role, status_after FROM history ORDER BY id"),
        "tallies": office.rows("SELECT * FROM tallies ORDER BY mailbox, what, state"),
        "counters": office.rows("SELECT * FROM counters"),
        "outbox": office.rows("SELECT template, state, accepted_at FROM outbox ORDER BY id"),
        "users": office.rows("SELECT count(DISTINCT user_address) AS n FROM tickets"),
        "recap": {key: value for key, value in recap.items() if key not in ("rows", "sections")},
        "report": {key: value for key, value in report.items() if key != "until"},
        "rows": [[row[at] for at in (0, 1, 5, 6, 7, 9)] for row in recap["rows"]],  # all but who and what was said
    }


# --- the search for canaries --------------------------------------------------------------------------


def forms(word: str) -> Iterator[bytes]:
    """A word in every way in which a file may hold it, at whatever place of a base64 text it begins."""
    raw = word.encode()
    yield from {raw, raw.lower(), raw.upper(), word.encode("utf-16-le"), word.encode("utf-16-be")}
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        yield coded[4 if shift else 0 : -4]
    yield quopri.encodestring(raw.replace(b"@", b"=40").replace(b"=40", b"@"))
    yield raw.replace(b"@", b"=40")
    yield raw.replace(b"@", b"%40")
    yield Header(word, "utf-8").encode().encode()[10:-2]


def unpacked(data: bytes) -> Iterator[bytes]:
    """The bytes, and whatever in them is packed by zlib."""
    yield data
    for start in (b"\x78\x01", b"\x78\x9c", b"\x78\xda"):
        at = data.find(start)
        while at >= 0:
            with suppress(zlib.error):
                yield zlib.decompressobj().decompress(data[at : at + (8 << 20)])
            at = data.find(start, at + 1)
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def traces(office: PaperWorld, *, words: tuple[str, ...] = CANARIES) -> list[str]:
    """ "file: word" for each canary that any file under the data folder holds."""
    found = []
    for path in sorted(office.config.data.rglob("*")):
        if not path.is_file() or path.name == "reserve":
            continue
        contents = [piece for data in unpacked(path.read_bytes()) for piece in (data, _decoded(data))]
        for word in words:
            if any(form in content for form in forms(word) if len(form) > 3 for content in contents):
                found.append(f"{path.name}: {word}")
    return found


def _decoded(data: bytes) -> bytes:
    """Soft line breaks of quoted-printable and line ends of base64 taken out."""
    return data.replace(b"=\r\n", b"").replace(b"\r\n", b"")


@pytest.fixture
def budis(office: PaperWorld) -> PaperWorld:
    office.at("2026-11-16 08:00")
    history_of_budi(office)
    return office


def test_the_search_finds_every_canary_before(budis: PaperWorld) -> None:
    budis.store.complete()
    held = {line.split(": ")[1] for line in traces(budis)}
    assert held == set(CANARIES)


def test_no_trace_of_the_person_stays_in_any_file_of_the_data_folder(budis: PaperWorld) -> None:
    redacted(budis)
    assert traces(budis) == []
    assert budis.store.value("PRAGMA integrity_check") == "ok" and budis.store.rows("PRAGMA foreign_key_check") == []
    assert [row["finished_at"] is not None for row in budis.rows("SELECT finished_at FROM redactions")] == [True]


def test_every_figure_stays_as_it_was(budis: PaperWorld) -> None:
    before = figures(budis)
    redacted(budis)
    assert figures(budis) == before
    assert before["breaches"] is not None and len(before["tickets"]) == 2
    opened(budis)
    assert budis.rows("SELECT number FROM tickets ORDER BY id DESC LIMIT 1") == [{"number": "LPSE-BTG-2026-000003"}]


def test_what_stands_in_its_place_says_so_and_when(budis: PaperWorld) -> None:
    redacted(budis)
    [ticket] = budis.rows("SELECT * FROM tickets WHERE id = 1")
    assert ticket["subject"].startswith("[dihapus atas permintaan, ") and ticket["user_name"] == ticket["subject"]
    assert ticket["user_address"] == "dihapus-1@dihapus.invalid"
    other = budis.rows("SELECT body FROM texts WHERE ticket_id = 2 AND role = 'user'")[0]["body"]
    assert "tidak bisa mengunggah" in other and "[dihapus atas permintaan, " in other
    assert run(budis, "ticket", "1").exit_code == 0 and run(budis, "person", "find", BUDI).exit_code == 1


def test_the_marks_of_his_survey_stay_and_no_word_of_it(budis: PaperWorld) -> None:
    survey = (
        "SELECT x.body FROM texts x JOIN history h ON h.journal_id = x.journal_id WHERE h.row LIKE 'pengguna-survei%'"
    )
    assert "KANARI-TEKS" in budis.rows(survey)[0]["body"]
    redacted(budis)
    assert "".join(filter(str.isdigit, budis.rows(survey)[0]["body"])) == "4434"


def test_neither_search_nor_similar_cases_know_him(budis: PaperWorld) -> None:
    redacted(budis)
    assert budis.rows("SELECT rowid FROM search_texts WHERE search_texts MATCH 'kanarisantoso'") == []
    assert budis.rows("SELECT rowid FROM search_tickets WHERE search_tickets MATCH 'kanarisantoso'") == []
    assert budis.rows("SELECT rowid FROM search_texts WHERE search_texts MATCH 'mengunggah'") != []


def test_the_same_mail_under_another_uid_does_not_bring_him_back(budis: PaperWorld) -> None:
    raws = [
        bytes(row["raw"]) for row in budis.rows("SELECT raw FROM journal WHERE sender = ? AND raw IS NOT NULL", BUDI)
    ]
    files = [
        (budis.config.data / "raw" / row["raw_file"]).read_bytes()
        for row in budis.rows("SELECT raw_file FROM journal WHERE sender = ? AND raw_file IS NOT NULL", BUDI)
    ]
    assert raws and files
    redacted(budis)
    before = (figures(budis)["tickets"], len(budis.rows("SELECT id FROM outbox")))
    for raw in (*raws, *files):
        budis.drop(raw)
    budis.once()
    assert [
        row["state"] for row in budis.rows("SELECT state FROM journal ORDER BY id DESC LIMIT ?", len(raws + files))
    ] == ["duplicate"] * len(raws + files)
    assert (figures(budis)["tickets"], len(budis.rows("SELECT id FROM outbox"))) == before
    budis.store.complete()
    assert traces(budis) == []


def test_the_same_mail_with_other_trace_headers_does_not_bring_him_back(budis: PaperWorld) -> None:
    [row] = budis.rows("SELECT raw_file FROM journal WHERE sender = ? AND raw_file IS NOT NULL", BUDI)
    raw = (budis.config.data / "raw" / row["raw_file"]).read_bytes()
    redacted(budis)
    budis.drop(b"Received: from elsewhere by mx.test; Mon, 16 Nov 2026 08:00:00 +0700\r\n" + raw)
    budis.once()
    assert budis.rows("SELECT state, erased_at IS NOT NULL AS gone FROM journal ORDER BY id DESC LIMIT 1") == [
        {"state": "duplicate", "gone": 1}
    ]
    assert budis.rows("SELECT count(*) AS n FROM tickets") == [{"n": 2}]
    assert (
        not [path for path in (budis.config.data / "raw").iterdir() if b"KANARI" in path.read_bytes()] or budis.once()
    )
    assert not [path for path in (budis.config.data / "raw").iterdir() if b"KANARI" in path.read_bytes()]


def test_a_new_mail_of_his_is_a_new_ticket(budis: PaperWorld) -> None:
    redacted(budis)
    budis.write("pengguna", "Kami ada pertanyaan baru.", subject="[LPSE-BTG-2026-000001] lagi")
    budis.once()
    [ticket] = budis.rows("SELECT number, user_address FROM tickets ORDER BY id DESC LIMIT 1")
    assert ticket == {"number": "LPSE-BTG-2026-000003", "user_address": BUDI}


# --- when it is refused -------------------------------------------------------------------------------


def untouched(office: PaperWorld, *words: str, said: str, **more: Any) -> None:
    before = office.rows("SELECT subject, user_address FROM tickets")
    done = run(office, "person", "redact", *words, **more)
    assert said in done.output, done.output
    assert office.rows("SELECT subject, user_address FROM tickets") == before
    assert office.rows("SELECT * FROM redactions") == [] == office.rows("SELECT * FROM processings")
    assert done.exit_code == (0 if "--dry-run" in words else 1)


def test_an_open_ticket_a_waiting_mail_and_listed_people_stand_against_it(office: PaperWorld) -> None:
    opened(office)
    untouched(office, BUDI, "--yes", said="ticket LPSE-BTG-2026-000001 is open: close it first")
    staff_writes(office, "#tutup Sudah selesai.")
    untouched(office, BUDI, "--yes", said="has not left")
    minutes_later(office, 10)
    office.write("pengguna", "Terima kasih.", answers=office.last("pengguna"))
    untouched(office, BUDI, "--yes", said="mail 3 is not handled yet")
    untouched(office, PEOPLE["petugas"], "--yes", said="the office's record")
    untouched(office, PEOPLE["lkpp"], "--yes", said="nothing is")
    untouched(office, "siapa@luar.test", "--yes", said="nothing is kept about")


def test_it_asks_and_says_what_it_would_do(budis: PaperWorld) -> None:
    untouched(budis, BUDI, said="There is no way back", input="n\n")
    untouched(budis, BUDI, "--dry-run", said="LPSE-BTG-2026-000001")
    untouched(budis, BUDI, "--dry-run", said=NAME)
    assert run(budis, "person", "redact", BUDI, input="y\n").exit_code == 0


def test_what_still_holds_him_is_listed(budis: PaperWorld) -> None:
    assert run(budis, "backup").exit_code == 0
    done = redacted(budis)
    [backup] = (budis.config.data / "backups").iterdir()
    assert f"still in {backup}" in done.output and "folder INBOX: UID 1" in done.output


def test_that_it_was_done_is_recorded_with_counts_alone(budis: PaperWorld) -> None:
    redacted(budis)
    [row] = budis.rows("SELECT * FROM processings")
    assert row["what"] == "redact" and json.loads(row["counts"])["tickets"] == 1
    assert not any(word.lower() in json.dumps({**row}).lower() for word in CANARIES)


def test_evidence_of_his_ticket_can_still_be_made(budis: PaperWorld) -> None:
    redacted(budis)
    target = budis.folder / "bukti.zip"
    assert run(budis, "evidence", "1", "--output", str(target)).exit_code == 0
    assert run(budis, "evidence", "--verify", str(target)).exit_code == 0
    with zipfile.ZipFile(target) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert not [word for word in CANARIES if word.encode() in content]


# --- crashes ------------------------------------------------------------------------------------------

#: Where the process dies: a function of the program, and whether before or after it, and the how many-th time.
DEATHS = {
    "inside the transaction": ("mailbot.tickets.redaction.erase._find_anew", "after", 1),
    "before the files are deleted": ("mailbot.store.erased.delete_files", "before", 1),
    "between two files": ("pathlib.Path.unlink", "after", 1),
    "before the database is written anew": ("mailbot.store.database.Store.compact", "before", 1),
    "before it is noted": ("mailbot.store.database.Store.compact", "after", 1),
}
_CHILD = """
import os, signal, sys, importlib
from click.testing import CliRunner
name, when, count, config, address = sys.argv[1:]
count = int(count)
where, _, function = name.rpartition(".")
try:
    owner = importlib.import_module(where)
except ModuleNotFoundError:
    module, _, kind = where.rpartition(".")
    owner = getattr(importlib.import_module(module), kind)
real = getattr(owner, function)
def dying(*given, **more):
    global count
    count -= 1
    if count == 0 and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    found = real(*given, **more)
    if count == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return found
setattr(owner, function, dying)
from mailbot.cli.main import main
main(["-c", config, "person", "redact", address, "--yes"])
"""


@pytest.mark.parametrize("where", DEATHS)
def test_a_crash_leaves_all_of_him_or_what_the_next_call_completes(budis: PaperWorld, where: str) -> None:
    before = figures(budis)
    name, when, count = DEATHS[where]
    dead = subprocess.run(
        [sys.executable, "-c", _CHILD, name, when, str(count), str(budis.config_file), BUDI],
        env=environment(PYTHONPATH=str(ROOT)),
        capture_output=True,
        check=False,
    )
    assert dead.returncode == -signal.SIGKILL, dead.stderr.decode()
    if where == "inside the transaction":
        assert budis.rows("SELECT user_address FROM tickets WHERE id = 1") == [{"user_address": BUDI}]
    else:
        assert budis.rows("SELECT finished_at FROM redactions") == [{"finished_at": None}]
    redacted(budis)
    assert traces(budis) == [] and figures(budis) == before
    assert [row["finished_at"] is not None for row in budis.rows("SELECT finished_at FROM redactions")] == [True]


def test_while_another_process_reads_it_says_that_it_must_be_called_again(
    budis: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mailbot.store import database

    monkeypatch.setattr(database, "_PATIENCE", 0.3)
    reader = Store.open(budis.config.data)
    with reader.snapshot():
        done = run(budis, "person", "redact", BUDI, "--yes")
        assert done.exit_code == 75 and "call this again" in done.output
    reader.close()
    assert redacted(budis).exit_code == 0 and traces(budis) == []
