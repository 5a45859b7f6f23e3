"""What a month comes to: every figure of the monthly report, out of rows alone. Pure.

All is as it stood at the end of the month (`Month.until`), so that a month that is over gives the same report again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.model import Ball, Duration, Status
from mailbot.reports.monthly import lkpp_times
from mailbot.reports.monthly.figures import (
    Breaches,
    Counted,
    Element,
    Figures,
    FirstResponse,
    Kind,
    OfPriority,
    Open,
    Received,
    Repeated,
    Satisfaction,
    Solution,
    Spread,
    Surveyed,
    Week,
    spread,
)
from mailbot.reports.monthly.month import Change, Life, Limits, Month, Said
from mailbot.rules import survey
from mailbot.rules.sop.turns import turns

_ENDED = (Status.RESOLVED, Status.CLOSED)
_UNDONE = "staff.undo"
_PARTIES = (Ball.LPSE, Ball.USER, Ball.LKPP)


def compute(month: Month) -> Figures:
    return Figures(
        first=month.first,
        until=month.until,
        complete=month.until == month.end,
        received=_received(month),
        first_response=_first_response(month),
        solution=_solution(month),
        breaches=_breaches(month),
        lkpp=lkpp_times.of_month(month),
        satisfaction=_surveyed(month),
        repeated=_repeated(month),
        open=_open(month),
    )


# --- what came ------------------------------------------------------------------------------------------


def _received(month: Month) -> Received:
    before = Counter(line.problem for line in month.before)
    problems = Counter(line.problem for line in month.lines)
    return Received(
        total=len(month.lines),
        before=len(month.before),
        channels=dict(Counter(line.channel for line in month.lines).most_common()),
        problems=tuple(Counted(name, n, before[name]) for name, n in _ranked(problems)),
        categories=dict(_ranked(Counter(line.category for line in month.lines))),
        weeks=tuple(_weeks(month)),
    )


def _ranked(found: Counter[str]) -> list[tuple[str, int]]:
    """The largest first; of what is equal, by name."""
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))


def _weeks(month: Month) -> Iterator[Week]:
    """From Monday to Sunday, as far as they lie in the month."""
    days = Counter(line.day for line in month.lines)
    zone = month.calendar.zone
    after, until = month.end.astimezone(zone).date(), month.until.astimezone(zone).date()
    first = month.first
    while first < after and first <= until:
        last = min(first + timedelta(6 - first.weekday()), after - timedelta(1))
        yield Week(first, last, sum(n for day, n in days.items() if first <= day <= last))
        first = last + timedelta(1)


# --- how long it took ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Length:
    priority: int
    minutes: int
    late: bool


def _spread(found: Sequence[_Length]) -> Spread:
    return spread([one.minutes for one in found], sum(one.late for one in found))


def _priorities(month: Month, found: Sequence[_Length], limit: Callable[[Limits], Duration]) -> tuple[OfPriority, ...]:
    return tuple(
        OfPriority(level, row.label, limit(row), _spread([one for one in found if one.priority == level]))
        for level, row in sorted(month.limits.items())
    )


def _first_response(month: Month) -> FirstResponse:
    found, unanswered = [], 0
    for life in month.lives:
        limit = month.limits[life.priority].first_response
        if life.answered is not None and month.has(life.answered) and life.answered > life.opened:
            minutes, late = month.minutes(life.opened, life.answered), month.late(life.opened, life.answered, limit)
            found.append(_Length(life.priority, minutes, late))
        waits = life.answered is None or life.answered >= month.until
        if waits and _status(month, life) in (Status.NEW, Status.IN_PROGRESS):
            unanswered += month.late(life.opened, month.until, limit)
    return FirstResponse(_spread(found), _priorities(month, found, lambda limits: limits.first_response), unanswered)


def _status(month: Month, life: Life) -> Status | None:
    """As of the end of the report; None: it was not there yet."""
    known = month.known(life)
    return known[-1].after if known else None


def _solution(month: Month) -> Solution:
    found: list[_Length] = []
    endings, sums, reopened = Counter[str](), Counter[str](), 0
    for life in month.lives:
        known = month.known(life)
        reopened += sum(
            month.has(one.at) and one.before in _ENDED and one.after not in _ENDED and one.event != _UNDONE
            for one in known
        )
        solved = _solved(known)
        if solved is None or not month.has(solved) or solved <= life.opened:
            continue
        target = month.limits[life.priority].target
        found.append(
            _Length(life.priority, month.minutes(life.opened, solved), month.late(life.opened, solved, target))
        )
        endings[_ending(known)] += 1
        changes = [(one.at, one.after) for one in known if one.at <= solved]
        for turn in turns(changes, solved, month.calendar.service_between, _held(life)):
            sums[turn.ball.name.lower()] += turn.service // timedelta(minutes=1)
    return Solution(
        spread=_spread(found),
        priorities=_priorities(month, found, lambda limits: limits.target),
        endings={name: endings[name] for name in ("confirmed", "silent", "staff", "open")},
        reopened=reopened,
        turns={name: sums[name] for name in ("lpse", "user", "lkpp")},
    )


def _solved(known: Sequence[Change]) -> datetime | None:
    """When a ticket that is answered or closed became so for the last time."""
    if not known or known[-1].after not in _ENDED:
        return None
    return next((one.at for one in reversed(known) if one.before not in _ENDED and one.after in _ENDED), None)


def _ending(known: Sequence[Change]) -> str:
    if known[-1].after is Status.RESOLVED:
        return "open"
    closed = next(one for one in reversed(known) if one.before is not Status.CLOSED)
    if closed.event.startswith("user."):
        return "confirmed"
    return "silent" if closed.event.startswith("due.") else "staff"


def _held(life: Life) -> list[tuple[datetime, datetime | None]]:
    return [(run.started, run.ended) for run in life.runs if run.clock == "forwarding"]


# --- penyimpangan ----------------------------------------------------------------------------------------


def _breaches(month: Month) -> Breaches:
    found = sorted(
        # A call that was recorded later than it was late: nobody could know of it before its ticket was there.
        (one for life in month.lives for one in life.breaches if month.has(max(one.due, life.opened))),
        key=lambda one: (one.due, one.ticket),
    )
    kinds = Counter((one.clock, one.party) for one in found)
    open_ = Counter((one.clock, one.party) for one in found if not one.reason)
    ranked = sorted(kinds.items(), key=lambda one: (-one[1], one[0]))
    return Breaches(
        total=len(found),
        parties={
            ball.name.lower(): sum(one.party is ball for one in found) for ball in (Ball.LPSE, Ball.USER, Ball.LKPP)
        },
        unexplained=sum(not one.reason for one in found),
        kinds=tuple(Kind(clock, party, n, open_[clock, party]) for (clock, party), n in ranked),
        reasons=tuple(one for one in found if one.reason),
    )


# --- the users -------------------------------------------------------------------------------------------


def _surveyed(month: Month) -> Surveyed:
    unread = tuple(one for one in month.said if month.has(one.at) and one.survey and not survey.marks(one.words))
    return Surveyed(
        month=_satisfaction(one for one in month.said if month.has(one.at)),
        quarter=_satisfaction(one for one in month.said if month.quarter <= one.at < month.until),
        quarter_from=month.quarter.astimezone(month.calendar.zone).date(),
        unread=unread,
    )


def _satisfaction(said: Iterable[Said]) -> Satisfaction:
    """One answer a ticket: the last one that can be read."""
    answers = {one.ticket: found for one in said if (found := survey.marks(one.words))}
    elements = {}
    for name in survey.ELEMENTS:
        marks = [found[name] for found in answers.values() if name in found]
        elements[name] = Element(len(marks), round(sum(marks) / len(marks), 2) if marks else None)
    return Satisfaction(len(answers), elements)


def _repeated(month: Month) -> Repeated:
    users = Counter(life.user for life in month.lives if life.user and month.begin <= life.opened < month.until)
    often = [n for n in users.values() if n > 1]
    return Repeated(len(often), sum(often), max(often, default=0))


def _open(month: Month) -> Open:
    found = [
        (life, now) for life in month.lives if (now := _status(month, life)) is not None and now is not Status.CLOSED
    ]
    going = [(life, now) for life, now in found if now is not Status.RESOLVED]
    counts = Counter(now.value for _, now in going)
    levels = Counter(life.priority for life, _ in going)
    oldest = min((life.opened for life, _ in going), default=None)
    return Open(
        total=len(going),
        statuses={each.value: counts[each.value] for each in Status if counts[each.value]},
        priorities={level: levels[level] for level in sorted(month.limits)},
        oldest=None if oldest is None else (month.until - oldest).days,
        confirming=len(found) - len(going),
    )
