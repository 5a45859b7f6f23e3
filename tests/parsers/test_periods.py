"""Dates and lengths as people write them in `#cuti` and `#tunda`."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.model import Duration
from mailbot.parsers.dates.periods import MOST_DAYS, Unreadable, read_period, read_until
from tests.quick import within

MONDAY = date(2026, 12, 21)


def span(text: str, today: date = MONDAY) -> tuple[str, str]:
    first, last = read_period(text, today)
    return first.isoformat(), last.isoformat()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("24-12-2026 s.d. 2-1-2027", "2026-12-24", "2027-01-02"),
        ("24-12-2026-2-1-2027", "2026-12-24", "2027-01-02"),
        ("2026-12-24 s/d 2027-01-02", "2026-12-24", "2027-01-02"),
        ("24 Des - 2 Jan", "2026-12-24", "2027-01-02"),
        ("24 Des–2 Jan", "2026-12-24", "2027-01-02"),
        ("mulai tanggal 24 Desember sampai dengan 2 Januari", "2026-12-24", "2027-01-02"),
        ("Kamis, 24 Desember 2026 hingga Sabtu, 2 Januari 2027", "2026-12-24", "2027-01-02"),
        ("24/12-2/1", "2026-12-24", "2027-01-02"),
        ("24-28 Des", "2026-12-24", "2026-12-28"),
        ("24 s.d. 28 Desember 2026", "2026-12-24", "2026-12-28"),
        ("24/12/2026", "2026-12-24", "2026-12-24"),
        ("24.12.26", "2026-12-24", "2026-12-24"),
        ("24-12", "2026-12-24", "2026-12-24"),
        ("besok", "2026-12-22", "2026-12-22"),
        ("hari ini - 28 Des", "2026-12-21", "2026-12-28"),
        ("18 Des - 24 Des", "2026-12-18", "2026-12-24"),  # already begun
        ("5 Jan", "2027-01-05", "2027-01-05"),  # the year is the coming one
    ],
)
def test_a_period_is_read_in_many_ways(text: str, first: str, last: str) -> None:
    assert span(text) == (first, last)


def test_on_new_years_day_a_leave_from_last_year_still_runs() -> None:
    assert span("24 Des - 2 Jan", date(2027, 1, 1)) == ("2026-12-24", "2027-01-02")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Tulis tanggal"),
        ("minggu depan", "tidak dapat dibaca"),
        ("5-10", "lebih dari satu cara"),  # 5 October, or the days from 5 to 10
        ("20 Des", "sudah lewat"),
        ("1-12-2026 s.d. 20-12-2026", "sudah lewat"),
        ("24 Des 2026 - 1 Jan 2036", f"lebih dari {MOST_DAYS} hari"),
        ("1 Mei 2031", "terlalu jauh"),
        ("31 Feb", "tidak ada pada kalender"),
        ("28-12-2026 s.d. 24-12-2026", "berakhir sebelum mulai"),
        ("1" * 101, "Tulis tanggal"),
    ],
)
def test_what_is_past_absurd_or_doubtful_is_refused_with_its_reason(text: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read_period(text, MONDAY)


@given(st.text(alphabet="0123456789-/. sdDesJan–", max_size=120))
def test_any_text_gives_a_period_that_is_not_over_or_a_sentence(text: str) -> None:
    try:
        first, last = read_period(text, MONDAY)
    except Unreadable as refused:
        assert str(refused).endswith(".")
    else:
        assert first <= last and last >= MONDAY and (last - first).days < MOST_DAYS


@pytest.mark.parametrize(
    ("text", "length", "rest"),
    [
        ("2 hari kerja menunggu surat", Duration(working_days=2), "menunggu surat"),
        ("selama 2   hari\tkerja,\nmenunggu\nsurat", Duration(working_days=2), "menunggu\nsurat"),
        ("3 hari: libur", Duration(days=3), "libur"),
        ("seminggu karena rapat", Duration(days=7), "karena rapat"),
        ("dua jam rapat", Duration(minutes=120), "rapat"),
        ("30 menit - rapat", Duration(minutes=30), "rapat"),
    ],
)
def test_a_length_is_told_from_the_reason_behind_it(text: str, length: Duration, rest: str) -> None:
    found = read_until(text, MONDAY)
    assert (found.length, found.rest) == (length, rest)


@pytest.mark.parametrize(
    ("text", "day", "at", "rest"),
    [
        ("28-12-2026 rapat", date(2026, 12, 28), None, "rapat"),
        ("s.d. 28 Des: rapat", date(2026, 12, 28), None, "rapat"),
        ("sampai Senin rapat", date(2026, 12, 28), None, "rapat"),
        ("besok pukul 10.00 rapat", date(2026, 12, 22), time(10), "rapat"),
        ("28 Des 10:30 WIB, rapat", date(2026, 12, 28), time(10, 30), "rapat"),
    ],
)
def test_a_day_is_told_from_the_reason_behind_it(text: str, day: date, at: time | None, rest: str) -> None:
    found = read_until(text, MONDAY)
    assert (found.day, found.at, found.rest) == (day, at, rest)


@pytest.mark.parametrize("text", ["menunggu surat", "", "0 hari malas", "5-10 rapat", "20-12-2026 lewat", "31 Feb x"])
def test_what_begins_with_neither_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_until(text, MONDAY)


@pytest.mark.parametrize("unit", ["1-", "24 Des - ", "s.d. ", "2 hari ", " ", "Senin, "])
def test_long_texts_take_no_time(unit: str) -> None:
    text = unit * (500_000 // len(unit))
    with within(1):
        for read in (read_period, read_until):
            with suppress(Unreadable):
                read(text, MONDAY)
