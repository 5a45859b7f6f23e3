"""`#telepon` and `#loket`: from the filled Formulir Konsultasi to a ticket, and the guest book."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from email.message import EmailMessage

import pytest
from openpyxl import load_workbook

from tests.steps import clocks, disposition, flat, links, minutes_later, number, opened, results, staff_writes
from tests.world import LPSE, PEOPLE, Letter, PaperWorld

PASS = [results("pass", "batangkab.test")]
ANSWER = "Silakan gunakan menu lupa kata sandi."
FORM = f"""\
Hari/Tanggal Konsultasi : Senin, 21 Desember 2026
Waktu : 08.50 - 08.57
A. IDENTITAS PENGGUNA SPSE
a. Nama : Budi Santoso
b. Nama Instansi/Perusahaan : CV Contoh
c. Alamat : Jl. Mawar 3, Batang
d. Nomor Telepon/HP : 0812-3456-7890
e. Alamat E-mail : {PEOPLE["pengguna"]}
B. PERMASALAHAN
Tidak bisa login SPSE sejak kemarin. Sudah mencoba peramban lain.
C. JAWABAN/SOLUSI PERMASALAHAN
{ANSWER}
Pemberi Penjelasan : Joko
"""
OPEN = FORM.replace(ANSWER, "")
UNREACHABLE = OPEN.replace(PEOPLE["pengguna"], "-")


@pytest.fixture
def border(border: PaperWorld) -> PaperWorld:
    """The same, at nine; no token is needed."""
    border.at("2026-12-21 09:00")
    return border


def record(office: PaperWorld, text: str, command: str = "#telepon", who: str = "petugas", **more: object) -> Letter:
    """A new mail of staff; the receipt that comes back."""
    office.write(who, f"{command}\n{text}", subject="Telepon Pak Budi (galak)", headers=PASS, **more)  # type: ignore[arg-type]
    assert office.once()
    return office.last(who, "staff_receipt")


def filled_in(form: str) -> str:
    """The empty form with the least that it needs."""
    for label, value in (("a. Nama :", " Budi"), ("HP :", " 0812-3456-7890"), ("B. PERMASALAHAN", "\nLupa kata sandi")):
        form = form.replace(label, label + value)
    return form


def ticket(office: PaperWorld) -> dict[str, object]:
    return dict(office.rows("SELECT * FROM tickets ORDER BY id DESC LIMIT 1")[0])


def held(office: PaperWorld) -> dict[str, object]:
    return dict(office.rows("SELECT * FROM consultations ORDER BY ticket_id DESC LIMIT 1")[0])


def to_user(office: PaperWorld) -> list[str]:
    return [letter.template for letter in office.new_letters("pengguna")]


# --- part C filled in ------------------------------------------------------------------------------------


def test_an_answered_call_is_a_closed_ticket_with_both_numbers(border: PaperWorld) -> None:
    receipt = flat(record(border, FORM).text)
    assert "Nomor tiket : LPSE-BTG-2026-000001" in receipt
    assert "Nomor Formulir Konsultasi : 0001/FK/LPSE-BTG/XII/2026" in receipt
    assert "dijawab dan diarsipkan" in receipt
    found = ticket(border)
    assert (found["status"], found["channel"], found["user_name"]) == ("closed", "telepon", "Budi Santoso")
    assert found["first_response_at"] is not None and found["handler"] == PEOPLE["petugas"]
    assert clocks(border) == []
    [answer] = border.rows("SELECT * FROM texts WHERE kind = 'answer'")
    assert (answer["body"], answer["address"]) == (ANSWER, PEOPLE["petugas"])
    assert (held(border)["giver"], held(border)["day"]) == ("Joko", "2026-12-21")


def test_its_user_gets_the_answer_in_the_closing_mail_after_the_undo_window(border: PaperWorld) -> None:
    record(border, FORM)
    assert to_user(border) == []
    minutes_later(border, 3)
    [letter] = border.new_letters("pengguna")
    text = flat(letter.text)
    assert letter.template == "user_closed"
    assert "melalui telepon pada Senin, 21 Desember 2026 pukul 08.50 WIB" in text
    assert ANSWER in text and "0001/FK/LPSE-BTG/XII/2026" in text and "Survei" in text


def test_a_colleagues_words_about_the_caller_reach_nobody(border: PaperWorld) -> None:
    """The subject of the staff's own mail is theirs; the ticket's comes out of part B."""
    record(border, OPEN)
    [letter] = border.new_letters("pengguna")
    assert "galak" not in letter.subject + letter.text
    assert letter.subject == "[LPSE-BTG-2026-000001] Tidak bisa login SPSE sejak kemarin"


def test_its_user_may_reopen_it(border: PaperWorld) -> None:
    record(border, FORM)
    minutes_later(border, 3)
    border.write("pengguna", "Masih gagal masuk.", answers=border.last("pengguna"))
    assert border.once()
    assert border.status("LPSE-BTG-2026-000001") == "in_progress"


def test_taken_back_it_waits_for_its_answer_and_the_user_gets_nothing(border: PaperWorld) -> None:
    receipt = record(border, FORM)
    border.write("petugas", links(receipt)["#batal"], subject=receipt.subject)
    minutes_later(border, 5)
    assert to_user(border) == []
    assert (border.status(), clocks(border)) == ("in_progress", ["handling"])


def test_an_answer_that_already_went_to_the_user_is_not_sent_again(border: PaperWorld) -> None:
    record(border, FORM, cc=PEOPLE["pengguna"])
    minutes_later(border, 3)
    assert ANSWER not in border.last("pengguna", "user_closed").text


# --- part C empty ----------------------------------------------------------------------------------------


def test_an_unanswered_call_is_handled_and_its_user_is_asked_to_write(border: PaperWorld) -> None:
    receipt = record(border, OPEN)
    assert (border.status(), clocks(border)) == ("in_progress", ["handling"])
    letter = border.last("pengguna", "user_consultation")
    text = flat(letter.text)
    assert "Nomor tiket : LPSE-BTG-2026-000001" in text and "0001/FK/LPSE-BTG/XII/2026" in text
    assert "Sudah mencoba peramban lain." in text and "membalas e-mail ini" in text
    assert {"#jawab", "#minta-data", "#eskalasi"} <= set(links(receipt))
    border.write("pengguna", "Berikut tangkapan layarnya.", answers=letter)
    assert border.once()
    assert disposition(border)[1] == "pengguna-menulis"
    assert len(border.rows("SELECT 1 FROM tickets")) == 1


def test_a_part_c_that_promises_an_answer_closes_nothing(border: PaperWorld) -> None:
    receipt = record(border, FORM.replace(ANSWER, "Belum terjawab, akan kami tanyakan kepada LKPP."))
    assert border.status() == "in_progress"
    assert "dibaca sebagai “belum terjawab”" in flat(receipt.text)
    [note] = border.rows("SELECT audience FROM texts WHERE kind = 'note'")
    assert ",user," not in note["audience"]
    assert "LKPP" not in border.last("pengguna", "user_consultation").text


def test_it_is_escalated_with_what_the_user_said(border: PaperWorld) -> None:
    receipt = record(border, UNREACHABLE, files=[("layar.png", b"\x89PNG layar")])
    border.write("petugas", "#eskalasi Login gagal.", answers=receipt)
    assert border.once()
    letter = border.last("lkpp", "lkpp_escalation")
    text = flat(letter.text)
    assert "Permasalahan yang disampaikan melalui telepon" in text and "Sudah mencoba peramban lain." in text
    assert "Permasalahan diterima dari pengguna melalui telepon" in text
    assert "E-mail / Telepon : – / 0812-3456-7890" in text
    assert "layar.png" in text


def test_files_stay_with_staff(border: PaperWorld) -> None:
    """A scan of the paper may show other visitors."""
    receipt = record(border, FORM, files=[("pindaian.pdf", b"%PDF buku tamu")])
    assert "Lampiran disimpan pada tiket untuk petugas" in flat(receipt.text)
    minutes_later(border, 3)
    letter = border.last("pengguna", "user_closed")
    assert "pindaian" not in letter.text and not list(letter.message.iter_attachments())
    [kept] = border.rows("SELECT audience FROM attachments")
    assert ",user," not in kept["audience"] and ",staff," in kept["audience"]


def test_a_password_that_the_user_has_told_is_masked(border: PaperWorld) -> None:
    record(border, OPEN.replace("Sudah mencoba peramban lain.", "password: Rahasia123"))
    assert "Rahasia123" not in border.last("pengguna", "user_consultation").text
    assert border.rows("SELECT 1 FROM texts WHERE body LIKE '%Rahasia123%'") == []


# --- what is measured ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "column", "minutes", "word"),
    [
        (OPEN, "numbers_minutes", 3, "tepat waktu"),
        (UNREACHABLE, "numbers_minutes", 3, "tepat waktu"),
        (OPEN.replace("08.50 - 08.57", "08.45"), "numbers_minutes", 15, "penyimpangan"),
        (FORM, "archived_minutes", 3, "tepat waktu"),
        (FORM.replace("08.50 - 08.57", "08.10 - 08.40"), "archived_minutes", 20, "penyimpangan"),
    ],
)
def test_the_ten_minutes_are_measured_and_kept(
    border: PaperWorld, text: str, column: str, minutes: int, word: str
) -> None:
    record(border, text)
    assert held(border)[column] == minutes
    notes = " ".join(str(row["note"]) for row in border.rows("SELECT note FROM history"))
    assert f"{minutes} menit jam layanan" in notes and word in notes
    border.write("petugas", "#status", subject=f"[{number(border)}]", headers=PASS)
    assert border.once()
    shown = flat(border.last("petugas", "staff_receipt").text)
    assert "pemberi penjelasan: Joko" in shown and f"dalam {minutes} menit" in shown


def test_without_a_time_nothing_is_measured_and_staff_are_told(border: PaperWorld) -> None:
    receipt = record(border, OPEN.replace("08.50 - 08.57", ""))
    assert "pukul 09.00 WIB (perkiraan), dan waktu pelayanan tidak diukur" in flat(receipt.text)
    assert (held(border)["numbers_minutes"], held(border)["precise"], held(border)["estimated"]) == (None, 0, 1)
    assert "Senin, 21 Desember 2026 pukul 09.00 WIB (perkiraan)" in flat(border.last("pengguna").text)


def test_of_another_day_without_a_time_the_day_is_all_that_is_known(border: PaperWorld) -> None:
    text = OPEN.replace("Senin, 21", "Jumat, 18").replace("08.50 - 08.57", "")
    assert "hanya harinya yang dicatat" in flat(record(border, text).text)
    told = flat(border.last("pengguna").text).partition("Permasalahan Bapak/Ibu")[0]
    assert "Jumat, 18 Desember 2026" in told and "pukul" not in told


def test_a_time_from_and_to_is_told_with_its_length(border: PaperWorld) -> None:
    assert "pukul 08.50 WIB (7 menit)" in flat(record(border, OPEN).text)
    assert "pukul 08.50 WIB (7 menit)" in flat(border.last("pengguna").text)


# --- a user without an e-mail address --------------------------------------------------------------------


def test_without_an_address_staff_are_told_to_give_the_numbers(border: PaperWorld) -> None:
    receipt = flat(record(border, UNREACHABLE).text)
    assert "mohon sampaikan nomor tiket dan nomor formulir di bawah ini" in receipt
    assert "Telepon pengguna : 0812-3456-7890" in receipt
    assert border.rows("SELECT 1 FROM outbox WHERE party = 'user' OR recipient = ''") == []
    assert border.rows("SELECT 1 FROM parties WHERE address = ''") == []


def test_an_answer_is_told_by_telephone_and_only_staff_close(border: PaperWorld) -> None:
    receipt = record(border, UNREACHABLE)
    border.write("petugas", f"#jawab {ANSWER}", answers=receipt)
    assert border.once()
    assert "sampaikan melalui telepon 0812-3456-7890" in flat(border.last("petugas", "staff_receipt").text)
    assert border.status() == "resolved"
    border.at("2026-12-30 09:00")
    assert border.once()
    assert border.status() == "resolved"
    reminder = flat(border.last("petugas", "staff_reminder").text)
    assert "tidak memiliki alamat e-mail; telepon 0812-3456-7890" in reminder
    border.write("petugas", "#tutup", answers=border.last("petugas", "staff_reminder"))
    assert border.once()
    assert border.status() == "closed"
    assert border.rows("SELECT 1 FROM outbox WHERE party = 'user'") == []


def test_news_that_no_mail_brings_are_staffs_to_tell_each_time(border: PaperWorld) -> None:
    """LKPP is silent: with the first enquiry, and each week from then on, staff are told to call him."""
    receipt = record(border, UNREACHABLE)
    border.write("petugas", "#eskalasi Login gagal.", answers=receipt)
    assert border.once()
    told = []
    for day in range(22, 32):
        border.at(f"2026-12-{day} 09:30")
        assert border.once()
        new = [flat(each.text) for each in border.new_letters("petugas") if each.template == "staff_reminder"]
        told += [day for text in new if "“Perkembangan penanganan” tidak dikirim" in text and "0812-3456-7890" in text]
    assert told == [23, 30]
    assert border.rows("SELECT 1 FROM outbox WHERE party = 'user'") == []


def test_what_lkpp_asks_of_the_user_is_told_to_staff(border: PaperWorld) -> None:
    receipt = record(border, UNREACHABLE)
    border.write("petugas", "#eskalasi Login gagal.", answers=receipt)
    assert border.once()
    lkpp = [results("pass", "lkpp.test")]
    asked = "Mohon dilengkapi screenshot dan kode tender."
    border.write("lkpp", asked, answers=border.last("lkpp", "lkpp_escalation"), headers=lkpp)
    assert border.once()
    assert border.status() == "awaiting_data"
    notice = flat(border.last("petugas", "staff_lkpp_reply").text)
    assert "screenshot dan kode tender" in notice and "sampaikan melalui telepon 0812-3456-7890" in notice
    border.at("2026-12-31 09:00")
    assert border.once()
    assert border.rows("SELECT 1 FROM outbox WHERE party = 'user'") == []


def test_an_unreachable_user_is_not_taken_for_a_reader_of_the_mail(border: PaperWorld) -> None:
    """An empty address is nobody's: not in To, not silenced for ever."""
    receipt = record(border, UNREACHABLE)
    border.write("petugas", "#buang", answers=receipt, to=f"{LPSE}, kosong:;")
    assert border.once()
    assert border.status() == "closed"
    assert border.rows("SELECT 1 FROM silences") == []


