"""The work lists (`staff_worklist`): what is late, what is due today, and what waits for whom, one mail a person.

They are computed from the clocks that run when they are written, so that no ticket can be forgotten. Coordinator and
head of unit get what has reached their stage (`coordinator_overdue`, `head_overdue`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from mailbot import letters
from mailbot.clean import shorten
from mailbot.config.site import Site
from mailbot.letters import overdue, since
from mailbot.letters.awaited import awaited
from mailbot.letters.unsent import is_done
from mailbot.masking import mask_identity
from mailbot.model import Ball, NamedAddress, Role, Ticket
from mailbot.rules.sop.turns import ball_of
from mailbot.rules.sop.waits import Rules, Wait, waits
from mailbot.rules.worktime.listtimes import ListTime
from mailbot.sentences import Sentences
from mailbot.store import untold
from mailbot.store.database import Store
from mailbot.store.traffic import LISTED
from mailbot.store.untold import Done
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import earlier, leaves, tickets, unsent
from mailbot.tickets.case import Case, Context
from mailbot.tickets.unsent import Unsent

_SAID = Sentences(__file__)

#: Tickets of one list beside P1, of which none is left out: more is no list that anybody reads on a telephone, and
#: programs cut long mails off.
MOST = 40
_SUBJECT = 80  # characters
#: Lines of what was done without a receipt; the others wait for the next list.
_MOST_DONE = 20

#: The sections of a list, in their order.
_LATE, _TODAY, _OURS, _HELD, _USERS, _LKPPS = "late", "today", "lpse", "held", "user", "lkpp"
_SECTIONS = (_LATE, _TODAY, _OURS, _HELD, _USERS, _LKPPS)
#: What is the LPSE's to do: where there is nothing of it, no list is written.
_WORK = frozenset({_LATE, _TODAY, _OURS, _HELD})
_OF_BALL = {Ball.LPSE: _OURS, Ball.USER: _USERS, Ball.LKPP: _LKPPS, Ball.NOBODY: _OURS}


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket in one section. wait: the clock that puts it there; also: its others that are late or due today. held:
    what of a person's words was held."""

    section: str
    ticket: Ticket
    wait: Wait | None = None
    held: Unsent | None = None
    also: tuple[Wait, ...] = ()

    @property
    def rank(self) -> tuple[int, datetime, int]:
        """P1 first, then the earliest limit."""
        at = self.wait.limit if self.wait else self.held.since if self.held else self.ticket.opened_at
        return self.ticket.priority, at, self.ticket.id


@dataclass(frozen=True, slots=True)
class Counts:
    """What the day's first list says beside the tickets. held: mails of ours that wait. machines: mails of machines
    without a ticket, since the last list. balance: of the mails of the day before, in words; unequal: how many of them
    have no outcome."""

    held: int
    quarantined: int
    machines: int
    balance: str
    unequal: int


@dataclass(frozen=True, slots=True)
class Lists:
    """All lists of one time. lines: by the address of whoever gets them. above: by tier, what has reached it. over: the
    ids of what was held and stands open for nobody any more. counts: of the day's first list. since_last: they hold
    only what is so since the last list."""

    time: ListTime
    lines: Mapping[str, Sequence[Line]]
    above: Mapping[Role, Sequence[Line]]
    over: Sequence[int] = ()
    counts: Counts | None = None
    since_last: bool = False


# --- what waits ------------------------------------------------------------------------------------------


def gather(context: Context, time: ListTime, last: datetime | None, counts: Counts | None = None) -> Lists:
    """What the lists of this time hold. last: when the last list was written, None: never. The day's first list has
    all that waits, and `counts`; the others only what has become late, or due today, since then."""
    store, site, now = context.store, context.site, context.now
    rules, timings = Rules(site.table, site.settings), {level: site.timing(level) for level in site.priorities.rows}
    found = [
        (ticket, waits(rules, ticket, running, timings[ticket.priority], now))
        for ticket, running in tickets.with_clocks(store, site.name)
    ]
    new = None if time.first else last
    staff = [line for ticket, asked in found if (line := _staff_line(site, ticket, asked, new, now)) is not None]
    above: dict[Role, Sequence[Line]] = {}
    if time.first:
        above = {tier: _reached(found, tier) for tier in (Role.COORDINATOR, Role.HEAD)}
    held, over = _held(context) if time.first else ([], [])
    return Lists(time, _by_person(context, staff, held), above, over, counts, new is not None)


