"""A ticket's deadlines in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from mailbot.config.site import Site
from mailbot.model import Duration, Ticket
from mailbot.rules.sop import clocks as arithmetic
from mailbot.rules.sop.clocks import Running
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences
from mailbot.store.database import Store
from mailbot.tickets import postponing, tickets
from mailbot.tickets.case import Case

_SAID = Sentences(__file__)


def deadline_values(case: Case, running: Running) -> dict[str, Any]:
    """A clock's next limit in words."""
    return _in_words(case.site, case.ticket, running, case.now)


def _in_words(site: Site, ticket: Ticket, running: Running, now: datetime) -> dict[str, Any]:
    clock = site.table.clocks[running.clock]
    timing = site.timing(ticket.priority)
    limit = arithmetic.first_limit(clock, running, timing)
    half_way = clock.stages[running.stage].warns
    after = next(stage.after for stage in clock.stages if not stage.warns)
    return {
        "what": clock.title,
        "due": site.say(limit, estimated=running.estimated),
        "overdue": None if half_way else lateness(site, limit, now),
        "limit": dates.format_duration(timing.lengths[after]),
        "postponed": postponing.said(site, running),
    }


def lateness(site: Site, limit: datetime, now: datetime) -> str | None:
    """How much service time has passed since a limit, in words; None: it still lies ahead."""
    if limit >= now:
        return None
    days = site.calendar.working_days_between(limit, now)
    minutes = site.calendar.working_minutes_between(limit, now)
    if days > 1:
        return dates.format_duration(Duration(working_days=days))
    return dates.format_minutes(minutes) if minutes else None


def next_deadline(case: Case, clock: str | None = None) -> dict[str, Any] | None:
    """The limit of one clock, or of the one that keeps the ticket alive and is due first; half-way marks aside."""
    return deadline_of(case.store, case.site, case.ticket, case.now, clock)


def deadline_of(
    store: Store, site: Site, ticket: Ticket, now: datetime, clock: str | None = None
) -> dict[str, Any] | None:
    """The same of any ticket."""
    running = _next_running(store, site, ticket, clock)
    return None if running is None else _in_words(site, ticket, running, now)


def _next_running(store: Store, site: Site, ticket: Ticket, clock: str | None) -> Running | None:
    for _, running in tickets.running(store, ticket.id):
        found = site.table.clocks[running.clock]
        if running.clock != clock if clock else found.beside:
            continue
        while found.stages[running.stage].warns:
            running = arithmetic.advance(found, running, running.started_at, site.timing(ticket.priority))
        return running
    return None


def target(store: Store, site: Site, ticket: Ticket, now: datetime) -> str | None:
    """When the problem is to be solved according to the Tabel Prioritas (step 11), and whether that has passed; None
    once it is answered."""
    for _, running in tickets.running(store, ticket.id):
        clock = site.table.clocks[running.clock]
        if clock.from_receipt:
            limit = arithmetic.first_limit(clock, running, site.timing(ticket.priority))
            if limit < now:
                return _SAID("target_passed", target=site.say(limit))
            return site.say(limit, estimated=running.estimated)
    return None


def held_for(site: Site, running: Running, now: datetime) -> str:
    """How long what the user has sent has been held, since its arrival (step 9)."""
    minutes = site.calendar.working_minutes_between(running.started_at, now)
    return _SAID("held", since=site.say(running.started_at), long=dates.format_minutes(minutes))


def user_deadline(case: Case, clock: str | None = None) -> dict[str, Any] | None:
    """`next_deadline` for the user, who hears the date: that the calendar behind it may change is the LPSE's matter."""
    found = _next_running(case.store, case.site, case.ticket, clock)
    return None if found is None else _in_words(case.site, case.ticket, replace(found, estimated=False), case.now)


def due_day(case: Case, clock: str, stages: int) -> str | None:
    """In words, for the user: when the `stages`th stage from now of a running clock is due (for "ditutup pada …")."""
    timing = case.site.timing(case.ticket.priority)
    for _, running in tickets.running(case.store, case.ticket.id):
        if running.clock == clock:
            for _ in range(stages):
                running = arithmetic.advance(case.site.table.clocks[clock], running, max(running.due, case.now), timing)
            return case.site.say(running.due)
    return None
