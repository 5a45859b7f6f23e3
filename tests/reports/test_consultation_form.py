"""The Formulir Konsultasi of a ticket as a Word file: the paper's parts, what the ticket's data say, and no more."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.clean import clean
from mailbot.cli.main import main
from mailbot.reports import consultation_form
from mailbot.templates import word_form
from mailbot.tickets import tickets
from tests import ROOT, TESTS
from tests.steps import BORDER, minutes_later, results, staff_writes
from tests.world import NO_CAPS, PEOPLE, Letter, PaperWorld

PASS = [results("pass", "batangkab.test")]
FORM = f"""\
Hari/Tanggal Konsultasi : Senin, 21 Desember 2026
Waktu : 08.50 - 08.57
a. Nama : Tono Wibowo
b. Nama Instansi/Perusahaan : PT Maju
c. Alamat : Jl. Mawar 3, Batang
d. Nomor Telepon/HP : 0812-3456-7890
B. PERMASALAHAN
Unggah gagal. Kata sandi saya: Rahasia99
C. JAWABAN/SOLUSI PERMASALAHAN
Gunakan peramban lain.
Pemberi Penjelasan : Sari Dewi
TAMBAHAN (di luar formulir kertas)
Alamat E-mail : {PEOPLE["pengguna"]}
"""


@pytest.fixture
def office(tmp_path: Path) -> PaperWorld:
    world = PaperWorld(tmp_path, authentication={"authserv_id": BORDER}, limits=NO_CAPS)
    world.at("2026-12-21 09:00")
    return world


def words(raw: bytes) -> list[list[str]]:
    """The table's cells that differ, row by row; as Word shows them."""
    [table] = Document(io.BytesIO(raw)).tables
    return [list(dict.fromkeys(cell.text for cell in row.cells)) for row in table.rows]


def around(raw: bytes) -> list[str]:
    """The lines outside the table, and those of the foot."""
    document = Document(io.BytesIO(raw))
    foot = document.sections[0].footer.paragraphs
    return [paragraph.text for paragraph in [*document.paragraphs, *foot] if paragraph.text]


def forms(office: PaperWorld, ticket_id: int = 1) -> list[tuple[str, bytes]]:
    return consultation_form.files(office.store, office.site, tickets.load(office.store, ticket_id), office.now)


def called(office: PaperWorld, text: str = FORM, command: str = "#telepon", **more: Any) -> None:
    office.write("rekan", f"{command}\n{text}", subject="Konsultasi", headers=PASS, **more)
    assert office.once()


def mailed(office: PaperWorld, text: str) -> Letter:
    office.write("petugas", text, subject="Status", headers=PASS)
    assert office.once()
    return office.last("petugas", "staff_receipt")


# --- what stands in it ---------------------------------------------------------------------------------


def test_the_form_of_a_call_is_the_paper_filled_in(office: PaperWorld) -> None:
    called(office)
    [(name, raw)] = forms(office)
    assert name == "formulir-0001-FK-LPSE-BTG-XII-2026.docx"
    assert words(raw) == [
        ["FORM KONSULTASI PENGGUNA SPSE"],
        ["Hari/Tanggal Konsultasi", ": Senin, 21 Desember 2026"],
        ["Waktu", ": 08.50 WIB (7 menit)"],
        ["A.", "IDENTITAS PENGGUNA SPSE"],
        ["", "a. Nama", ": Tono Wibowo"],
        ["", "b. Nama Instansi/Perusahaan", ": PT Maju"],
        ["", "c. Alamat", ": Jl. Mawar 3, Batang"],
        ["", "d. Nomor Telepon/HP", ": 0812-3456-7890"],
        ["B.", "PERMASALAHAN"],
        ["Unggah gagal. Kata sandi saya: [kata sandi disamarkan]"],
        ["C.", "JAWABAN/SOLUSI PERMASALAHAN"],
        ["Gunakan peramban lain."],
    ]
    assert around(raw) == [
        *("LPSE Kabupaten Batang", "Jl. Contoh 1, Batang · Telp. (0285) 000000"),
        *("Nomor Formulir Konsultasi\t: 0001/FK/LPSE-BTG/XII/2026", "Nomor Tiket\t: LPSE-BTG-2026-000001"),
        *("Pemberi Penjelasan", "( Sari Dewi )"),
        f"Melalui telepon · {PEOPLE['pengguna']}",
        "Keadaan per Senin, 21 Desember 2026 pukul 09.00 WIB\tHalaman  dari ",
    ]


