"""The figures of a month's report, counted from the mails alone. Standard library only.

All is as it stood when the month was over. Left out are tickets that were thrown away or became part of another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.month.counting import LENGTHS, TABLE, Count, Recap, Ticket
from tests.month.officetime import WIB

_ENDED = ("resolved", "closed")
_PARTIES = {"LPSE": "lpse", "Pengguna": "user", "LKPP": "lkpp"}
_ELEMENTS = ("procedure", "speed", "clarity", "courtesy")
_GRADES = (("A", 88.31), ("B", 76.61), ("C", 65.0), ("D", 0.0))
Length = tuple[int, int, bool]  # priority, minutes, late


class Report:
    """Of a month that is over."""

    def __init__(self, count: Count, first: date, names: Mapping[str, str]) -> None:
        after = (first + timedelta(31)).replace(day=1)
        self.count, self.first, self.last = count, first, after - timedelta(1)
        self.begin, self.end = (datetime.combine(day, datetime.min.time(), WIB) for day in (first, after))
        self.lines = Recap(count, first, names).lines
        self.before = Recap(count, (first - timedelta(1)).replace(day=1), names).lines
        self.tickets = [one for one in count.tickets.values() if not one.discarded and not one.into]

    def figures(self, now: datetime) -> dict[str, Any]:
        return {
            "received": self._received(),
            "first_response": self._first_response(),
            "solution": self._solution(),
            "breaches": self._breaches(now),
            "lkpp": self._lkpp(),
            "satisfaction": self._satisfaction(),
            "repeated": self._repeated(),
            "open": self._open(),
        }

    def _has(self, at: datetime) -> bool:
        return self.begin <= at < self.end

    # --- what came -------------------------------------------------------------------------------

    def _received(self) -> dict[str, Any]:
        problems = Counter(self._code(line.number) for line in self.lines)
        before = Counter(self._code(line.number) for line in self.before)
        weeks, day = [], self.first
        while day <= self.last:
            last = min(day + timedelta(6 - day.weekday()), self.last)
            weeks.append({"from": f"{day}", "to": f"{last}", "n": sum(day <= line.day <= last for line in self.lines)})
            day = last + timedelta(1)
        return {
            "total": len(self.lines),
            "before": len(self.before),
            "channels": dict(Counter(line.channel for line in self.lines)),
            "categories": dict(Counter(line.category for line in self.lines)),
            "problems": {code: (n, before[code]) for code, n in problems.items()},
            "weeks": weeks,
        }

    def _code(self, number: str) -> str:
        return str(self.count.tickets[number].meaning["code"])

    # --- how long it took ------------------------------------------------------------------------

    def _late(self, ticket: Ticket, name: str, at: datetime) -> bool:
        limit = self.count.after(ticket.opened, TABLE[ticket.priority][name])
        return self.count.time.minutes(limit, at) > 0

    def _spread(self, found: Sequence[Length]) -> dict[str, Any]:
        minutes = sorted(minutes for _, minutes, _ in found)
        over, n = sum(late for *_, late in found), len(minutes)
        median = (minutes[(n - 1) // 2] + minutes[n // 2]) // 2 if n else None
        ninth = minutes[-(-9 * n // 10) - 1] if n else None
        return {"n": n, "median": median, "p90": ninth, "within": n - over, "over": over}

    def _by_priority(self, found: Sequence[Length]) -> dict[str, Any]:
        levels = {level: self._spread([one for one in found if one[0] == level]) for level in TABLE}
        return {**self._spread(found), "priorities": levels}

    def _first_response(self) -> dict[str, Any]:
        found, unanswered = [], 0
        for ticket in self.tickets:
            answered = ticket.responded
            if answered is not None and self._has(answered) and answered > ticket.opened:
                took = self.count.time.minutes(ticket.opened, answered)
                found.append((ticket.priority, took, self._late(ticket, "first_response", answered)))
            if ticket.opened < self.end and (answered is None or answered >= self.end):
                waits = ticket.status_at(self.end) in ("new", "in_progress")
                unanswered += waits and self._late(ticket, "first_response", self.end)
        return {**self._by_priority(found), "unanswered": unanswered}

    def _solution(self) -> dict[str, Any]:
        found: list[Length] = []
        endings, turns, again = Counter[str](), Counter[str](), 0
        for ticket in self.tickets:
            known = [one for one in ticket.history if one[0] < self.end]
            pairs = list(pairwise(known))
            again += sum(self._has(b[0]) and a[1] in _ENDED and b[1] not in _ENDED for a, b in pairs)
            solved = [b[0] for a, b in pairs if a[1] not in _ENDED and b[1] in _ENDED]
            if not known or known[-1][1] not in _ENDED or not self._has(solved[-1]) or solved[-1] <= ticket.opened:
                continue
            took = self.count.time.minutes(ticket.opened, solved[-1])
            found.append((ticket.priority, took, self._late(ticket, "target", solved[-1])))
            endings["open" if known[-1][1] == "resolved" else known[-1][2]] += 1
            turns.update(self._turns(ticket, solved[-1]))
        ways = {"user": "confirmed", "clock": "silent"}
        ended = Counter[str]()
        for name, n in endings.items():
            ended[name if name == "open" else ways.get(name, "staff")] += n
        return {
            **self._by_priority(found),
            "reopened": again,
            "endings": {name: ended[name] for name in ("confirmed", "silent", "staff", "open")},
            "turns": {name: turns[name] for name in _PARTIES.values()},
        }

    def _turns(self, ticket: Ticket, until: datetime) -> dict[str, int]:
        """Minutes of service that each party had it, until a ticket was solved."""
        cuts = {at for at, *_ in ticket.history}
        cuts |= {at for run in ticket.runs if run.clock == "forwarding" for at in (run.start, run.end) if at}
        marks = [*sorted(at for at in cuts if at < until), until]
        seconds = Counter[str]()
        for start, end in pairwise(marks):
            seconds[ticket.holder_at(start + timedelta(seconds=1))] += self.count.time.span(start, end)
        return {name: seconds[party] // 60 for party, name in _PARTIES.items()}

    # --- failures --------------------------------------------------------------------------------

    def _breaches(self, now: datetime) -> dict[str, Any]:
        found = [
            (ticket.number, one)
            for ticket in self.tickets
            for one in self.count.breaches(ticket, now)
            if self._has(max(one.due, ticket.opened))  # before its ticket was there nobody could know of it
        ]
        kinds = Counter((one.clock, _PARTIES[one.party]) for _, one in found)
        return {
            "total": len(found),
            **{name: sum(one.party == party for _, one in found) for party, name in _PARTIES.items()},
            "unexplained": sum(not one.reason for _, one in found),
            "kinds": dict(kinds),
            "reasons": sorted((number, one.clock, one.reason) for number, one in found if one.reason),
        }

    def _lkpp(self) -> dict[str, Any]:
        steps: dict[str, list[Length]] = {step: [] for step in ("1", "9", "4", "6", "12", "13")}
        each, escalations, enquiries = [], 0, 0
        for ticket in self.tickets:
            enquiries += sum(map(self._has, ticket.enquiries))
            escalations += sum(self._has(at) for at in ticket.escalations)
            for run in ticket.runs:
                step = {"escalation": "1", "forwarding": "9"}.get(run.clock)
                if step and run.sent and run.end is not None and self._has(run.end):
                    late = self.count.time.minutes(self.count.after(run.start, LENGTHS[run.clock]), run.end) > 0
                    steps[step].append((0, self.count.time.minutes(run.start, run.end), late))
            for step, at, minutes, asked in self._replies(ticket):
                if self._has(at):
                    steps[step].append((0, minutes, False))
                    each += [asked] if step in ("4", "13") else []
        return {
            "escalations": escalations,
            "enquiries": enquiries,
            "finished": len(each),
            "enquiries_each": round(sum(each) / len(each), 1) if each else None,
            "steps": {step: self._spread(found) for step, found in steps.items()},
        }

    def _replies(self, ticket: Ticket) -> Iterator[tuple[str, datetime, int, int]]:
        """Each answer of LKPP: its step, when, after how many minutes, and after how many enquiries."""
        for index, (at, step) in enumerate(ticket.replies):
            since = max(one for one in ticket.escalations if one <= at)
            asked = sum(since <= one <= at for one in ticket.enquiries)
            if step == "12":
                heard = [one for one, _ in ticket.replies[:index]]
                last = max(one for one in [*ticket.given, *heard, since] if one <= at)
                yield step, at, self.count.time.minutes(last, at), asked
                continue
            marks = [*(one for one, *_ in ticket.history if since <= one < at), at]
            spans = pairwise(marks)
            had = sum(self.count.time.span(a, b) for a, b in spans if self._status_after(ticket, a) == "escalated")
            yield step, at, had // 60, asked

    def _status_after(self, ticket: Ticket, at: datetime) -> str:
        return [status for since, status, _ in ticket.history if since <= at][-1]

    # --- the users -------------------------------------------------------------------------------

    def _satisfaction(self) -> dict[str, Any]:
        quarter = self.begin.replace(month=(self.first.month - 1) // 3 * 3 + 1)
        return {"month": self._surveyed(self.begin), "quarter": self._surveyed(quarter)}

    def _surveyed(self, begin: datetime) -> dict[str, Any]:
        found = [
            [marks for at, marks in ticket.marks if begin <= at < self.end][-1:]
            for ticket in self.count.tickets.values()
        ]
        answers = [one for several in found for one in several]
        means = [round(sum(marks) / len(marks), 2) for marks in zip(*answers, strict=True)]  # as they are printed
        value = round(sum(means) / len(means), 4) if means else None
        index = None if value is None else round(value * 25, 2)
        return {
            "answers": len(answers),
            "elements": dict(zip(_ELEMENTS, means, strict=False)),
            "index": index,
            "grade": None if index is None else next(grade for grade, least in _GRADES if index >= least),
        }

    def _repeated(self) -> dict[str, int]:
        users = Counter(self._user(ticket) for ticket in self.tickets if self._has(ticket.opened))
        often = [n for user, n in users.items() if user and n > 1]
        return {"users": len(often), "tickets": sum(often), "most": max(often, default=0)}

    def _user(self, ticket: Ticket) -> str:
        return str(ticket.meaning["address"] if "address" in ticket.meaning else ticket.meaning["who"])

    def _open(self) -> dict[str, Any]:
        there = [ticket for ticket in self.tickets if ticket.opened < self.end]
        now = [(ticket, ticket.status_at(self.end)) for ticket in there]
        going = [(ticket, status) for ticket, status in now if status not in _ENDED]
        return {
            "total": len(going),
            "statuses": dict(Counter(status for _, status in going)),
            "priorities": {str(level): sum(one.priority == level for one, _ in going) for level in TABLE},
            "oldest": max(((self.end - one.opened).days for one, _ in going), default=None),
            "confirming": sum(status == "resolved" for _, status in now),
        }


def flat(found: Any, name: str = "") -> Iterable[tuple[str, Any]]:
    """Every figure by its path."""
    if isinstance(found, Mapping):
        for key, value in found.items():
            yield from flat(value, f"{name}.{key}")
    else:
        yield name, found
