"""`mailbot evidence`: what lies in it, that the same data make the same bytes, and that every change of it is named."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mailbot.cli import main
from mailbot.reports.evidence import chain
from mailbot.store import submissions
from mailbot.store.submissions import How
from tests.steps import data_requested, opened, staff_writes
from tests.world import PEOPLE, PaperWorld

NUMBER = "LPSE-BTG-2026-000001"
ROOT = f"bukti-{NUMBER}/"


def run(office: PaperWorld, *words: str) -> Result:
    return CliRunner().invoke(main.main, ["-c", str(office.config_file), "evidence", *words])


def made(office: PaperWorld, name: str = "bukti.zip", number: str = "1") -> Path:
    path = office.folder / name
    done = run(office, number, "--output", str(path))
    assert done.exit_code == 0, done.output
    return path


def held(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {entry.filename.removeprefix(ROOT): archive.read(entry) for entry in archive.infolist()}


def told(path: Path) -> Any:
    return json.loads(held(path)["riwayat.json"])


@pytest.fixture
def escalated(office: PaperWorld) -> PaperWorld:
    """A ticket with a note, an attachment, an escalation, and a request of LKPP for data."""
    data_requested(office)
    staff_writes(office, "#catat Pengguna sudah ditelepon.")
    return office


def test_every_original_and_every_mail_of_ours_lies_in_it_byte_for_byte(escalated: PaperWorld) -> None:
    path = made(escalated)
    files = held(path)
    journal = {bytes(row["raw"]) for row in escalated.rows("SELECT raw FROM journal WHERE ticket_id = 1")}
    assert journal == {data for name, data in files.items() if name.startswith("diterima/")} and len(journal) >= 4
    ours = [row["raw"] for row in escalated.sent("ticket_id = 1")]
    assert ours == [files[name] for name in sorted(files) if name.startswith("terkirim/")] != []
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_history_says_who_did_what_with_step_rule_and_mail(escalated: PaperWorld) -> None:
    found = told(made(escalated))
    asked = next(line for line in found["history"] if line["event"] == "lkpp.data_request")
    assert (asked["step"], asked["address"], bool(asked["rule"]), bool(asked["sentence"])) == (
        "6, 7",
        PEOPLE["lkpp"],
        True,
        True,
    )
    original = next(mail for mail in found["received"] if mail["file"] == asked["file"])
    assert original["sender"] == PEOPLE["lkpp"] and original["sha256"] == original["sha256_at_arrival"]
    note = next(text for text in found["texts"] if "sudah ditelepon" in text["body"])
    assert "user" not in note["audience"] and "staff" in note["audience"]
    page = held(made(escalated, "lain.zip"))["riwayat.html"].decode()
    for words in ("Helpdesk LKPP", asked["sentence"], "sudah ditelepon", "Boleh dibaca"):
        assert words in page, words


def test_each_try_stands_there_with_the_servers_code_words_and_time(office: PaperWorld) -> None:
    opened(office, "Kami tidak bisa login.")
    [mail] = office.rows("SELECT id FROM outbox WHERE template = 'user_acknowledgement'")
    with office.store.immediate():
        submissions.note(office.store, mail["id"], How.AGAIN, "451 4.7.1 greylisted", office.now)
        submissions.note(office.store, mail["id"], How.ACCEPTED, "250 2.0.0 Ok: queued as 4F", office.now)
    path = made(office)
    [sent] = [one for one in told(path)["sent"] if one["template"] == "user_acknowledgement"]
    assert [(one["outcome"], one["code"], one["answer"]) for one in sent["tries"]] == [
        ("again", 451, "451 4.7.1 greylisted"),
        ("accepted", 250, "250 2.0.0 Ok: queued as 4F"),
    ]
    page = held(path)["riwayat.html"].decode()
    assert "451 4.7.1 greylisted" in page and "queued as 4F" in page


def test_a_limit_is_told_day_by_day_with_hours_holidays_and_how_it_was_kept(office: PaperWorld) -> None:
    office.at("2026-12-23 15:00")  # Wednesday; Christmas is Friday, collective leave on Thursday
    data_requested(office)
    limits = {one["clock"]: one for one in told(made(office))["deadlines"]}
    first = limits["first_response"]
    assert first["kept"] is True and first["ended_at"] <= first["limit"] and first["limit_from"]
    days = {day["day"]: day for day in limits["user_data"]["days"]}
    assert days["2026-12-25"]["closed"] != "" and days["2026-12-25"]["hours"] == []
    assert days["2026-12-26"]["closed"] == "bukan hari layanan"
    assert days["2026-12-23"]["counted_minutes"] > 0


def test_the_same_data_make_the_same_bytes(escalated: PaperWorld) -> None:
    first = made(escalated).read_bytes()
    time.sleep(2.1)  # a ZIP says its times to two seconds
    escalated.now = escalated.now.replace(hour=9)
    assert made(escalated, "lain.zip").read_bytes() == first


def test_merged_parts_come_with_the_ticket_under_either_number(office: PaperWorld) -> None:
    opened(office, "Kami tidak bisa login.")
    opened(office, "Kami juga tidak bisa mengunggah dokumen.")
    staff_writes(office, f"#gabung {NUMBER}")
    one, two = made(office), made(office, "dua.zip", "2")
    assert [part["number"] for part in told(one)["parts"]] == ["LPSE-BTG-2026-000002"]
    assert told(two)["ticket"]["number"] == NUMBER and "000002" in held(two)["LIHAT-DULU.txt"].decode()
    assert {mail["ticket"] for mail in told(one)["received"]} >= {NUMBER, "LPSE-BTG-2026-000002"}


def test_the_formulir_konsultasi_lies_in_it(escalated: PaperWorld) -> None:
    files = held(made(escalated))
    [form] = [name for name in files if name.startswith("formulir/")]
    with zipfile.ZipFile(io.BytesIO(files[form])) as document:
        words = document.read("word/document.xml").decode()
    assert "Budi Santoso" in words and "0001/FK/LPSE-BTG/XII/2026" in words


def test_no_code_that_could_still_command_stands_in_what_people_read(escalated: PaperWorld) -> None:
    codes = [row["code"] for row in escalated.rows("SELECT code FROM codes")]
    files = held(made(escalated))
    assert codes and not any(
        code.encode() in files[name] for code in codes for name in ("riwayat.json", "riwayat.html")
    )


def test_an_original_that_is_not_what_arrived_or_is_gone_is_named(office: PaperWorld) -> None:
    large = ("lampiran.bin", b"A1b2" * 100_000)
    office.write("pengguna", "Terlampir.", files=[large])
    office.once()
    [path] = (office.config.data / "raw").glob("*.eml")
    path.write_bytes(path.read_bytes().replace(b"Terlampir", b"Terlumpir"))
    done = run(office, "1", "--output", str(office.folder / "a.zip"))
    assert done.exit_code == 74 and "not the bytes that had arrived" in done.output
    assert "TIDAK UTUH" in held(office.folder / "a.zip")["LIHAT-DULU.txt"].decode()
    path.unlink()
    done = run(office, "1", "--output", str(office.folder / "b.zip"))
    assert done.exit_code == 74 and "gone" in done.output
    assert "BERKAS HILANG" in held(office.folder / "b.zip")["LIHAT-DULU.txt"].decode()
    assert run(office, "--verify", str(office.folder / "b.zip")).exit_code == 0


def test_that_it_was_made_is_recorded_without_a_word_about_anybody(escalated: PaperWorld) -> None:
    made(escalated)
    [row] = escalated.rows("SELECT * FROM processings")
    assert (row["what"], row["ticket"]) == ("evidence", NUMBER) and row["seal"]
    assert "budi" not in json.dumps({**row}).lower()


# --- every change is named ----------------------------------------------------------------------------

Change = Callable[[list[tuple[str, bytes]]], object]


def changed(path: Path, change: Change) -> Path:
    with zipfile.ZipFile(path) as archive:
        entries = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
    change(entries)
    other = path.with_name("diubah.zip")
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return other


def lines(change: Callable[[list[str]], object]) -> Change:
    """A change of the list's lines."""

    def of_list(entries: list[tuple[str, bytes]]) -> None:
        name, data = entries[-1]
        found = data.decode().split("\n")
        change(found)
        entries[-1] = (name, "\n".join(found).encode())

    return of_list


