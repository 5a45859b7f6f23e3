"""What a reply of LKPP means (SOP steps 4, 6, 12 to 14): of the one that the answered notice shows, and of no other.

What goes on to the user is the text below the command, which the link brings: nothing leaves that its writer has not
seen. Where no reply waits, the text is what LKPP has said by telephone or in TTS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.arrivals.staff.held import Colleague, Held
from mailbot.errors import NotCarriedOut
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.vocabulary import SPECS
from mailbot.procedure.effects import to_staff
from mailbot.sentences import Sentences
from mailbot.store import journal
from mailbot.store.database import to_instant
from mailbot.tickets import earlier

_SAID = Sentences(__file__)
#: What comes of a meaning that LKPP has told otherwise than by mail. Each is shown before it is carried out: its words
#: go to the user, or LKPP's clock ends by it, and no mail of LKPP's shows what it rests on. `#abaikan` does neither.
_TOLD = _SAID.table("what")


def _complete(hand: StaffMail, command: Command) -> Command:
    """The command with the reply that it is about, "" for none, and with the text that its link stands for."""
    if hand.ticket is None:
        return command
    reply = about(hand)
    if reply is None:
        return command
    text = to_staff.as_above(command.text, earlier.for_user(hand.store, hand.ticket.id, reply))
    return replace(command, argument=str(reply), text=text)


def about(hand: StaffMail) -> int | None:
    """The waiting reply that the mail is about; None: none waits. Raises NotCarriedOut where nothing tells which."""
    waiting = hand.own_ticket.pending_replies
    if hand.code is not None and hand.code["argument"]:
        reply = int(str(hand.code["argument"]))
        if reply not in waiting and not hand.repeats:
            raise NotCarriedOut(_SAID("has_its_meaning"), instead=("info", "note"))
        return reply
    if hand.code is not None:
        return None  # of a link about no reply: of what another ticket's mail says of this one
    if hand.answered_entry in waiting:
        return hand.answered_entry
    if len(waiting) == 1 and hand.reminded_at is not None:
        [only] = waiting
        if to_instant(journal.entry(hand.store, only)["arrived_at"]) <= hand.reminded_at:
            return only
    if waiting:
        raise NotCarriedOut(_SAID("which_reply"))
    return None


def _check(hand: StaffMail, command: Command, found: Sequence[Command]) -> None:
    said = any(map(str.isalnum, command.text))
    ticket = hand.own_ticket
    if SPECS[command.name].reported and not said:
        if command.argument:
            raise NotCarriedOut(_SAID("lacks_text"))
        if ticket.is_with_lkpp:  # else the table refuses
            raise NotCarriedOut(_SAID("nothing_to_pass_on", word=command.word))
    if command.argument:
        _check_newest(hand, int(command.argument), found)
    elif ticket.is_with_lkpp and command.name in _TOLD and hand.stored is None and not hand.mail.confirmed:
        raise Held(_SAID("told", what=_TOLD[command.name]), found)


def _check_newest(hand: StaffMail, reply: int, found: Sequence[Command]) -> None:
    """A meaning given to a reply older than one that was acted on is held, and the newer is shown. Raises Held."""
    ticket = hand.own_ticket
    for row in earlier.lkpp_after(hand.store, ticket.id, reply):
        if int(row["journal_id"]) in ticket.pending_replies:
            continue
        if hand.code is not None and to_instant(str(hand.code["issued_at"])) > to_instant(row["at"]):
            continue  # asked about already, with the newer before his eyes
        newer = Colleague(_SAID("lkpp"), str(row["body"]))
        raise Held(_SAID("newer_reply", at=hand.site.say(to_instant(row["at"]))), found, newer)


DOING = Doing(complete=_complete, check=_check)
