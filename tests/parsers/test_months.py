"""Months as people write them, and what they mean today."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.dates import months

TODAY = date(2026, 12, 21)
WRITTEN = [
    ("", "2026-12"),
    ("bulan ini", "2026-12"),
    ("bulan lalu", "2026-11"),
    ("Bulan kemarin.", "2026-11"),
    ("November", "2026-11"),
    ("nopember 2025", "2025-11"),
    ("bulan nov", "2026-11"),
    ("Nov 26", "2026-11"),
    ("11", "2026-11"),
    ("11-2026", "2026-11"),
    ("11/2026", "2026-11"),
    ("2026-11", "2026-11"),
    ("2026 november", "2026-11"),
    ("XI/2026", "2026-11"),
    ("xii", "2026-12"),
    ("Agustus", "2026-08"),
    ("1-2027", "2027-01"),
    ("mei, 2026", "2026-05"),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_a_month_is_read_as_people_write_it(text: str, expected: str) -> None:
    found = months.read(text)
    assert found is not None
    assert f"{months.settle(found, TODAY):%Y-%m}" == expected


@pytest.mark.parametrize(
    "text", ["13", "0", "ma", "ju", "kemis", "11-2026-3", "2026", "11-1999", "besok", "1.5 x", "³³"]
)
def test_what_is_no_month_is_none(text: str) -> None:
    assert months.read(text) is None


def test_a_month_without_a_year_is_the_last_one_that_has_begun() -> None:
    found = months.read("desember")
    assert found is not None
    assert months.settle(found, date(2026, 11, 30)) == date(2025, 12, 1)
    assert months.settle(found, date(2026, 12, 1)) == date(2026, 12, 1)


def test_the_month_before_january_is_december() -> None:
    assert months.settle(months.Month(back=1), date(2027, 1, 31)) == date(2026, 12, 1)
    assert months.following(date(2026, 12, 1)) == date(2027, 1, 1)


@given(st.text(max_size=60))
def test_any_words_are_a_month_or_none(text: str) -> None:
    found = months.read(text)
    if found is not None:
        assert months.settle(found, TODAY).day == 1
