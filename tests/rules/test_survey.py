"""Which marks an answer to the survey gives to which element."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.rules import survey
from tests.quick import within

LINES = """Kemudahan prosedur         : {}
Kecepatan penyelesaian     : {}
Kejelasan jawaban          : {}
Kesopanan dan keramahan    : {}
Saran                      : {}
"""


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        (LINES.format(4, 3, 2, 1, "lebih cepat"), "4 3 2 1"),
        (LINES.format("4 ", " 4", "4", "4", ""), "4 4 4 4"),
        (LINES.format(4, 3, "", 1, ""), "4 3 - 1"),
        (LINES.format(4, 3, 5, 1, ""), "4 3 - 1"),
        (LINES.format(4, 3, "3/4", 1, ""), "4 3 - 1"),
        (LINES.format(4, 4, 4, 3, "tambah 2 petugas, buka jam 7"), "4 4 4 3"),
        (LINES.format("empat", "tiga", "sangat baik", "kurang baik", "-"), "4 3 4 2"),
        (LINES.format("empat (4)", "3", "3", "3", "-"), "4 3 3 3"),
        ("Kemudahan prosedur\n4\nKecepatan penyelesaian\n3\nKejelasan jawaban\n3\nKeramahan\n4", "4 3 3 4"),
        ("> Kemudahan prosedur : 4\n> Kecepatan penyelesaian : 3", "4 3 - -"),
        ("1. Kemudahan prosedur: 3\n2. Kecepatan: 4\n3. Kejelasan: 4\n4. Keramahan: 4", "3 4 4 4"),
        ("1) 3\n2) 4\n3) 4\n4) 2", "3 4 4 2"),
        ("4 4 4 3", "4 4 4 3"),
        ("4,4,3,4 terima kasih", "4 4 3 4"),
        ("4/3/4/3", "4 3 4 3"),
        ("4-4-4-4", "4 4 4 4"),
        ("4434", ""),
        ("nilai 4 semua", "4 4 4 4"),
        ("semua 4, pelayanan bagus", "4 4 4 4"),
        ("Semua unsur: 3", "3 3 3 3"),
        ("semua sangat baik", "4 4 4 4"),
        ("masing-masing 4", "4 4 4 4"),
        ("4", "4 4 4 4"),
        ("nilai: 4. Terima kasih", "4 4 4 4"),
        ("kecepatan 2 karena lama dibalas", "- 2 - -"),
        ("kecepatan 2, lainnya 4", "4 2 4 4"),
        ("Keramahan 4, sisanya 3", "3 3 3 4"),
        ("4 untuk kecepatan, 3 untuk kejelasan", "- 4 3 -"),
        ("kecepatan 2 kecepatan 3", ""),
        ("(1 = tidak baik, 2 = kurang baik, 3 = baik, 4 = sangat baik)\nKecepatan penyelesaian : 3", "- 3 - -"),
        ("angka 1–4 saya isi 4 semua", "4 4 4 4"),
        ("4/4/4/4/3", ""),
        ("4 4", ""),
        ("nilai 5 semua", ""),
        ("bintang 4", ""),
        ("9/10", ""),
        ("10", ""),
        ("pelayanan sangat memuaskan", ""),
        ("pelayanan sangat baik", ""),
        ("baik, terima kasih", ""),
        ("Terima kasih", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_marks_are_read_as_people_write_them(text: str, marks: str) -> None:
    wanted = {name: int(mark) for name, mark in zip(survey.ELEMENTS, marks.split(), strict=False) if mark != "-"}
    assert survey.marks(text) == wanted


@given(st.text(alphabet=st.sampled_from("14 5,./-\n:skemudahan cepatsaran=()>"), max_size=80))
def test_any_text_gives_marks_of_the_scale_or_none(text: str) -> None:
    found = survey.marks(text)
    assert set(found) <= set(survey.ELEMENTS) and set(found.values()) <= {1, 2, 3, 4}


@pytest.mark.parametrize("text", ["4 " * 999, "4," * 999, "saran\n" * 333, "1 = tidak baik " * 130, ">" * 1999])
def test_hostile_answers_are_read_in_linear_time(text: str) -> None:
    with within(1):
        survey.marks(text)
