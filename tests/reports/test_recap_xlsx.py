"""The rekap as an office prints and signs it: read back cell by cell, with its settings for the printer."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from mailbot.clean import clean
from mailbot.cli.main import main
from mailbot.reports import recap, recap_xlsx, sheet
from mailbot.reports.listing import words_of_site
from tests import terminals
from tests.steps import BORDER, minutes_later, results, staff_writes
from tests.world import NO_CAPS, PEOPLE, PaperWorld, environment

PASS = [results("pass", "batangkab.test")]
NOW = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
HEADINGS = [
    *("No", "Tgl", "Alamat E-mail", "Nama", "Isi Pesan", "Kategori", "Tujuan", "Tgl Jawaban", "Isi Jawaban"),
    "Petugas",
]
FORM = """\
Hari/Tanggal Konsultasi : Selasa, 3 November 2026
Waktu : 08.50
a. Nama : Ani
d. Nomor Telepon/HP : 0899-111-222
B. PERMASALAHAN
Unggah gagal.
C. JAWABAN/SOLUSI PERMASALAHAN
Gunakan peramban lain.
Pemberi Penjelasan : Sari
"""


@pytest.fixture
def office(tmp_path: Path) -> PaperWorld:
    """November: a mail that is answered on the 2nd, a call on the 3rd."""
    world = PaperWorld(tmp_path, authentication={"authserv_id": BORDER}, limits=NO_CAPS)
    world.at("2026-11-02 09:00")
    text = "Kami tidak bisa login.\nNama: Budi Santoso\nInstansi: CV Contoh\nHP: 081234567890\n"
    world.write("pengguna", text, subject="Tidak bisa login")
    world.once()
    notice = world.last("petugas", "staff_new_ticket")
    world.at("2026-11-02 09:20")
    staff_writes(world, "#jawab\nSilakan dicoba.\nMenu Lupa Password.", notice)
    minutes_later(world, 5)
    world.at("2026-11-03 09:00")
    world.write("rekan", f"#telepon\n{FORM}", subject="Telepon", headers=PASS)
    world.once()
    return world


def asked(office: PaperWorld, first: date = date(2026, 11, 1), **changes: Any) -> recap.Asked:
    site = office.site
    return replace(recap.Asked(site.config, words_of_site(site), site.zone, first), **changes)


def read(raw: bytes) -> Workbook:
    return load_workbook(io.BytesIO(raw), rich_text=False)


def printed(office: PaperWorld, first: date = date(2026, 11, 1), officer: str = "", **changes: Any) -> Workbook:
    return read(recap_xlsx.workbook(office.store, asked(office, first, **changes), NOW, officer=officer))


def rows_of(page: Worksheet) -> list[list[Any]]:
    """The cells below the headings, as far as the table goes."""
    found: list[Any] = [list(row) for row in page.iter_rows(values_only=True)]
    begin = found.index(HEADINGS) + 1
    return [row for row in found[begin:] if isinstance(row[0], int)]


def made(*rows: list[str], **changes: Any) -> Worksheet:
    """A page with these rows of the rekap, otherwise a month's."""
    columns = [sheet.Column(name, 10.0) for name in ("a", "b")]
    page = sheet.Page("Satu", "Judul", (), columns, list(rows), "NIHIL", **changes)
    return only(read(sheet.workbook([page], title="Judul", organisation="LPSE", at=NOW, state="Keadaan")))


def only(book: Workbook) -> Worksheet:
    [page] = book.worksheets
    return page


# --- what stands in it ---------------------------------------------------------------------------------


def test_each_channel_has_its_paper_with_its_own_numbers(office: PaperWorld) -> None:
    book = printed(office)
    assert book.sheetnames == ["Telepon", "E-mail"]
    assert [page["A1"].value for page in book.worksheets] == [
        "Rekap Penanganan Permasalahan Melalui Telepon",
        "Rekap Penanganan Permasalahan Melalui E-mail",
    ]
    for page in book.worksheets:
        assert [page["A2"].value, page["C2"].value] == ["Instansi", ": LPSE Kabupaten Batang"]
        assert [page["A3"].value, page["C3"].value] == ["Bulan", ": November 2026"]
        assert [cell.value for cell in page[5]] == list(range(1, 11))
        assert [cell.value for cell in page[6]] == HEADINGS