# --- what is refused, and how it goes on -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a. Nama dan B. PERMASALAHAN belum terisi"),
        (OPEN.replace("Budi Santoso", ""), "a. Nama belum terisi"),
        (re.sub("Tidak bisa.*\n", "", OPEN), "B. PERMASALAHAN belum terisi"),
        (OPEN.replace(PEOPLE["pengguna"], "budi@penyedia"), "“budi@penyedia” tidak terbaca"),
        (OPEN.replace(PEOPLE["pengguna"], LPSE), "alamat LPSE atau LKPP sendiri"),
        (OPEN.replace(PEOPLE["pengguna"], PEOPLE["rekan"]), "alamat LPSE atau LKPP sendiri"),
        (OPEN.replace(PEOPLE["pengguna"], PEOPLE["lkpp"]), "alamat LPSE atau LKPP sendiri"),
        (OPEN.replace("08.50 - 08.57", "13.00"), "melewati waktu e-mail ini"),
        (OPEN.replace("08.50 - 08.57", "09.05"), "melewati waktu e-mail ini"),
        (OPEN.replace("08.50 - 08.57", "08.50 - 09.30"), "melewati waktu e-mail ini"),
        (UNREACHABLE.replace("0812-3456-7890", ""), "d. Nomor Telepon/HP atau alamat e-mail harus terisi"),
        (OPEN.replace("21 Desember", "22 Desember").replace("Waktu : 08.50 - 08.57", ""), "melewati waktu e-mail ini"),
    ],
)
def test_what_cannot_be_recorded_comes_back_with_the_form(border: PaperWorld, text: str, why: str) -> None:
    receipt = record(border, text)
    assert why in flat(receipt.text) and "Tidak ada yang dijalankan" in flat(receipt.text)
    assert "Formulir untuk dilengkapi" in receipt.text
    assert border.rows("SELECT 1 FROM tickets") == []
    body = links(receipt)["#telepon"]
    assert "B. PERMASALAHAN" in body and "Pemberi Penjelasan" in body


