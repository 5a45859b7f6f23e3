"""Working time: the vectors of the calendar, and properties that hold for every calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.errors import PermanentFailure
from mailbot.model import Duration
from mailbot.rules.worktime import dates
from mailbot.rules.worktime.holidaylist import holiday_year
from mailbot.rules.worktime.service_hours import Calendar, Hours

WIB = ZoneInfo("Asia/Jakarta")
WITA = ZoneInfo("Asia/Makassar")
WIT = ZoneInfo("Asia/Jayapura")


def span(text: str) -> tuple[tuple[time, time], ...]:
    ends = [[time.fromisoformat(t) for t in part.split("-")] for part in text.split()]
    return tuple((opens, closes) for opens, closes in ends)


PLAIN: Hours = {day: span("07:30-16:00") for day in range(5)}
BREAKS: dict[int, tuple[tuple[time, time], ...]] = {day: span("07:30-12:00 13:00-16:00") for day in range(4)}
BREAKS |= {4: span("07:30-11:30 13:00-16:30")}
RAMADAN: dict[int, tuple[tuple[time, time], ...]] = {day: span("08:00-12:00 12:30-15:00") for day in range(4)}
RAMADAN |= {4: span("08:00-11:30 12:30-15:30")}
FASTING = (date(2026, 2, 19), date(2026, 3, 20), RAMADAN)


def at(text: str, zone: ZoneInfo = WIB) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def local(instant: datetime, zone: ZoneInfo = WIB) -> str:
    assert instant.tzinfo is UTC
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def days(n: int) -> Duration:
    return Duration(working_days=n)


def minutes(n: int) -> Duration:
    return Duration(minutes=n)


@pytest.mark.parametrize(
    ("start", "length", "due"),
    [
        ("2026-12-23 10:00", days(2), "2026-12-29 10:00"),  # 24 cuti bersama, 25 Natal
        ("2026-03-17 10:00", days(2), "2026-03-26 10:00"),  # Nyepi and Idul Fitri with their cuti bersama
        ("2026-11-23 10:00", days(1), "2026-11-24 10:00"),
        ("2026-11-20 10:00", days(1), "2026-11-23 10:00"),  # over a weekend
        ("2026-11-21 10:00", days(2), "2026-11-24 10:00"),  # begins on a Saturday: Monday is day one
        ("2026-11-23 22:00", days(1), "2026-11-25 07:30"),  # the same time is after closing
        ("2026-11-23 05:00", days(1), "2026-11-24 07:30"),
        ("2026-11-19 12:15", days(1), "2026-11-20 13:00"),  # Friday's break
        ("2026-11-23 16:00", days(1), "2026-11-24 16:00"),  # closing time is still service
        ("2026-11-23 10:00", minutes(5), "2026-11-23 10:05"),
        ("2026-11-23 11:58", minutes(5), "2026-11-23 13:03"),
        ("2026-11-20 11:28", minutes(5), "2026-11-20 13:03"),
        ("2026-11-20 16:28", minutes(5), "2026-11-23 07:33"),
        ("2026-11-23 15:55", minutes(5), "2026-11-23 16:00"),
        ("2026-11-21 10:00", minutes(5), "2026-11-23 07:35"),
        ("2026-12-23 15:59", minutes(2), "2026-12-28 07:31"),
        ("2026-11-23 10:00", minutes(0), "2026-11-23 10:00"),
        ("2026-11-21 10:00", minutes(0), "2026-11-23 07:30"),
        ("2026-11-23 08:00", minutes(450), "2026-11-24 08:00"),  # one day of 7.5 hours
        ("2026-11-16 10:00", Duration(days=7), "2026-11-23 10:00"),
        ("2026-11-14 10:00", Duration(days=7), "2026-11-23 07:30"),
        ("2026-12-18 10:00", Duration(days=7), "2026-12-28 07:30"),
    ],
)
def test_a_length_ends_where_the_calendar_says(start: str, length: Duration, due: str) -> None:
    assert local(Calendar(WIB, BREAKS).add(at(start), length).at) == due


def test_five_minutes_from_two_before_friday_s_close_end_on_monday() -> None:
    due = Calendar(WIB, PLAIN).add(at("2026-11-20 15:58"), minutes(5))
    assert local(due.at) == "2026-11-23 07:33"


@pytest.mark.parametrize(("zone", "utc"), [(WIB, "00:30"), (WITA, "23:30"), (WIT, "22:30")])
def test_each_zone_opens_at_its_own_half_past_seven(zone: ZoneInfo, utc: str) -> None:
    calendar = Calendar(zone, PLAIN)
    due = calendar.add(at("2026-11-21 09:00", zone), minutes(0)).at
    assert f"{due:%H:%M}" == utc
    assert local(due, zone) == "2026-11-23 07:30"


def test_the_local_date_decides_not_the_date_in_utc() -> None:
    # 23.30 UTC on Sunday is Monday 08.30 in Jayapura: already a working day.
    assert Calendar(WIT, PLAIN).in_service(datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    assert not Calendar(WIB, PLAIN).in_service(datetime(2026, 11, 22, 23, 30, tzinfo=UTC))


def test_ramadan_has_its_own_hours_and_breaks() -> None:
    calendar = Calendar(WIB, BREAKS, ramadan=FASTING)
    assert local(calendar.add(at("2026-02-18 15:30"), minutes(60)).at) == "2026-02-19 08:30"
    assert local(calendar.add(at("2026-02-18 15:30"), days(1)).at) == "2026-02-20 08:00"
    assert local(calendar.add(at("2026-02-20 11:29"), minutes(2)).at) == "2026-02-20 12:31"


def test_a_weekday_that_ramadan_does_not_name_keeps_its_hours() -> None:
    hours = {**PLAIN, 5: span("08:00-12:00")}
    kept = Calendar(WIB, hours, ramadan=FASTING)
    closed = Calendar(WIB, hours, ramadan=(date(2026, 2, 19), date(2026, 3, 20), {**RAMADAN, 5: ()}))
    assert kept.is_working_day(date(2026, 2, 21))
    assert not closed.is_working_day(date(2026, 2, 21))


@pytest.mark.parametrize(("year", "count"), [(2025, 237), (2026, 240), (2027, 242)])
def test_a_year_has_its_number_of_working_days(year: int, count: int) -> None:
    calendar = Calendar(WIB, PLAIN)
    assert calendar.working_days_between(at(f"{year - 1}-12-31"), at(f"{year}-12-31")) == count


def test_the_site_s_own_days_are_added_and_removed() -> None:
    calendar = Calendar(
        WIB, PLAIN, added={date(2026, 11, 23): "Pilkada"}, removed={date(2026, 12, 24): "layanan tetap buka"}
    )
    assert not calendar.is_working_day(date(2026, 11, 23))
    assert calendar.holiday(date(2026, 11, 23)) == "Pilkada"
    assert calendar.is_working_day(date(2026, 12, 24))
    assert calendar.holiday(date(2026, 12, 25)) == "Hari Raya Natal"
    assert calendar.holiday(date(2026, 11, 24)) is None


def test_opening_is_the_first_service_of_a_day() -> None:
    calendar = Calendar(WIB, BREAKS)
    opens = calendar.opens(date(2026, 11, 23))
    assert opens is not None and local(opens) == "2026-11-23 07:30"
    assert calendar.opens(date(2026, 11, 22)) is None


@pytest.mark.parametrize(
    ("a", "b", "count"),
    [
        ("2026-11-23 08:00", "2026-11-23 15:00", 0),
        ("2026-11-23 08:00", "2026-11-24 07:00", 1),
        ("2026-12-23 08:00", "2026-12-29 08:00", 2),
        ("2026-11-21 08:00", "2026-11-23 08:00", 1),
        ("2026-11-24 08:00", "2026-11-23 08:00", 0),
    ],
)
def test_working_days_between_leave_out_the_first(a: str, b: str, count: int) -> None:
    assert Calendar(WIB, PLAIN).working_days_between(at(a), at(b)) == count


def test_working_minutes_leave_out_breaks_nights_and_weekends() -> None:
    calendar = Calendar(WIB, BREAKS)
    assert calendar.working_minutes_between(at("2026-11-20 11:00"), at("2026-11-23 08:00")) == 30 + 210 + 30
    assert calendar.working_minutes_between(at("2026-11-23 08:00"), at("2026-11-20 11:00")) == 0


# --- a calendar that is not all decreed ---------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "length", "estimated"),
    [
        ("2026-11-23 10:00", days(2), False),
        ("2026-12-30 10:00", days(2), True),  # reaches into 2027, whose Idul Fitri is still an estimate
        ("2027-05-14 10:00", days(1), True),  # Idul Adha is ahead
        ("2027-05-17 10:00", days(1), True),
        ("2027-05-18 10:00", days(1), False),  # past the last estimate of the year
        ("2027-12-30 10:00", days(2), True),  # 2028 has no cuti bersama yet
        ("2028-11-01 10:00", minutes(5), True),
    ],
)
def test_a_deadline_in_an_incomplete_year_is_an_estimate(start: str, length: Duration, estimated: bool) -> None:
    assert Calendar(WIB, PLAIN).add(at(start), length).estimated is estimated


def test_the_class_that_is_loaded_alone_tells_what_the_library_tells() -> None:
    for year in range(2020, 2036):
        told = holidays.country_holidays("ID", years=year, categories=("public", "government"), language="id")
        names = {day: name.replace("(perkiraan)", "").strip() for day, name in told.items()}
        assert holiday_year(year).names == names


def test_the_site_settles_estimates_by_listing_them() -> None:
    sure = {d: "SKB 2027" for d in holiday_year(2027).estimated}
    calendar = Calendar(WIB, PLAIN, added=sure)
    assert calendar.incomplete(2027, date(2026, 11, 21)) is None
    assert not calendar.add(at("2026-12-30 10:00"), days(2)).estimated


def test_the_site_settles_a_year_by_adding_its_collective_leave() -> None:
    calendar = Calendar(WIB, PLAIN, added={date(2028, 12, 26): "Cuti Bersama Natal"})
    reason = calendar.incomplete(2028, date(2028, 12, 20))
    assert reason is None


def test_the_reason_names_what_is_missing() -> None:
    calendar = Calendar(WIB, PLAIN)
    reason = calendar.incomplete(2027, date(2026, 11, 21))
    assert reason is not None and "Rabu, 10 Maret 2027 (Hari Raya Idul Fitri)" in reason
    reason = calendar.incomplete(2028, date(2026, 11, 21))
    assert reason is not None and "belum memuat cuti bersama" in reason
    assert calendar.incomplete(2026, date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("today", "key"),
    [
        (date(2026, 10, 31), None),  # 2026 is complete, and it is not November yet
        (date(2026, 11, 1), "2026-W44"),
        (date(2026, 11, 21), "2026-W47"),
        (date(2027, 1, 1), "2026-W53"),  # the ISO week's own year
        (date(2027, 5, 17), "2027-W20"),
        (date(2027, 5, 18), None),
    ],
)
def test_the_operator_is_told_from_november_on_with_the_week_as_key(today: date, key: str | None) -> None:
    notice = Calendar(WIB, PLAIN).notice_due(today)
    assert (notice.key if notice else None) == key


# --- what cannot be -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hours",
    [
        {7: span("08:00-12:00")},
        {0: span("12:00-08:00")},
        {0: span("08:00-08:00")},
        {0: span("08:00-12:00 11:00-16:00")},
        {0: span("13:00-16:00 08:00-12:00")},
    ],
)
def test_hours_that_cannot_be_are_refused(hours: Hours) -> None:
    with pytest.raises(ValueError, match=r"weekday|service"):
        Calendar(WIB, hours)
    with pytest.raises(ValueError, match=r"weekday|service"):
        Calendar(WIB, PLAIN, ramadan=(date(2026, 2, 19), date(2026, 3, 20), hours))


def test_other_contradictions_are_refused() -> None:
    day = date(2026, 12, 24)
    with pytest.raises(ValueError, match="added and removed"):
        Calendar(WIB, PLAIN, added={day: "a"}, removed={day: "b"})
    with pytest.raises(ValueError, match="Ramadan"):
        Calendar(WIB, PLAIN, ramadan=(date(2026, 3, 20), date(2026, 2, 19), RAMADAN))
    with pytest.raises(ValueError, match="country"):
        Calendar(WIB, PLAIN, country="XX")


@pytest.mark.parametrize("length", [days(1), minutes(1), Duration(days=1), Duration()])
def test_an_office_that_never_opens_is_an_error_and_no_endless_loop(length: Duration) -> None:
    with pytest.raises(PermanentFailure):
        Calendar(WIB, {}).add(at("2026-11-23 10:00"), length)


def test_the_end_of_the_calendar_is_an_error_too() -> None:
    late = datetime(9999, 12, 20, tzinfo=UTC)
    for length in (days(500), minutes(99_999), Duration(days=500)):
        with pytest.raises(PermanentFailure):
            Calendar(WIB, PLAIN).add(late, length)


def test_a_length_too_long_for_the_hours_is_an_error() -> None:
    with pytest.raises(PermanentFailure):
        Calendar(WIB, {0: span("08:00-08:01")}).add(at("2026-11-23 10:00"), days(9999))


@pytest.mark.parametrize("length", [Duration(working_days=1, minutes=1), minutes(-1), Duration(days=-1)])
def test_a_length_of_two_units_or_below_zero_is_refused(length: Duration) -> None:
    with pytest.raises(ValueError, match="not a length"):
        Calendar(WIB, PLAIN).add(at("2026-11-23 10:00"), length)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Calendar(WIB, PLAIN).working_days_between(datetime(2026, 11, 23), at("2026-11-24"))


# --- properties -------------------------------------------------------------------------------------

starts = st.datetimes(datetime(2025, 1, 1), datetime(2028, 6, 30)).map(lambda d: d.replace(tzinfo=UTC))
lengths = st.one_of(
    st.integers(0, 40).map(days),
    st.integers(0, 5000).map(minutes),
    st.integers(0, 60).map(lambda n: Duration(days=n)),
)
free_days = st.dictionaries(st.dates(date(2025, 1, 1), date(2028, 12, 31)), st.just("libur"), max_size=30)
zones = st.sampled_from([WIB, WITA, WIT])
USUAL = {zone: Calendar(zone, BREAKS, ramadan=FASTING) for zone in (WIB, WITA, WIT)}


def more(duration: Duration, n: int) -> Duration:
    if duration.working_days:
        return days(duration.working_days + n)
    return Duration(days=duration.days + n) if duration.days else minutes(duration.minutes + n)


@settings(deadline=None, max_examples=60)
@given(starts, lengths, zones)
def test_a_deadline_always_falls_into_service_hours(start: datetime, length: Duration, zone: ZoneInfo) -> None:
    due = USUAL[zone].add(start, length).at
    assert USUAL[zone].in_service(due)
    assert due >= start


@settings(deadline=None, max_examples=60)
@given(starts, lengths, free_days)
def test_an_added_holiday_never_moves_a_deadline_earlier(
    start: datetime, length: Duration, free: dict[date, str]
) -> None:
    calendar = Calendar(WIB, BREAKS, ramadan=FASTING, added=free)
    assert calendar.add(start, length).at >= USUAL[WIB].add(start, length).at


@settings(deadline=None, max_examples=60)
@given(starts, lengths, st.integers(0, 30))
def test_a_longer_length_never_ends_earlier(start: datetime, length: Duration, n: int) -> None:
    assert USUAL[WIB].add(start, more(length, n)).at >= USUAL[WIB].add(start, length).at


@settings(deadline=None, max_examples=60)
@given(starts, starts, lengths)
def test_a_later_start_never_ends_earlier(a: datetime, b: datetime, length: Duration) -> None:
    calendar = USUAL[WIB]
    # "The same local time" says nothing of a day without service, so working days are counted from
    # instants of service here: Saturday 10.00 and Sunday 09.00 both count from Monday on.
    first, second = (calendar.next_service(i) for i in sorted((a, b)))
    assert calendar.add(second, length).at >= calendar.add(first, length).at


@settings(deadline=None, max_examples=60)
@given(starts, st.integers(0, 5000), zones)
def test_the_minutes_added_are_the_minutes_between(start: datetime, n: int, zone: ZoneInfo) -> None:
    due = USUAL[zone].add(start, minutes(n)).at
    assert USUAL[zone].working_minutes_between(start, due) == n


@settings(deadline=None, max_examples=60)
@given(starts, st.integers(1, 40))
def test_the_days_added_are_the_days_between(start: datetime, n: int) -> None:
    due = USUAL[WIB].add(start, days(n)).at
    between = USUAL[WIB].working_days_between(start, due)
    assert between == n or (between == n + 1 and due == USUAL[WIB].opens(due.astimezone(WIB).date()))


# --- in words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        (WIB, "Senin, 23 November 2026 pukul 14.05 WIB"),
        (WITA, "Senin, 23 November 2026 pukul 15.05 WITA"),
        (WIT, "Senin, 23 November 2026 pukul 16.05 WIT"),
    ],
)
def test_an_instant_is_written_with_day_month_and_zone(zone: ZoneInfo, text: str) -> None:
    assert dates.format_instant(datetime(2026, 11, 23, 7, 5, 59, tzinfo=UTC), zone) == text
    assert dates.format_instant(datetime(2026, 11, 23, 7, 5, tzinfo=UTC), zone, True) == text + " (perkiraan)"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (days(2), "2 hari kerja"),
        (Duration(days=7), "7 hari"),
        (minutes(30), "30 menit"),
        (minutes(75), "1 jam 15 menit"),
        (minutes(240), "4 jam"),
        (Duration(), "0 menit"),
        (minutes(-3), "0 menit"),
    ],
)
def test_a_length_is_written_in_words(length: Duration, text: str) -> None:
    assert dates.format_duration(length) == text


def test_months_are_roman_in_numbers() -> None:
    assert [dates.roman_month(m) for m in (1, 4, 9, 11, 12)] == ["I", "IV", "IX", "XI", "XII"]
    for month in (0, 13):
        with pytest.raises(ValueError, match="no month"):
            dates.roman_month(month)
