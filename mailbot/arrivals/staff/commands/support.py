"""`#lpse-support`: a number there; or that the ticket, closed here, is closed there too ("#lpse-support ditutup").

In a new mail it opens a ticket for what a user has begun there, with the Formulir Konsultasi (`consultation`).
"""

from __future__ import annotations

from mailbot.arrivals.staff.commands import consultation
from mailbot.arrivals.staff.commands.doing import Asked, Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.model import Ticket
from mailbot.parsers.commands.command_lines import CLOSED_THERE, Command
from mailbot.parsers.commands.vocabulary import SPECS
from mailbot.sentences import Sentences
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)


def _complete(hand: StaffMail, command: Command) -> Command:
    """Raises Incomplete: without a ticket it takes the form."""
    if hand.ticket_id is None and command.argument != CLOSED_THERE:
        raise consultation.Incomplete(_SAID("needs_form"), Command("support", command.word, command.argument))
    return command


def _event(_hand: StaffMail, command: Command, _ticket: Ticket) -> Asked:
    if command.argument == CLOSED_THERE:
        return Asked("staff.closed_there")
    return Asked(str(SPECS[command.name].event), command.argument)


def _result(_command: Command, work: Work) -> str | None:
    return _SAID("closed_there") if work.event.kind == "staff.closed_there" else None


DOING = Doing(complete=_complete, event=_event, result=_result)
