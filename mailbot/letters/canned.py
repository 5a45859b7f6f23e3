"""Canned answers (`templates/answers/CODE.j2`): `#jawab CODE` → the text that goes to the user."""

from __future__ import annotations

from dataclasses import replace

from mailbot import letters
from mailbot.config.site import Site
from mailbot.errors import NotCarriedOut
from mailbot.parsers.commands import answer_codes
from mailbot.parsers.commands.answer_codes import Chosen
from mailbot.parsers.commands.command_lines import Command
from mailbot.sentences import Sentences
from mailbot.tickets.case import Case

_SAID = Sentences(__file__)


def filled(case: Case, command: Command, *, plain: bool = False) -> Command:
    """`#jawab CODE` with the text of its answer, and below it what its writer has added.

    plain: a reply without a command, which must not send a bare code to the user. Raises NotCarriedOut
    where its writer has to say first what he means.
    """
    found = answer_codes.read(command.text, case.site.renderer.answers)
    if plain:
        if isinstance(found, Chosen):
            raise NotCarriedOut(_SAID("bare_code", code=found.code))
        return command
    if isinstance(found, answer_codes.Unclear):
        raise NotCarriedOut(found.sentence, listing(case.site) if found.nearest is None else ())
    if found is None:
        return command
    words = text(case, found.code)
    whole = f"{words}\n\n{found.more}" if found.more else words
    return replace(command, argument=found.code, text=whole, typed=found.more)


def text(case: Case, code: str) -> str:
    """The canned answer `code` for a ticket's user."""
    site, ticket = case.site, case.ticket
    name = case.fields().get("name") or ticket.user_name
    values = {
        "organisation": letters.organisation(site),
        "recipient": {"name": name},
        "ticket": letters.ticket_values(site, ticket, ticket.opened_at),
        "limit_mb": site.config.smtp.max_size // 1_000_000,
    }
    return site.renderer.answer(code, values)


def listing(site: Site) -> list[tuple[str, str]]:
    """(command, title) of each canned answer."""
    return [(f"#jawab {code}", title) for code, title in site.renderer.answers.items()]


def proposed(case: Case) -> tuple[str, str] | None:
    """(code, title) of the canned answer for the problem that a ticket seems to be about; None: there is none, or it
    complains about the service, which no canned answer answers."""
    found = case.proposals()
    if "complaint" in found:
        return None
    code = found.get("problem", ("", ""))[0]
    title = case.site.renderer.answers.get(code)
    return None if title is None else (code, title)
