"""What `#status` tells of a ticket beside its status: limits, what it is, who is away, whose turn it was how long."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mailbot import letters
from mailbot.config.site import Site
from mailbot.letters import notes, proposals
from mailbot.model import Ticket
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences
from mailbot.store.database import Store, to_instant
from mailbot.tickets import consultations, earlier, leaves, postponing, progress, support_numbers, tickets, unsent
from mailbot.tickets.unsent import Unsent

_SAID = Sentences(__file__)


def lines(store: Store, site: Site, ticket: Ticket, now: datetime) -> list[dict[str, str]]:
    """Lines of a receipt: command (here a label) and result."""
    found: list[tuple[str, str | None]] = [
        ("PERHATIAN", letters.awaited(store, site, ticket, now)),
        (_SAID("form_number"), ticket.form_number),
    ]
    found += [("Konsultasi", consultations.status_words(site, row)) for row in consultations.all_of(store, ticket.id)]
    for _, running in tickets.running(store, ticket.id):
        found.append(("Batas", _limit(letters.deadline_of(store, site, ticket, now, running.clock))))
        found.append(("Ditunda", postponing.said(site, running)))
        if running.clock == "forwarding" and ticket.held_data:
            found.append((_SAID("held_data"), letters.held_for(site, running, now)))
    if ticket.held_data:
        found.append((_SAID("held_because"), earlier.doubts(store, ticket.id)))
    found += [("Ditahan", _unsent(site, one)) for one in unsent.of_ticket(store, ticket.id)]
    found += [
        ("Jenis", _problem(store, site, ticket)),
        ("Golongan", ticket.nature),
        ("Kategori", ticket.category or _proposed(store, ticket, "category")),
        (_SAID("destination"), ticket.destination),
        ("LPSE Support", _support(store, site, ticket, now)),
        ("Perhatian", leaves.said(store, site, ticket.handler, now)),
        ("Jenjang", _SAID("tier", tier=progress.tier(store, site, ticket), ladder=progress.ladder(site))),
        *((_SAID("turn", who=turn["who"]), turn["long"]) for turn in progress.turns_of(store, site, ticket, now)),
        *(("Penyimpangan", line) for line in progress.breach_lines(store, site, ticket, now)),
    ]
    for note in notes.last(store, site, ticket.id):
        found.append((_SAID("note"), _SAID("noted", who=note["who"], at=note["at"], text=note["text"])))
    return [{"command": label, "result": words} for label, words in found if words]


def _unsent(site: Site, one: Unsent) -> str:
    """What was held, whose it is, and since when."""
    person = site.config.person(one.address)
    name = person.name if person else one.address
    return _SAID("unsent", what=one.what, name=name, since=site.say(one.since))


def _limit(limit: dict[str, Any] | None) -> str | None:
    if limit is None:
        return None
    if limit["overdue"]:
        return _SAID("late", what=limit["what"], due=limit["due"], overdue=limit["overdue"])
    return f"{limit['what']}: {limit['due']}"


def _problem(store: Store, site: Site, ticket: Ticket) -> str | None:
    if ticket.problem is not None:
        nature = None if ticket.nature else site.problems.nature(ticket.problem)
        label = letters.problem_label(site, ticket.problem)
        return _SAID("problem", problem=label, nature=nature) if nature else label
    code = tickets.proposals(store, ticket.id).get("problem")
    row = site.problems.get(code[0]) if code else None
    return _SAID("proposed", what=proposals.problem_words(row)) if row else None


def _proposed(store: Store, ticket: Ticket, what: str) -> str | None:
    found = tickets.proposals(store, ticket.id).get(what)
    return _SAID("proposed", what=found[0]) if found else None


def _support(store: Store, site: Site, ticket: Ticket, now: datetime) -> str | None:
    """The number, for how long it has been open there, and the numbers before it."""
    if ticket.tts_number is None:
        return None
    words = f"{ticket.tts_number} ({letters.support_age(site, ticket, now)})"
    rows = support_numbers.of(store, ticket.id)[:-1]
    before = "; ".join(
        _SAID("since", number=row["number"], day=dates.format_date(site.local(to_instant(row["at"])).date()))
        for row in rows
    )
    return _SAID("earlier_numbers", number=words, earlier=before) if before else words
