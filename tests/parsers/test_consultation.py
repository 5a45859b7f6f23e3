"""The Formulir Konsultasi as staff fill it in after a call or a visit; days and times as they write them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.parsers.dates import moment
from mailbot.parsers.forms import consultation
from mailbot.parsers.forms.consultation import Consultation, read
from tests.quick import within

ANSWER = "Silakan gunakan menu lupa kata sandi."
FILLED = """\
Hari/Tanggal Konsultasi : Senin, 21 Desember 2026
Waktu : 09.15 - 09.25 WIB
A. IDENTITAS PENGGUNA SPSE
a. Nama : Budi Santoso
b. Nama Instansi/Perusahaan : CV Contoh
c. Alamat : Jl. Mawar 3, Batang
d. Nomor Telepon/HP : 0812-3456-7890
e. Alamat E-mail : Budi@Penyedia.test
B. PERMASALAHAN
Tidak bisa login SPSE.
Waktu kejadian: kemarin sore.

C. JAWABAN/SOLUSI PERMASALAHAN
Silakan gunakan menu lupa kata sandi.

Pemberi Penjelasan
( Sari )
"""
IDENTITY = {
    "name": "Budi Santoso",
    "organisation": "CV Contoh",
    "street": "Jl. Mawar 3, Batang",
    "phone": "0812-3456-7890",
}


def fields(form: Consultation) -> dict[str, str]:
    return {key: field.value for key, field in form.fields.items()}


def test_the_form_of_the_paper_is_read_whole() -> None:
    form = read(FILLED, "formulir telepon")
    assert fields(form) == IDENTITY
    assert {field.source for field in form.fields.values()} == {"formulir telepon"}
    assert (form.date, form.time, form.email, form.giver) == (
        *("Senin, 21 Desember 2026", "09.15 - 09.25 WIB", "budi@penyedia.test", "Sari"),
    )
    assert form.problem == "Tidak bisa login SPSE.\nWaktu kejadian: kemarin sore."
    assert form.solution == "Silakan gunakan menu lupa kata sandi."
    assert (form.pending, form.unread_email, form.queue) == ("", "", "")


def _parts() -> list[str]:
    head, rest = FILLED.split("A. IDENTITAS", 1)
    identity, rest = rest.split("B. PERMASALAHAN", 1)
    problem, rest = rest.split("C. JAWABAN", 1)
    solution, giver = rest.split("Pemberi", 1)
    return [head, f"A. IDENTITAS{identity}", f"B. PERMASALAHAN{problem}", f"C. JAWABAN{solution}", f"Pemberi{giver}"]


@settings(deadline=None, max_examples=60)
@given(st.permutations(range(5)))
def test_the_parts_may_stand_in_any_order(order: list[int]) -> None:
    parts = _parts()
    assert read("".join(parts[number] for number in order), "x") == read(FILLED, "x")


@pytest.mark.parametrize(
    ("changed", "into"),
    [
        (" : ", ": "),
        (" : ", "  "),  # cells of a table that a mail client has laid out
        (" : ", " | "),
        (" : ", "\t:\t"),
        (" : ", " :\n"),  # the value on the next line
        ("A. IDENTITAS PENGGUNA SPSE\n", ""),
        ("B. PERMASALAHAN\n", "B. PERMASALAHN\n"),
        ("B. PERMASALAHAN\n", "Permasalahan:\n"),
        ("B. PERMASALAHAN\n", "B. PERMASALAHAN : "),
        ("C. JAWABAN/SOLUSI PERMASALAHAN\n", "JAWABAN / SOLUSI :\n"),
        ("C. JAWABAN/SOLUSI PERMASALAHAN\n", "c) Solusi\n"),
        ("Pemberi Penjelasan\n(", "Pemberi Penjelasan : ("),
        ("\n", "\r\n"),
        ("a. ", "> a. "),
        ("Hari/Tanggal Konsultasi", "*Hari / Tanggal Konsultasi*"),
    ],
)
def test_it_is_read_as_people_fill_it_in(changed: str, into: str) -> None:
    assert changed in FILLED
    assert read(FILLED.replace(changed, into), "x") == read(FILLED, "x")


ROWS = [line.partition(" : ") for line in FILLED.splitlines() if line]


def _cells(label: str, value: str) -> list[str]:
    """As a table has them: the letter, the label, a colon, the value, each in its cell."""
    letter, dot, name = label.partition(". ")
    return [*([f"{letter}.", name] if dot and len(letter) == 1 else [label]), *([":", value] if value else [])]


TABLES = {
    "pipes": "\n".join(f"| {label} | : | {value} |" if value else f"| {label} |" for label, _, value in ROWS),
    "pipes, numbering apart": "\n".join(f"| {' | '.join(_cells(label, value))} |" for label, _, value in ROWS),
    "pipes, the colon with the value": "\n".join(
        f"| {label} | : {value} |" if value else f"| {label} | |" for label, _, value in ROWS
    ),
    "Markdown": "| FORM KONSULTASI | |\n|---|---|\n"
    + "\n".join(f"| **{label}** | {value} |" if value else f"| {label} |  |" for label, _, value in ROWS),
    "with rules": "+------+\n" + "\n+---+--+\n".join(f"| {label} | {value} |" for label, _, value in ROWS),
    "one cell a line": "\n".join("\n".join(_cells(label, value)) for label, _, value in ROWS),
    "one cell a line, blank lines between": "\n\n".join("\n\n".join(_cells(label, value)) for label, _, value in ROWS),
    "one cell a line, the colon with the value": "\n".join(
        f"{label}\n: {value}" if value else label for label, _, value in ROWS
    ),
    "one cell a line, without colons": "\n".join(f"{label}\n{value}" if value else label for label, _, value in ROWS),
}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_read_as_the_form_that_it_is(table: str) -> None:
    form, whole = read(TABLES[table], "x"), read(FILLED, "x")
    assert fields(form) == IDENTITY
    assert (form.date, form.time, form.email, form.giver) == (whole.date, whole.time, whole.email, whole.giver)
    assert form.solution == whole.solution
    assert form.problem.replace("\n\n", "\n").replace("|", "") == whole.problem


@pytest.mark.parametrize(
    "empty",
    [
        "| a. | Nama | : | |\n| b. | Nama Instansi/Perusahaan | : | CV X |",
        "a. Nama\n:\nb. Nama Instansi/Perusahaan\n:\nCV X",
    ],
)
def test_an_empty_cell_takes_nothing_from_the_next_row(empty: str) -> None:
    assert fields(read(f"{empty}\nB. PERMASALAHAN\nGagal.", "x")) == {"organisation": "CV X"}


def test_a_table_that_was_pasted_into_the_problem_stays_as_it_is() -> None:
    pasted = "| kode | nilai |\n| 500 | gagal |\na.\nlangkah satu\n: titik dua"
    assert read(f"a. Nama : Budi\nB. PERMASALAHAN\n{pasted}\nC. JAWABAN/SOLUSI PERMASALAHAN\n", "x").problem == pasted


def test_a_solution_that_the_user_tried_is_no_answer() -> None:
    """A wrong answer would close the ticket: where the paper's heading stands, only it begins part C."""
    form = read(
        "Nama: Budi\nB. PERMASALAHAN\nGagal.\nSolusi: sudah restart\nC. JAWABAN/SOLUSI PERMASALAHAN\n....\n", "x"
    )
    assert (form.problem, form.solution) == ("Gagal.\nSolusi: sudah restart", "")