def test_a_ticket_that_came_by_mail_has_its_form(office: PaperWorld) -> None:
    text = "Kami tidak bisa login.\n\nNama: Budi Santoso\nInstansi: CV Contoh\nHP: 081234567890\n"
    office.write("pengguna", text, subject="Tidak bisa login")
    assert office.once()
    [(_, raw)] = forms(office)
    empty = words(raw)
    assert empty[11] == [""] and "( …………………………………… )" in around(raw)  # left to be filled in by hand
    staff_writes(office, "#jawab\nSilakan dicoba.\nMenu Lupa Password.", office.last("petugas", "staff_new_ticket"))
    minutes_later(office, 5)
    [(_, raw)] = forms(office)
    told = words(raw)
    assert told[2] == ["Waktu", ": 09.00 WIB"] and told[4] == ["", "a. Nama", ": Budi Santoso"]
    assert told[9][0].startswith("Tidak bisa login\n\nKami tidak bisa login.\n\nNama: Budi Santoso")
    assert told[11] == ["Silakan dicoba.\nMenu Lupa Password."] and "( Sari )" in around(raw)
    assert raw == consultation_form.filled(office.store, office.site, tickets.load(office.store, 1), office.now)


def test_each_sheet_is_a_file_of_its_own(office: PaperWorld) -> None:
    called(office)
    again = FORM.replace("08.50 - 08.57", "08.58").replace("Unggah gagal.", "Masih gagal.")
    called(office, again, answers=office.last("rekan", "staff_receipt"), quote=False)
    first, second = forms(office)
    assert second[0] == "formulir-0001-FK-LPSE-BTG-XII-2026-lembar-2.docx"
    assert words(first[1])[9][0].startswith("Unggah gagal.") and words(second[1])[9][0].startswith("Masih gagal.")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("{{ 7*7 }} {% for x in y %} {{ nib }}", "{{ 7*7 }} {% for x in y %} {{ nib }}"),
        ("{_{ 7*7 }_} {_% raw %_}", "{_{ 7*7 }_} {_% raw %_}"),
        ("<b>tebal</b> & <w:t>x</w:t> &amp; \"kutip\" 'satu'", "<b>tebal</b> & <w:t>x</w:t> &amp; \"kutip\" 'satu'"),
        ("a\x00b\x01c\x0bd\ufffee\ud800f", "abc\nde\ufffdf"),
        ("\u202efdp.exe\u202c", "fdp.exe"),
        ("satu\n\ndua\ttiga", "satu\n\ndua\ttiga"),
        ("", ""),
    ],
)
def test_what_stands_in_a_mail_stays_words(written: str, shown: str) -> None:
    template = (ROOT / "mailbot" / "templates" / "formulir.docx").read_bytes()
    raw = word_form.filled(template, {**word_form.FIELDS, "problem": written, "name": written})
    told = [[cell.replace("\u2060", "") for cell in row] for row in words(raw)]
    assert told[9] == [shown] and told[4][2] == f": {shown}"


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=60))
@settings(max_examples=30, deadline=None)
def test_whatever_stands_in_a_mail_the_form_can_be_read(value: str) -> None:
    template = (ROOT / "mailbot" / "templates" / "formulir.docx").read_bytes()
    raw = word_form.filled(template, {**word_form.FIELDS, "problem": value})
    told = words(raw)
    assert told[9][0].replace("\u2060", "") == clean(value).strip("\n") and told[11] == [word_form.FIELDS["solution"]]


def test_a_very_long_text_is_cut_and_the_form_is_made_at_once(office: PaperWorld) -> None:
    office.write("pengguna", "kata panjang " * 60_000, subject="Panjang")
    assert office.once()
    begun = time.monotonic()
    [(_, raw)] = forms(office)
    assert time.monotonic() - begun < 5
    assert words(raw)[9][0].endswith("\n[dipotong; selengkapnya pada tiket]") and len(raw) < 200_000


