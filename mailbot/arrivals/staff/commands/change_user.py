"""`#pengguna`: the address must be one that can be a user's, and another than the ticket's."""

from __future__ import annotations

from collections.abc import Sequence

from mailbot.arrivals.staff import forwarded
from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.errors import NotCarriedOut
from mailbot.parsers.commands.command_lines import Command
from mailbot.tickets import tickets


def _check(hand: StaffMail, command: Command, _found: Sequence[Command]) -> None:
    if fault := forwarded.no_user(hand.site, command.argument):
        raise NotCarriedOut(fault)
    if tickets.load(hand.store, hand.ticket_id or 0).user_address == command.argument:
        raise NotCarriedOut(f"{command.argument} sudah menjadi pengguna tiket ini.")


DOING = Doing(check=_check)
