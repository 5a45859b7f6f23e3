"""SOP steps 8 and 9: data that are held say so, and why; what LKPP has already is not offered a second time."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.steps import data_requested, escalated, flat, links, minutes_later, opened, results, staff_writes, templates
from tests.world import Letter, PaperWorld

CHECKED = "Sudah diperiksa: teruskan"


def locked(name: str = "data_terkunci.zip") -> tuple[str, bytes]:
    """A ZIP whose directory says that its content is encrypted (APPNOTE 4.4.4, bit 0)."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("data.xlsx", b"isi")
    data = bytearray(made.getvalue())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return name, bytes(data)


def beginning(letter: Letter) -> str:
    """What stands above the table of the ticket, on one line."""
    return flat(letter.text).partition("Tiket : LPSE")[0]


def sent(office: PaperWorld, request: Letter, *files: tuple[str, bytes], text: str = "Berikut datanya.") -> Letter:
    office.write("pengguna", text, answers=request, files=files)
    assert office.once()
    return office.last("petugas", "staff_user_reply")


def test_held_files_are_named_with_their_danger_in_the_first_lines(office: PaperWorld) -> None:
    notice = sent(office, data_requested(office), ("apendo_log.exe", b"MZ..."), locked())
    said = beginning(notice)
    assert "Ditahan, belum diteruskan kepada Helpdesk LKPP" in said
    assert "apendo_log.exe adalah program" in said
    assert "data_terkunci.zip terkunci dengan kata sandi" in said
    assert f"“{CHECKED}”" in said
    assert "Teruskan ke LKPP" not in notice.text
    assert CHECKED in notice.text


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("rekap.xlsm", b"PK", "rekap.xlsm dapat memuat makro"),
        ("jalan.vbs", b"x = 1", "jalan.vbs adalah skrip"),
        ("data.rar", b"Rar!\x1a\x07\x00", "data.rar adalah arsip yang isinya tidak dapat diperiksa"),
        ("laporan.pdf", b"MZ\x90\x00", "laporan.pdf adalah program"),
        ("halaman.html", b"<p>", "halaman.html adalah halaman web"),
    ],
)
def test_each_danger_has_its_words(office: PaperWorld, name: str, data: bytes, why: str) -> None:
    assert why in beginning(sent(office, data_requested(office), (name, data)))


def test_an_archive_names_what_in_it_is_dangerous(office: PaperWorld) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("log/setup.exe", b"MZ")
    said = beginning(sent(office, data_requested(office), ("log.zip", made.getvalue())))
    assert "log.zip memuat setup.exe, sebuah program" in said


def test_data_of_an_unproven_writer_are_held_for_that(border: PaperWorld) -> None:
    office = border
    request = data_requested(office)
    office.write("pengguna", "Kode tender 87654321.", answers=request, headers=[results("fail", "contoh.test")])
    assert office.once()
    said = beginning(office.last("petugas", "staff_user_reply"))
    assert "Ditahan, belum diteruskan kepada Helpdesk LKPP" in said
    assert "pengirimnya tidak terbukti asli" in said


def test_what_is_held_is_named_in_the_work_list_the_status_and_the_reminder(office: PaperWorld) -> None:
    notice = sent(office, data_requested(office), ("apendo_log.exe", b"MZ..."))
    assert "apendo_log.exe adalah program" in flat(_answer(office, "#status", notice))
    minutes_later(office, 6)
    reminder = office.last("petugas", "staff_reminder")
    assert "apendo_log.exe adalah program" in beginning(reminder)
    assert CHECKED in reminder.text
    office.at("2026-12-08 07:30")
    assert office.once()
    assert "apendo_log.exe adalah program" in flat(office.last("petugas", "staff_worklist").text)


def test_what_lkpp_did_not_ask_for_says_its_danger_too(office: PaperWorld) -> None:
    notice = sent(office, escalated(office), ("alat.exe", b"MZ"), text="Sekalian kami kirim alatnya.")
    said = beginning(notice)
    assert "Belum diteruskan kepada Helpdesk LKPP" in said
    assert "alat.exe adalah program" in said
    assert CHECKED in notice.text


def test_a_program_in_a_first_mail_is_named_before_it_is_escalated(office: PaperWorld) -> None:
    notice = opened(office, files=[("alat.exe", b"MZ")])
    said = beginning(notice)
    assert "alat.exe adalah program" in said
    assert "eskalasi" in said


