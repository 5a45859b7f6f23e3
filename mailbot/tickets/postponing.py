"""`#tunda`: until when the running limit of a ticket may be put off, and that it never is so for ever or unseen.

The limit is put off in service hours, for a length from itself (from now on, where it is past), or to the end of a day.
At most MOST_AT_ONCE ahead and MOST_IN_ALL after the clock began; the 5 minutes of steps 1 and 9 at most one working
day, and what they took is measured all the same. From the third time on the coordinator is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.clean import one_line
from mailbot.config.site import Site
from mailbot.errors import NotCarriedOut
from mailbot.model import Due, Duration, Ticket
from mailbot.parsers.dates import periods
from mailbot.rules.sop import clocks
from mailbot.rules.sop.clocks import Running
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences
from mailbot.store.database import Store, to_instant, to_text
from mailbot.tickets import tickets
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)

MOST_AT_ONCE = Duration(working_days=10)
MOST_IN_ALL = Duration(working_days=30)
#: From the start of the clocks by which the SOP binds the LPSE itself (steps 1 and 9).
BINDING: Mapping[str, Duration] = {
    "escalation": Duration(working_days=1),
    "forwarding": Duration(working_days=1),
}
#: Characters of a reason: it stands in every reminder.
LONGEST_REASON = 300
#: More postponements of one ticket than this are told to the coordinator, each time.
UNTOLD = 2


@dataclass(frozen=True, slots=True)
class Postponement:
    """What a text asks for: the moved limit, and why."""

    due: Due
    why: str

    @property
    def argument(self) -> str:
        """The moved limit as the event's argument."""
        return to_text(self.due.at) + (" perkiraan" if self.due.estimated else "")

    @staticmethod
    def due_of(argument: str) -> Due:
        at, _, estimated = argument.partition(" ")
        return Due(to_instant(at), bool(estimated))


def main_clock(store: Store, site: Site, ticket_id: int) -> tuple[int, Running] | None:
    """The deadline that keeps a ticket alive and is due first, with the id of its row."""
    found = tickets.running(store, ticket_id)
    return next((one for one in found if not site.table.clocks[one[1].clock].beside), None)


def asked(store: Store, site: Site, ticket: Ticket, text: str, at: datetime) -> Postponement | None:
    """What `#tunda` asks for; None where no limit runs (the table then refuses it). Raises NotCarriedOut."""
    try:
        until = periods.read_until(text, site.local(at).date())
    except periods.Unreadable as error:
        raise NotCarriedOut(str(error)) from error
    if not any(map(str.isalpha, until.rest)):
        raise NotCarriedOut(_SAID("no_reason"))
    found = main_clock(store, site, ticket.id)
    if found is None:
        return None
    running = found[1]
    due = _end_of(site, until, at) if until.length is None else _later(site, ticket, running, until.length, at)
    _check(site, running, due, at)
    return Postponement(due, one_line(until.rest, LONGEST_REASON).rstrip(" ."))


def _limit(site: Site, ticket: Ticket, running: Running) -> datetime:
    """The limit in force, half-way marks aside."""
    return clocks.first_limit(site.table.clocks[running.clock], running, site.timing(ticket.priority))


def _later(site: Site, ticket: Ticket, running: Running, length: Duration, at: datetime) -> Due:
    return site.calendar.add(max(_limit(site, ticket, running), at), length)


def _end_of(site: Site, until: periods.Until, at: datetime) -> Due:
    """The written time of the day, or its end of service; of the next day of service where there is none."""
    day = until.day or site.local(at).date()
    midnight = datetime.combine(day, until.at or datetime.min.time(), tzinfo=site.zone)
    opened = site.calendar.next_service(midnight)
    moved = opened if until.at else site.calendar.service(site.local(opened).date())[-1][1]
    return Due(moved, site.calendar.add(moved, Duration()).estimated)


def _check(site: Site, running: Running, due: Due, at: datetime) -> None:
    clock = site.table.clocks[running.clock]
    if due.at <= max(running.due, at):
        already = site.say(max(running.due, at), estimated=running.estimated)
        raise NotCarriedOut(_SAID("not_later", clock=clock.title, already=already))
    binding = BINDING.get(running.clock)
    most = binding or MOST_IN_ALL
    if due.at > site.calendar.add(running.started_at, most).at:
        length, started = dates.format_duration(most), site.say(running.started_at)
        raise NotCarriedOut(
            _SAID("too_late_for_sop" if binding else "too_late", clock=clock.title, most=length, started=started)
        )
    if due.at > site.calendar.add(at, MOST_AT_ONCE).at:
        latest = site.say(site.calendar.add(at, MOST_AT_ONCE).at)
        raise NotCarriedOut(_SAID("too_long_at_once", most=dates.format_duration(MOST_AT_ONCE), latest=latest))


def move(work: Work, due: Due, why: str) -> tuple[Running, Running]:
    """Put the limit off, in the event's transaction. Returns the clock before and after."""
    site, event = work.site, work.event
    found = main_clock(work.store, site, work.ticket.id)
    assert found is not None
    deadline_id, before = found
    moved = clocks.Moved(due.at, event.address, why, before.moved.times + 1 if before.moved else 1)
    minutes = site.calendar.working_minutes_between(event.at, due.at)
    clock, timing = site.table.clocks[before.clock], site.timing(work.ticket.priority)
    after = replace(clocks.put_off(clock, before, moved, event.at, timing, minutes), estimated=due.estimated)
    tickets.move_clock(work.store, deadline_id, after)
    return before, after


def times(store: Store, ticket_id: int) -> int:
    """How often a limit of this ticket was put off, the event in hand included."""
    return int(store.value("SELECT count(*) FROM history WHERE ticket_id = ? AND event = 'staff.postpone'", ticket_id))


def said(site: Site, running: Running) -> str | None:
    """That a limit was put off, in words for staff and coordinator; None: it was not."""
    if running.moved is None:
        return None
    person = site.config.person(running.moved.by)
    name = person.name if person else running.moved.by
    until, why = site.say(running.moved.to), running.moved.why
    if running.moved.times > 1:
        return _SAID("put_off_often", times=running.moved.times, person=name, until=until, why=why)
    return _SAID("put_off_once", person=name, until=until, why=why)
