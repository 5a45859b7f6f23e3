"""The headings below `#eskalasi`: summary, what was tried, and when the LPSE knew that it cannot solve the problem."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.forms.escalation import known_at, read

ZONE = ZoneInfo("Asia/Jakarta")
ARRIVED = datetime(2026, 12, 21, 9, 20, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "summary", "tried", "known"),
    [
        ("Gagal login.", "Gagal login.", None, ""),
        ("Ringkasan: Gagal login.\nUpaya: Reset.", "Gagal login.", "Reset.", ""),
        ("Ringkasan:\nGagal.\n\nDiketahui tidak dapat ditangani pukul: 09.08", "Gagal.", None, "09.08"),
        ("Diketahui pukul: 09.08\nGagal login.\nSejak pagi.", "Gagal login.\nSejak pagi.", None, "09.08"),
        ("Ringkasan: A\nUpaya yang telah dilakukan: B\nDiketahui: 9.08\nlagi B", "A", "B\nlagi B", "9.08"),
        ("Ringkasan: A\nDiketahui tidak dapat ditangani pukul:", "A", None, ""),
    ],
)
def test_each_part_stands_under_its_heading(text: str, summary: str, tried: str | None, known: str) -> None:
    found = read(text)
    assert (found.summary, found.tried, found.known) == (summary, tried, known)


@pytest.mark.parametrize(
    ("written", "when"),
    [
        ("09.08", "2026-12-21 09:08"),
        ("pukul 9:08 WIB", "2026-12-21 09:08"),
        ("9", "2026-12-21 09:00"),
        ("Jumat, 18 Desember 2026 pukul 15.30", "2026-12-18 15:30"),
        ("18/12/2026 15.30", "2026-12-18 15:30"),
        ("18-12-2026, 15:30", "2026-12-18 15:30"),
        ("kemarin 15.30", "2026-12-20 15:30"),
        ("tadi pagi", None),
        ("25.70", None),
    ],
)
def test_the_time_is_of_the_commands_day_unless_it_names_another(written: str, when: str | None) -> None:
    found = known_at(written, ARRIVED.astimezone(UTC), ZONE)
    assert found == (None if when is None else datetime.fromisoformat(when).replace(tzinfo=ZONE))


@given(st.text(max_size=300))
def test_any_text_gives_an_answer(text: str) -> None:
    found = read(text)
    known_at(found.known or text, ARRIVED, ZONE)