def _staff_line(site: Site, ticket: Ticket, found: Sequence[Wait], new: datetime | None, now: datetime) -> Line | None:
    """Where a ticket stands in the lists of staff, by the worst of its clocks. new: only what is so since then."""
    late = [one for one in found if Role.STAFF in one.reached and (new is None or one.limit > new)]
    today = [
        one
        for one in found
        if Role.STAFF in one.asked
        and one.limit > now
        and site.local(one.limit).date() == site.local(now).date()
        and (new is None or one.running.started_at > new)
    ]
    # What has a limit comes before what only goes on.
    late.sort(key=lambda one: not site.table.clocks[one.running.clock].has_limit)
    if late:
        section = _LATE if site.table.clocks[late[0].running.clock].has_limit else _OURS
        return Line(section, ticket, late[0], also=(*late[1:], *today))
    if today:
        return Line(_TODAY, ticket, today[0], also=tuple(today[1:]))
    if new is not None:
        return None
    main = [one for one in found if not site.table.clocks[one.running.clock].beside]
    return Line(_OF_BALL[ball_of(ticket)], ticket, next(iter(main or found), None))


def _reached(found: Iterable[tuple[Ticket, Sequence[Wait]]], tier: Role) -> list[Line]:
    lines = []
    for ticket, asked in found:
        mine = next((one for one in asked if tier in one.reached), None)
        if mine is not None:
            lines.append(Line(_LATE, ticket, mine))
    return sorted(lines, key=lambda line: line.rank)


def _held(context: Context) -> tuple[list[Line], list[int]]:
    """What people wrote and nothing was carried out of, because it was held; and what of it is over."""
    store, site, now = context.store, context.site, context.now
    lines, over = [], []
    for one in unsent.all_open(store, site.name):
        ticket = tickets.load(store, one.ticket_id)
        if is_done(Case(store, site, now, ticket), one):
            over.append(one.id)
        else:
            lines.append(Line(_HELD, ticket, held=one))
    return lines, over


def _by_person(context: Context, staff: Sequence[Line], held: Sequence[Line]) -> dict[str, list[Line]]:
    """Each line to whoever handles its ticket, or has written what is held; to all of staff who are there where that
    is nobody, or he is away or has left the list."""
    store, site, now = context.store, context.site, context.now
    people = [NamedAddress(one.name, one.address) for one in site.config.staff]
    everybody = [one.address for one in leaves.present(store, site, people, now)]

    @cache
    def readers(address: str | None) -> list[str]:
        known = address is not None and site.config.role(address) in (Role.STAFF, Role.COORDINATOR)
        if address is None or not known or leaves.away_until(store, site, address, now):
            return everybody
        return [address]

    found: dict[str, list[Line]] = {}
    for whose, line in [
        *((line.ticket.handler, line) for line in staff),
        *((line.held.address, line) for line in held if line.held),
    ]:
        for address in readers(whose):
            found.setdefault(address, []).append(line)
    return {
        address: sorted(lines, key=lambda line: line.rank)
        for address, lines in found.items()
        if any(line.section in _WORK for line in lines)
    }


# --- the mails -------------------------------------------------------------------------------------------


def write(context: Context, lists: Lists) -> int:
    """Into the outbox, inside the caller's transaction. Returns the mails made."""
    key = f"{LISTED}{lists.time.key}"
    unsent.end(context.store, lists.over, context.now)
    entries = _Entries(context)
    made = 0
    for address, lines in lists.lines.items():
        person = context.site.config.person(address)
        assert person is not None
        _write(context, NamedAddress(person.name, person.address), lines, entries, key, lists)
        made += 1
    for tier, lines in lists.above.items():
        made += _write_above(context, tier, lines, key) if lines else 0
    return made


def _write(
    context: Context, person: NamedAddress, lines: Sequence[Line], entries: _Entries, key: str, lists: Lists
) -> None:
    shown, sections = fitting(lines), []
    for name in _SECTIONS:
        count = sum(line.section == name for line in lines)
        found = [entries.of(line, person) for line in shown if line.section == name]
        if count > len(found):
            found.append(_rest(count - len(found)))
        if count:
            title = _SAID("section", title=_SAID.table("sections")[name], count=count)
            sections.append({"title": title, "note": None, "entries": found})
    # What links have done without a receipt, and no mail of its ticket has told since (`sop.receipts`).
    done = untold.of_person(context.store, context.site.name, person.address)[:_MOST_DONE]
    if done:
        sections.append({"title": _SAID("done"), "note": None, "entries": [_done(context, one) for one in done]})
    if lists.counts is not None:
        sections.append(_mails(lists.counts))
    site, late = context.site, sum(line.section == _LATE for line in lines)
    most = shown[0].ticket
    told = _SAID("counted_with_late", count=len(lines), late=late) if late else _SAID("counted", count=len(lines))
    letter = letters.Letter(
        template="staff_worklist",
        recipient=person,
        shown={
            "organisation": letters.organisation(site),
            "recipient": {"name": person.name, "address": person.address},
            "summary": _SAID(
                "what_is_new" if lists.since_last else "all_that_waits",
                counted=told,
                number=most.number,
                priority=most.priority,
            ),
            "sections": sections,
        },
        key=key,
        subject=_SAID("subject", prefix=site.config.ticket_prefix, kind=MAILS["staff_worklist"].kind, counted=told),
        listed=True,
    )
    untold.told(context.store, done, letters.put(context, letter))


