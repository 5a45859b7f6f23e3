"""`#eskalasi`: it needs a summary, and so many of one person in an hour that they are nobody's work need a code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.clean import shorten
from mailbot.errors import NotCarriedOut
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.forms import escalation
from mailbot.procedure.effects.to_staff import HEADINGS
from mailbot.sentences import Sentences
from mailbot.tickets import earlier

_SAID = Sentences(__file__)
#: One person's `#eskalasi` in one hour; more ask for a confirmation.
MOST_ESCALATIONS = 20
#: The clock of who has written the time, and that of the server, may differ so much.
_CLOCKS_DIFFER = timedelta(minutes=15)
_TIME = 60  # characters of a time that cannot be read


def _step_up(hand: StaffMail) -> str:
    if _escalations(hand) >= MOST_ESCALATIONS:
        return _SAID("too_many", most=MOST_ESCALATIONS)
    return ""


def _escalations(hand: StaffMail) -> int:
    """How often the writer has escalated in the hour before this mail arrived."""
    since = hand.mail.at - timedelta(hours=1)
    return earlier.escalations_by(hand.store, hand.site.name, hand.mail.sender.address, since, hand.mail.at)


def _check(hand: StaffMail, command: Command, _found: Sequence[Command]) -> None:
    text = escalation.read(command.text)
    if not any(map(str.isalnum, text.summary)):
        raise NotCarriedOut(_SAID("no_summary"))
    if text.known:
        _check_known(hand, text.known)


def _check_known(hand: StaffMail, written: str) -> None:
    """The five minutes of step 1 run from then: a time that cannot be is no time."""
    known = escalation.known_at(written, hand.mail.at, hand.site.zone)
    if known is None:
        raise NotCarriedOut(_SAID("known_unread", time=shorten(written, _TIME)))
    if known > hand.mail.at + _CLOCKS_DIFFER:
        raise NotCarriedOut(_SAID("known_ahead", time=hand.site.say(known)))
    if known < hand.own_ticket.opened_at.replace(second=0, microsecond=0):
        opened = hand.site.say(hand.own_ticket.opened_at)
        raise NotCarriedOut(_SAID("known_before", time=hand.site.say(known), opened=opened))


DOING = Doing(step_up=_step_up, check=_check, blank=HEADINGS)
