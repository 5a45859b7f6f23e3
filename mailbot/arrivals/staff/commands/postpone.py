"""`#tunda`: the length and the reason in its text become the moved limit and why."""

from __future__ import annotations

from mailbot.arrivals.staff.commands.doing import Asked, Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.model import Ticket
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.vocabulary import SPECS
from mailbot.tickets import postponing


def _event(hand: StaffMail, command: Command, ticket: Ticket) -> Asked:
    kind = str(SPECS[command.name].event)
    asked = postponing.asked(hand.store, hand.site, ticket, command.text, hand.mail.at)
    return Asked(kind, "", command.text) if asked is None else Asked(kind, asked.argument, asked.why)


DOING = Doing(event=_event)