def test_without_the_papers_headings_everyday_ones_will_do() -> None:
    form = read("Nama: Budi\nKendala: login gagal\nSolusi: reset kata sandi", "x")
    assert (form.problem, form.solution) == ("login gagal", "reset kata sandi")


@pytest.mark.parametrize(
    "broken", ["PERMASALAHAN\n(kosongkan bila belum terjawab)", "PERMASALAHAN (kosongkan bila\nbelum terjawab)"]
)
def test_our_own_hint_is_no_answer_where_a_mail_program_has_broken_its_line(broken: str) -> None:
    """Else an empty part C would close the ticket."""
    for filled in (FILLED, FILLED.replace(ANSWER, "")):
        form = consultation.blank(read(filled, "x"))
        wrapped = form.replace("SOLUSI PERMASALAHAN", f"SOLUSI {broken}")  # as earlier versions sent it
        assert wrapped != form
        assert read(wrapped, "x") == read(filled, "x")


@pytest.mark.parametrize("empty", ["", "-", "......", "( )", "belum ada", "____"])
def test_part_c_without_words_is_empty(empty: str) -> None:
    form = read(FILLED.replace("Silakan gunakan menu lupa kata sandi.", empty), "x")
    assert (form.solution, form.pending) == ("", "")


@pytest.mark.parametrize(
    "words",
    [
        *("Belum dapat dijawab, akan kami tanyakan ke LKPP.", "akan dicek oleh Admin PPE", "Menunggu jawaban LKPP"),
        *("Tidak dapat diselesaikan di LPSE", "tdk bisa kami jawab", "- Masih dipelajari", "Perlu dieskalasi"),
    ],
)
def test_part_c_that_promises_an_answer_is_none(words: str) -> None:
    form = read(FILLED.replace("Silakan gunakan menu lupa kata sandi.", words), "x")
    assert (form.solution, form.pending) == ("", words)