def test_a_line_is_the_rekap_s_cell_by_cell(office: PaperWorld) -> None:
    book = printed(office)
    assert rows_of(book["E-mail"]) == [
        [
            1,
            datetime(2026, 11, 2),
            PEOPLE["pengguna"],
            "Budi Santoso (CV Contoh)",
            "[LPSE-BTG-2026-000001] Tidak bisa login\nKami tidak bisa login.\nNama: Budi Santoso\nInstansi: CV Contoh\n"
            "HP: 081234567890",
            "Konsultasi",
            None,
            datetime(2026, 11, 2),
            "Silakan dicoba.\nMenu Lupa Password.",
            "Sari",
        ]
    ]
    [call] = rows_of(book["Telepon"])
    assert call[:4] == [1, datetime(2026, 11, 3), None, "Ani"]
    assert call[7:] == [datetime(2026, 11, 3), "Gunakan peramban lain.", "Joko"]
    assert {book["E-mail"].cell(7, column).number_format for column in (2, 8)} == {"dd/mm/yyyy"}


def test_one_channel_is_one_paper(office: PaperWorld) -> None:
    page = only(printed(office, channel="telepon"))
    assert page.title == "Telepon" and len(rows_of(page)) == 1


def test_the_paper_s_key_stands_below_with_the_words_of_the_channel(office: PaperWorld) -> None:
    book = printed(office)
    key = str(book["Telepon"].cell(book["Telepon"].max_row, 1).value).split("\n")
    assert key == [
        *("Keterangan :", "1 = No Urut Pencatatan", "2 = Tanggal Telepon", "3 = Alamat Email"),
        "4 = Nama Pengirim sebutkan juga instansinya (kalau ada)",
        *("5 = Isi Telepon", "6 = Pengaduan, Pertanyaan atau Konsultasi", "7 = Sebutkan Direktorat Tujuan"),
        *("8 = Tgl Penerimaan Form Jawaban", "9 = Isi Jawaban", "10 = Nama Penginput Rekap Telepon"),
    ]
    assert "2 = Tanggal E-mail" in str(book["E-mail"].cell(book["E-mail"].max_row, 1).value)


def test_head_and_officer_sign_with_room_for_the_nip(office: PaperWorld) -> None:
    page = printed(office, officer="Sari Dewi")["E-mail"]
    head, officer = (str(page.cell(page.max_row, column).value) for column in (5, 9))
    assert re.fullmatch(r"Mengetahui,\nKepala Unit Pengelolaan LPSE\n+Jamal\nNIP\. …+", head)
    assert re.fullmatch(r"…+, 1 Desember 2026\nPetugas\n+Sari Dewi\nNIP\. …+", officer)
    assert re.search(r"\n\(…+\)\n", str(printed(office)["E-mail"].cell(page.max_row, 9).value))  # two who might have


def test_a_title_of_many_words_leaves_room_for_the_name_below_it() -> None:
    heights = []
    for title in ("Kepala Unit", "Kepala Bagian Pengadaan Barang/Jasa Sekretariat Daerah " * 3):
        signer = sheet.Signer("Mengetahui,", title, "Jamal")
        page = made(["a", "b"], signers=((0, 1, signer),))
        heights.append(page.row_dimensions[page.max_row].height)
    assert heights[1] >= heights[0] + 3 * 11.25


def test_without_personal_data_nobody_is_named(office: PaperWorld) -> None:
    raw = recap_xlsx.workbook(office.store, asked(office, anonymous=True), NOW, officer="Sari Dewi")
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        told = " ".join(parts.read(name).decode() for name in parts.namelist())
    for word in ("Budi", "Ani", "Contoh", "budi@", "0812", "login", "Silakan", "Sari", "Joko", "Jamal"):
        assert word not in told
    page = read(raw)["E-mail"]
    assert page["A1"].value == "Rekap Penanganan Permasalahan Melalui E-mail (tanpa data pribadi)"
    assert rows_of(page)[0][2:4] == ["–", "–"]