def test_the_form_that_comes_back_keeps_what_was_filled_in(border: PaperWorld) -> None:
    receipt = record(border, OPEN.replace("Budi Santoso", ""))
    body = links(receipt)["#telepon"]
    assert "Sudah mencoba peramban lain." in body and "CV Contoh" in body
    border.write("petugas", body.replace("a. Nama :", "a. Nama : Budi"), subject="Konsultasi melalui telepon")
    assert border.once()  # the link's code is the token: this mail has no results
    assert border.status() == "in_progress"


def test_it_stands_alone(border: PaperWorld) -> None:
    assert "ditulis sendiri" in flat(record(border, FORM, "#bantuan\n#telepon").text)
    assert border.rows("SELECT 1 FROM tickets") == []


@pytest.mark.parametrize("who", ["kepala", "operator"])
def test_only_staff_and_coordinator_record(border: PaperWorld, who: str) -> None:
    border.once()  # the alarms of a first round
    assert "tidak tersedia untuk peran Anda" in flat(record(border, FORM, who=who).text)
    assert border.rows("SELECT 1 FROM tickets") == []


def test_without_results_a_code_is_asked_for_and_carries_it_out(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    office.write("petugas", f"#telepon\n{FORM}", subject="Telepon")
    assert office.once()
    asked = office.last("petugas", "staff_confirm")
    assert office.rows("SELECT 1 FROM tickets") == []
    code = re.search(r"Kode: [A-Z2-7-]{23}", asked.text)
    assert code is not None
    office.write("petugas", code[0], answers=asked)
    assert office.once()
    assert office.status() == "closed"


def test_an_incomplete_form_without_results_waits_for_the_code_and_its_writer_is_told_what_is_missing(
    office: PaperWorld,
) -> None:
    office.write("petugas", f"#telepon\n{OPEN.replace('Budi Santoso', '')}", subject="Telepon")
    assert office.once()
    assert disposition(office)[0] == "quarantined"
    assert "a. Nama belum terisi" in flat(office.last("petugas", "staff_confirm").text)


def test_the_links_below_the_help_open_both_forms_and_work_once(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    opened(office)
    assert staff_writes(office, "#bantuan") == "staff_receipt"
    body = links(office.last("petugas", "staff_receipt"))["#loket"]
    assert "Nomor Antrian" in body
    filled = filled_in(body)
    for _ in range(2):
        office.write("petugas", filled, subject="Konsultasi di loket")
        assert office.once()
    assert [row["channel"] for row in office.rows("SELECT channel FROM tickets ORDER BY id")] == ["email", "loket"]
    first, second = [one for one in office.letters("petugas") if "Nomor antrian" in one.text]
    assert flat(first.text).split("Status sekarang")[0] == flat(second.text).split("Status sekarang")[0]


def test_the_link_of_one_form_is_not_good_for_the_other(office: PaperWorld) -> None:
    opened(office)
    assert staff_writes(office, "#bantuan") == "staff_receipt"
    body = links(office.last("petugas", "staff_receipt"))["#loket"].replace("#loket", "#telepon")
    filled = filled_in(body)
    office.write("petugas", filled, subject="x")
    assert office.once()
    assert "berlaku untuk perintah atau tiket lain" in flat(office.last("petugas", "staff_receipt").text)
    assert len(office.rows("SELECT 1 FROM tickets")) == 1


# --- as mail programs send it ------------------------------------------------------------------------------


def test_a_form_in_an_html_table_is_read(border: PaperWorld) -> None:
    rows = "".join(
        f"<tr><td>{label}</td><td>:</td><td>{value}</td></tr>"
        for label, _, value in (line.partition(" : ") for line in FORM.splitlines() if " : " in line)
    )
    html = (
        f"<p>#telepon</p><table>{rows}<tr><td colspan=3>B. PERMASALAHAN</td></tr><tr><td colspan=3>Lupa sandi</td></tr>"
        f"<tr><td colspan=3>C. JAWABAN/SOLUSI PERMASALAHAN</td></tr><tr><td colspan=3>{ANSWER}</td></tr></table>"
    )
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = PEOPLE["petugas"], LPSE, "Telepon"
    message["Message-ID"] = "<meja@batangkab.test>"
    message["Authentication-Results"] = PASS[0][1]
    message.set_content(html, subtype="html")
    border.drop(bytes(message))
    assert border.once()
    assert (border.status(), ticket(border)["subject"]) == ("closed", "Lupa sandi")
    assert {row["name"]: row["value"] for row in border.rows("SELECT name, value FROM fields")} == {
        "name": "Budi Santoso",
        "organisation": "CV Contoh",
        "street": "Jl. Mawar 3, Batang",
        "phone": "0812-3456-7890",
    }


# --- the counter -------------------------------------------------------------------------------------------


def test_visitors_get_numbers_day_by_day_unless_they_have_one(border: PaperWorld) -> None:
    for text in (OPEN, OPEN, OPEN.replace("Waktu", "Nomor Antrian : A-12\nWaktu"), OPEN):
        record(border, text, "#loket")
    border.at("2026-12-22 09:00")
    receipt = record(border, OPEN.replace("Senin, 21", "Selasa, 22"), "#loket")
    found = [(row["day"][-2:], row["queue"]) for row in border.rows("SELECT day, queue FROM consultations")]
    assert found == [("21", "1"), ("21", "2"), ("21", "A-12"), ("21", "3"), ("22", "1")]
    assert "Nomor antrian : 1" in flat(receipt.text)


def test_the_guest_book_shows_a_day_or_a_month(border: PaperWorld) -> None:
    record(border, FORM, "#loket")
    record(border, OPEN, "#telepon")
    border.at("2026-12-22 09:00")
    record(border, UNREACHABLE.replace("Senin, 21", "Selasa, 22").replace("Budi Santoso", "Ani"), "#loket")

    def book(words: str, who: str = "petugas") -> str:
        return flat(record(border, "", f"#bukutamu {words}", who).text)

    today = book("")
    assert "1 tamu pada Selasa, 22 Desember 2026" in today and "Ani (CV Contoh)" in today and "Budi" not in today
    month = book("Desember 2026", "kepala")
    assert "2 tamu pada bulan Desember 2026" in month and "LPSE-BTG-2026-000001" in month
    assert "LPSE-BTG-2026-000002" not in month  # a call is no visit
    assert "Belum ada tamu" in book("1/12/2026")
    assert "memerlukan tanggal atau bulan" in book("kapan saja")
    assert "29 Februari” tidak ada pada kalender" in book("29 Februari")  # not in this year


def test_the_operator_does_not_read_the_guest_book(border: PaperWorld) -> None:
    record(border, FORM, "#loket")
    assert "Budi" not in record(border, "", "#bukutamu", "operator").text


def test_the_guest_book_of_a_month_is_a_sheet_to_sign_and_a_csv_file(border: PaperWorld) -> None:
    record(border, FORM, "#loket")
    border.at("2026-12-22 09:00")
    found = record(border, "", "#bukutamu Desember 2026")
    assert "Siap dicetak dan ditandatangani: bukutamu-LPSE-BTG-2026-12.xlsx" in flat(found.text)
    (sheet_name, raw), (csv_name, table) = found.attachments
    assert (sheet_name, csv_name) == ("bukutamu-LPSE-BTG-2026-12.xlsx", "bukutamu-LPSE-BTG-2026-12.csv")
    [page] = load_workbook(io.BytesIO(raw)).worksheets
    cells = [[cell for cell in row] for row in page.iter_rows(values_only=True)]
    headings, line = cells[4], cells[5]
    assert cells[0][0] == "Buku Tamu Loket Pelayanan" and cells[2][2] == ": Desember 2026"
    assert headings == [
        *("No", "Tanggal", "Waktu", "No Antrian", "Nama", "Instansi/Perusahaan", "Alamat", "Telepon dan E-mail"),
        *("Keperluan/Permasalahan", "Nomor Formulir Konsultasi", "Dilayani oleh"),
    ]
    assert line[:2] == [1, datetime(2026, 12, 21)] and line[4:6] == ["Budi Santoso", "CV Contoh"]
    assert line[9] == "0001/FK/LPSE-BTG/XII/2026"
    assert page.page_setup.orientation == "landscape" and page.print_title_rows == "$5:$5"
    assert "Sari" in str(page.cell(page.max_row, 9).value)
    lines = list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert lines[0] == headings and lines[1][4:6] == line[4:6] and len(lines) == 2


def test_a_month_without_visits_is_a_sheet_that_says_so(border: PaperWorld) -> None:
    [(name, raw)] = record(border, "", "#bukutamu November 2026").attachments
    [page] = load_workbook(io.BytesIO(raw)).worksheets
    assert name == "bukutamu-LPSE-BTG-2026-11.xlsx"
    assert page["A6"].value == "NIHIL: tidak ada tamu yang dicatat pada November 2026."


@pytest.mark.parametrize("words", ["", "21 Desember 2026", "Januari 2027", "29 Februari"])
def test_a_day_and_a_month_to_come_have_no_file(border: PaperWorld, words: str) -> None:
    assert record(border, "", f"#bukutamu {words}").attachments == []
