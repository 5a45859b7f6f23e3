"""What has come on the ticket since the mail on which a staff mail is written, so that its writer may not have seen it:
the user's next mail, and LKPP's next reply.

An answer or an escalation is held then, and shows what came. Thanks and urging of the user hold nothing, nor does a
mere receipt of LKPP's.
"""

from __future__ import annotations

from datetime import datetime

from mailbot.arrivals.staff.contents import StaffMail
from mailbot.arrivals.staff.held import Colleague
from mailbot.model import Role
from mailbot.rules.urging import nothing_new
from mailbot.sentences import Sentences
from mailbot.store.database import Row, to_instant
from mailbot.tickets import earlier, tickets

_SAID = Sentences(__file__)
_RECEIPT = "lkpp.received"


def unseen(hand: StaffMail, seen: datetime) -> tuple[str, Colleague] | None:
    """Why to ask, and what came; None: nothing has. seen: when the newest mail of ours that it answers was made."""
    found = [row for row in tickets.history(hand.store, hand.own_ticket.id) if _came(hand, row, seen)]
    if not found:
        return None
    last = found[-1]
    at = hand.site.say(to_instant(last["at"]))
    reason = _SAID("lkpp_wrote", at=at) if last["role"] == Role.LKPP.value else _SAID("user_wrote", at=at)
    texts = [(row, earlier.words_of(hand.store, hand.own_ticket.id, row["journal_id"])) for row in found]
    if len(texts) == 1:
        return reason, Colleague(_name(hand, last), texts[0][1])
    shown = "\n\n".join(
        _SAID("written", who=_name(hand, row), at=hand.site.say(to_instant(row["at"])), words=words)
        for row, words in texts
    )
    return reason, Colleague(_name(hand, last), shown)


def _came(hand: StaffMail, row: Row, seen: datetime) -> bool:
    """Whether a line of the history tells of such a mail, put on record after ours was made. In one pass several mails
    are put on record at the same moment: then the entry that ours tells of decides."""
    event, journal_id = str(row["event"]), row["journal_id"]
    of_user = event == "user.mail"
    of_lkpp = event.startswith("lkpp.") and row["role"] == Role.LKPP.value and event != _RECEIPT
    if journal_id is None or not (of_user or of_lkpp):
        return False
    recorded, told_of = to_instant(row["recorded_at"]), hand.answered_entry
    if recorded < seen or (recorded == seen and (told_of is None or journal_id <= told_of)):
        return False
    if not of_user or earlier.has_files(hand.store, journal_id):
        return True
    return not nothing_new(earlier.words_of(hand.store, hand.own_ticket.id, journal_id), hand.site.user_phrases)


def _name(hand: StaffMail, row: Row) -> str:
    if row["role"] == Role.LKPP.value:
        return _SAID("lkpp")
    ticket = hand.own_ticket
    return ticket.user_name if row["address"] == ticket.user_address and ticket.user_name else str(row["address"])
