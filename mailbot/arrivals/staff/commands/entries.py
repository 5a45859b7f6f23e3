"""`#proses`, `#tiket` and `#buang` with the number of a mail in quarantine."""

from __future__ import annotations

from mailbot.arrivals import quarantine_work
from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.parsers.commands.command_lines import Command


def _release(hand: StaffMail, command: Command, _key: str) -> str:
    return quarantine_work.release(hand.store, hand.site.name, int(command.argument), hand.mail.sender.address)


def _file(hand: StaffMail, command: Command, _key: str) -> str:
    number, _, ticket = command.argument.partition(" ")
    return quarantine_work.add_to_ticket(hand.store, hand.site, int(number), ticket, hand.mail.sender.address)


def _discard(hand: StaffMail, command: Command, _key: str) -> str:
    return quarantine_work.discard(hand.store, hand.site.name, int(command.argument), hand.mail.sender.address)


RELEASE, FILE, DISCARD = Doing(do=_release), Doing(do=_file), Doing(do=_discard)