def test_a_month_without_tickets_says_so_and_can_be_signed(office: PaperWorld) -> None:
    page = only(printed(office, date(2026, 10, 1)))
    assert page["A7"].value == "NIHIL: tidak ada permasalahan yang dicatat pada Oktober 2026."
    assert "Mengetahui," in str(page.cell(page.max_row, 5).value)
    assert only(printed(office, date(2026, 10, 1), channel="loket")).title == "Loket"


# --- how it is printed ---------------------------------------------------------------------------------


def test_it_is_printed_on_a4_lying_down_one_page_wide_with_its_head_on_each(office: PaperWorld) -> None:
    for page in printed(office).worksheets:
        setup, properties, foot = page.page_setup, page.sheet_properties.pageSetUpPr, page.oddFooter
        assert properties is not None and foot is not None and foot.left is not None and foot.right is not None
        assert (setup.orientation, setup.paperSize) == ("landscape", 9)
        assert properties.fitToPage and (setup.fitToWidth or 1, setup.fitToHeight) == (1, 0)
        assert page.print_title_rows == "$5:$6" and page.freeze_panes == "A7"
        assert page.print_area == f"'{page.title}'!$A$1:$J${page.max_row}"
        assert page.auto_filter.ref == f"A6:J{6 + len(rows_of(page))}"
        assert page.print_options.horizontalCentered
        assert foot.left.text == "LPSE Kabupaten Batang · Keadaan per Selasa, 1 Desember 2026 pukul 08.00 WIB"
        assert foot.right.text == "Halaman &P dari &N"


def test_each_cell_of_the_table_has_its_border_and_wraps(office: PaperWorld) -> None:
    page = printed(office)["E-mail"]
    for row in page["A5:J7"]:
        for cell in row:
            sides = (cell.border.left, cell.border.right, cell.border.top, cell.border.bottom)
            assert {side.style for side in sides} == {"thin"} and cell.alignment.wrap_text, cell.coordinate


def test_a_row_is_as_high_as_its_words_need() -> None:
    page = made(["satu", "dua"], ["satu\ndua\ntiga", ""], ["kata " * 40, ""])
    one, three, many = (page.row_dimensions[number].height for number in (4, 5, 6))
    assert one < three < many and three == pytest.approx(one + 2 * 11.25)
    assert made(["x\n" * 5000, ""]).row_dimensions[4].height <= 409  # what Excel can show


def test_an_ampersand_in_the_office_s_name_is_no_code_of_the_footer() -> None:
    page = sheet.Page("Satu", "Judul", (), [sheet.Column("a", 10.0)] * 2, [], "NIHIL")
    raw = sheet.workbook([page], title="Judul", organisation="7 A&B &P", at=NOW, state="Keadaan")
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        xml = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    [foot] = xml.iter("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}oddFooter")
    assert foot.text == "&L&8 7 A&&B &&P · Keadaan&R&8Halaman &P dari &N"


# --- what stands in mails ------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["=1+1", "+62812", "-2", "@SUM(A1)", "  =1", "|calc", "＝1+1", '=HYPERLINK("x")'])
def test_no_cell_is_a_formula_nor_becomes_one_when_it_is_edited(value: str) -> None:
    cell = made([value, "b"])["A4"]
    assert (cell.data_type, cell.value) == ("s", value)
    assert cell.quotePrefix and cell.hyperlink is None


def test_addresses_and_numbers_stay_words() -> None:
    page = made(["https://x.test/?a=1", "0812"], ["mailto:a@b.test", "1e5"])
    assert [cell.data_type for row in page["A4:B5"] for cell in row] == ["s"] * 4
    assert [cell.hyperlink for row in page["A4:B5"] for cell in row] == [None] * 4


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\x00b\x01c\x08d\x1fe\x7ff", "abcdef"),
        ("\ufffe\uffffx", "x"),
        ("\ud800y", "\ufffdy"),
        ("_x0041_ <b>&amp;</b>", "_x0041_ <b>&amp;</b>"),
        ("\u202efdp.exe\u202c \u200fakhir", "fdp.exe akhir"),
        ("😀 中文 عربي", "😀 中文 عربي"),
        ("baris\r\ndua\u2028tiga", "baris\ndua\ntiga"),
    ],
)
def test_no_character_makes_the_file_unreadable_or_hides_words(value: str, shown: str) -> None:
    page = made([value, "akhir"])
    assert _plain(page["A4"].value) == shown and page["B4"].value == "akhir"


