"""`#eskalasi`: it needs a summary, and so many of one person in an hour that they are nobody's work need a code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.errors import NotCarriedOut
from mailbot.parsers.commands.command_lines import Command
from mailbot.procedure.effects.to_lkpp import split_summary
from mailbot.procedure.effects.to_staff import HEADINGS
from mailbot.sentences import Sentences
from mailbot.tickets import earlier

_SAID = Sentences(__file__)
#: One person's `#eskalasi` in one hour; more ask for a confirmation.
MOST_ESCALATIONS = 20


def _step_up(hand: StaffMail) -> str:
    if _escalations(hand) >= MOST_ESCALATIONS:
        return _SAID("too_many", most=MOST_ESCALATIONS)
    return ""


def _escalations(hand: StaffMail) -> int:
    """How often the writer has escalated in the hour before this mail arrived."""
    since = hand.mail.at - timedelta(hours=1)
    return earlier.escalations_by(hand.store, hand.site.name, hand.mail.sender.address, since, hand.mail.at)


def _check(_hand: StaffMail, command: Command, _found: Sequence[Command]) -> None:
    if not any(map(str.isalnum, split_summary(command.text)[0])):
        raise NotCarriedOut(_SAID("no_summary"))


DOING = Doing(step_up=_step_up, check=_check, blank=HEADINGS)
