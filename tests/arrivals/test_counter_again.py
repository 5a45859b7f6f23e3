"""`#telepon` and `#loket` in reply to a ticket's mail: a further consultation, a further sheet of its form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mailbot.reports import entries, recap
from mailbot.reports.listing import words_of_site
from tests.steps import (
    closed,
    data_requested,
    escalated,
    flat,
    links,
    minutes_later,
    number,
    opened,
    resolved,
    results,
    staff_writes,
)
from tests.world import PEOPLE, Letter, PaperWorld

PASS = [results("pass", "batangkab.test")]
ANSWER = "Kuncinya sudah kami ganti."
FORM = f"""\
Hari/Tanggal Konsultasi : Jumat, 18 Desember 2026
Waktu : 10.00 - 10.12
A. IDENTITAS PENGGUNA SPSE
a. Nama : Ani Lestari
B. PERMASALAHAN
Menanyakan kunci token. Tokennya baru.
C. JAWABAN/SOLUSI PERMASALAHAN
{ANSWER}
Pemberi Penjelasan : Joko
"""
OPEN = FORM.replace(ANSWER, "")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PaperWorld]:
    world = PaperWorld(tmp_path)
    world.at("2026-12-21 09:00")
    yield world
    world.store.close()


def again(office: PaperWorld, text: str, command: str = "#telepon") -> Letter:
    """Sari replies to the ticket's first notice; the receipt that comes back."""
    assert staff_writes(office, f"{command}\n{text}") == "staff_receipt"
    return office.last("petugas", "staff_receipt")


def sheets(office: PaperWorld) -> list[dict[str, Any]]:
    return [dict(row) for row in office.rows("SELECT * FROM consultations ORDER BY id")]


def lines(office: PaperWorld) -> list[dict[str, str]]:
    site = office.site
    asked = recap.Asked(site.config, words_of_site(site), site.zone, date(2026, 12, 1))
    told = recap.recap(office.store, asked, office.now)
    return [dict(zip(told["columns"], row, strict=True)) for row in told["rows"]]


def test_it_is_a_sheet_of_the_tickets_form_with_its_own_day_and_recorder(office: PaperWorld) -> None:
    opened(office)
    receipt = flat(again(office, OPEN).text)
    assert "LPSE-BTG-2026-000001" in receipt and "Nomor Formulir Konsultasi : 0001/FK/LPSE-BTG/XII/2026" in receipt
    again(office, OPEN.replace("Jumat, 18", "Senin, 21").replace("10.00 - 10.12", "08.40"), "#loket")
    first, second = sheets(office)
    assert (first["sheet"], first["channel"], first["day"], first["giver"]) == (1, "telepon", "2026-12-18", "Joko")
    assert (first["name"], first["organisation"], first["phone"]) == ("Ani Lestari", "CV Contoh", "081234567890")
    assert (first["address"], first["recorder"]) == (PEOPLE["pengguna"], PEOPLE["petugas"])
    assert (second["sheet"], second["channel"], second["queue"]) == (2, "loket", "1")
    assert len(office.rows("SELECT 1 FROM tickets")) == 1
    assert "Nomor Formulir Konsultasi : 0001/FK/LPSE-BTG/XII/2026 lembar 2" in flat(office.last("petugas").text)
    assert "Lembar formulir : 2" in flat(office.last("pengguna", "user_consultation").text)


def test_it_has_a_row_of_the_rekap_beside_the_tickets_and_stands_in_the_guest_book(office: PaperWorld) -> None:
    opened(office)
    again(office, FORM, "#loket")
    call, mail = lines(office)
    assert (call["No"], call["Tgl"], call["Tgl Jawaban"]) == ("1", "18/12/2026", "18/12/2026")
    assert call["Nama"] == "Ani Lestari (CV Contoh)"
    assert call["Isi Pesan"] == (
        "[LPSE-BTG-2026-000001, 0001/FK/LPSE-BTG/XII/2026] Menanyakan kunci token. Tokennya baru."
    )
    assert (call["Isi Jawaban"], call["Petugas"]) == (ANSWER, "Sari")
    assert (mail["Tgl"], mail["Tgl Jawaban"]) == ("21/12/2026", "18/12/2026")
    assert "tidak bisa login" in mail["Isi Pesan"] and "kunci token" not in mail["Isi Pesan"]
    assert staff_writes(office, "#bukutamu 18/12/2026") == "staff_receipt"
    book = flat(office.last("petugas").text)
    assert "18/12/2026 10.00 WIB (12 menit); Ani Lestari (CV Contoh)" in book and "keperluan: Menanyakan" in book


def test_an_answer_that_came_before_the_call_is_not_its_answer(office: PaperWorld) -> None:
    resolved(office)
    again(office, OPEN.replace("Jumat, 18", "Senin, 21").replace("10.00 - 10.12", "09.01"))
    mail, call = lines(office)
    assert mail["Isi Jawaban"] == "Silakan gunakan menu lupa password."
    assert (call["Tgl Jawaban"], call["Isi Jawaban"]) == ("", "")


def test_part_c_that_was_taken_back_is_no_answer(office: PaperWorld) -> None:
    opened(office)
    receipt = again(office, FORM)
    office.write("petugas", links(receipt)["#batal"], answers=receipt)
    assert office.once()
    assert [line["Isi Jawaban"] for line in lines(office)] == ["", ""]
    minutes_later(office, 5)
    assert [one.template for one in office.letters("pengguna")] == ["user_acknowledgement"]