@pytest.mark.parametrize(
    ("written", "email", "unread"),
    [
        ("", "", ""),
        ("-", "", ""),
        ("tidak ada", "", ""),
        ("<budi@penyedia.test>", "budi@penyedia.test", ""),
        ("budi@penyedia", "", "budi@penyedia"),
        ("a@penyedia.test, b@penyedia.test", "", "a@penyedia.test, b@penyedia.test"),
    ],
)
def test_the_address_is_one_or_none_or_said_to_be_unreadable(written: str, email: str, unread: str) -> None:
    form = read(FILLED.replace("Budi@Penyedia.test", written), "x")
    assert (form.email, form.unread_email) == (email, unread)


def test_what_stands_below_the_giver_is_nobodys_identity() -> None:
    """The officer's own signature: his telephone must not become the user's."""
    form = read(FILLED.replace("0812-3456-7890", "") + "\nHP: 0899-000-111\nNama: Sari\n", "x")
    assert fields(form) == {key: value for key, value in IDENTITY.items() if key != "phone"}


def test_free_words_of_the_problem_are_no_identity() -> None:
    form = read("B. PERMASALAHAN\nnama saya Joko dari PT Lain, hp 081111111111\nKontak: 0812", "x")
    assert form.fields == {}


def test_the_empty_form_says_nothing_and_keeps_what_was_filled_in() -> None:
    assert read(consultation.blank(), "x") == Consultation(no_email=True)
    assert read(consultation.blank(giver="Sari", at_counter=True), "x") == Consultation(giver="Sari", no_email=True)
    form = replace(read(FILLED, "x"), queue="7")
    assert read(consultation.blank(form, at_counter=True), "x") == form
    wrong = replace(form, email="", unread_email="budi@penyedia", solution="", pending="belum terjawab")
    assert read(consultation.blank(wrong, at_counter=True), "x") == wrong


PAPER = [
    *(
        "FORM KONSULTASI PENGGUNA SPSE",
        "Hari/Tanggal Konsultasi :",
        "Waktu :",
        "A. IDENTITAS PENGGUNA SPSE",
        "a. Nama :",
    ),
    *("b. Nama Instansi/Perusahaan :", "c. Alamat :", "d. Nomor Telepon/HP :", "B. PERMASALAHAN"),
    *("C. JAWABAN/SOLUSI PERMASALAHAN", "Pemberi Penjelasan"),
]