def swap(found: list[Any], a: int, b: int) -> None:
    found[a], found[b] = found[b], found[a]


def edit(entries: list[tuple[str, bytes]]) -> None:
    entries[0] = (entries[0][0], entries[0][1].replace(b"login", b"logon") + b"x")


FIRST = "diterima/0001-20261221T010000Z.eml"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (edit, [f"{FIRST}: changed: "]),
        (lambda entries: entries.pop(0), [f"{FIRST}: removed: it is not in the file"]),
        (
            lambda entries: entries.insert(1, (f"{ROOT}diterima/0099.eml", b"palsu")),
            ["diterima/0099.eml: added: no line"],
        ),
        (lambda entries: swap(entries, 0, 1), ["the files stand in another order"]),
        (lambda entries: entries.insert(0, ("../../etc/cron.d/x", b"")), ["'../../etc/cron.d/x': added"]),
        (lambda entries: entries.insert(0, (f"{ROOT}../x", b"")), ["/../x': added"]),
        (lambda entries: entries.insert(0, ("/etc/passwd", b"")), ["'/etc/passwd': added"]),
        (lambda entries: entries.append(entries[0]), [f"{FIRST}: added: it is there twice", "daftar.txt: moved"]),
        (
            lines(lambda found: found.__setitem__(1, found[1].replace(" diterima/0001", " diterima/0002"))),
            ["daftar.txt: line 2: changed", f"{FIRST}: added: no line"],
        ),
        (lines(lambda found: found.pop(1)), ["daftar.txt: line 2: lines were removed above", f"{FIRST}: added"]),
        (lines(lambda found: swap(found, 2, 3)), ["daftar.txt: line 3: moved", "daftar.txt: line 4: moved"]),
        (
            lines(lambda found: found.insert(3, f"0003 {'a' * 64} {'b' * 64} 5 diterima/9.eml")),
            [
                "daftar.txt: line 4: changed: diterima/9.eml",
                "daftar.txt: line 5: moved, or what stands above it was added",
            ],
        ),
        (
            lines(lambda found: found.__delitem__(slice(-3, -1))),
            ["daftar.txt: the list is cut off", "LIHAT-DULU.txt: added"],
        ),
        (lines(lambda found: found.__setitem__(4, "kacau")), ["daftar.txt: line 5: changed: 'kacau'"]),
        (lines(lambda found: found.__setitem__(0, "bukti lain")), ["daftar.txt: line 1: no list"]),
    ],
)
def test_whatever_is_changed_is_named_with_its_file_or_line(
    escalated: PaperWorld, change: Change, said: Sequence[str]
) -> None:
    path = made(escalated)
    assert run(escalated, "--verify", str(path)).exit_code == 0
    done = run(escalated, "--verify", str(changed(path, change)))
    assert done.exit_code == 1, done.output
    for words in said:
        assert words in done.output, (words, done.output)


