"""The figures as plain data, for programs: `mailbot report --json`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from mailbot.reports.monthly.figures import Figures, OfPriority, Satisfaction, Spread


def as_json(found: Figures) -> dict[str, Any]:
    """The figures as plain data: lengths in minutes of service, shares in percent."""
    first, solution, lkpp, said = found.first_response, found.solution, found.lkpp, found.satisfaction
    return {
        "month": f"{found.first:%Y-%m}",
        "until": found.until.isoformat(timespec="microseconds"),
        "complete": found.complete,
        "received": {
            "total": found.received.total,
            "before": found.received.before,
            "channels": dict(found.received.channels),
            "problems": [{"code": one.name, "n": one.n, "before": one.before} for one in found.received.problems],
            "categories": dict(found.received.categories),
            "weeks": [{"from": f"{w.first}", "to": f"{w.last}", "n": w.n} for w in found.received.weeks],
        },
        "first_response": {
            **_of(first.spread),
            "unanswered": first.unanswered,
            "priorities": [_of_priority(one) for one in first.priorities],
        },
        "solution": {
            **_of(solution.spread),
            "reopened": solution.reopened,
            "endings": dict(solution.endings),
            "turns": dict(solution.turns),
            "priorities": [_of_priority(one) for one in solution.priorities],
        },
        "breaches": {
            "total": found.breaches.total,
            **found.breaches.parties,
            "unexplained": found.breaches.unexplained,
            "kinds": [
                {"clock": one.clock, "party": one.party.name.lower(), "n": one.n, "unexplained": one.unexplained}
                for one in found.breaches.kinds
            ],
            "reasons": [
                {"ticket": one.ticket, "clock": one.clock, "reason": one.reason} for one in found.breaches.reasons
            ],
        },
        "lkpp": {
            "escalations": lkpp.escalations,
            "enquiries": lkpp.enquiries,
            "finished": lkpp.finished,
            "enquiries_each": lkpp.enquiries_each,
            "steps": [
                {"step": one.step, **_of(one.spread), "limit": None if one.limit is None else asdict(one.limit)}
                for one in lkpp.steps
            ],
        },
        "satisfaction": {
            "month": _of_survey(said.month),
            "quarter": _of_survey(said.quarter),
            "quarter_from": f"{said.quarter_from}",
            "unread": [{"ticket": one.ticket, "words": one.words} for one in said.unread],
        },
        "repeated": asdict(found.repeated),
        "open": {
            "total": found.open.total,
            "statuses": dict(found.open.statuses),
            "priorities": {str(level): n for level, n in found.open.priorities.items()},
            "oldest": found.open.oldest,
            "confirming": found.open.confirming,
        },
    }


def _of(found: Spread) -> dict[str, Any]:
    return {**asdict(found), "share": found.share}


def _of_priority(found: OfPriority) -> dict[str, Any]:
    return {"priority": found.priority, "label": found.label, "limit": asdict(found.limit), **_of(found.spread)}


def _of_survey(found: Satisfaction) -> dict[str, Any]:
    return {
        "answers": found.answers,
        "elements": {name: asdict(one) for name, one in found.elements.items()},
        "value": found.value,
        "index": found.index,
        "grade": found.grade,
    }