def asked(office: PaperWorld) -> None:
    opened(office)
    assert staff_writes(office, "#minta-data User ID?") == "staff_receipt"


def taken(office: PaperWorld) -> None:
    opened(office)
    assert staff_writes(office, "#ambil") == "staff_receipt"


def returned(office: PaperWorld) -> None:
    escalated(office)
    office.write("lkpp", "Kewenangan LPSE, silakan ditangani LPSE.", answers=office.last("lkpp", "lkpp_escalation"))
    assert office.once()


@pytest.mark.parametrize(
    ("begin", "unanswered", "answered", "clock"),
    [
        (opened, "in_progress", "resolved", "handling"),
        (taken, "in_progress", "resolved", "handling"),
        (asked, "in_progress", "resolved", "handling"),
        (returned, "returned", "resolved", "handling"),
        (escalated, "escalated", "escalated", "lkpp_status"),
        (data_requested, "awaiting_data", "awaiting_data", "data"),
        (resolved, "in_progress", "resolved", "next_response"),
        (closed, "in_progress", "closed", "handling"),
    ],
)
def test_in_each_status_it_is_what_a_mail_or_an_answer_would_be(
    office: PaperWorld, begin: Callable[[PaperWorld], object], unanswered: str, answered: str, clock: str
) -> None:
    begin(office)
    minutes_later(office, 4)
    with office.store.immediate():
        again(office, FORM)
        assert office.status() == answered
        assert len(sheets(office)) == 1
    minutes_later(office, 4)
    office.new_letters("pengguna")
    again(office, OPEN)
    begun = {"resolved": "in_progress", "closed": "in_progress"}.get(answered, unanswered)
    assert office.status() == begun
    assert [one.template for one in office.new_letters("pengguna")] == ["user_consultation"]
    assert office.rows("SELECT 1 FROM deadlines WHERE ended_at IS NULL")


def test_the_user_reads_what_was_explained_and_is_asked_whether_it_helped(office: PaperWorld) -> None:
    opened(office)
    again(office, FORM)
    assert office.last("pengguna").template == "user_acknowledgement"
    minutes_later(office, 3)
    letter = office.last("pengguna", "user_answer")
    assert "konsultasi Bapak/Ibu melalui telepon pada Jumat, 18 Desember 2026 pukul 10.00 WIB (12 menit)" in flat(
        letter
    )
    assert ANSWER in letter.text and "SELESAI" in letter.text


def test_words_for_another_address_are_not_recorded_on_the_ticket(office: PaperWorld) -> None:
    opened(office)
    receipt = again(office, FORM.replace("a. Nama", "e. Alamat E-mail : lain@penyedia.test\na. Nama"))
    assert "lain@penyedia.test bukan pengguna tiket LPSE-BTG-2026-000001" in flat(receipt.text)
    assert sheets(office) == [] and office.status() == "new"
    body = links(receipt)["#telepon"]
    assert "Tokennya baru." in body and ANSWER in body
    office.write("petugas", body.replace("lain@penyedia.test", PEOPLE["pengguna"]), subject=f"[{number(office)}]")
    assert office.once()
    assert len(sheets(office)) == 1 and office.status() == "resolved"


def test_a_ticket_that_was_thrown_away_takes_no_form(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#buang")
    assert "telah dibuang" in flat(again(office, FORM).text)
    assert sheets(office) == []


# --- merged ------------------------------------------------------------------------------------------------


def test_a_merged_consultation_keeps_its_row_and_its_form_number(office: PaperWorld) -> None:
    opened(office)
    notice = office.last("petugas", "staff_new_ticket")
    call = OPEN.replace("a. Nama", "d. Nomor Telepon/HP : 0899-111-222\na. Nama")
    office.write("petugas", f"#telepon\n{call}", subject="Telepon")
    assert office.once()
    confirm = office.last("petugas", "staff_confirm")
    code = next(line for line in confirm.text.splitlines() if line.startswith("Kode: "))
    office.write("petugas", code, answers=confirm)
    assert office.once()
    before = next(line for line in lines(office) if "000002" in line["Isi Pesan"])
    office.write("petugas", "#gabung LPSE-BTG-2026-000001", answers=office.last("petugas", "staff_receipt"))
    assert office.once()
    confirm = office.last("petugas", "staff_confirm")
    code = next(line for line in confirm.text.splitlines() if line.startswith("Kode: "))
    office.write("petugas", code, answers=confirm)
    assert office.once()
    assert office.rows("SELECT merged_into FROM tickets WHERE id = 2")[0]["merged_into"] == 1
    after = next(line for line in lines(office) if "000002" in line["Isi Pesan"])
    assert after == before and "0002/FK/LPSE-BTG/XII/2026" in after["Isi Pesan"]
    mail = next(line for line in lines(office) if "000002" not in line["Isi Pesan"])
    assert "tidak bisa login" in mail["Isi Pesan"]
    assert staff_writes(office, "#status", notice) == "staff_receipt"
    assert "Konsultasi : 0002/FK/LPSE-BTG/XII/2026; melalui telepon" in flat(office.last("petugas").text)
    found = entries.of_month(office.store, office.site.name, office.site.zone, date(2026, 12, 1), merged=True)
    assert [entry.form_number for entry in found] == ["0002/FK/LPSE-BTG/XII/2026", "0001/FK/LPSE-BTG/XII/2026"]
