"""`#batal`: of what one mail has set going, and still waits in its undo window; or of what was held.

Which mail, its link's code says, or the answered notice of a reply of LKPP that was passed on by itself. Anything else
means what waits, if it is one thing; of several each is named, with its link, and nothing is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailbot.arrivals.staff.commands.doing import Asked, Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.arrivals.staff.held import WhichMail
from mailbot.clean import shorten
from mailbot.errors import NotCarriedOut
from mailbot.model import Event, Ticket
from mailbot.parsers.commands.command_lines import Command
from mailbot.procedure import service
from mailbot.sentences import Sentences
from mailbot.store import sent_mails
from mailbot.store.database import Row, to_instant
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import earlier, unsent
from mailbot.tickets.case import Case
from mailbot.tickets.work import Given, Work

_SAID = Sentences(__file__)
#: Characters of the words by which one that waits is known.
_WORDS = 200


def _complete(hand: StaffMail, command: Command) -> Command:
    """The command with the mail whose effects it takes back, "" for whatever waits."""
    if hand.ticket is None:
        return command
    if hand.code is not None:
        return replace(command, argument=str(hand.code["argument"] or ""))
    told = hand.answered_entry
    if told is not None and sent_mails.to_be_taken_back_of(hand.store, hand.ticket.id, told):
        return replace(command, argument=str(told))
    return command


def _dropped(hand: StaffMail, command: Command) -> list[int]:
    """What was held and is meant: what its link's code says, or, where nothing else waits, all of its writer's."""
    if command.argument or hand.ticket is None:
        return []
    if hand.code is not None:
        return [] if hand.unsent is None else [hand.unsent]
    if sent_mails.may_be_taken_back(hand.store, hand.ticket.id):
        return []
    own = unsent.of_ticket(hand.store, hand.ticket.id)
    return [one.id for one in own if one.address == hand.mail.sender.address]


def _event(hand: StaffMail, command: Command, _ticket: Ticket) -> Asked:
    dropped = _dropped(hand, command)
    return Asked("staff.drop" if dropped else "staff.undo", " ".join(map(str, dropped)) or command.argument, "")


def _check(hand: StaffMail, command: Command, _found: Sequence[Command]) -> None:
    """Raises NotCarriedOut where it is too late, or does not say which of several is meant."""
    if _dropped(hand, command):
        return
    waiting: dict[int, list[Row]] = {}
    for row in sent_mails.may_be_taken_back(hand.store, hand.own_ticket.id):
        waiting.setdefault(int(row["undo_by"]), []).append(row)
    if not command.argument:
        if len(waiting) > 1:
            raise _which(hand, _SAID("which_mail"), waiting)
        return
    if int(command.argument) in waiting or hand.repeats:
        return
    sentence = _too_late(hand, int(command.argument))
    if waiting:
        raise _which(hand, _SAID("still_waits", sentence=sentence), waiting)
    raise NotCarriedOut(sentence)


def _too_late(hand: StaffMail, entry: int) -> str:
    rows = sent_mails.to_be_taken_back_of(hand.store, hand.own_ticket.id, entry)
    if not rows or rows[0]["state"] == "cancelled":
        return _SAID("taken_back_before")
    left = rows[0]["accepted_at"]
    return _SAID("leaving") if left is None else _SAID("has_left", at=hand.site.say(to_instant(left)))


def _happen(hand: StaffMail, ticket: Ticket, _command: Command, event: Event, given: Given) -> Work:
    """What the table refuses because nothing waits is told with what has left last."""
    try:
        work = service.handle(Case(hand.store, hand.site, hand.now, ticket), event, given)
    except service.Refused as refused:
        if refused.reason == "nothing_waits" and (left := _left_last(hand)):
            raise NotCarriedOut(left) from None
        raise
    hand.ticket = work.ticket
    return work


def _left_last(hand: StaffMail) -> str:
    """What words have gone to the user last, and when; "" where none have."""
    row = sent_mails.last_of_words(hand.store, hand.own_ticket.id)
    if row is None:
        return ""
    at = hand.site.say(to_instant(row["accepted_at"]))
    return _SAID("left_last", mail=MAILS[row["template"]].kind, recipient=row["recipient"], at=at)


def _which(hand: StaffMail, sentence: str, waiting: dict[int, list[Row]]) -> WhichMail:
    listed, links = [], []
    for entry, rows in waiting.items():
        mails = ", ".join(_SAID("one", mail=MAILS[row["template"]].kind, recipient=row["recipient"]) for row in rows)
        at = hand.site.say(to_instant(rows[0]["not_before"]))
        words = shorten(earlier.passed_on(hand.store, hand.own_ticket.id, entry), _WORDS)
        listed.append((mails, _SAID("leaves", at=at, words=words) if words else _SAID("leaves_without_words", at=at)))
        links.append((_SAID("label", mails=mails), entry))
    return WhichMail(sentence, listed, links)


DOING = Doing(complete=_complete, check=_check, event=_event, happen=_happen)
