"""The identity fields of the Formulir Konsultasi out of a mail's text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.form import VALUE_LENGTH, read_form

FILLED = """\
A. IDENTITAS PENGGUNA SPSE
   a. Nama                        : Budi Santoso
   b. Nama Instansi/Perusahaan    : CV Maju Jaya
   c. Alamat                      : Jl. Melati No. 1: Blok B
   d. Nomor Telepon/HP            : 0812-0000-0000
B. PERMASALAHAN
   User ID (tanpa password)       : majujaya
   Kode tender/paket (bila ada)   : 12345678
   Uraian, waktu kejadian, pesan kesalahan : tidak bisa masuk
"""
FIELDS = {
    "name": "Budi Santoso",
    "organisation": "CV Maju Jaya",
    "street": "Jl. Melati No. 1: Blok B",
    "phone": "0812-0000-0000",
    "user_id": "majujaya",
    "tender_code": "12345678",
}


@pytest.mark.parametrize("prefix", ["", "> ", "> > ", "\t"])
def test_a_filled_in_form_is_read_also_in_a_quote(prefix: str) -> None:
    assert read_form("".join(prefix + line for line in FILLED.splitlines(keepends=True))) == FIELDS


LINES = [
    ("Nama: Budi", {"name": "Budi"}),
    ("nama lengkap :  Budi   Santoso ", {"name": "Budi Santoso"}),
    ("*Nama*: *Budi*", {"name": "Budi"}),
    ("1) Nama : Budi", {"name": "Budi"}),
    ("• Nama Perusahaan : PT Abadi", {"organisation": "PT Abadi"}),
    ("Instansi / Perusahaan: Dinas Kesehatan", {"organisation": "Dinas Kesehatan"}),
    ("No. HP : 0812", {"phone": "0812"}),
    ("No HP/WA: 0812", {"phone": "0812"}),
    ("Telp. : (0285) 1", {"phone": "(0285) 1"}),
    ("Nomor Telepon: 021", {"phone": "021"}),
    ("NPWP : 01.234.567.8-901.000", {"npwp": "01.234.567.8-901.000"}),
    ("No. NPWP: 01", {"npwp": "01"}),
    ("NIB: 9120", {"nib": "9120"}),
    ("Nomor Induk Berusaha (NIB): 9120", {"nib": "9120"}),
    ("Kode Lelang: 77", {"tender_code": "77"}),
    ("USER ID : majujaya", {"user_id": "majujaya"}),
    ("Alamat e-mail: a@b.id", {}),
    ("Nama paket: Jalan", {}),
    ("Nama :", {}),
    ("Nama : ........", {}),
    ("Nama : ____", {}),
    ("Nama : -", {}),
    ("Nama saya Budi", {}),
    ("Norma: x", {}),
    ("Nama: Budi\nNama: Siti", {"name": "Budi"}),
    ("Nama:\nNama: Siti", {"name": "Siti"}),
    ("Nama: Bu\x1b[31mdi\x00\u202e", {"name": "Bu [31mdi"}),
]


@pytest.mark.parametrize(("line", "fields"), LINES)
def test_fields_stand_on_lines_with_a_label(line: str, fields: dict[str, str]) -> None:
    assert read_form(line) == fields


def test_a_value_is_cut_at_its_limit() -> None:
    assert len(read_form("Nama: " + "x" * 10_000)["name"]) == VALUE_LENGTH


@given(st.text() | st.builds(lambda value: f"Nama: {value}", st.text()))
def test_values_are_one_clean_line(text: str) -> None:
    for value in read_form(text).values():
        assert 0 < len(value) <= VALUE_LENGTH
        assert value.splitlines() == [value] and value.isprintable()


@pytest.mark.parametrize("unit", ["nama : x\n", "(", "no ", ":", " ", "> ", "Nama (", "a/ ", "\n"])
def test_a_megabyte_of_anything_takes_linear_time(unit: str) -> None:
    start = time.process_time()
    read_form(unit * (1_000_000 // len(unit)))
    assert time.process_time() - start < 5
