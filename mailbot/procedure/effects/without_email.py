"""A user without an e-mail address, who called or came: what would be mailed to him is said to him by staff."""

from __future__ import annotations

from mailbot.sentences import Sentences
from mailbot.templates.catalogue import MAILS
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)

#: He is with staff, or they have just spoken with him: the receipt says what to tell him.
_TOLD = ("staff.phone", "staff.counter", "staff.support", "staff.consulted", "staff.consulted_again")


def instead(work: Work, template: str) -> None:
    """Tell staff, in the mails of this event and in the history, to call him; nothing is put into the outbox."""
    if work.event.kind in _TOLD:
        return
    phone = work.fields().get("phone")
    mail = MAILS[template].kind
    words = _SAID("tell_by_phone", mail=mail, phone=phone) if phone else _SAID("tell_otherwise", mail=mail)
    if words not in work.remarks:
        work.remark(words)
