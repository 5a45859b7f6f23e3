"""A ticket as a line of a list, as `#daftar`, `#cari` and `#status` show it."""

from __future__ import annotations

from typing import Any

from mailbot import letters
from mailbot.arrivals.staff.queries.asking import SUBJECT, Asked
from mailbot.clean import shorten
from mailbot.model import Status
from mailbot.sentences import Sentences
from mailbot.tickets import tickets

_SAID = Sentences(__file__)

#: Tickets that one answer lists: more is no list that anybody reads on a telephone.
MOST_LISTED = 25


def entry(asked: Asked, line: dict[str, Any], more: str = "") -> dict[str, Any]:
    """A ticket in a list: `line` as of `listing`, `more` what else there is to say of it."""
    store, site, now = asked.store, asked.site, asked.now
    ticket = tickets.load(store, int(line["id"]))
    limit = letters.deadline_of(store, site, ticket, now)
    label = f"{ticket.number} · {line['priority_label']}"
    if line["late"]:
        label = _SAID("late", ticket=label, overdue=(limit or {}).get("overdue") or "").rstrip()
    person = site.config.person(ticket.handler) if ticket.handler else None
    status, handler = line["status_label"], person.name if person else ticket.handler or _SAID("nobody")
    if ticket.status is Status.CLOSED:
        details = _SAID("details_closed", status=status, handler=handler)
    else:
        age = letters.ticket_values(site, ticket, now)["age"]
        details = _SAID("details", status=status, turn=line["ball"], age=age, handler=handler)
    if due := letters.target(store, site, ticket, now):
        details = f"{details} · {_SAID('target', due=due)}"
    if awaited := letters.awaited(store, site, ticket, now):
        details = f"{_SAID('caution', what=awaited)} · {details}"
    for _, running in tickets.running(store, ticket.id):
        if running.clock == "forwarding" and ticket.held_data:
            details = f"{details} · {_SAID('held', long=letters.held_for(site, running, now))}"
    return {
        "label": label,
        "href": asked.href("#status", ticket),
        "text": shorten(ticket.subject, SUBJECT),
        "details": details,
        "more": more or (_SAID("limit", what=_inside(limit["what"]), due=limit["due"]) if limit else None),
    }


def _inside(title: str) -> str:
    """A clock's title in the middle of a sentence."""
    return title[:1].lower() + title[1:]


def rest(count: int, hint: str) -> dict[str, Any]:
    """The last line of a list that is longer than what is shown."""
    return {"label": _SAID("not_shown", count=count), "href": None, "text": hint, "details": None, "more": None}