def test_a_list_made_anew_for_a_changed_file_has_a_seal_that_nobody_recorded(escalated: PaperWorld) -> None:
    path = made(escalated)
    with zipfile.ZipFile(path) as archive:
        entries = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
    edit(entries)
    listed = [
        chain.Listed(name.removeprefix(ROOT), hashlib.sha256(data).hexdigest(), len(data))
        for name, data in entries[:-1]
    ]
    entries[-1] = (entries[-1][0], chain.written(NUMBER, listed)[0].encode())
    forged = path.with_name("palsu.zip")
    with zipfile.ZipFile(forged, "w") as archive:
        for name, data in entries:
            archive.writestr(name, data)
    done = run(escalated, "--verify", str(forged))
    assert done.exit_code == 1 and "not recorded here" in done.output
    away = CliRunner().invoke(main.main, ["-c", str(path.with_name("none.yaml")), "evidence", "--verify", str(forged)])
    assert away.exit_code == 0 and "compare the seal" in away.output


# --- bad input ----------------------------------------------------------------------------------------


def test_what_cannot_be_is_refused_in_a_sentence_and_leaves_nothing(escalated: PaperWorld, tmp_path: Path) -> None:
    before = set(escalated.folder.iterdir())
    unknown = run(escalated, "999", "--output", str(escalated.folder / "x.zip"))
    assert unknown.exit_code == 1 and "there is no ticket '999'" in unknown.output
    away = run(escalated, "1", "--output", str(escalated.folder / "tidak" / "ada.zip"))
    assert away.exit_code == 73 and "cannot be written" in away.output
    assert run(escalated).exit_code == 2 and run(escalated, "1", "--verify", str(escalated.config_file)).exit_code == 2
    assert set(escalated.folder.iterdir()) == before
    path = made(escalated)
    kept = path.read_bytes()
    again = run(escalated, "1", "--output", str(path))
    assert again.exit_code == 73 and "exists already" in again.output and path.read_bytes() == kept
    assert set(escalated.folder.iterdir()) == {*before, path}
    assert escalated.rows("SELECT count(*) AS n FROM processings") == [{"n": 1}]


