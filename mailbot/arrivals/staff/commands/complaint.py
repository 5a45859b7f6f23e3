"""`#pengaduan`: which mail of the user is a complaint about the service: the one that is replied to, else his last."""

from __future__ import annotations

from collections.abc import Sequence

from mailbot.arrivals.staff.commands.doing import Asked, Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.errors import NotCarriedOut
from mailbot.model import Ticket
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.vocabulary import SPECS
from mailbot.sentences import Sentences
from mailbot.tickets import earlier

_SAID = Sentences(__file__)


def _check(hand: StaffMail, command: Command, _found: Sequence[Command]) -> None:
    """Raises NotCarriedOut where there is nothing to tell: neither the user's words nor a note."""
    if not command.text and not earlier.users_mails(hand.store, hand.own_ticket.id):
        raise NotCarriedOut(_SAID("no_words"))


def _event(hand: StaffMail, command: Command, ticket: Ticket) -> Asked:
    mails = earlier.users_mails(hand.store, ticket.id)
    meant = hand.answered_entry if hand.answered_entry in mails else next(reversed(mails), None)
    return Asked(str(SPECS[command.name].event), "" if meant is None else str(meant), command.text)


DOING = Doing(check=_check, event=_event)
