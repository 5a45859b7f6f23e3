"""`#cari`: the newest tickets first, each with the words around what was found."""

from __future__ import annotations

from dataclasses import replace

from mailbot.arrivals.staff.queries import entries
from mailbot.arrivals.staff.queries.asking import Answered, Asked
from mailbot.masking import mask
from mailbot.parsers.commands.command_lines import Command
from mailbot.reports import listing
from mailbot.sentences import Sentences
from mailbot.tickets import search, tickets

_SAID = Sentences(__file__)


def answer(asked: Asked, command: Command, found: Answered) -> None:
    said = mask(command.argument)[0]
    hits = search.find(asked.store, asked.site, command.argument, asked.mail.sender.role)
    standing = dict.fromkeys(tickets.standing(asked.store, each) for each in hits.tickets)  # of two that were merged
    hits = replace(hits, tickets=tuple(standing))
    if not hits.tickets:
        found.line(f"#cari {said}", _SAID("not_found"))
        found.line("Saran", _SAID("other_words"))
        return
    count = len(hits.tickets)
    if hits.partly:
        found.line(f"#cari {said}", _SAID("found_partly", count=count))
    elif hits.newest:
        found.line(f"#cari {said}", _SAID("found_newest", count=count))
    else:
        found.line(f"#cari {said}", _SAID("found", count=count))
    words = listing.words_of_site(asked.site)
    shown = [
        entries.entry(
            asked,
            listing.line_of(asked.store, ticket_id, words, asked.now),
            _said(search.snippet(asked.store, ticket_id, hits, asked.mail.sender.role)),
        )
        for ticket_id in hits.tickets[: entries.MOST_LISTED]
    ]
    if len(hits.tickets) > entries.MOST_LISTED:
        shown.append(entries.rest(len(hits.tickets) - entries.MOST_LISTED, _SAID("narrow_search")))
    found.section(_SAID("found_tickets"), shown)


def _said(found: search.Snippet) -> str:
    """The words around a hit, marked where nobody has ever got them."""
    return _SAID("withdrawn", words=found.words) if found.withdrawn else found.words
