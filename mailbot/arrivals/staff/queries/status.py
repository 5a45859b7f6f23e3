"""`#status`: of the ticket that the mail answers, of those that it names, or of the whole office. Of one ticket its
Formulir Konsultasi comes with it, as it stands then."""

from __future__ import annotations

from mailbot import letters
from mailbot.arrivals.staff import status_lines
from mailbot.arrivals.staff.queries.asking import Answered, Asked
from mailbot.arrivals.staff.queries.entries import entry
from mailbot.errors import PermanentFailure
from mailbot.model import Ticket
from mailbot.parsers.commands import questions
from mailbot.parsers.commands.command_lines import Command
from mailbot.reports import consultation_form, listing
from mailbot.sentences import Sentences
from mailbot.tickets import lookups, ticket_rows, tickets

_SAID = Sentences(__file__)


def answer(asked: Asked, command: Command, found: Answered) -> None:
    words = questions.numbers(command.argument, [asked.site.config.ticket_prefix])
    if not words and asked.ticket is None:
        found.line("#status", _overview(asked))
        found.actions.append(asked.action(_SAID("list_open_tickets"), "#daftar"))
        return
    named: list[Ticket] = []
    for word in words:
        ticket_id = lookups.asked_for(asked.store, asked.site, word)
        if ticket_id is None:
            found.line(f"#status {word}", _SAID("unknown_number"))
        else:
            named.append(tickets.load(asked.store, ticket_id))
    if not words and asked.ticket is not None:
        named = [asked.ticket]
    if len(named) > 1:
        shown = listing.words_of_site(asked.site)
        lines = [listing.line_of(asked.store, ticket.id, shown, asked.now) for ticket in named]
        found.section(_SAID("statuses"), [entry(asked, line) for line in lines])
        return
    for ticket in named:
        found.ticket = ticket
        _one(asked, ticket, found)


def _one(asked: Asked, ticket: Ticket, found: Answered) -> None:
    site = asked.site
    shown = letters.ticket_values(site, ticket, asked.now)
    person = site.config.person(ticket.handler) if ticket.handler else None
    about = "" if asked.ticket is not None and asked.ticket.id == ticket.id else f" {ticket.number}"
    told = _SAID(
        "status",
        status=shown["status"],
        turn=shown["ball"],
        priority=shown["priority"],
        handler=person.name if person else _SAID("nobody"),
        opened_at=shown["opened_at"],
    )
    found.line(f"#status{about}", told)
    found.lines += status_lines.lines(asked.store, site, ticket, asked.now)
    _form(asked, ticket, found)


def _form(asked: Asked, ticket: Ticket, found: Answered) -> None:
    """A template of the site's that fails costs nobody the answer."""
    try:
        for name, raw in consultation_form.files(asked.store, asked.site, ticket, asked.now):
            found.attach(name, consultation_form.MEDIA_TYPE, raw)
    except PermanentFailure as failure:
        found.line(_SAID("form"), _SAID("form_failed", reason=failure.reason))


def _overview(asked: Asked) -> str:
    counts = ticket_rows.open_by_status(asked.store, asked.site.name)
    parts = [f"{letters.status_label(asked.site, status)}: {count}" for status, count in counts.items()]
    return "; ".join(parts) or _SAID("no_open_tickets")
