"""Reports on what is overdue: one mail a person for all tickets, where many reminders are due at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot import letters
from mailbot.config.site import Site
from mailbot.masking import mask_identity
from mailbot.model import NamedAddress, Role, Ticket
from mailbot.rules.sop import clocks
from mailbot.rules.sop.clocks import Running
from mailbot.rules.sop.turns import ball_of
from mailbot.sentences import Sentences
from mailbot.store import notices
from mailbot.store.database import Row, Store, to_instant
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import leaves, postponing, progress, tickets
from mailbot.tickets.case import Case, Context

_SAID = Sentences(__file__)

#: Tickets of one report that get a link each.
MOST_LINKS = 20

#: Audience → the mail that collects its notices.
_TEMPLATES = {
    Role.STAFF: "staff_digest",
    Role.COORDINATOR: "coordinator_overdue",
    Role.HEAD: "head_overdue",
}


def item(
    store: Store, site: Site, ticket: Ticket, running: Running | None, now: datetime, what: str = ""
) -> dict[str, Any]:
    """One line of a report."""
    late = None
    if running is not None:
        limit = clocks.first_limit(site.table.clocks[running.clock], running, site.timing(ticket.priority))
        late = letters.lateness(site, limit, now)
    person = site.config.person(ticket.handler) if ticket.handler else None
    return {
        "number": ticket.number,
        "subject": mask_identity(ticket.subject),
        "priority": letters.priority_label(site, ticket.priority),
        "ball": ball_of(ticket).value,
        "late": late or "–",
        "handler": person.name if person else _SAID("no_handler"),
        "support": " – ".join(filter(None, (ticket.tts_number, letters.support_age(site, ticket, now)))) or None,
        "postponed": _postponed(store, site, ticket, running),
        "what": what or (site.table.clocks[running.clock].title if running else ""),
        "turns": progress.turns_line(store, site, ticket, now),
        "breaches": progress.breach_count(store, site, ticket, now),
        "target": letters.target(store, site, ticket, now),
    }


def _postponed(store: Store, site: Site, ticket: Ticket, running: Running | None) -> str | None:
    """By whom the limit was put off and why, of the clock at hand or else of the one that runs."""
    if running is None:
        found = postponing.main_clock(store, site, ticket.id)
        running = found[1] if found else None
    return postponing.said(site, running) if running else None


def people(site: Site, audience: Role) -> Sequence[NamedAddress]:
    listed = {
        Role.STAFF: site.config.staff,
        Role.COORDINATOR: site.config.coordinator,
        Role.HEAD: site.config.head,
    }[audience]
    return [NamedAddress(person.name, person.address) for person in listed]


def actions_on_one(
    store: Store, site: Site, ticket: Ticket, recipient: NamedAddress, audience: Role, now: datetime
) -> list[dict[str, Any]]:
    """Below a report on one ticket: a plain reply directs staff; the coordinator may also take it further up."""
    if audience is Role.HEAD:
        return [recommending()]
    found = [directing()]
    if site.config.head:
        found.append(reporting(Case(store, site, now, ticket), recipient))
    return found


def recommending() -> dict[str, Any]:
    """What a head's plain reply does."""
    return letters.reply_hint(_SAID("recommend"))


def directing() -> dict[str, Any]:
    """What a coordinator's plain reply does."""
    return letters.reply_hint(_SAID("direct"))


def reporting(case: Case, recipient: NamedAddress) -> dict[str, Any]:
    """The link by which a coordinator takes a ticket further up."""
    return letters.link(case, recipient, _SAID("report"), "#kepala", hint=_SAID("report_hint"))


def _actions(
    store: Store, site: Site, found: Sequence[Ticket], recipient: NamedAddress, audience: Role, now: datetime
) -> list[dict[str, Any]]:
    """Below a report on several tickets: a link for each, because a reply could mean any of them."""
    if audience is Role.STAFF:
        return []
    if len(found) == 1:
        return actions_on_one(store, site, found[0], recipient, audience, now)
    actions = []
    for one in found[:MOST_LINKS]:
        label, hint = _SAID("direct_one", ticket=one.number), _SAID("direct_one_hint")
        actions.append(letters.link(Case(store, site, now, one), recipient, label, "#arahan", hint=hint))
    return actions


def _items(store: Store, site: Site, notices: Sequence[Row], now: datetime) -> list[dict[str, Any]]:
    """One line per ticket, the longest overdue first."""
    found: dict[int, Row] = {}
    for notice in notices:
        found.setdefault(int(notice["ticket_id"]), notice)
    lines = []
    for ticket_id, notice in found.items():
        ticket = tickets.load(store, ticket_id)
        late = letters.lateness(site, to_instant(notice["due"]), now)
        lines.append({**item(store, site, ticket, None, now, str(notice["what"])), "late": late or "–"})
    return lines


def report(store: Store, site: Site, audience: Role, now: datetime) -> int:
    """Put the waiting notices of an audience into one mail a person, in one transaction. Returns the mails made."""
    if not notices.of_limits(store, site.name, audience):  # nearly always: no transaction for nothing
        return 0
    with store.immediate():
        waiting = notices.of_limits(store, site.name, audience)
        if not waiting:
            return 0
        about = [tickets.load(store, ticket_id) for ticket_id in dict.fromkeys(int(n["ticket_id"]) for n in waiting)]
        found = Report(audience, _items(store, site, waiting, now), about, f"notices.{waiting[-1]['id']}")
        made = put(Context(store, site, now), found)
        notices.reported(store, waiting, now)
    return made


@dataclass(frozen=True, slots=True)
class Report:
    """One mail to each person of an audience, about several tickets. items: a line each. rest: how many more there are
    that have none. listed: it is a list of the day, which no limit counts."""

    audience: Role
    items: Sequence[dict[str, Any]]
    about: Sequence[Ticket]
    key: str
    rest: int = 0
    listed: bool = False


def put(context: Context, found: Report) -> int:
    """Into the outbox, inside the caller's transaction. Returns the mails made."""
    store, site, now = context.store, context.site, context.now
    template, count = _TEMPLATES[found.audience], len(found.items) + found.rest
    # A report on one ticket belongs to it, so that a plain reply is understood.
    alone = found.about[0] if len(found.about) == 1 and found.audience is not Role.STAFF else None
    about_all = _SAID("subject", prefix=site.config.ticket_prefix, mail=MAILS[template].kind, count=count)
    summary = _SAID("summary", count=count)
    if found.rest:
        summary = f"{summary} {_SAID('summary_rest', shown=len(found.items), rest=found.rest)}"
    recipients = leaves.present(store, site, people(site, found.audience), now)
    for person in recipients:
        shown = {
            "organisation": letters.organisation(site),
            "recipient": {"name": person.name, "address": person.address},
            "summary": summary,
            "items": list(found.items),
            "listed": [],
            "tiers": letters.tier_names(site),
            "actions": _actions(store, site, found.about, person, found.audience, now),
        }
        letter = letters.Letter(
            template=template,
            recipient=person,
            shown=shown,
            key=found.key,
            subject=letters.subject_of(template, alone) if alone else about_all,
            ticket=alone,
            listed=found.listed,
        )
        letters.put(context, letter)
    return len(recipients)
