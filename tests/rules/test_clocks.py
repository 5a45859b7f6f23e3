"""Clocks: when stages are due. Arithmetic over the real table, the real Tabel Prioritas and the real calendar."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model import Duration, Status
from mailbot.rules import priority
from mailbot.rules.sop import table
from mailbot.rules.sop.clocks import (
    CLASSIFY_WITHIN,
    LATE,
    ONE_WEEK,
    ONE_WORKING_DAY,
    Running,
    Timing,
    advance,
    again,
    begin,
    half,
    stage_of,
    times_fired,
)
from mailbot.rules.worktime.service_hours import Calendar

WIB = ZoneInfo("Asia/Jakarta")
TABLE = table.load()
PRIORITIES = priority.load()
MONDAY_TO_THURSDAY = ((time(7, 30), time(12)), (time(13), time(16)))
FRIDAY = ((time(7, 30), time(11, 30)), (time(13), time(16, 30)))
CALENDAR = Calendar(zone=WIB, hours={**dict.fromkeys(range(4), MONDAY_TO_THURSDAY), 4: FRIDAY})


def timing(level: int = 3, enquiries_max: int = 5) -> Timing:
    row = PRIORITIES[level]
    return Timing(
        priority=level,
        add=CALENDAR.add,
        before=CALENDAR.before,
        closing=CALENDAR.closes,
        lengths={
            "lkpp_status_after": Duration(working_days=2),
            "lkpp_progress_every": ONE_WORKING_DAY,
            "forward_data_within": Duration(minutes=5),
            "escalate_within": Duration(minutes=5),
            "data_from_user_within": Duration(working_days=3),
            "close_silent_after": Duration(working_days=5),
            "confirm_close_after": Duration(working_days=3),
            "first_response": row.first_response,
            "limit": row.limit,
            "target": row.target,
            "classify_within": CLASSIFY_WITHIN,
            "one_working_day": ONE_WORKING_DAY,
            "one_week": ONE_WEEK,
        },
        enquiries_max=enquiries_max,
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB).astimezone(UTC)


#: Of the clocks that go on until something ends them.
NAMES = st.sampled_from(sorted(clock.name for clock in TABLE.clocks.values() if clock.stages[-1].times == "always"))
LEVELS = st.integers(1, 4)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 30)).map(lambda naive: naive.replace(tzinfo=UTC))
LATENESS = st.one_of(st.just(timedelta()), st.timedeltas(timedelta(), timedelta(days=30)))


@given(NAMES, LEVELS, st.integers(1, 9), INSTANTS)
def test_a_clock_begins_in_service_hours_after_its_start(
    name: str, level: int, enquiries: int, started: datetime
) -> None:
    running = begin(TABLE.clocks[name], started, timing(level, enquiries))
    assert running.due > started
    assert CALENDAR.in_service(running.due)
    assert (running.clock, running.started_at, running.fired) == (name, started, 0)


@settings(deadline=None)
@given(NAMES, LEVELS, st.integers(1, 9), INSTANTS, st.lists(LATENESS, min_size=1, max_size=12))
def test_a_clock_never_goes_back_and_is_always_due_in_service_hours(
    name: str, level: int, enquiries: int, started: datetime, lateness: list[timedelta]
) -> None:
    clock, rules = TABLE.clocks[name], timing(level, enquiries)
    running = begin(clock, started, rules)
    skipped = running.stage  # a half-way mark that would fall behind its limit
    for number, late in enumerate(lateness, start=1):
        now = CALENDAR.next_service(running.due + late)
        after = advance(clock, running, now, rules)
        assert CALENDAR.in_service(after.due)
        assert after.due >= running.due
        assert after.due > now or stage_of(clock, after).from_start, "a stage is due twice for one lateness"
        assert (after.stage, after.fired) > (running.stage, running.fired)
        # a warning that is past with the one before it is left out
        skipped += sum(stage.warns for stage in clock.stages[running.stage + 1 : after.stage])
        assert times_fired(clock, after, rules) == number + skipped
        running = after


@settings(deadline=None)
@given(NAMES, LEVELS, st.integers(1, 9), INSTANTS)
def test_the_last_stage_comes_again_and_again(name: str, level: int, enquiries: int, started: datetime) -> None:
    clock, rules = TABLE.clocks[name], timing(level, enquiries)
    running = begin(clock, started, rules)
    for _ in range(len(clock.stages) + enquiries + 3):
        running = advance(clock, running, running.due, rules)
    assert running.stage == len(clock.stages) - 1
    assert running.fired >= 2


@settings(deadline=None)
@given(NAMES, LEVELS, INSTANTS, st.integers(0, 5), st.timedeltas(LATE + timedelta(seconds=1), timedelta(days=60)))
def test_who_is_reminded_late_gets_the_whole_time_that_follows(
    name: str, level: int, started: datetime, stages: int, late: timedelta
) -> None:
    clock, rules = TABLE.clocks[name], timing(level)
    running = begin(clock, started, rules)
    for _ in range(stages):
        running = advance(clock, running, running.due, rules)
    now = CALENDAR.next_service(running.due + late)
    after = advance(clock, running, now, rules)
    stage = stage_of(clock, after)
    if not stage.from_start:
        due = CALENDAR.add(now, rules.lengths[stage.after]).at
        assert after.due == (CALENDAR.closes(due) if stage.to is Status.CLOSED else due)


@pytest.mark.parametrize(
    ("clock", "began", "closes"),
    [
        ("confirmation", "2026-11-23 07:31", "2026-11-26 16:00"),
        ("confirmation", "2026-11-24 15:59", "2026-11-27 16:30"),  # a Friday
        ("confirmation", "2026-12-22 09:00", "2026-12-29 16:00"),  # over collective leave and Christmas
        ("request", "2026-11-16 09:00", "2026-11-26 16:00"),  # a reminder after 3 working days, and 5 more
    ],
)
def test_silence_closes_at_the_end_of_service_of_its_day(clock: str, began: str, closes: str) -> None:
    running = begin(TABLE.clocks[clock], at(began), timing())
    while stage_of(TABLE.clocks[clock], running).to is not Status.CLOSED:
        running = advance(TABLE.clocks[clock], running, running.due, timing())
    assert running.due == at(closes)


@given(st.integers(1, 30))
def test_enquiries_are_daily_up_to_their_number_and_the_head_is_told_from_the_fifth(enquiries: int) -> None:
    rules = timing(enquiries_max=enquiries)
    clock = TABLE.clocks["lkpp_status"]
    running = begin(clock, at("2026-03-02 09:00"), rules)
    effects = []
    for _ in range(enquiries):
        effects.append(stage_of(clock, running).effects)
        running = advance(clock, running, running.due, rules)
    assert stage_of(clock, running).id == "mingguan"
    assert all("lkpp_status_enquiry" in one for one in effects)
    assert all("coordinator_overdue" in one for one in effects[1:])
    with_head = [number for number, one in enumerate(effects, start=1) if "head_overdue" in one]
    first = min(5, enquiries)
    assert with_head == ([] if enquiries == 1 else list(range(first, enquiries + 1)))


@pytest.mark.parametrize(
    ("started", "dues"),
    [
        ("2026-12-21 09:00", ["2026-12-23 09:00", "2026-12-28 09:00", "2026-12-29 09:00", "2026-12-30 09:00"]),
        ("2026-12-22 15:30", ["2026-12-28 15:30", "2026-12-29 15:30", "2026-12-30 15:30", "2026-12-31 15:30"]),
        ("2026-12-18 16:20", ["2026-12-23 07:30", "2026-12-28 07:30", "2026-12-29 07:30", "2026-12-30 07:30"]),
        ("2026-12-24 10:00", ["2026-12-29 10:00", "2026-12-30 10:00", "2026-12-31 10:00", "2027-01-04 10:00"]),
    ],
)
def test_enquiries_to_lkpp_fall_on_working_days_around_christmas(started: str, dues: list[str]) -> None:
    rules, clock = timing(), TABLE.clocks["lkpp_status"]
    running = begin(clock, at(started), rules)
    found = [running.due]
    for _ in dues[1:]:
        running = advance(clock, running, running.due, rules)
        found.append(running.due)
    assert found == [at(due) for due in dues]


def test_a_short_delay_of_the_round_moves_nothing() -> None:
    rules, clock = timing(), TABLE.clocks["lkpp_status"]
    punctual = late = begin(clock, at("2026-12-07 09:00"), rules)
    for _ in range(5):
        punctual = advance(clock, punctual, punctual.due, rules)
        late = advance(clock, late, late.due + timedelta(minutes=50), rules)
        assert late.due == punctual.due


@settings(deadline=None)
@given(st.sampled_from(["first_response", "handling"]), LEVELS, LEVELS, INSTANTS, st.integers(0, 6))
def test_a_changed_priority_counts_the_same_stage_anew_from_the_start(
    name: str, before: int, after: int, started: datetime, fired: int
) -> None:
    clock = TABLE.clocks[name]
    running = begin(clock, started, timing(before))
    for _ in range(fired):
        running = advance(clock, running, running.due, timing(before))
    changed = again(clock, running, timing(after), started)
    assert (changed.fired, changed.started_at) == (running.fired, started)
    assert changed.stage == running.stage or stage_of(clock, running).warns
    assert CALENDAR.in_service(changed.due)
    if running.fired == 0:  # as if it had run under the new priority all the time
        fresh = begin(clock, started, timing(after))
        while fresh.stage < changed.stage:
            fresh = advance(clock, fresh, fresh.due, timing(after))
        assert changed.due == fresh.due


def test_half_of_a_limit_never_falls_behind_the_limit() -> None:
    sunday = at("2026-12-20 03:00")  # the limit is Monday's opening, half a working day would be 11.15
    running = begin(TABLE.clocks["handling"], sunday, timing())
    assert stage_of(TABLE.clocks["handling"], running).id == "petugas"
    assert running.due == at("2026-12-21 07:30")


def test_a_warning_that_is_due_with_the_one_before_it_is_left_out() -> None:
    clock, urgent = TABLE.clocks["first_response"], timing(2)
    running = begin(clock, at("2026-12-21 09:00"), urgent)
    assert (stage_of(clock, running).id, running.due) == ("setengah", at("2026-12-21 09:30"))
    in_time = advance(clock, running, at("2026-12-21 09:30"), urgent)
    assert (stage_of(clock, in_time).id, in_time.due) == ("peringatan", at("2026-12-21 09:45"))
    late = advance(clock, running, at("2026-12-21 09:50"), urgent)
    assert (stage_of(clock, late).id, late.due) == ("petugas", at("2026-12-21 10:00"))


@pytest.mark.parametrize(
    ("name", "level", "started", "warned"),
    [
        ("first_response", 3, "2026-12-21 09:00", "2026-12-21 13:00"),
        ("first_response", 3, "2026-12-21 08:15", "2026-12-21 11:15"),
        ("first_response", 3, "2026-12-21 08:45", "2026-12-21 11:45"),  # 15 minutes of the hour before the break
        ("first_response", 3, "2026-12-20 22:00", "2026-12-21 10:30"),
        ("first_response", 4, "2026-12-21 09:00", "2026-12-22 08:00"),
        ("first_response", 4, "2026-12-21 07:45", "2026-12-21 15:15"),  # in service hours: the day before
        ("handling", 4, "2026-12-21 09:00", "2026-12-28 08:00"),
    ],
)
def test_a_limit_that_does_not_go_alone_is_warned_of_an_hour_before(
    name: str, level: int, started: str, warned: str
) -> None:
    clock, rules = TABLE.clocks[name], timing(level)
    running = begin(clock, at(started), rules)
    assert (stage_of(clock, running).id, running.due) == ("peringatan", at(warned))
    limit = advance(clock, running, running.due, rules)
    assert stage_of(clock, limit).id == "petugas"
    assert CALENDAR.working_minutes_between(running.due, limit.due) == 60


@pytest.mark.parametrize(
    ("length", "minutes"),
    [
        (Duration(minutes=15), 7),
        (Duration(minutes=240), 120),
        (Duration(working_days=1), 225),
        (Duration(working_days=3), 675),
        (Duration(minutes=1), 1),
    ],
)
def test_half_of_a_length(length: Duration, minutes: int) -> None:
    assert half(length) == Duration(minutes=minutes)


def test_an_unfinished_calendar_marks_the_due_date_as_an_estimate() -> None:
    running = begin(TABLE.clocks["lkpp_status"], at("2031-12-22 09:00"), timing())
    assert running.estimated
    assert isinstance(running, Running)
