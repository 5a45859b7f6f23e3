"""Penyimpangan: every breach of a mutu baku of the procedure, kept with what, whose turn, how late, and why.

SOP-LPSE.BTG-015, Peringatan: "segala bentuk penyimpangan atas mutu baku … dikategorikan sebagai bentuk kegagalan yang
harus dipertanggungjawabkan oleh pelaksana". A breach begins when the limit of a running clock that binds somebody has
passed, and is over when that clock ends, however long after; both in the transaction of what brings it about. It stays
what it was when the priority is changed afterwards. A norm that no clock watches is looked at when its act is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailbot.config.site import Site
from mailbot.model import Ball, Duration, Ticket
from mailbot.rules.sop import clocks
from mailbot.rules.sop.clocks import Running
from mailbot.rules.sop.table import HOLDER, Clock
from mailbot.rules.sop.turns import holder_of
from mailbot.rules.worktime.service_hours import Calendar
from mailbot.store.database import Row, Store, to_instant, to_text
from mailbot.tickets.work import Work


@dataclass(frozen=True, slots=True)
class Breach:
    """One breach of a ticket.

    clock, step: which limit or norm; due: its instant. party: who had the ball; handler: who of the LPSE had taken the
    ticket by then, None: nobody. ended_at: None while it lasts. minutes: of service, from the limit to the end or to
    the instant asked about; 0: a matter of equipment or output, not of time. times: for how many it counts. reason: ""
    until somebody gives one.
    """

    id: int
    clock: str
    step: str
    due: datetime
    party: Ball
    handler: str | None
    ended_at: datetime | None
    minutes: int
    times: int
    reason: str
    reason_by: str

    @property
    def of_time(self) -> bool:
        """Whether a limit was passed; else equipment or output was lacking."""
        return self.minutes > 0 or self.ended_at is None


def of(store: Store, site: Site, ticket_id: int, now: datetime) -> list[Breach]:
    """A ticket's breaches, the earliest limit first."""
    return [_breach(row, site, now) for row in kept(store, ticket_id)]


def kept(store: Store, ticket_id: int) -> list[Row]:
    """The same as rows."""
    return store.rows("SELECT * FROM breaches WHERE ticket_id = ? ORDER BY due, id", ticket_id)


def numbered(found: Sequence[Breach]) -> dict[int, Breach]:
    """A ticket's breaches by the number under which people name them: what comes later gets a later one."""
    return dict(enumerate(sorted(found, key=lambda each: each.id), 1))


def _breach(row: Row, site: Site, now: datetime) -> Breach:
    due = to_instant(row["due"])
    ended = None if row["ended_at"] is None else to_instant(row["ended_at"])
    late = site.calendar.working_minutes_between(due, now) if ended is None else int(row["minutes"])
    return Breach(
        id=row["id"],
        clock=row["clock"],
        step=row["step"],
        due=due,
        party=Ball(row["party"]),
        handler=row["handler"],
        ended_at=ended,
        minutes=late,
        times=times(site.calendar, site.table.clocks.get(row["clock"]), due, ended or now),
        reason=row["reason"],
        reason_by=row["reason_by"],
    )


def times(calendar: Calendar, clock: Clock | None, due: datetime, until: datetime) -> int:
    """For how many a breach counts: where each working day does, one more after each that has passed since."""
    if clock is None or not clock.each_day or until <= due:
        return 1
    days = calendar.working_days_between(due, until)
    while days and calendar.add(due, Duration(working_days=days)).at > until:  # at most once: the day is not over
        days -= 1
    return 1 + days


def known(store: Store, ticket_id: int) -> bool:
    """Whether a ticket has any breach."""
    return store.value("SELECT 1 FROM breaches WHERE ticket_id = ? LIMIT 1", ticket_id) is not None


def late_lpse(store: Store, ticket_id: int) -> bool:
    """Whether the LPSE has passed a limit on a ticket."""
    sql = "SELECT 1 FROM breaches WHERE ticket_id = ? AND party = ? AND coalesce(minutes, 1) > 0 LIMIT 1"
    return store.value(sql, ticket_id, Ball.LPSE.value) is not None


def unexplained(store: Store, ticket_id: int) -> bool:
    """Whether a ticket has a breach for which nobody has given a reason."""
    return store.value("SELECT 1 FROM breaches WHERE ticket_id = ? AND reason = '' LIMIT 1", ticket_id) is not None


def of_clock(store: Store, ticket_id: int, running: Running) -> str:
    """The id of the breach of this run of a clock, "" where there is none or it has its reason."""
    sql = "SELECT id FROM breaches WHERE ticket_id = ? AND clock = ? AND started_at = ? AND reason = ''"
    found = store.value(sql, ticket_id, running.clock, to_text(running.started_at))
    return "" if found is None else str(found)


# --- inside an event's transaction ---------------------------------------------------------------------