def test_the_question_before_forwarding_names_the_danger(office: PaperWorld) -> None:
    request = data_requested(office)
    notice = sent(office, request, ("apendo_log.exe", b"MZ..."))
    click = links(notice)["#teruskan"]
    sent(office, request, locked(), text="Ini satu lagi.")
    office.write("petugas", click, subject=notice.subject)
    assert office.once()
    question = office.last("petugas", "staff_confirm")
    assert "data_terkunci.zip terkunci dengan kata sandi" in flat(question.text)


def test_what_is_only_a_question_says_that_it_was_not_forwarded(office: PaperWorld) -> None:
    notice = sent(office, data_requested(office), text="Data yang mana maksudnya?")
    assert "Belum diteruskan kepada Helpdesk LKPP: tidak terbaca sebagai data" in beginning(notice)


# --- what LKPP has already -------------------------------------------------------------------------------


def _answer(office: PaperWorld, text: str, answers: Letter) -> str:
    staff_writes(office, text, answers)
    return office.letters("petugas")[-1].text


def forwarded(office: PaperWorld) -> Letter:
    """Data that went on to LKPP by itself; the notice of it."""
    notice = sent(office, data_requested(office), ("layar.png", b"\x89PNG"), text="Kode tender 87654321.")
    assert templates(office.new_letters("lkpp"))[-1:] == ["lkpp_additional_data"]
    return notice


def test_data_that_have_gone_carry_no_limit_and_are_not_offered_again(office: PaperWorld) -> None:
    notice = forwarded(office)
    assert "Batas waktu" not in notice.text
    assert "#teruskan" not in notice.text
    assert "Sekarang: tidak ada yang perlu dilakukan; data telah diteruskan kepada Helpdesk LKPP" in flat(notice.text)


def test_forwarding_with_nothing_new_is_refused_and_says_when_the_last_was_forwarded(office: PaperWorld) -> None:
    notice = forwarded(office)
    office.new_letters("lkpp"), office.new_letters("pengguna")
    answer = flat(_answer(office, "#teruskan", notice))
    assert "Tidak ada yang dijalankan: Tidak ada data baru untuk diteruskan; yang terakhir diteruskan pada" in answer
    minutes_later(office, 1)
    assert not office.new_letters("lkpp") and not office.new_letters("pengguna")


def test_staff_may_still_add_words_of_their_own(office: PaperWorld) -> None:
    notice = forwarded(office)
    office.new_letters("lkpp")
    assert staff_writes(office, "#teruskan\nLog server kami sampaikan menyusul.", notice) == "staff_receipt"
    [letter] = office.new_letters("lkpp")
    assert "Log server kami sampaikan menyusul." in letter.text


def test_before_the_user_has_sent_anything_nothing_is_offered_and_nothing_goes(office: PaperWorld) -> None:
    data_requested(office)
    office.new_letters("lkpp")
    notice = office.last("petugas", "staff_lkpp_reply")
    assert "#teruskan" not in links(notice)
    assert "Tidak ada data baru untuk diteruskan." in flat(_answer(office, "#teruskan", notice))
    assert not office.new_letters("lkpp")


def test_files_without_words_print_no_empty_quotation(office: PaperWorld) -> None:
    request = data_requested(office)
    office.new_letters("lkpp")
    office.write("pengguna", "", answers=request, files=[("layar.png", b"\x89PNG")], quote=False)
    assert office.once()
    [letter] = office.new_letters("lkpp")
    assert "Data dari pengguna" not in letter.text.partition("Lampiran")[0]


def test_data_that_are_sealed_within_the_text_are_held_like_those_in_parts_of_the_mail(office: PaperWorld) -> None:
    request = data_requested(office)
    sealed = "-----BEGIN PGP MESSAGE-----\n\njA0ECQMC\n=Ab1+\n-----END PGP MESSAGE-----"
    office.write("pengguna", f"Berikut datanya, Bapak/Ibu.\n\n{sealed}\n", answers=request)
    assert office.once()
    notice = office.last("petugas", "staff_user_reply")
    assert "Ditahan, belum diteruskan kepada Helpdesk LKPP" in beginning(notice)
    assert "dienkripsi (PGP)" in notice.text and "jA0ECQMC" not in notice.text
    assert office.letters("lkpp")[-1].template == "lkpp_escalation"
