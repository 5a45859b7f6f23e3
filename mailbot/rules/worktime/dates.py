"""Dates, times and lengths in Indonesian, as they stand in mails."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from mailbot.model import Duration
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def format_date(day: date) -> str:
    """As "Senin, 23 November 2026"."""
    return f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"


def format_time(at: datetime, zone: ZoneInfo) -> str:
    """As "14.05 WIB": the point between hours and minutes is the Indonesian spelling (EYD V)."""
    local = at.astimezone(zone)
    return f"{local:%H.%M} {local.tzname()}"


def format_instant(at: datetime, zone: ZoneInfo, estimated: bool = False) -> str:
    """As "Senin, 23 November 2026 pukul 14.05 WIB"; `at` is aware, its seconds are cut off.

    `estimated` (the calendar behind it is incomplete) adds " (perkiraan)".
    """
    day, clock = format_date(at.astimezone(zone).date()), format_time(at, zone)
    return _SAID("estimated_instant" if estimated else "instant", date=day, time=clock)


def format_minutes(minutes: int) -> str:
    """As "30 menit", "2 jam", "1 jam 15 menit"; less than nothing is "0 menit"."""
    hours, rest = divmod(max(minutes, 0), 60)
    if not hours:
        return _SAID("minutes", minutes=rest)
    return _SAID("hours_and_minutes", hours=hours, minutes=rest) if rest else _SAID("hours", hours=hours)


def format_duration(duration: Duration) -> str:
    """As "2 hari kerja", "7 hari", "1 jam 15 menit"."""
    if duration.working_days:
        return _SAID("working_days", days=duration.working_days)
    if duration.days:
        return _SAID("days", days=duration.days)
    return format_minutes(duration.minutes)


def month_before(first: date) -> date:
    """The first day of the month before the one that begins on this day."""
    return (first - timedelta(days=1)).replace(day=1)


def roman_month(month: int) -> str:
    """The month of an Indonesian document number: 11 -> "XI" (ValueError outside 1..12)."""
    if not 1 <= month <= 12:
        raise ValueError(f"no month {month}")
    return ROMAN_MONTHS[month - 1]