def test_what_is_no_evidence_file_is_refused_as_such(escalated: PaperWorld) -> None:
    path = made(escalated)
    bad = path.with_name("rusak.zip")
    bad.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert run(escalated, "--verify", str(bad)).exit_code == 65
    bad.write_bytes(b"bukan zip")
    assert run(escalated, "--verify", str(bad)).exit_code == 65
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("x.txt", "x")
    done = run(escalated, "--verify", str(bad))
    assert done.exit_code == 65 and "it is no evidence file" in done.output
    shutil.copy(path, bad)
    data = bytearray(bad.read_bytes())
    at = data.index(b"riwayat.html") + 400  # inside its packed bytes
    data[at : at + 8] = b"\0" * 8
    bad.write_bytes(data)
    done = run(escalated, "--verify", str(bad))
    assert done.exit_code == 1 and "riwayat.html: changed" in done.output


def test_a_bomb_is_read_no_further_than_its_line_says(escalated: PaperWorld) -> None:
    path = made(escalated)

    def bomb(entries: list[tuple[str, bytes]]) -> None:
        entries[0] = (entries[0][0], bytes(50 << 20))

    done = run(escalated, "--verify", str(changed(path, bomb)))
    assert done.exit_code == 1 and "is longer than" in done.output


def test_a_large_mail_goes_through_in_pieces(office: PaperWorld) -> None:
    import tracemalloc

    office.write("pengguna", "Terlampir.", files=[("besar.bin", bytes(range(256)) * 60_000)])  # 15 MB, 21 MB encoded
    office.once()
    assert office.sent("template = 'staff_new_ticket'")
    tracemalloc.start()
    made(office)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 << 20, f"{peak >> 20} MB"
    assert run(office, "--verify", str(office.folder / "bukti.zip")).exit_code == 0


def test_the_chain_of_no_file_has_a_seal_too() -> None:
    text, seal = chain.written(NUMBER, [])
    found = chain.read(text)
    assert (found.faults, found.seal, found.number, list(found.files)) == ([], seal, NUMBER, [])