def review(work: Work, before: Ticket, ran: Sequence[tuple[int, Running]], runs: Sequence[tuple[int, Running]]) -> None:
    """After an event has set the clocks: what has passed its limit, and what is over.

    before: the ticket before the event. ran: its running clocks, with the ids of their rows; whoever had the turn while
    they ran bears what had passed. runs: those that run now.
    """
    rows = _rows(work)
    still = {deadline_id for deadline_id, _ in runs}
    ended = [clock for deadline_id, clock in ran if deadline_id not in still]
    for clock in ended:
        if work.site.table.clocks[clock.clock].binds is not None:
            _end(work, before, clock, rows.get(_run(clock)))
    if ended:  # `#batal` may have set the same run going again
        rows = _rows(work)
    ran_before = {deadline_id for deadline_id, _ in ran}
    for deadline_id, clock in runs:
        if work.site.table.clocks[clock.clock].binds is not None:
            holding = before if deadline_id in ran_before else work.ticket
            _begin(work, holding, clock, rows.get(_run(clock)))


def _begin(work: Work, holding: Ticket, running: Running, row: Row | None) -> None:
    """A limit that has passed while its clock goes on; also of a clock that `#batal` has set going again. row: of the
    breach of this run of the clock, if there is one."""
    if row is not None:
        work.store.update("breaches", row["id"], ended_at=None, minutes=None)
    elif (due := _limit(work, running)) <= work.event.at:
        _insert(work, holding, running, due)


def _end(work: Work, holding: Ticket, running: Running, row: Row | None) -> None:
    """A clock has ended. What came in time and was handled behind the limit is no breach; nor is less than a minute."""
    due = _limit(work, running) if row is None else to_instant(row["due"])
    late = work.site.calendar.working_minutes_between(due, work.event.at)
    if late < 1:
        if row is not None:
            work.store.execute("DELETE FROM breaches WHERE id = ?", row["id"])
        return
    breach = _insert(work, holding, running, due) if row is None else int(row["id"])
    work.store.update("breaches", breach, ended_at=to_text(work.event.at), minutes=late)


def _limit(work: Work, running: Running) -> datetime:
    clock = work.site.table.clocks[running.clock]
    return clocks.first_limit(clock, running, work.site.timing(work.ticket.priority))


def _rows(work: Work) -> dict[tuple[str, str], Row]:
    """The breaches of a ticket by the runs of its clocks."""
    sql = "SELECT id, due, clock, started_at FROM breaches WHERE ticket_id = ?"
    return {(str(row["clock"]), str(row["started_at"])): row for row in work.store.rows(sql, work.ticket.id)}


def _run(running: Running) -> tuple[str, str]:
    """By what a run of a clock is known: `#batal` makes a new row of the clock, but its start stays."""
    return running.clock, to_text(running.started_at)


def _insert(work: Work, holding: Ticket, running: Running, due: datetime) -> int:
    clock = work.site.table.clocks[running.clock]
    assert clock.binds is not None
    party = holder_of(holding.status, waits=holding.data_wait) if clock.binds == HOLDER else Ball(clock.binds)
    return work.store.insert(
        "breaches",
        ticket_id=work.ticket.id,
        clock=running.clock,
        step=clock.step,
        started_at=to_text(running.started_at),
        due=to_text(due),
        party=party.value,
        handler=work.handled_by,
        **_reason_ahead(work, running.clock),
    )


#: What an escalation may give its reason for beforehand.
_OF_ESCALATION = ("escalation", "identity", "supporting_data")


def _reason_ahead(work: Work, what: str) -> dict[str, str]:
    """The reason that stands in the escalation itself."""
    given = work.event.kind == "staff.escalate" and what in _OF_ESCALATION and work.event.argument
    return {"reason": work.event.argument, "reason_by": work.event.address} if given else {}


def missed(work: Work, norm: str, since: datetime, due: datetime, done_at: datetime) -> None:
    """A limit that no clock watches, looked at when its act is done: kept if it has been passed."""
    late = work.site.calendar.working_minutes_between(due, done_at) if due < done_at else 0
    if late:
        _keep(work, norm, since, due, late)


def lacking(work: Work, norm: str) -> None:
    """Equipment or output that should have been there at the event in hand."""
    _keep(work, norm, work.event.at, work.event.at, 0)


def _keep(work: Work, norm: str, since: datetime, due: datetime, minutes: int) -> None:
    sql = "SELECT 1 FROM breaches WHERE ticket_id = ? AND clock = ? AND started_at = ?"
    if work.store.value(sql, work.ticket.id, norm, to_text(since)) is None:
        work.store.insert(
            "breaches",
            ticket_id=work.ticket.id,
            clock=norm,
            step=work.site.table.norms[norm].step,
            started_at=to_text(since),
            due=to_text(due),
            party=Ball.LPSE.value,
            handler=work.ticket.handler,
            ended_at=to_text(work.event.at),
            minutes=minutes,
            **_reason_ahead(work, norm),
        )


def take_back(work: Work, at: Iterable[str]) -> None:
    """What was lacking at acts that are undone, at these instants, is lacking no more."""
    for instant in at:
        work.store.execute(
            "DELETE FROM breaches WHERE ticket_id = ? AND started_at = ? AND minutes = 0", work.ticket.id, instant
        )


def explain(work: Work) -> list[Breach]:
    """`#alasan`: why, for the breaches whose ids the event's argument says; those that it was given for."""
    meant = {int(breach) for breach in work.event.argument.split()}
    found = [each for each in of(work.store, work.site, work.ticket.id, work.now) if each.id in meant]
    for each in found:
        work.store.update("breaches", each.id, reason=work.event.text, reason_by=work.event.address)
    return found
