"""How long the user has for what is asked of him follows from the ticket's priority (`sop.data_from_user_within`)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.steps import data_requested, flat, minutes_later, opened, staff_writes
from tests.world import PaperWorld

WIB = ZoneInfo("Asia/Jakarta")


def due(office: PaperWorld, clock: str) -> str:
    """When the clock's next stage is, local time."""
    [row] = office.rows("SELECT due FROM deadlines WHERE ended_at IS NULL AND clock = ?", clock)
    return f"{datetime.fromisoformat(row['due']).astimezone(WIB):%Y-%m-%d %H:%M}"


def asked(office: PaperWorld, priority: int) -> None:
    """On a Monday at 08.00 Sari asks the user for something."""
    office.at("2026-12-07 08:00")
    opened(office)
    staff_writes(office, f"#prioritas {priority}")
    staff_writes(office, "#minta-data Mohon tangkapan layarnya.")
    assert office.status() == "awaiting_user"


@pytest.mark.parametrize(
    ("priority", "limit", "said"),
    [
        (1, "2026-12-07 12:00", "Senin, 7 Desember 2026 pukul 12.00 WIB"),
        (2, "2026-12-08 08:00", "Selasa, 8 Desember 2026 pukul 08.00 WIB"),
        (3, "2026-12-10 08:00", "Kamis, 10 Desember 2026 pukul 08.00 WIB"),
        (4, "2026-12-10 08:00", "Kamis, 10 Desember 2026 pukul 08.00 WIB"),
    ],
)
def test_the_more_urgent_a_ticket_the_sooner_the_user_is_asked_to_answer(
    office: PaperWorld, priority: int, limit: str, said: str
) -> None:
    asked(office, priority)
    assert due(office, "request") == limit
    minutes_later(office, 4)
    assert f"paling lambat {said}" in flat(office.last("pengguna", "user_request").text)


def test_hours_are_service_hours(office: PaperWorld) -> None:
    office.at("2026-12-11 14:30")  # a Friday, served until 16.30
    opened(office)
    staff_writes(office, "#prioritas 1")
    staff_writes(office, "#minta-data Mohon tangkapan layarnya.")
    assert due(office, "request") == "2026-12-14 09:30"


def test_one_value_stands_for_all_priorities(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, sop={"data_from_user_within": "2 hari kerja"})
    asked(office, 1)
    assert due(office, "request") == "2026-12-09 08:00"
    office.store.close()


def test_what_lkpp_asks_for_is_as_urgent_as_its_ticket(office: PaperWorld) -> None:
    office.at("2026-12-07 08:00")
    request = data_requested(office)
    [priority] = [row["priority"] for row in office.rows("SELECT priority FROM tickets")]
    assert priority == 2
    assert due(office, "user_data") == "2026-12-08 08:00"
    assert "paling lambat Selasa, 8 Desember 2026 pukul 08.00 WIB" in flat(request.text)
    assert staff_writes(office, "#prioritas 1") == "staff_receipt"
    assert due(office, "user_data") == "2026-12-07 12:00"


def test_a_new_priority_moves_the_limit_which_counts_from_the_request(office: PaperWorld) -> None:
    asked(office, 3)
    office.at("2026-12-07 10:00")
    staff_writes(office, "#prioritas 1")
    assert due(office, "request") == "2026-12-07 12:00"
    staff_writes(office, "#prioritas 2")
    assert due(office, "request") == "2026-12-08 08:00"


def test_once_the_user_was_reminded_the_day_that_the_reminder_has_named_stays(office: PaperWorld) -> None:
    asked(office, 3)
    office.at("2026-12-10 08:00")
    assert office.once()
    closing = due(office, "request")
    assert closing == "2026-12-17 16:00"
    assert "Kamis, 17 Desember 2026" in flat(office.last("pengguna", "user_reminder").text)
    staff_writes(office, "#prioritas 1")
    assert due(office, "request") == closing
