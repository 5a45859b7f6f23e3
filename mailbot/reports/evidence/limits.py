"""How each limit of a ticket was computed: from when, day by day over which hours of service, past which days without
any, to when; who has put it off; and whether it was kept.

A limit stands as it was decided where that was kept: with a breach, in the clock's row or in the history. Else it is
computed by the settings of today, and says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from mailbot.config.settings import Config, MailboxConfig
from mailbot.config.site import timing
from mailbot.reports import past
from mailbot.reports.listing import Words
from mailbot.rules.sop import clocks
from mailbot.rules.sop.clocks import Running, Timing
from mailbot.rules.sop.table import Clock
from mailbot.rules.worktime.service_hours import Calendar
from mailbot.sentences import Sentences
from mailbot.store.database import Row, Store, to_instant, to_text
from mailbot.tickets import breaches, tickets

_SAID = Sentences(__file__)

#: Days that are listed; a limit that lies further away was set so by hand.
_MOST_DAYS = 400


def of(
    store: Store,
    config: Config,
    mailbox: MailboxConfig | None,
    words: Words,
    ids: list[int],
    numbers: Mapping[int, str],
) -> list[dict[str, Any]]:
    """Every run of every clock of these tickets, the earliest first."""
    calendar = past.calendar_at(config, mailbox)
    told = []
    for ticket_id in ids:
        rows = store.rows("SELECT * FROM deadlines WHERE ticket_id = ? ORDER BY started_at, id", ticket_id)
        found = _Decided(store, ticket_id)
        priority = int(store.value("SELECT priority FROM tickets WHERE id = ?", ticket_id))
        lengths = None if mailbox is None or calendar is None else timing(mailbox, words.priorities, calendar, priority)
        told += [
            {"ticket": numbers[ticket_id], **_run(row, words.clocks.get(row["clock"]), found, calendar, lengths)}
            for row in rows
        ]
    return sorted(told, key=lambda one: (one["started_at"], one["clock"]))


class _Decided:
    """The limits of one ticket as they were kept, by clock and start."""

    def __init__(self, store: Store, ticket_id: int) -> None:
        self.breaches = {(row["clock"], row["started_at"]): row for row in breaches.kept(store, ticket_id)}
        self.lines = [
            json.loads(line[side])["clocks"]
            for line in tickets.history(store, ticket_id)
            for side in ("before", "after")
            if line[side]
        ]

    def in_history(self, clock: Clock, started_at: str) -> str | None:
        """The last limit that the history shows: in a stage that is the limit, before it has fired."""
        index, found = clock.stages.index(clocks.limit_of(clock)), None
        for line in self.lines:
            kept = line.get(clock.name)
            if kept and kept["started_at"] == started_at and kept["stage"] == index and not kept["fired"]:
                found = str(kept["due"])
        return found


def _run(
    row: Row, clock: Clock | None, decided: _Decided, calendar: Calendar | None, lengths: Timing | None
) -> dict[str, Any]:
    limit, source = _limit(row, clock, decided, lengths)
    breach = decided.breaches.get((row["clock"], row["started_at"]))
    return {
        **{name: row[name] for name in ("clock", "started_at", "stage", "fired", "ended_at")},
        "title": row["clock"] if clock is None else clock.title,
        "step": "" if clock is None else clock.step,
        "next_stage_due": row["due"],
        "estimated": bool(row["estimated"]),
        "limit": limit,
        "limit_from": source,
        "put_off": None
        if row["moved_to"] is None
        else {"to": row["moved_to"], "by": row["moved_by"], "why": row["moved_why"], "times": row["moved_times"]},
        "kept": _kept(row, limit),
        "late_minutes": None if breach is None else breach["minutes"],
        "reason": "" if breach is None else breach["reason"],
        "reason_by": "" if breach is None else breach["reason_by"],
        "days": [] if limit is None or calendar is None else list(_days(calendar, row["started_at"], limit)),
    }


def _limit(row: Row, clock: Clock | None, decided: _Decided, lengths: Timing | None) -> tuple[str | None, str]:
    """(the limit, where it comes from: put_off | breach | clock | history | settings | "": it has none)."""
    if row["moved_to"] is not None:
        return str(row["moved_to"]), "put_off"
    if (breach := decided.breaches.get((row["clock"], row["started_at"]))) is not None:
        return str(breach["due"]), "breach"
    if clock is None or not clock.has_limit:
        return None, ""
    if int(row["stage"]) == clock.stages.index(clocks.limit_of(clock)) and not row["fired"]:
        return str(row["due"]), "clock"
    if (found := decided.in_history(clock, str(row["started_at"]))) is not None:
        return found, "history"
    if lengths is None:
        return None, ""
    running = Running(
        str(row["clock"]),
        to_instant(row["started_at"]),
        int(row["stage"]),
        int(row["fired"]),
        to_instant(row["due"]),
        bool(row["estimated"]),
    )
    return to_text(clocks.first_limit(clock, running, lengths)), "settings"


def _kept(row: Row, limit: str | None) -> bool | None:
    """Whether it was over before its limit; None: it still runs, or has none."""
    if limit is None or row["ended_at"] is None:
        return None
    return str(row["ended_at"]) <= limit


def _days(calendar: Calendar, start: str, end: str) -> Iterator[dict[str, Any]]:
    """The local days from start to end: the hours of service that lie in between, or why there are none."""
    begin, until = to_instant(start), to_instant(end)
    day, last = begin.astimezone(calendar.zone).date(), until.astimezone(calendar.zone).date()
    for n in range(min((last - day).days, _MOST_DAYS) + 1):
        yield _day(calendar, day + timedelta(n), begin, until)


def _day(calendar: Calendar, day: date, begin: datetime, until: datetime) -> dict[str, Any]:
    hours = calendar.service(day)
    counted = [(max(opens, begin), min(closes, until)) for opens, closes in hours]
    holiday = calendar.holiday(day)
    return {
        "day": day.isoformat(),
        "hours": [[_time(calendar, opens), _time(calendar, closes)] for opens, closes in hours],
        "counted_minutes": sum(int((b - a).total_seconds() // 60) for a, b in counted if a < b),
        "closed": "" if hours else holiday or _SAID("no_service_day"),
    }


def _time(calendar: Calendar, at: datetime) -> str:
    return f"{at.astimezone(calendar.zone):%H.%M}"
