"""`#eskalasi`: it needs a summary, and so many of one person in an hour that they are nobody's work need a code.

Where only the coordinator takes a problem to LKPP (`sop.escalation_by`), that of staff asks for approval; the code of
the coordinator's link is good for the request that it stands below, as long as that request waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from mailbot.arrivals.staff.commands.doing import Asked, Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.arrivals.staff.held import Superseded
from mailbot.clean import shorten
from mailbot.errors import NotCarriedOut
from mailbot.model import Role, Ticket
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.vocabulary import SPECS
from mailbot.parsers.forms import escalation
from mailbot.procedure.effects import to_lkpp
from mailbot.procedure.effects.to_staff import HEADINGS
from mailbot.sentences import Sentences
from mailbot.tickets import approvals, earlier
from mailbot.tickets.work import Work

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
    _check_request(hand)


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


def _check_request(hand: StaffMail) -> None:
    """Whether the request that a link approves still waits, and whether this is whose link it is. Raises
    NotCarriedOut."""
    if hand.ticket is None or hand.repeats:
        return
    request = approvals.waiting(hand.store, hand.ticket)
    if _asks(hand) and request is not None and hand.read.code is not None and hand.code is None:
        raise NotCarriedOut(_SAID("only_the_coordinator"), instead=("coordinator", "note"))
    approves = hand.code is not None and str(hand.code["argument"])
    if approves and not hand.own_ticket.is_with_lkpp and (request is None or approves != str(request.entry)):
        raise NotCarriedOut(_SAID("request_is_over")) if request is None else Superseded(_SAID("newer_request"))


def _asks(hand: StaffMail) -> bool:
    """Whether it waits for the coordinator."""
    return hand.site.config.sop.escalation_by == "coordinator" and hand.mail.sender.role is Role.STAFF


def _event(hand: StaffMail, command: Command, _ticket: Ticket) -> Asked:
    if _asks(hand):
        mails = " ".join(map(str, hand.with_files))
        return Asked("staff.ask_approval", mails, command.text, inside=True)
    reason = escalation.read(command.text).reason  # the argument: LKPP reads nothing of it
    return Asked(str(SPECS[command.name].event), reason, escalation.without_reason(command.text))


def _result(_command: Command, work: Work) -> str | None:
    return _SAID("asked") if work.event.kind == "staff.ask_approval" else None


def _lines(work: Work) -> list[dict[str, Any]]:
    """What LKPP's standard asks for and the escalation lacks, and a limit that it has passed by its own words; nothing
    is held for these."""
    tried = [] if escalation.read(work.event.text).tried else [_SAID("tried")]
    lacking = to_lkpp.lacking(work)
    lacks = [*lacking, *tried]
    found = [{"command": _SAID("lacks"), "result": ", ".join(lacks)}] if lacks else []
    if work.event.kind == "staff.ask_approval":
        return found
    limit = work.site.config.sop.escalate_within.minutes
    why = [_SAID("without", what=", ".join(lacking))] if lacking else []
    if work.since is not None and work.site.calendar.working_minutes_between(work.since, work.event.at) > limit:
        why.append(_SAID("known_late", time=work.site.say(work.since), limit=limit))
    if why:
        reason = work.event.argument
        told = _SAID("with_reason", reason=reason) if reason else _SAID("give_reason")
        found.append({"command": _SAID("breach"), "result": _SAID("recorded", what="; ".join(why), reason=told)})
    return found


DOING = Doing(step_up=_step_up, check=_check, event=_event, result=_result, lines=_lines, blank=HEADINGS)
