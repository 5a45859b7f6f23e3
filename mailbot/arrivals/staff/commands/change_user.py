"""`#pengguna`: the address must be one that can be a user's, and another than the ticket's."""

from __future__ import annotations

from collections.abc import Sequence

from mailbot.arrivals.staff import forwarded
from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.errors import NotCarriedOut
from mailbot.parsers.commands.command_lines import Command
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)


def _check(hand: StaffMail, command: Command, _found: Sequence[Command]) -> None:
    if fault := forwarded.no_user(hand.site, command.argument):
        raise NotCarriedOut(fault)
    if hand.own_ticket.user_address == command.argument:
        raise NotCarriedOut(_SAID("user_already", address=command.argument))


DOING = Doing(check=_check)