@pytest.mark.parametrize("at_counter", [False, True])
def test_the_empty_form_is_the_papers_and_what_mailbot_adds_stands_below(at_counter: bool) -> None:
    written = [line for line in consultation.blank(at_counter=at_counter).splitlines() if line]
    assert written[: len(PAPER)] == PAPER
    assert written[len(PAPER)] == f"( {'.' * 22} )"
    added = ["TAMBAHAN (di luar formulir kertas)", "Alamat E-mail :", *(["Nomor Antrian :"] if at_counter else [])]
    assert written[len(PAPER) + 1 :] == added


def test_a_signature_below_the_form_is_not_the_users() -> None:
    """What mailbot adds stands below the giver's name: the officer's own address must not become the user's."""
    empty = consultation.blank(giver="Sari")
    assert read(f"{empty}\n-- \nSari\nE-mail: sari@batangkab.test\n", "x") == Consultation(giver="Sari", no_email=True)
    filled = empty.replace("Alamat E-mail :", "Alamat E-mail : budi@penyedia.test")
    assert read(f"{filled}\nE-mail: sari@batangkab.test\nHP: 0812", "x").email == "budi@penyedia.test"


OLD_BLANK = """\
Hari/Tanggal Konsultasi : Senin, 21 Desember 2026
Waktu : 09.15
Nomor Antrian (bila ada) : 7

A. IDENTITAS PENGGUNA SPSE
a. Nama : Budi
b. Nama Instansi/Perusahaan :
c. Alamat :
d. Nomor Telepon/HP : 0812-3456-7890
e. Alamat E-mail (bila ada) : budi@penyedia.test

B. PERMASALAHAN
Gagal.

C. JAWABAN/SOLUSI PERMASALAHAN (kosongkan bila belum terjawab)


Pemberi Penjelasan : Sari
"""


def test_the_form_as_earlier_versions_sent_it_is_read() -> None:
    form = read(OLD_BLANK, "x")
    assert fields(form) == {"name": "Budi", "phone": "0812-3456-7890"}
    assert (form.queue, form.email, form.problem, form.solution) == ("7", "budi@penyedia.test", "Gagal.", "")
    assert form.giver == "Sari"


@settings(deadline=None)
@given(st.text(alphabet="abcABC .:|\n\t-_()/@12DHPermasalahanJwbWktu", max_size=400))
def test_any_text_gives_an_answer(text: str) -> None:
    form = read(text, "x")
    assert not form.email or form.email.count("@") == 1
    assert "\n" not in form.date + form.time + form.queue + form.giver + form.unread_email


@pytest.mark.parametrize(
    "line", ["a. Nama : x\n", "B. PERMASALAHAN\n", "|" * 4000 + "\n", "Permasalahan " * 300 + "\n"]
)
def test_it_is_read_in_linear_time(line: str) -> None:
    with within(4):
        read(line * 20_000, "x")


@pytest.mark.parametrize(
    ("problem", "subject"),
    [
        ("Tidak bisa login. Sudah dicoba.", "Tidak bisa login"),
        ("\n- Gagal unggah penawaran\nbatas akhir besok", "Gagal unggah penawaran"),
        ("kata " * 40, ("kata " * 15).strip() + "…"),
    ],
)
def test_the_subject_is_the_first_sentence_of_the_problem(problem: str, subject: str) -> None:
    assert consultation.subject_of(problem) == subject


TODAY = date(2026, 12, 21)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Senin, 21 Desember 2026", date(2026, 12, 21)),
        ("21/12/2026", date(2026, 12, 21)),
        ("1-12-26", date(2026, 12, 1)),
        ("2026-12-03", date(2026, 12, 3)),
        ("21 Des", date(2026, 12, 21)),
        ("Jum'at 18 Des. 2026", date(2026, 12, 18)),
        ("hari ini", TODAY),
        ("kemarin", date(2026, 12, 20)),
        ("Senin", None),
        ("31 Februari 2026", None),
        ("21/13/2026", None),
        ("", None),
    ],
)
def test_days_are_read(text: str, day: date | None) -> None:
    assert moment.read_day(text, TODAY) == day


