"""The service hours of config.yaml: days and ranges of days to spans of local time, and Ramadan's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from mailbot.config.values import Faults, day, nearest, shown
from mailbot.rules.worktime.listtimes import OPENING

Span = tuple[time, time]
Week = tuple[tuple[Span, ...], ...]
"""Seven days from Monday; each the open spans in order, () where closed."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Ramadan:
    """The fasting month's hours; `first` and `last` are both in it."""

    first: date
    last: date
    week: Week


@dataclass(frozen=True, slots=True)
class Hours:
    """Service hours in local time."""

    week: Week
    ramadan: Ramadan | None = None


def has_time(spans: tuple[Span, ...], at: str) -> bool:
    """Whether the time of a list, as `values.list_times` has it, lies in a day's service hours."""
    return at == OPENING or any(opens <= time.fromisoformat(at) < closes for opens, closes in spans)


# Perpres 21/2023 Ps. 4: 37.5 hours a week from 07.30; in Ramadan 32.5 from 08.00.
_WEEK = {"mon-thu": ["07:30-12:00", "13:00-16:00"], "fri": ["07:30-11:30", "13:00-16:30"]}
_RAMADAN_WEEK = {"mon-thu": ["08:00-12:00", "12:30-15:00"], "fri": ["08:00-11:30", "12:30-15:30"]}
_SPANS_ALLOWED = 'must be a list such as ["07:30-12:00", "13:00-16:00"], or closed'


def hours(value: Any) -> Hours:
    """The `hours` of a mailbox: days or ranges of days, and the same for Ramadan.

    Without any day the default week stands. Raises `Faults`, with every fault found.
    """
    faults: list[tuple[tuple[str | int, ...], str]] = []
    if not isinstance(value, dict):
        raise Faults([((), f'found {shown(value)}; must be days with their hours, such as mon-thu: ["07:30-12:00"]')])
    days = {key: spans for key, spans in value.items() if key != "ramadan"}
    week = _week(days or _WEEK, (), ("ramadan",), faults)
    ramadan = _ramadan(value.get("ramadan"), week, faults)
    if faults:
        raise Faults(faults)
    return Hours(week, ramadan)


def _ramadan(value: Any, usual: Week, faults: list[tuple[tuple[str | int, ...], str]]) -> Ramadan | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        faults.append((("ramadan",), f"found {shown(value)}; must be from, to and days with their hours, or null"))
        return None
    days = {key: spans for key, spans in value.items() if key not in ("from", "to")}
    before = len(faults)
    week = _week(days or _RAMADAN_WEEK, ("ramadan",), ("from", "to"), faults)
    if len(faults) == before and usual:
        named = _days_named(days or _RAMADAN_WEEK)
        if missing := [DAYS[n] for n in range(7) if usual[n] and n not in named]:
            faults.append((("ramadan",), f"no hours for {', '.join(missing)}; give hours, or closed"))
    ends: list[date | None] = []
    for end in ("from", "to"):
        ends.append(None)
        if value.get(end) is not None:
            try:
                ends[-1] = day(value[end])
            except ValueError as error:
                faults.append((("ramadan", end), f"found {shown(value[end])}; must be {error}"))
    first, last = ends
    if (value.get("from") is None) != (value.get("to") is None):
        faults.append((("ramadan",), "must have both from and to, or neither (null)"))
    elif first and last and not 0 <= (last - first).days <= 31:
        faults.append((("ramadan", "to"), f"found {last}; must be after from, and 31 days after it at most"))
    return Ramadan(first, last, week) if first and last else None


def _week(
    days: Mapping[str, Any],
    path: tuple[str, ...],
    other_keys: tuple[str, ...],
    faults: list[tuple[tuple[str | int, ...], str]],
) -> Week:
    """Seven days of spans; () after faults."""
    before = len(faults)
    week: dict[int, tuple[Span, ...]] = {}
    for key, value in days.items():
        numbers = _day_numbers(key)
        if not numbers:
            close = nearest(key, [*DAYS, "mon-thu", "mon-fri", *other_keys])
            allowed = ", ".join(["a day (mon … sun)", "a range such as mon-thu", *other_keys])
            hint = f"did you mean {close}?" if close else f"must be one of: {allowed}"
            faults.append(((*path, key), f"unknown key; {hint}"))
            continue
        if twice := [DAYS[n] for n in numbers if n in week]:
            faults.append(((*path, key), f"{', '.join(twice)} already has hours in another line"))
        spans = _spans(value, (*path, key), faults)
        week.update({n: spans for n in numbers})
    if len(faults) == before:
        if missing := [DAYS[n] for n in range(5) if n not in week]:
            faults.append((path, f"no hours for {', '.join(missing)}; give hours, or closed"))
        elif not any(week.values()):
            faults.append((path, "every day is closed; at least one must have hours"))
    return tuple(week.get(n, ()) for n in range(7)) if len(faults) == before else ()


def _days_named(days: Mapping[str, Any]) -> set[int]:
    return {number for key in days for number in _day_numbers(key)}


def _day_numbers(key: str) -> range:
    """ "mon-thu" -> range(0, 4); empty if it is none."""
    first, dash, last = key.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        return range(0)
    return range(DAYS.index(first), DAYS.index(last if dash else first) + 1)


def _spans(value: Any, path: tuple[str, ...], faults: list[tuple[tuple[str | int, ...], str]]) -> tuple[Span, ...]:
    if value == "closed":
        return ()
    if not isinstance(value, list):
        faults.append((path, f"found {shown(value)}; {_SPANS_ALLOWED}"))
        return ()
    if not value:
        faults.append((path, f"found an empty list, a service day without hours; {_SPANS_ALLOWED}"))
    spans: list[Span] = []
    for index, text in enumerate(value):
        span = _span(text)
        if span is None:
            faults.append(((*path, index), f'found {shown(text)}; must be hours such as "07:30-12:00", in quotes'))
        elif span[0] >= span[1]:
            faults.append(((*path, index), f"found {shown(text)}; the end must be later than the beginning"))
        elif spans and span[0] < spans[-1][1]:
            faults.append(((*path, index), f"found {shown(text)}; must begin after the one before it has ended"))
        else:
            spans.append(span)
    return tuple(spans)


_TIME = r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])"
_SPAN = re.compile(rf"{_TIME} ?[-–] ?{_TIME}", re.ASCII)


def _span(value: Any) -> Span | None:
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    return time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