def _mails(counts: Counts) -> dict[str, Any]:
    """What became of the mail, and which of it waits for somebody."""
    said = [counts.balance]
    said += [_SAID("held_mails", n=counts.held)] if counts.held else []
    said += [_SAID("quarantined", n=counts.quarantined)] if counts.quarantined else []
    said += [_SAID("machines", n=counts.machines)] if counts.machines else []
    return {"title": _SAID("mails"), "note": " ".join(said), "entries": []}


def _done(context: Context, one: Done) -> dict[str, Any]:
    number = tickets.load(context.store, one.ticket_id).number
    text = since.line(context.site, one, context.now)
    return {"label": number, "href": None, "text": text, "details": None, "more": None}


def fitting(lines: Sequence[Line]) -> list[Line]:
    """Those that a list shows, of lines in their order: every P1, and of the others as many as there is room for, the
    sections in their order."""
    ordered = sorted(lines, key=lambda line: _SECTIONS.index(line.section))
    urgent = {id(line) for line in ordered if line.ticket.priority == 1}
    others = {id(line) for line in [line for line in ordered if id(line) not in urgent][:MOST]}
    return [line for line in ordered if id(line) in urgent or id(line) in others]


class _Entries:
    """The lines in words: of each ticket once, with a link of its own for each reader."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: dict[int, dict[str, Any]] = {}

    def of(self, line: Line, person: NamedAddress) -> dict[str, Any]:
        if id(line) not in self._known:
            self._known[id(line)] = self._words(line)
        href = letters.question_href(self._context, person, "#status", ticket=line.ticket, proven=False)
        return {**self._known[id(line)], "href": href}

    def _words(self, line: Line) -> dict[str, Any]:
        store, site, now = self._context.store, self._context.site, self._context.now
        ticket = line.ticket
        label = f"{ticket.number} · {letters.priority_label(site, ticket.priority)}"
        more = None
        if line.held is not None:
            more = _SAID("held", what=line.held.what, since=site.say(line.held.since))
        elif line.wait is not None:
            case = Case(store, site, now, ticket)
            limits = [letters.deadline_values(case, one.running) for one in (line.wait, *line.also)]
            if limits[0]["overdue"] and line.section == _LATE:
                label = _SAID("late", ticket=label, overdue=limits[0]["overdue"])
            more = "; ".join(_SAID("limit", what=one["what"], due=one["due"]) for one in limits)
        if ticket.held_data and (why := earlier.doubts(store, ticket.id)):
            more = "; ".join(filter(None, (more, _SAID("data_held", why=why))))
        if said := awaited(store, site, ticket, now):
            more = "; ".join(filter(None, (_SAID("caution", what=said), more)))
        person = site.config.person(ticket.handler) if ticket.handler else None
        return {
            "label": label,
            "text": shorten(mask_identity(ticket.subject), _SUBJECT),
            "details": _SAID(
                "details",
                user=_user(store, ticket),
                turn=ball_of(ticket).value,
                handler=person.name if person else _SAID("no_handler"),
            ),
            "more": more,
        }


def _user(store: Store, ticket: Ticket) -> str:
    fields = tickets.fields(store, ticket.id)
    name = fields.get("name") or ticket.user_name or ticket.user_address or _SAID("no_name")
    return f"{name} ({fields['organisation']})" if fields.get("organisation") else name


def _rest(count: int) -> dict[str, Any]:
    return {
        "label": _SAID("rest", count=count),
        "href": None,
        "text": _SAID("rest_hint"),
        "details": None,
        "more": None,
    }


def _write_above(context: Context, tier: Role, lines: Sequence[Line], key: str) -> int:
    """To coordinator or head of unit: what has reached their stage."""
    store, site, now = context.store, context.site, context.now
    shown = fitting(lines)
    items = [overdue.item(store, site, line.ticket, line.wait.running if line.wait else None, now) for line in shown]
    about = [line.ticket for line in shown]
    return overdue.put(context, overdue.Report(tier, items, about, key, rest=len(lines) - len(shown), listed=True))
