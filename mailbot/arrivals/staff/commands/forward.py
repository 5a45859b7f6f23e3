"""`#teruskan`: a link sends what stood above it, so what the user has written since is shown first."""

from __future__ import annotations

from collections.abc import Sequence

from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.arrivals.staff.held import Colleague, Held
from mailbot.parsers.commands.command_lines import Command
from mailbot.procedure.effects.shared import user_mails
from mailbot.sentences import Sentences
from mailbot.tickets.case import Case

_SAID = Sentences(__file__)


def _check(hand: StaffMail, _command: Command, found: Sequence[Command]) -> None:
    """Raises Held."""
    if hand.code is None:
        return
    known = str(hand.code["argument"]).split()  # the mails that the link stood below
    case = Case(hand.store, hand.site, hand.now, hand.own_ticket)
    others = [str(mail["body"]) for mail in user_mails(case, new_only=True) if str(mail["journal_id"]) not in known]
    if others:
        raise Held(_SAID("wrote_again"), found, Colleague(_SAID("user"), "\n\n".join(others)))


DOING = Doing(check=_check)
