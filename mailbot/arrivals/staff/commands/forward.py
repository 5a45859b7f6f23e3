"""`#teruskan`: nothing goes twice; a link sends what stood above it, so what came since is shown first."""

from __future__ import annotations

from collections.abc import Sequence

from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.arrivals.staff.held import Colleague, Held
from mailbot.errors import NotCarriedOut
from mailbot.parsers.commands.command_lines import Command
from mailbot.procedure.effects.shared import user_mails
from mailbot.sentences import Sentences
from mailbot.store import sent_mails
from mailbot.tickets import earlier
from mailbot.tickets.case import Case

_SAID = Sentences(__file__)


def _check(hand: StaffMail, command: Command, found: Sequence[Command]) -> None:
    """Raises Held; NotCarriedOut where there is nothing that LKPP has not got: a second letter of nothing is none."""
    case = Case(hand.store, hand.site, hand.now, hand.own_ticket)
    mails = user_mails(case, new_only=True)
    if not (command.text or hand.files or mails) and hand.own_ticket.is_with_lkpp:
        raise NotCarriedOut(_nothing_new(case))
    if hand.code is None:
        return
    known = str(hand.code["argument"]).split()  # the mails that the link stood below
    others = [str(mail["body"]) for mail in mails if str(mail["journal_id"]) not in known]
    if others:
        why = earlier.doubts(case.store, case.ticket.id)
        reason = " ".join(filter(None, (_SAID("wrote_again"), why and _SAID("look_at", why=why))))
        raise Held(reason, found, Colleague(_SAID("user"), "\n\n".join(others)))


def _nothing_new(case: Case) -> str:
    last = sent_mails.made_last(case.store, case.ticket.id, ("lkpp_additional_data",))
    return _SAID("sent_already", at=case.site.say(last)) if last is not None else _SAID("nothing_new")


DOING = Doing(check=_check)