def test_the_shipped_template_is_what_its_script_makes() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "formulir.py"), "--check"]
    done = subprocess.run(script, capture_output=True, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_shipped_template_has_every_line_of_the_paper() -> None:
    """tests/fixtures/papers: the copy of the paper, between the form's title and the signature."""
    paper = (TESTS / "fixtures" / "papers" / "telepon.txt").read_text()
    begin, end = paper.index("FORM KONSULTASI PENGGUNA SPSE"), paper.index("Rekap Penanganan")
    there = re.sub(r"<[^>]*>|[|*#:()\s]", "", paper[begin:end])
    template = (ROOT / "mailbot" / "templates" / "formulir.docx").read_bytes()
    raw = word_form.filled(template, dict.fromkeys(word_form.FIELDS, ""))
    ours = re.sub(r"[:()\s…]", "", "".join("".join(row) for row in words(raw)) + "Pemberi Penjelasan")
    assert ours == there and "Pemberi Penjelasan" in around(raw)


def test_the_page_on_configuration_names_every_field() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    listed = page[page.index("\n- `{{ form_number }}`") :].partition("### What one mail")[0]
    assert re.findall(r"`{{ (\w+) }}`", listed) == list(word_form.FIELDS)


# --- by mail -------------------------------------------------------------------------------------------


def test_status_brings_the_form_as_it_stands_then(office: PaperWorld) -> None:
    called(office)
    found = mailed(office, "#status 1")
    [(name, raw)] = found.attachments
    assert name == "formulir-0001-FK-LPSE-BTG-XII-2026.docx" and words(raw)[4] == ["", "a. Nama", ": Tono Wibowo"]
    assert name in found.text
    called(office, FORM.replace("Tono", "Toni"))
    assert mailed(office, "#status 1 2").attachments == []  # a list of several is no file
    assert mailed(office, "#status").attachments == []


# --- a site's own ---------------------------------------------------------------------------------------


def own(folder: Path, *lines: str, header: str = "") -> Path:
    """A Word file with these paragraphs, as a site's templates folder has it."""
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    folder.mkdir(exist_ok=True)
    document.save(str(folder / "formulir.docx"))
    return folder


def with_templates(tmp_path: Path, folder: Path) -> PaperWorld:
    return PaperWorld(tmp_path, authentication={"authserv_id": BORDER}, limits=NO_CAPS, templates=str(folder))


def test_a_site_s_own_file_replaces_ours(tmp_path: Path) -> None:
    folder = own(tmp_path / "t", "Formulir {{ form_number }}", "{% if nib %}NIB {{ nib }}{% endif %}{{ name|upper }}")
    office = with_templates(tmp_path, folder)
    office.at("2026-12-21 09:00")
    called(office)
    [(_, raw)] = forms(office)
    assert around(raw) == ["Formulir 0001/FK/LPSE-BTG/XII/2026", "TONO WIBOWO"]
    assert check(office).exit_code == 0


def check(office: PaperWorld) -> Result:
    return CliRunner().invoke(main, ["-c", str(office.config_file), "check"])


@pytest.mark.parametrize(
    ("lines", "header", "expected"),
    [
        (["{{ nama }}"], "", "unknown field 'nama'; did you mean 'name'?; known fields: form_number, ticket_number,"),
        (["{{ Xyzzy }}"], "", "unknown field 'Xyzzy'; known fields: form_number,"),
        (["{{ name }}"], "{{ kepala }}", "unknown field 'kepala'"),
        (["{{ name"], "", "known fields: form_number"),
        (["{% if name %}", "{% endif %} {% for x in 3 %}{% endfor %}"], "", "not iterable"),
        (["{{ name.first }}"], "", "has no attribute 'first'"),
        (["{{ ''.__class__ }}"], "", "unsafe"),
        (["{{ 1/0 }}"], "", "division by zero"),
    ],
)
def test_a_template_at_fault_is_refused_with_file_and_field(
    tmp_path: Path, lines: list[str], header: str, expected: str
) -> None:
    office = PaperWorld(tmp_path)
    folder = own(tmp_path / "t", *lines, header=header)
    _point_to(office, folder)
    for command in (["check"], ["once"]):
        done = CliRunner().invoke(main, ["-c", str(office.config_file), *command])
        assert done.exit_code == 78
        assert f"{folder / 'formulir.docx'}:1: " in done.stderr and expected in done.stderr


def _point_to(office: PaperWorld, folder: Path) -> None:
    text = office.config_file.read_text()
    office.config_file.write_text(text.replace("  ticket_prefix:", f"  templates: {folder}\n  ticket_prefix:", 1))


def test_what_begins_in_a_table_and_ends_outside_is_refused(tmp_path: Path) -> None:
    office, folder = PaperWorld(tmp_path), own(tmp_path / "t", "")
    document = Document()
    document.add_table(1, 1).cell(0, 0).text = "{% if queue %}Antrian"
    document.add_paragraph("{% endif %}")
    document.save(str(folder / "formulir.docx"))
    _point_to(office, folder)
    assert "an if or for begins in one paragraph or table cell and ends in another" in check(office).stderr


@pytest.mark.parametrize("raw", [b"", b"teks biasa", b"PK\x03\x04rusak", b"\xd0\xcf\x11\xe0" + bytes(600)])
def test_a_file_that_is_no_word_document_is_refused(tmp_path: Path, raw: bytes) -> None:
    office, folder = PaperWorld(tmp_path), tmp_path / "t"
    folder.mkdir()
    (folder / "formulir.docx").write_bytes(raw)
    _point_to(office, folder)
    done = check(office)
    assert done.exit_code == 78
    assert done.stderr.splitlines()[0] == f"{folder / 'formulir.docx'}:1: is no Word document (.docx)"


def test_a_zip_archive_of_something_else_and_a_huge_file_are_refused(tmp_path: Path) -> None:
    office, folder = PaperWorld(tmp_path), tmp_path / "t"
    folder.mkdir()
    with zipfile.ZipFile(folder / "formulir.docx", "w") as archive:
        archive.writestr("isi.txt", "bukan Word")
    _point_to(office, folder)
    assert "formulir.docx:1: is no Word document (.docx)" in check(office).stderr
    (folder / "formulir.docx").write_bytes(bytes(word_form.MOST + 1))
    assert "formulir.docx:1: larger than 1000 kB" in check(office).stderr


def test_a_template_that_fails_on_a_value_costs_nobody_the_answer(tmp_path: Path) -> None:
    """It passes the rehearsal, and not this ticket."""
    folder = own(tmp_path / "t", "{% if name == 'Tono Wibowo' %}{{ 1/0 }}{% endif %}")
    office = with_templates(tmp_path, folder)
    office.at("2026-12-21 09:00")
    called(office)
    found = mailed(office, "#status 1")
    assert found.attachments == [] and "giliran" in found.text
    assert "tidak dapat dibuat dari berkas formulir.docx: division by zero" in " ".join(found.text.split())


# --- on the command line -------------------------------------------------------------------------------


def run(office: PaperWorld, *words: str) -> Result:
    return CliRunner().invoke(main, ["-c", str(office.config_file), "ticket", *words])


def test_the_command_line_writes_each_sheet(office: PaperWorld, tmp_path: Path) -> None:
    called(office)
    out = tmp_path / "f.docx"
    done = run(office, "1", "--form", str(out))
    assert (done.exit_code, done.output) == (0, "")
    assert words(out.read_bytes())[4] == ["", "a. Nama", ": Tono Wibowo"]
    again = FORM.replace("08.50 - 08.57", "08.58").replace("Unggah gagal.", "Masih gagal.")
    called(office, again, answers=office.last("rekan", "staff_receipt"), quote=False)
    done = run(office, "1", "--form", str(out), "--sheet", "2")
    assert done.stderr == "sheet 2 of 2; --sheet N writes another\n"
    assert words(out.read_bytes())[9][0].startswith("Masih gagal.")
    done = run(office, "1", "--form", str(out), "--sheet", "3")
    assert done.exit_code == 2 and "has 2" in done.stderr
    assert run(office, "9", "--form", str(out)).exit_code == 1
