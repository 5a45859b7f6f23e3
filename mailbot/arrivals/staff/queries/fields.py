"""`#ubah` alone: the fields of the ticket, each with its value today and what it may become."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mailbot import letters
from mailbot.arrivals.staff import arguments
from mailbot.arrivals.staff.queries.asking import Answered, Asked
from mailbot.config.site import Site
from mailbot.letters import proposals
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.fields import FIELDS, SET
from mailbot.sentences import Sentences
from mailbot.tickets import tickets
from mailbot.tickets.case import Case

_SAID = Sentences(__file__)


def answer(asked: Asked, _command: Command, found: Answered) -> None:
    ticket = asked.ticket
    assert ticket is not None  # `checks` has seen to that
    case = Case(asked.store, asked.site, asked.now, ticket)
    shown = []
    for spec in FIELDS:
        made = letters.link(case, asked.recipient, spec.word, f"#{SET.word} {spec.word} ")
        words = _SAID("today", value=_VALUES[spec.name](case) or _SAID("none"))
        choices = _SAID("choices", choices=_CHOICES[spec.name](asked.site))
        shown.append({"label": spec.word, "href": made["href"], "text": words, "details": choices, "more": None})
    found.section(_SAID("title"), shown, _SAID("note"))


def _proposed(case: Case, what: str, words: Callable[[str], str] = str) -> str | None:
    """What mailbot takes it to be, as long as staff have not said."""
    kept = tickets.proposals(case.store, case.ticket.id).get(what)
    return _SAID("proposed", value=words(kept[0])) if kept else None


def _problem(case: Case) -> str | None:
    rules = case.site.problems
    if case.ticket.problem is not None:
        return letters.problem_label(case.site, case.ticket.problem)
    return _proposed(case, "problem", lambda code: proposals.problem_words(rules.get(code) or rules.unknown))


#: Field → its value today in words, None where it has none.
_VALUES: Mapping[str, Callable[[Case], str | None]] = {
    "priority": lambda case: letters.priority_label(case.site, case.ticket.priority),
    "category": lambda case: case.ticket.category or _proposed(case, "category"),
    "problem": _problem,
    "nature": lambda case: case.ticket.nature or case.site.problems.nature(case.ticket.problem),
    "destination": lambda case: case.ticket.destination,
}
#: Field → what it may become.
_CHOICES: Mapping[str, Callable[[Site], str]] = {
    "priority": lambda site: ", ".join(f"{row.level} {row.name}" for row in site.priorities),
    "category": lambda _site: ", ".join(name.lower() for name in arguments.CATEGORIES),
    "problem": lambda site: ", ".join(row.code for row in site.problems.rows),
    "nature": lambda site: ", ".join(name.lower() for name in site.problems.natures.values()),
    "destination": lambda _site: _SAID("own_words", most=arguments.LONGEST_DESTINATION),
}
