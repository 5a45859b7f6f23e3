"""A Formulir Konsultasi that comes back incomplete, and the mails that complete it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailbot.store.database import to_instant
from tests.arrivals.test_counter import FORM, OPEN, PASS, UNREACHABLE, held, record
from tests.steps import disposition, flat, links, opened, staff_writes, templates
from tests.world import LPSE, PEOPLE, Letter, PaperWorld

ADDED = "TAMBAHAN (di luar formulir kertas)"
WITHOUT_PHONE = UNREACHABLE.replace("0812-3456-7890", "")
WITHOUT_NAME = OPEN.replace("Budi Santoso", "")


@pytest.fixture
def border(border: PaperWorld) -> PaperWorld:
    """The same, at nine."""
    border.at("2026-12-21 09:00")
    return border


def completed(office: PaperWorld, text: str, answers: Letter, who: str = "petugas", **more: Any) -> Letter:
    """A reply to the receipt that brought the form back; what comes for it."""
    office.now += timedelta(minutes=20)
    more.setdefault("headers", PASS)
    office.new_letters(who)
    office.write(who, text, answers=answers, **more)
    assert office.once()
    return office.new_letters(who)[-1]


def forms(office: PaperWorld) -> list[dict[str, Any]]:
    return [dict(row) for row in office.rows("SELECT * FROM consultations ORDER BY id")]


def problem(office: PaperWorld) -> str:
    return str(office.rows("SELECT body FROM texts WHERE role = 'user' ORDER BY id LIMIT 1")[0]["body"])


# --- what the officer is told ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (WITHOUT_NAME, ["a. Nama belum terisi"]),
        (WITHOUT_PHONE, ["d. Nomor Telepon/HP atau alamat e-mail harus terisi"]),
        (
            WITHOUT_PHONE.replace("Budi Santoso", ""),
            ["a. Nama belum terisi", "d. Nomor Telepon/HP atau alamat e-mail harus terisi"],
        ),
        (
            re.sub("Tidak bisa.*\n", "", WITHOUT_NAME).replace(PEOPLE["pengguna"], "budi@penyedia"),
            ["a. Nama dan B. PERMASALAHAN belum terisi", "“budi@penyedia” tidak terbaca"],
        ),
        (
            WITHOUT_NAME.replace("08.50 - 08.57", "13.00"),
            ["a. Nama belum terisi", "melewati waktu e-mail ini"],
        ),
    ],
)
def test_all_that_is_missing_is_said_at_once(border: PaperWorld, text: str, told: list[str]) -> None:
    receipt = flat(record(border, text))
    assert [one for one in told if one not in receipt] == []
    assert "Balas e-mail ini dengan baris yang kurang saja" in receipt


def test_a_date_that_nobody_can_read_is_recorded_and_said(border: PaperWorld) -> None:
    receipt = flat(record(border, OPEN.replace("Senin, 21 Desember 2026", "sebelum rapat")))
    assert "“sebelum rapat”" in receipt
    assert held(border)["day"] == "2026-12-21"


# --- by a reply ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quote", ["gmail", "outlook", "ios", "none"])
@pytest.mark.parametrize("command", ["", "#telepon\n"])
def test_the_missing_line_alone_completes_it(border: PaperWorld, quote: str, command: str) -> None:
    back = record(border, WITHOUT_NAME)
    text = f"{command}a. Nama : Budi Santoso\n\nSari\nLPSE Kabupaten Batang"
    got = completed(border, f"{text}{quoted(back, quote)}", back, quote=False)
    assert "dicatat" in flat(got)
    [form] = forms(border)
    assert (form["name"], form["organisation"], form["phone"]) == ("Budi Santoso", "CV Contoh", "0812-3456-7890")
    assert (form["street"], form["address"], form["giver"]) == ("Jl. Mawar 3, Batang", PEOPLE["pengguna"], "Joko")
    assert problem(border) == "Tidak bisa login SPSE sejak kemarin. Sudah mencoba peramban lain."


@pytest.mark.parametrize("quote", ["gmail", "outlook", "ios"])
def test_a_line_filled_in_within_the_quotation_completes_it(border: PaperWorld, quote: str) -> None:
    back = record(border, WITHOUT_NAME)
    filled = re.sub(r"(a\. Nama :)", r"\1 Budi Santoso", quoted(back, quote))
    assert filled != quoted(back, quote)
    completed(border, f"Sudah kami lengkapi.{filled}", back, quote=False)
    assert [form["name"] for form in forms(border)] == ["Budi Santoso"]
    assert problem(border) == "Tidak bisa login SPSE sejak kemarin. Sudah mencoba peramban lain."


def test_part_b_filled_in_within_the_quotation_is_read_without_its_marks(border: PaperWorld) -> None:
    back = record(border, re.sub("Tidak bisa.*\n", "", OPEN))
    filled = quoted(back, "gmail").replace("> B. PERMASALAHAN\n", "> B. PERMASALAHAN\n> Gagal masuk.\n> Sejak pagi.\n")
    completed(border, filled.lstrip(), back, quote=False)
    assert problem(border) == "Gagal masuk.\nSejak pagi."


def test_a_line_that_a_mail_program_has_broken_in_the_quotation_changes_nothing(border: PaperWorld) -> None:
    street = "Jalan Raya Pantai Utara Kilometer Sembilan Belas Desa Sukamaju Kecamatan Batang"
    back = record(border, WITHOUT_NAME.replace("Jl. Mawar 3, Batang", street))
    broken = quoted(back, "gmail").replace("Kecamatan Batang", "\n> Kecamatan Batang")
    completed(border, f"Nama : Budi Santoso{broken}", back, quote=False)
    assert [form["street"] for form in forms(border)] == [street]


@pytest.mark.parametrize("bare", ["0899-111-222", "0899-111-222\n\nSari"])
def test_a_number_without_its_label_is_taken_for_what_it_is(border: PaperWorld, bare: str) -> None:
    back = record(border, WITHOUT_PHONE)
    completed(border, bare, back)
    assert [form["phone"] for form in forms(border)] == ["0899-111-222"]


def test_an_address_without_its_label_is_taken_for_what_it_is(border: PaperWorld) -> None:
    back = record(border, WITHOUT_PHONE)
    completed(border, "Budi@Penyedia.test", back)
    assert [form["address"] for form in forms(border)] == ["budi@penyedia.test"]


def test_words_without_any_line_of_the_form_come_back_with_it_and_record_nothing(border: PaperWorld) -> None:
    back = record(border, WITHOUT_PHONE)
    got = completed(border, "Nanti kami tanyakan, KENARI-NANTI.", back)
    assert "Tidak ada baris formulir yang terbaca" in flat(got) and "KENARI-NANTI" in got.text
    assert forms(border) == []
    completed(border, "HP : 0899-111-222", got)
    assert [form["phone"] for form in forms(border)] == ["0899-111-222"]


def test_an_address_that_could_not_be_read_may_be_taken_out_or_mended(border: PaperWorld) -> None:
    back = record(border, OPEN.replace(PEOPLE["pengguna"], "budi@penyedia"))
    body = links(back)["#telepon"].replace("Alamat E-mail : budi@penyedia", "Alamat E-mail : -")
    completed(border, body, back, quote=False)
    assert [(form["address"], form["phone"]) for form in forms(border)] == [("", "0812-3456-7890")]
    back = record(border, OPEN.replace(PEOPLE["pengguna"], "budi@penyedia"))
    again = completed(border, "Nama : Budi Santoso", back)
    assert "“budi@penyedia” tidak terbaca" in flat(again)
    completed(border, "Alamat E-mail : budi@penyedia.test", again)
    assert [form["address"] for form in forms(border)] == ["", "budi@penyedia.test"]


# --- nothing is lost -----------------------------------------------------------------------------------------


def test_a_completion_that_leaves_other_lines_empty_leaves_them_as_they_were(border: PaperWorld) -> None:
    back = record(border, WITHOUT_NAME)
    empty = "#telepon\nHari/Tanggal Konsultasi :\nWaktu :\na. Nama : Budi Santoso\nb. Nama Instansi/Perusahaan :\n"
    completed(border, f"{empty}c. Alamat :\nd. Nomor Telepon/HP :\nB. PERMASALAHAN\n\n{ADDED}\nAlamat E-mail :\n", back)
    [form] = forms(border)
    assert (form["name"], form["phone"], form["address"]) == ("Budi Santoso", "0812-3456-7890", PEOPLE["pengguna"])
    assert form["precise"] == 1 and problem(border).startswith("Tidak bisa login")


def test_in_each_of_many_rounds_what_was_written_stays(border: PaperWorld) -> None:
    got = record(border, "Waktu : 08.50 - 08.57\nB. PERMASALAHAN\nKENARI-SATU\n", files=[("satu.png", b"\x89PNG satu")])
    got = completed(border, "c. Alamat : Jl. Melati 1\nC. JAWABAN/SOLUSI PERMASALAHAN\nBelum terjawab, KENARI-DUA", got)
    got = completed(border, "b. Nama Instansi/Perusahaan : CV Tiga", got, files=[("tiga.png", b"\x89PNG tiga")])
    assert "KENARI-SATU" in got.text and "KENARI-DUA" in got.text and "CV Tiga" in got.text
    got = completed(border, links(got)["#telepon"].replace("a. Nama :", "a. Nama : Ani"), got, quote=False)
    assert forms(border) == []
    completed(border, "0899-111-222", got)
    [form] = forms(border)
    assert (form["name"], form["organisation"], form["street"]) == ("Ani", "CV Tiga", "Jl. Melati 1")
    assert "KENARI-SATU" in problem(border)
    assert [row["body"] for row in border.rows("SELECT body FROM texts WHERE kind = 'note'")] == [
        "Belum terjawab, KENARI-DUA"
    ]
    files = border.rows("SELECT name, audience FROM attachments ORDER BY name")
    assert [row["name"] for row in files] == ["satu.png", "tiga.png"]
    assert not any(",user," in row["audience"] for row in files)
    assert [row["ticket_id"] for row in border.rows("SELECT ticket_id FROM journal ORDER BY id")] == [1] * 5


def test_the_files_of_its_first_mail_go_to_lkpp_with_it(border: PaperWorld) -> None:
    back = record(border, WITHOUT_NAME, files=[("pindaian.png", b"\x89PNG pindaian")])
    completed(border, "Nama : Budi Santoso", back)
    assert staff_writes(border, "#eskalasi Gagal.", border.last("petugas"), headers=PASS) == "staff_receipt"
    assert [name for name, _ in border.last("lkpp", "lkpp_escalation").attachments] == ["pindaian.png"]
    [file] = border.rows("SELECT audience FROM attachments")
    assert ",lkpp," in file["audience"]


def test_a_form_too_long_for_a_link_keeps_its_words_with_the_links_code(border: PaperWorld) -> None:
    long = " ".join(f"Kalimat ke-{n} tentang galat." for n in range(120))
    back = record(border, re.sub("Tidak bisa.*\n", f"{long}\n", WITHOUT_NAME))
    body = links(back)["#telepon"]
    assert "galat" not in body and "CV Contoh" in body
    assert max(map(len, re.findall(r'href="(mailto:[^"]+)"', back.html))) < 2000
    border.write("petugas", body.replace("a. Nama :", "a. Nama : Budi"), subject="Konsultasi melalui telepon")
    assert border.once()
    assert problem(border) == long
    assert held(border)["name"] == "Budi"


def test_two_completions_at_the_same_time_lose_nothing(border: PaperWorld) -> None:
    """Both go on with the same receipt; neither completes the form by itself."""
    back = record(border, re.sub("Tidak bisa.*\n", "", WITHOUT_PHONE.replace("Budi Santoso", "")))
    border.write("petugas", "a. Nama : Budi Santoso\nB. PERMASALAHAN\nKENARI-SATU", answers=back, headers=PASS)
    border.write("petugas", "HP : 0899-111-222\nB. PERMASALAHAN\nKENARI-DUA", answers=back, headers=PASS)
    assert border.once()
    [form] = forms(border)
    assert (form["name"], form["phone"]) == ("Budi Santoso", "0899-111-222")
    assert problem(border) == "KENARI-SATU\n\nKENARI-DUA"


def test_a_value_that_a_colleague_has_corrected_meanwhile_is_not_overwritten_by_the_old_one(border: PaperWorld) -> None:
    back = record(border, WITHOUT_NAME)
    body = links(back)["#telepon"]
    again = completed(border, "HP : 0899-999-999", back)
    assert "a. Nama belum terisi" in flat(again)
    border.write("petugas", body.replace("a. Nama :", "a. Nama : Budi"), subject="Konsultasi melalui telepon")
    assert border.once()
    assert [(form["name"], form["phone"]) for form in forms(border)] == [("Budi", "0899-999-999")]


def test_of_a_form_that_is_recorded_by_now_a_further_completion_records_nothing_and_comes_back(
    border: PaperWorld,
) -> None:
    back = record(border, WITHOUT_NAME)
    completed(border, "Nama : Budi Santoso", back)
    got = completed(border, "Nama : Budi Santoso\nNPWP : 01.234.567.8-502.000\nc. Alamat : KENARI-ALAMAT 5", back)
    assert len(forms(border)) == 1
    assert "sudah dicatat sebagai tiket LPSE-BTG-2026-000001" in flat(got) and "Sari" in flat(got)
    note = links(got)["#catat"]
    assert "KENARI-ALAMAT" in note
    border.write("petugas", note, subject=got.subject)
    assert border.once()
    assert any("KENARI-ALAMAT" in row["body"] for row in border.rows("SELECT body FROM texts WHERE kind = 'note'"))
    sheet = links(got)["#telepon"]
    assert "KENARI-ALAMAT" in sheet
    border.write("petugas", sheet, subject=got.subject)
    assert border.once()
    assert [form["sheet"] for form in forms(border)] == [1, 2]


def test_the_same_link_twice_gets_the_first_receipt_again(border: PaperWorld) -> None:
    back = record(border, WITHOUT_NAME)
    body = links(back)["#telepon"].replace("a. Nama :", "a. Nama : Budi")
    first = completed(border, body, back, quote=False)
    second = completed(border, f"{body}\n", back, quote=False)
    assert (first.template, second.template) == ("staff_receipt", "staff_receipt")
    assert "Nomor tiket : LPSE-BTG-2026-000001" in flat(second)
    assert len(forms(border)) == 1


def test_a_link_sent_again_with_other_words_is_not_answered_with_the_first_receipt(border: PaperWorld) -> None:
    back = record(border, WITHOUT_NAME)
    body = links(back)["#telepon"].replace("a. Nama :", "a. Nama : Budi")
    completed(border, body, back, quote=False)
    got = completed(border, body.replace("CV Contoh", "CV KENARI"), back, quote=False)
    assert "sudah dicatat sebagai tiket" in flat(got) and "CV KENARI" in got.text
    assert len(forms(border)) == 1


# --- by whom, and with which code ----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["reply", "link"])
def test_a_colleague_may_complete_it(border: PaperWorld, how: str) -> None:
    back = record(border, WITHOUT_NAME)
    text = "Nama : Budi Santoso"
    if how == "link":
        text = links(back)["#telepon"].replace("a. Nama :", "a. Nama : Budi Santoso")
    border.now += timedelta(minutes=20)
    border.write("rekan", text, answers=back if how == "reply" else None, headers=PASS, subject="Konsultasi")
    assert border.once()
    assert border.last("rekan", "staff_receipt").template == "staff_receipt"
    [form] = forms(border)
    assert (form["name"], form["recorder"], form["giver"]) == ("Budi Santoso", PEOPLE["rekan"], "Joko")
    assert form["numbers_minutes"] == 3


@pytest.mark.parametrize("who", ["pengguna", "orang luar", "lkpp", "kepala"])
def test_nobody_else_completes_it(border: PaperWorld, who: str) -> None:
    back = record(border, WITHOUT_NAME)
    code = re.search(r"Kode: [A-Z2-7-]{23}", links(back)["#telepon"])
    assert code is not None
    border.write(who, f"{code[0]}\n\n#telepon\nNama : Budi Santoso", answers=back)
    assert border.once()
    assert forms(border) == []


def test_without_results_one_code_is_asked_for_all_of_it(office: PaperWorld) -> None:
    _one_code(office)


def test_where_every_command_needs_a_code_one_is_asked_for_all_of_it(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, authentication={"without_results": "confirm"})
    _one_code(office)
    office.store.close()


def _one_code(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    office.write("petugas", f"#telepon\n{re.sub('Tidak bisa.*', '', WITHOUT_NAME)}", subject="Telepon")
    assert office.once()
    asked = office.last("petugas", "staff_confirm")
    assert "a. Nama dan B. PERMASALAHAN belum terisi" in flat(asked)
    code = re.search(r"^Kode: [A-Z2-7-]{23}", asked.text, re.MULTILINE)
    assert code is not None
    got = completed(office, code[0], asked, headers=[], quote=False)
    assert got.template == "staff_receipt" and "Formulir untuk dilengkapi" in got.text
    got = completed(office, "Nama : Budi Santoso", got, headers=[])
    assert got.template == "staff_receipt"
    got = completed(office, "B. PERMASALAHAN\nLupa kata sandi.", got, headers=[])
    assert "dicatat" in flat(got)
    assert templates(office.letters("petugas")).count("staff_confirm") == 1
    assert [(form["name"], form["numbers_minutes"]) for form in forms(office)] == [("Budi Santoso", 3)]


def test_where_every_command_needs_a_code_a_colleague_who_has_sent_none_is_asked_for_one(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, authentication={"without_results": "confirm"})
    office.at("2026-12-21 09:00")
    office.write("petugas", f"#telepon\n{WITHOUT_NAME}", subject="Telepon")
    assert office.once()
    code = re.search(r"^Kode: [A-Z2-7-]{23}", office.last("petugas", "staff_confirm").text, re.MULTILINE)
    assert code is not None
    back = completed(office, code[0], office.last("petugas"), headers=[], quote=False)
    assert completed(office, "Nama : Budi", back, who="rekan", headers=[]).template == "staff_confirm"
    assert forms(office) == []
    office.store.close()


# --- the ten minutes -----------------------------------------------------------------------------------------


def measured(office: PaperWorld) -> tuple[Any, Any, list[str]]:
    [form] = forms(office)
    return form["numbers_minutes"], form["archived_minutes"], [row["clock"] for row in _breaches(office)]


def _breaches(office: PaperWorld) -> list[Any]:
    return office.rows("SELECT clock FROM breaches WHERE clock IN ('numbers', 'archiving')")


@pytest.mark.parametrize("text", [FORM, OPEN])
def test_the_ten_minutes_run_to_the_first_mail_and_not_to_the_one_that_completes_it(
    border: PaperWorld, text: str
) -> None:
    back = record(border, text.replace("Budi Santoso", ""))
    got = completed(border, "Nama : Budi Santoso", back)
    archived = text == FORM
    assert measured(border) == ((None, 3, []) if archived else (3, None, []))
    if archived:
        assert "Pengarsipan: 3 menit jam layanan" in flat(got) and "tepat waktu" in flat(got)
        assert "sampai formulirnya pertama kali diterima pada Senin, 21 Desember 2026 pukul 09.00" in flat(got)


def test_a_first_mail_that_came_too_late_is_a_breach_of_its_own_length(border: PaperWorld) -> None:
    border.at("2026-12-21 09:30")
    back = record(border, FORM.replace("Budi Santoso", ""))
    completed(border, "Nama : Budi Santoso", back)
    assert measured(border) == (None, 33, ["archiving"])
    [breach] = border.rows("SELECT minutes FROM breaches WHERE clock = 'archiving'")
    assert breach["minutes"] == 23


def test_a_complete_form_that_waited_for_its_code_is_measured_to_its_own_arrival(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    office.write("petugas", f"#telepon\n{FORM}", subject="Telepon")
    assert office.once()
    asked = office.last("petugas", "staff_confirm")
    code = re.search(r"^Kode: [A-Z2-7-]{23}", asked.text, re.MULTILINE)
    assert code is not None
    completed(office, code[0], asked, headers=[], quote=False)
    assert measured(office) == (None, 3, [])


def test_without_a_time_the_first_mail_says_when_it_was(border: PaperWorld) -> None:
    back = record(border, WITHOUT_NAME.replace("Waktu : 08.50 - 08.57\n", ""))
    completed(border, "Nama : Budi Santoso", back)
    [form] = forms(border)
    assert to_instant(form["began_at"]).astimezone(border.site.zone) == datetime(
        2026, 12, 21, 9, 0, tzinfo=border.site.zone
    )


# --- on a ticket ---------------------------------------------------------------------------------------------


def test_a_further_form_of_a_ticket_is_completed_by_a_reply_too(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    notice = opened(office)
    assert staff_writes(office, "#telepon\nWaktu : 08.50 - 08.57", notice) == "staff_receipt"
    back = office.last("petugas", "staff_receipt")
    assert "B. PERMASALAHAN belum terisi" in flat(back)
    completed(office, "B. PERMASALAHAN\nMasih gagal masuk, KENARI-LAGI.", back, headers=[])
    [form] = forms(office)
    assert (form["numbers_minutes"], form["name"]) == (3, "Budi Santoso")


def test_other_words_in_reply_to_it_are_a_note_of_the_ticket_as_ever(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    notice = opened(office)
    staff_writes(office, "#telepon\nWaktu : 08.50 - 08.57", notice)
    completed(office, "Pengguna akan menelepon lagi.", office.last("petugas", "staff_receipt"), headers=[])
    assert disposition(office)[1] == "staff.note"


def quoted(letter: Letter, how: str) -> str:
    """The receipt as a mail program puts it below a reply."""
    lines = letter.text.replace("\r\n", "\n").rstrip().split("\n")
    marked = "\n".join(f"> {line}" for line in lines)
    if how == "gmail":
        return f"\n\nPada Sen, 21 Des 2026 pukul 09.01 LPSE <{LPSE}> menulis:\n\n{marked}\n"
    if how == "ios":
        return (
            f"\n\nDikirim dari iPhone saya\n\n> Pada 21 Des 2026, pukul 09.01, LPSE <{LPSE}> menulis:\n> \n{marked}\n"
        )
    if how == "outlook":
        head = f"Dari: LPSE <{LPSE}>\nDikirim: Senin, 21 Desember 2026 09:01\nKepada: {letter.message['To']}"
        return f"\n\n________________________________\n{head}\nPerihal: {letter.subject}\n\n" + "\n".join(lines)
    return ""


# --- the time --------------------------------------------------------------------------------------------


def test_a_form_that_comes_back_without_its_time_asks_for_that_too(border: PaperWorld) -> None:
    receipt = flat(record(border, WITHOUT_PHONE.replace("08.50 - 08.57", ""), "#loket"))
    assert "agar nomor tiket dan nomor formulir dapat disampaikan" in receipt
    assert "Sebaiknya tulis juga Waktu (mulai–selesai), misalnya 09.35-09.45" in receipt
    assert "Sebaiknya tulis juga Waktu" not in flat(record(border, WITHOUT_PHONE, "#loket"))


@pytest.mark.parametrize("text", [UNREACHABLE, FORM])
def test_the_time_that_is_told_after_the_form_was_recorded_is_taken_over(border: PaperWorld, text: str) -> None:
    receipt = record(border, text.replace("08.50 - 08.57", ""), "#loket")
    assert [one["precise"] for one in forms(border)] == [0]
    told = completed(border, "Waktu : 08.50-08.57", receipt)
    assert "Waktu konsultasi dicatat, Senin, 21 Desember 2026 pukul 08.50 WIB (7 menit)" in flat(told)
    assert "Perlu penegasan" not in flat(told)
    [form] = forms(border)
    assert (form["precise"], form["estimated"]) == (1, 0)
    assert to_instant(form["ended_at"]) == datetime.fromisoformat("2026-12-21T08:57:00+07:00")
    # What is measured ends where the form came, at nine, and not twenty minutes later.
    assert (form["archived_minutes"] if text is FORM else form["numbers_minutes"]) == 3


def test_words_that_are_no_time_stay_a_note(border: PaperWorld) -> None:
    receipt = record(border, UNREACHABLE.replace("08.50 - 08.57", ""), "#loket")
    assert "Perlu penegasan" in flat(completed(border, "Waktu itu beliau terburu-buru.", receipt))
    assert [one["precise"] for one in forms(border)] == [0]
