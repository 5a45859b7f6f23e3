"""`#tugaskan`: to oneself it is `#ambil`; words below it go to the colleague, as a note of the ticket."""

from __future__ import annotations

from mailbot.arrivals.staff.commands.doing import Asked, Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.errors import NotCarriedOut
from mailbot.model import Ticket
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.vocabulary import SPECS
from mailbot.sentences import Sentences
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)
_TAKE = SPECS["take"]


def _event(hand: StaffMail, command: Command, _ticket: Ticket) -> Asked:
    if command.argument == hand.mail.sender.address:
        if command.text:
            raise NotCarriedOut(_SAID("words_to_oneself"), instead=("note",))
        return Asked(str(_TAKE.event))
    return Asked(str(SPECS[command.name].event), command.argument, command.text)


def _result(_command: Command, work: Work) -> str | None:
    return _TAKE.result if work.event.kind == _TAKE.event else None


DOING = Doing(event=_event, result=_result)
