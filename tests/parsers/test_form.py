"""The identity fields of the Formulir Konsultasi out of a mail's text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import problems as bench
from mailbot.parsers.forms import form
from mailbot.parsers.forms.form import (
    FORM,
    FREE,
    QUOTED,
    VALUE_LENGTH,
    Field,
    believed,
    read_form,
    read_own,
    sender_name,
    with_quoted,
)
from tests.quick import within

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


def values(own: str, **parts: str | bool) -> dict[str, str]:
    """Field → value, wherever it was read."""
    return {key: field.value for key, field in read_form(own, **parts).items()}  # type: ignore[arg-type]


@pytest.mark.parametrize("prefix", ["", "> ", "> > ", "\t"])
def test_a_filled_in_form_is_read_also_in_a_quote(prefix: str) -> None:
    filled = "".join(prefix + line for line in FILLED.splitlines(keepends=True))
    assert values(filled) == FIELDS
    assert values("Berikut.", quoted=filled, ours=True) == FIELDS


def test_each_field_says_where_it_was_read() -> None:
    found = read_form("Nama: Budi\nkode tender 12345678", quoted="Formulir Konsultasi\n> b. Instansi : CV X", ours=True)
    assert {key: field.source for key, field in found.items()} == {
        "name": FORM, "organisation": QUOTED, "tender_code": FREE,
    }  # fmt: skip


def test_a_form_s_line_beats_free_text() -> None:
    assert values("Saya Budi Santoso dari CV Maju.\nNama: Siti\nPerusahaan: PT Abadi")["name"] == "Siti"


def test_the_labelled_forms_are_read_and_nothing_else_is() -> None:
    scores = bench.forms()
    assert scores["found"].of >= 100
    for score in scores.values():
        assert score.right >= 0.97 * score.of, score.faults


def test_what_staff_and_lkpp_say_in_a_quote_of_ours_is_not_the_user_s() -> None:
    quoted = "> Silakan hubungi:\n> Nama : Sari\n> HP : 0811\n> Nama Penyedia : PT Lain\n> NPWP : 02.222.333.4-555.000"
    assert values("Masih gagal.", quoted=quoted, ours=True) == {}
    assert values("Masih gagal.", quoted=quoted.partition("\n> Nama Pen")[0]) == {}


@pytest.mark.parametrize(
    ("name", "address", "value"),
    [("Budi Santoso", "budi@x.id", "Budi Santoso"), ("budi@x.id", "budi@x.id", None), ("budi", "budi@x.id", None),
     ("", "budi@x.id", None), ("123", "budi@x.id", None)],
)  # fmt: skip
def test_a_sender_s_name_counts_where_it_is_one(name: str, address: str, value: str | None) -> None:
    found = sender_name(name, address)
    assert (found.value if found else None) == value


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
    ("Nama saya Budi", {"name": "Budi"}),
    ("Namanya belum muncul", {}),
    ("Norma: x", {}),
    ("Nama: Budi\nNama: Siti", {"name": "Budi"}),
    ("Nama:\nNama: Siti", {"name": "Siti"}),
    ("Nama: Bu\x1b[31mdi\x00\u202e", {"name": "Bu [31mdi"}),
]


@pytest.mark.parametrize(("line", "fields"), LINES)
def test_fields_stand_on_lines_with_a_label(line: str, fields: dict[str, str]) -> None:
    assert values(line) == fields


def test_a_value_is_cut_at_its_limit() -> None:
    assert len(read_form("Nama: " + "x" * 10_000)["name"].value) == VALUE_LENGTH


@given(st.text() | st.builds(lambda value: f"Nama: {value}", st.text()))
def test_values_are_one_clean_line(text: str) -> None:
    for value in values(text, signature=text, quoted=text).values():
        assert 0 < len(value) <= VALUE_LENGTH
        assert value.splitlines() == [value] and value.isprintable()


@pytest.mark.parametrize(
    "unit",
    ["nama : x\n", "(", "no ", ":", " ", "> ", "Nama (", "a/ ", "\n", "saya Budi ", "CV Maju ", "nama\nx\n", "Nama:\n",
     "hp ", "0812 ", "user id ", "kode tender ", "a:b:", "Dinas ", "a  b\n", "nm : x\n", "Formulir Konsultasi\n",
     "nama/" * 9, ": :"],
)  # fmt: skip
def test_a_megabyte_of_anything_takes_less_than_two_seconds(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    with within(2):
        read_form(text, signature=text, quoted=text)


@given(
    st.sampled_from([*form._BY_LABEL, "kami", "sore"]),
    st.sampled_from(["", "a. ", "No. ", "[", "alamat dan ", "xyz "]),
    st.sampled_from(["", "nya", " (sesuai akta)", ".", ",", " / hp", " xyz", "*", "\t"]),
)
def test_a_label_is_known_whatever_stands_around_its_last_word(label: str, before: str, behind: str) -> None:
    for written in (before + label + behind, (before + label + behind).upper()):
        assert form._named(written) == form._keys(form._folded(written), try_misspelt=False)


# --- found by another process ------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from([
    "Nama: Budi\n", "Perusahaan : CV Contoh\n", "HP 0812-3456-7890\n", "Kode tender: 12345678\n", "User ID: budi7\n",
    "Saya Budi dari CV Contoh, telepon 0812 3456 7890.\n", "Alamat:\n", "Jl. Merdeka 1\n", "\u2028",
    "| NPWP | 01.2 |\n",
])).map("".join), st.text(max_size=50))  # fmt: skip
def test_all_that_is_found_is_believed_of_another_process(own: str, signature: str) -> None:
    found = read_own(own, signature)
    assert list(believed(found.items()).items()) == list(found.items())
    assert read_form(own, signature=signature, quoted=own, ours=False) == with_quoted(found, own, ours=False)


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("ticket", Field("1", FORM)),
        ("name", Field("Budi\nBcc: x", FORM)),
        ("name", Field("\x1b[2J", FREE)),
        ("name", Field("", FORM)),
        ("name", Field("x" * (VALUE_LENGTH + 1), FORM)),
        ("name", Field("Budi", QUOTED)),
        ("name", Field("Budi", "staf")),
    ],
)
def test_what_cannot_be_found_is_not_believed(key: str, field: Field) -> None:
    assert believed([(key, field), ("phone", Field("0812", FREE))]) == {"phone": Field("0812", FREE)}