def _plain(value: object) -> str:
    """As Excel reads it: openpyxl leaves the underscore's escape of ECMA-376 part 1, 22.4.2.4 as it is."""
    return str(value).replace("_x005F_", "_")


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=60))
@settings(max_examples=60, deadline=None)
def test_whatever_stands_in_a_mail_the_file_can_be_read(value: str) -> None:
    page = made([value, "akhir"])
    assert page["B4"].value == "akhir"
    assert _plain(page["A4"].value or "") == _plain(clean(value).strip("\n"))


@pytest.mark.parametrize(
    "value", ["kata " * 20_000, "x" * 40_000, "a\n" * 40_000, "e" + "\u0301" * 40_000, "😀" * 20_000]
)
def test_a_text_that_is_longer_than_a_row_can_show_is_cut_with_a_remark(value: str) -> None:
    found = str(made([value, "akhir"])["A4"].value)
    assert found.endswith("\n[dipotong; selengkapnya pada tiket]")
    begun = found.removesuffix("\n[dipotong; selengkapnya pada tiket]")
    assert len(begun) > 20 and value.startswith(begun)


def test_a_text_of_a_few_lines_is_whole() -> None:
    text = "\n\n".join(["Saya tidak bisa login."] * 4)
    assert made([text, ""])["A4"].value == text


def test_the_same_values_make_the_same_bytes(office: PaperWorld) -> None:
    found = recap.recap(office.store, asked(office), NOW)
    assert recap_xlsx.of(found, asked(office), NOW) == recap_xlsx.workbook(office.store, asked(office), NOW)


# --- on the command line -------------------------------------------------------------------------------


def run(office: PaperWorld, *words: str) -> Result:
    return CliRunner().invoke(main, ["-c", str(office.config_file), "rekap", "--month", "2026-11", *words])


def test_the_command_line_writes_the_file_whole(office: PaperWorld, tmp_path: Path) -> None:
    out = tmp_path / "rekap.xlsx"
    out.write_text("yang lama")
    done = run(office, "--format", "xlsx", "--output", str(out))
    assert (done.exit_code, done.output) == (0, "")
    assert read(out.read_bytes()).sheetnames == ["Telepon", "E-mail"]
    assert out.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob(".rekap*"))
    piped = run(office, "--format", "xlsx")
    assert read(piped.stdout_bytes).sheetnames == ["Telepon", "E-mail"]


def test_a_terminal_is_not_given_what_is_no_text(office: PaperWorld) -> None:
    command = [sys.executable, "-m", "mailbot", "-c", str(office.config_file), "rekap", "--month", "2026-11"]
    told = terminals.shown([*command, "--format", "xlsx"], environment(), ends=2)
    assert 'name a file with "--output FILE"' in told and "PK" not in told


def test_csv_goes_into_a_file_too(office: PaperWorld, tmp_path: Path) -> None:
    assert run(office, "--format", "csv", "-o", str(tmp_path / "a.csv")).exit_code == 0
    assert (tmp_path / "a.csv").read_bytes() == run(office, "--format", "csv").stdout_bytes


def test_no_file_is_left_half_written(office: PaperWorld, tmp_path: Path) -> None:
    nowhere = tmp_path / "tidak ada" / "rekap.xlsx"
    done = run(office, "--format", "xlsx", "--output", str(nowhere))
    assert done.exit_code == 74
    assert done.stderr.strip() == f"mailbot: {nowhere}: No such file or directory"
    full = Path("/dev/full")
    done = run(office, "--format", "xlsx", "--output", str(full))
    assert (done.exit_code, full.is_char_device()) == (74, True)


@pytest.mark.parametrize("words", [["--output", "x.json"], ["--format", "table", "--output", "x"]])
def test_what_is_for_reading_goes_into_no_file(office: PaperWorld, words: list[str]) -> None:
    done = run(office, *words)
    assert done.exit_code == 2 and "--output is for --format xlsx and --format csv" in done.stderr
