"""`#jawab`: its text may be the code of a canned answer, and may hold nothing that was masked in another's answer."""

from __future__ import annotations

from collections.abc import Sequence

from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.errors import NotCarriedOut
from mailbot.letters import canned
from mailbot.masking import mark_in
from mailbot.parsers.commands.command_lines import Command
from mailbot.sentences import Sentences
from mailbot.tickets.case import Case
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)


def _lacking(hand: StaffMail) -> tuple[str, Sequence[tuple[str, str]]]:
    return _SAID("no_text"), canned.listing(hand.site)


def _complete(hand: StaffMail, command: Command) -> Command:
    """The command with the text of the canned answer that it names."""
    if hand.ticket is None:
        return command
    case = Case(hand.store, hand.site, hand.now, hand.ticket)
    return canned.filled(case, command, plain=not hand.read.commands)


def _check(_hand: StaffMail, command: Command, _found: Sequence[Command]) -> None:
    if mark := mark_in(command.text):
        raise NotCarriedOut(_SAID("gaps_left", mask=mark))


def _result(command: Command, _work: Work) -> str | None:
    return None if command.typed is None else _SAID("canned", code=command.argument)


DOING = Doing(lacking=_lacking, complete=_complete, check=_check, result=_result)
