"""A greeting writes a name as a name, however it was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.rules.language.names import as_name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("siti", "Siti"),
        ("BUDI SANTOSO", "Budi Santoso"),
        ("siti aminah binti ahmad", "Siti Aminah binti Ahmad"),
        ("CV ABADI JAYA", "CV Abadi Jaya"),
        ("cv. abadi jaya", "CV. Abadi Jaya"),
        ("PT. X", "PT. X"),
        ("PT BTG MAKMUR, TBK", "PT BTG Makmur, Tbk"),
        ("BUDI SANTOSO, ST., MT.", "Budi Santoso, ST., MT."),
        ("budi santoso, s.kom, m.si", "Budi Santoso, S.Kom, M.Si"),
        ("ir. h. joko", "Ir. H. Joko"),
        ("i gede putu", "I Gede Putu"),
        ("d'angelo", "D'Angelo"),
        ("MA'RUF NUR'AINI", "Ma'ruf Nur'aini"),
        ("al-amin", "Al-Amin"),
        ("m.yusuf", "M.Yusuf"),
        ("dinas pu kab. batang", "Dinas PU Kab. Batang"),
        ("paku buwono ii", "Paku Buwono II"),
        ("SE", "Se"),
        # Written with care, or no name at all:
        ("Siti aminah", "Siti aminah"),
        ("McDonald", "McDonald"),
        ("budi@penyedia.test", "budi@penyedia.test"),
        ("12345", "12345"),
        ("", ""),
        ("  ", "  "),
        ("李", "李"),
    ],
)
def test_a_name_all_in_small_letters_or_capitals_is_written_as_a_name(typed: str, name: str) -> None:
    assert as_name(typed) == name


@given(st.text(max_size=80))
def test_no_letter_of_a_name_is_lost_and_twice_is_as_once(text: str) -> None:
    found = as_name(text)
    if text.isascii():
        assert found.casefold() == text.casefold()
    assert as_name(found) == found or found.islower() or found.isupper()
