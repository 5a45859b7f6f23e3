"""Who has had the ball how long: tables of histories, and that no time is lost."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model import Ball, Status
from mailbot.rules.sop.turns import turns
from mailbot.rules.worktime.service_hours import Calendar

WIB = ZoneInfo("Asia/Jakarta")
MONDAY_TO_THURSDAY = ((time(7, 30), time(12)), (time(13), time(16)))
FRIDAY = ((time(7, 30), time(11, 30)), (time(13), time(16, 30)))
CALENDAR = Calendar(zone=WIB, hours={**dict.fromkeys(range(4), MONDAY_TO_THURSDAY), 4: FRIDAY})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB).astimezone(UTC)


def shares(changes: list[tuple[str, str]], until: str) -> dict[str, tuple[float, float]]:
    """Party → (hours of service, hours by the wall)."""
    found = turns([(at(when), Status(status)) for when, status in changes], at(until), CALENDAR.service_between)
    return {turn.ball.value: (turn.service / timedelta(hours=1), turn.wall / timedelta(hours=1)) for turn in found}


@pytest.mark.parametrize(
    ("changes", "until", "expected"),
    [
        # still at LPSE
        ([("2026-12-21 09:00", "new")], "2026-12-21 09:30", {"LPSE": (0.5, 0.5)}),
        # an event that changes nothing cuts the turn in two and adds nothing
        ([("2026-12-21 09:00", "new"), ("2026-12-21 09:10", "new")], "2026-12-21 10:00", {"LPSE": (1, 1)}),
        # over noon, the night and a weekend only service hours count as such
        ([("2026-12-21 11:30", "new")], "2026-12-21 13:30", {"LPSE": (1, 2)}),
        ([("2026-12-18 16:00", "new")], "2026-12-21 08:00", {"LPSE": (1, 64)}),
        # the whole way: LPSE, LKPP, the user, LKPP, the user, closed
        (
            [
                ("2026-12-21 08:00", "new"),
                ("2026-12-21 09:00", "escalated"),
                ("2026-12-21 11:00", "awaiting_data"),
                ("2026-12-21 14:00", "escalated"),
                ("2026-12-22 08:00", "resolved"),
                ("2026-12-22 10:00", "closed"),
            ],
            "2026-12-22 12:00",
            {"LPSE": (1, 1), "LKPP": (4.5, 20), "Pengguna": (4, 5), "–": (2, 2)},
        ),
        # reopened: the time while it was closed is nobody's
        (
            [
                ("2026-12-21 08:00", "new"),
                ("2026-12-21 09:00", "closed"),
                ("2026-12-21 11:00", "in_progress"),
            ],
            "2026-12-21 12:00",
            {"LPSE": (2, 2), "–": (2, 2)},
        ),
        # a mail that was handled behind a later one
        (
            [
                ("2026-12-21 08:00", "new"),
                ("2026-12-21 10:00", "escalated"),
                ("2026-12-21 09:00", "awaiting_data"),
            ],
            "2026-12-21 11:00",
            {"LPSE": (2, 2), "LKPP": (0, 0), "Pengguna": (1, 1)},
        ),
    ],
)
def test_each_party_has_its_time(
    changes: list[tuple[str, str]], until: str, expected: dict[str, tuple[float, float]]
) -> None:
    assert shares(changes, until) == expected


def test_a_ticket_without_history_has_no_turns() -> None:
    assert turns([], at("2026-12-21 09:00"), CALENDAR.service_between) == ()


INSTANTS = st.datetimes(datetime(2026, 11, 1), datetime(2027, 2, 1)).map(lambda naive: naive.replace(tzinfo=UTC))


@settings(max_examples=60)
@given(st.lists(st.tuples(INSTANTS, st.sampled_from(Status)), min_size=1, max_size=8), INSTANTS)
def test_the_turns_sum_to_the_time_since_the_ticket_was_opened(
    changes: list[tuple[datetime, Status]], until: datetime
) -> None:
    found = turns(changes, until, CALENDAR.service_between)
    opened = changes[0][0]
    until = max(until, opened)
    assert sum((turn.wall for turn in found), timedelta()) == until - opened
    assert sum((turn.service for turn in found), timedelta()) == CALENDAR.service_between(opened, until)
    assert len({turn.ball for turn in found}) == len(found)
    assert all(timedelta() <= turn.service <= turn.wall for turn in found)
    assert {turn.ball for turn in found} <= set(Ball)


def test_data_that_wait_for_staff_are_the_turn_of_the_lpse() -> None:
    """SOP steps 8 and 9: the user has done his part when his data have come, also where staff must look at them."""
    changes = [
        (at("2026-12-21 08:00"), Status.ESCALATED),
        (at("2026-12-21 09:00"), Status.AWAITING_DATA),
        (at("2026-12-21 14:00"), Status.ESCALATED),
    ]
    held = [(at("2026-12-21 10:00"), at("2026-12-21 10:30")), (at("2026-12-21 11:00"), at("2026-12-21 14:00"))]
    found = turns(changes, at("2026-12-21 15:00"), CALENDAR.service_between, held)
    assert {turn.ball: turn.service for turn in found} == {
        Ball.LPSE: timedelta(hours=2, minutes=30),  # without noon
        Ball.USER: timedelta(hours=1, minutes=30),
        Ball.LKPP: timedelta(hours=2),
    }
    # what came while LKPP has the ticket is no turn of the LPSE's, and what waits still counts until now
    still = turns(changes[:2], at("2026-12-21 11:00"), CALENDAR.service_between, [(at("2026-12-21 08:30"), None)])
    assert {turn.ball: turn.service for turn in still} == {Ball.LKPP: timedelta(hours=1), Ball.LPSE: timedelta(hours=2)}
