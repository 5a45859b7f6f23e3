"""Where a ticket stands, in words for the LPSE's own people: tier, who has had it how long, what was late and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from mailbot.clean import shorten
from mailbot.config.site import Site
from mailbot.model import Ball, Role, Status, Ticket
from mailbot.rules.sop.turns import turns
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences
from mailbot.store.database import Store, to_instant
from mailbot.tickets import breaches, tickets
from mailbot.tickets.breaches import Breach

_SAID = Sentences(__file__)

#: Characters of a reason in a list.
_REASON = 200


def values(store: Store, site: Site, ticket: Ticket, now: datetime) -> dict[str, Any]:
    """The record `standing` of the templates."""
    return {
        "tier": tier(store, site, ticket),
        "ladder": ladder(site),
        "asked": asked(store, site, ticket),
        "turns": turns_of(store, site, ticket, now),
        "breaches": [
            {"what": breach_name(site, each), "how": breach_course(site, each)}
            for each in _kept(store, site, ticket, now)
        ],
    }


# --- the ladder ------------------------------------------------------------------------------------------


def tier(store: Store, site: Site, ticket: Ticket) -> str:
    """On which tier the ticket is. What LKPP waits for from the user is LKPP's; so is what LKPP has solved."""
    if ticket.is_with_lkpp:
        return site.config.tiers.lkpp
    if _ended_by(store, ticket) == "lkpp.solved":
        return _SAID("solved_by", tier=site.config.tiers.lkpp)
    waits = not ticket.clocks.isdisjoint(("direction", "approval"))
    return site.config.tiers.coordinator if waits else site.config.tiers.staff


_ENDED = (Status.RESOLVED, Status.CLOSED)


def _ended_by(store: Store, ticket: Ticket) -> str:
    """The event that ended the handling of a ticket that is resolved or closed, "" while it goes on."""
    if ticket.status not in _ENDED:
        return ""
    for row in reversed(tickets.history(store, ticket.id)):
        if Status(row["status_after"]) in _ENDED and (row["status_before"] or "new") not in _ENDED:
            return str(row["event"])
    return ""


def ladder(site: Site) -> str:
    """The tiers from the first to the last; the last one lies inside LKPP, where mailbot sees nothing."""
    found = site.config.tiers
    return f"{found.staff} → {found.coordinator} → {found.lkpp} (→ {found.technical})"


def asked(store: Store, site: Site, ticket: Ticket) -> str | None:
    """Since when direction is asked for and not given."""
    for _, running in tickets.running(store, ticket.id):
        if running.clock == "direction":
            return _SAID("unanswered", since=site.say(running.started_at))
    return None


def last_direction(store: Store, site: Site, ticket: Ticket, *, by_head: bool = True) -> dict[str, str] | None:
    """The last direction or recommendation: who, when, and what (the record `direction` of the templates). by_head:
    whether the head's recommendations count."""
    rows = tickets.texts_for(store, ticket.id, Role.STAFF)
    found = [row for row in rows if row["kind"] == "direction" and (by_head or row["role"] != Role.HEAD.value)]
    if not found:
        return None
    row = found[-1]
    at = site.say(to_instant(row["at"]))
    return {"name": _name(site, str(row["address"])), "at": at, "text": str(row["body"])}


# --- who has had the ball --------------------------------------------------------------------------------


def turns_of(store: Store, site: Site, ticket: Ticket, now: datetime) -> list[dict[str, str]]:
    """Each party that has had the ball, and how long: in service hours, and by the calendar since the opening."""
    changes = [(to_instant(row["at"]), Status(row["status_after"])) for row in tickets.history(store, ticket.id)]
    return [
        {
            "who": turn.ball.value,
            "long": _SAID("long", service=_minutes(turn.service), calendar=_calendar(turn.wall)),
        }
        for turn in turns(changes, now, site.calendar.service_between, tickets.data_held(store, ticket.id))
        if turn.ball is not Ball.NOBODY
    ]


def turns_line(store: Store, site: Site, ticket: Ticket, now: datetime) -> str:
    return "; ".join(f"{turn['who']} {turn['long']}" for turn in turns_of(store, site, ticket, now))


def _minutes(length: timedelta) -> str:
    return dates.format_minutes(length // timedelta(minutes=1))


def _calendar(length: timedelta) -> str:
    """As "3 hari 4 jam", "4 jam 20 menit"."""
    hours = length // timedelta(hours=1)
    days, rest = divmod(hours, 24)
    if not days:  # as exact as the service hours beside it, which would else be more
        return _minutes(length)
    return _SAID("days_and_hours", days=days, hours=rest) if rest else _SAID("days", days=days)


# --- what was late ---------------------------------------------------------------------------------------


def breach_lines(store: Store, site: Site, ticket: Ticket, now: datetime) -> list[str]:
    return [f"{breach_name(site, each)}: {breach_course(site, each)}" for each in _kept(store, site, ticket, now)]


def breach_count(store: Store, site: Site, ticket: Ticket, now: datetime) -> str | None:
    """As "2 kali, 1 di antaranya tanpa alasan"; None: there is none."""
    found = _kept(store, site, ticket, now)
    count = sum(each.times for each in found)
    without = sum(each.times for each in found if not each.reason)
    if not found:
        return None
    if not without:
        return _SAID("all_explained", count=count)
    if without < count:
        return _SAID("some_unexplained", count=count, without=without)
    return _SAID("none_explained", count=count) if count > 1 else _SAID("one_unexplained")


def _kept(store: Store, site: Site, ticket: Ticket, now: datetime) -> list[Breach]:
    return breaches.of(store, site, ticket.id, now)


def breach_name(site: Site, breach: Breach) -> str:
    """Which limit or norm it is of."""
    known = site.table.clocks.get(breach.clock) or site.table.norms.get(breach.clock)
    title = known.title if known else breach.clock
    return _SAID("of_step", clock=title, step=breach.step) if breach.step else title


def breach_course(site: Site, breach: Breach) -> str:
    """Since when, how late, whose, and why."""
    whose = breach.party.value
    if breach.party is Ball.LPSE:
        whose += f" ({_name(site, breach.handler) if breach.handler else _SAID('no_handler')})"
    reason = shorten(" ".join(breach.reason.split()), _REASON)
    explained = _SAID("explained", reason=reason) if breach.reason else _SAID("unexplained")
    if not breach.of_time:
        return _SAID("lacking", at=site.say(breach.due), whose=whose, reason=explained)
    return _SAID(
        "late",
        due=site.say(breach.due),
        end=_SAID("not_ended") if breach.ended_at is None else _SAID("ended", at=site.say(breach.ended_at)),
        late=dates.format_minutes(breach.minutes),
        whose=whose,
        times=_SAID("each_day", times=breach.times) if breach.times > 1 else "",
        reason=explained,
    )


def _name(site: Site, address: str) -> str:
    person = site.config.person(address)
    return person.name if person else address