def test_a_day_without_a_year_far_ahead_was_last_years() -> None:
    assert moment.read_day("31 Desember", date(2027, 1, 4)) == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("09.15", (time(9, 15), None)),
        ("pukul 9 WIB", (time(9), None)),
        ("09:15 - 09:30 WIB", (time(9, 15), time(9, 30))),
        ("09.15 s.d. 09.30", (time(9, 15), time(9, 30))),
        ("jam 2 siang", (time(14), None)),
        ("09.30 - 09.15", (time(9, 30), None)),
        ("25.00", None),
        ("pagi", None),
    ],
)
def test_times_are_read(text: str, times: tuple[time, time | None] | None) -> None:
    assert moment.read_times(text) == times


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("", (TODAY, TODAY)),
        ("Desember 2026", (date(2026, 12, 1), date(2026, 12, 31))),
        ("12/2026", (date(2026, 12, 1), date(2026, 12, 31))),
        ("2026-02", (date(2026, 2, 1), date(2026, 2, 28))),
        ("november", (date(2026, 11, 1), date(2026, 11, 30))),
        ("bulan ini", (date(2026, 12, 1), date(2026, 12, 31))),
        ("3/12/2026", (date(2026, 12, 3), date(2026, 12, 3))),
        ("bulan lalu", (date(2026, 11, 1), date(2026, 11, 30))),
        ("Nov.", (date(2026, 11, 1), date(2026, 11, 30))),
        ("3", None),
        ("3.", None),
        ("mei 12", None),  # a day of the month, or a year
        ("minggu depan", None),
    ],
)
def test_periods_are_read(text: str, period: tuple[date, date] | None) -> None:
    assert moment.read_span(text, TODAY) == period


@settings(deadline=None)
@given(st.text(max_size=100))
def test_any_text_is_a_day_or_none(text: str) -> None:
    moment.read_day(text, TODAY)
    moment.read_times(text)
    moment.read_span(text, TODAY)


# --- an e-mail line without the heading "TAMBAHAN" --------------------------------------------------------

_ANSWERED = "a. Nama : Ani\nB. PERMASALAHAN\nGagal login.\nC. JAWABAN/SOLUSI PERMASALAHAN\n"


@pytest.mark.parametrize(
    "below",
    [
        "Kata sandi telah direset.\nAlamat E-mail : ani@contoh.id\nPemberi Penjelasan : Sari",
        "Kata sandi telah direset.\n\nE-mail: ani@contoh.id\n",
        "Kata sandi telah direset.\n\nEmail : ani@contoh.id\n\nPemberi Penjelasan\n( Sari )",
    ],
)
def test_an_e_mail_line_right_below_part_c_is_the_contact_line(below: str) -> None:
    found = consultation.read(_ANSWERED + below, "formulir")
    assert (found.email, found.solution) == ("ani@contoh.id", "Kata sandi telah direset.")


@pytest.mark.parametrize(
    ("below", "solution", "email"),
    [
        # words of the answer: something follows, or the line says more than an address
        ("Kirim surat kuasa.\nE-mail: lpse@contoh.id\nlalu tunggu.", "E-mail: lpse@contoh.id\nlalu tunggu.", ""),
        ("Hubungi kami.\nE-mail: lpse@contoh.id atau loket", "E-mail: lpse@contoh.id atau loket", ""),
        # the form has its own line
        (
            "Hubungi kami.\nE-mail: lpse@contoh.id\nPemberi Penjelasan : Sari\n"
            "TAMBAHAN (di luar formulir kertas)\nAlamat E-mail : ani@contoh.id",
            "E-mail: lpse@contoh.id",
            "ani@contoh.id",
        ),
    ],
)
def test_an_e_mail_that_the_answer_names_stays_in_it(below: str, solution: str, email: str) -> None:
    found = consultation.read(_ANSWERED + below, "formulir")
    assert found.solution.endswith(solution)
    assert found.email == email
