"""A complaint about the LPSE's service or its staff goes to coordinator and head too.

LKPP's standard for LPSE Support, component 6 (Penanganan pengaduan, saran, dan masukan): whom a complaint is about must
not be the only one who reads it.
"""

from __future__ import annotations

from mailbot import letters
from mailbot.letters import caps, overdue, proposals
from mailbot.model import NamedAddress, Role
from mailbot.procedure.effects.kinds import mailing
from mailbot.procedure.effects.mailing import Sending, post
from mailbot.sentences import Sentences
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)
#: Who reads it beside staff, in which mail.
_READERS = {Role.COORDINATOR: "coordinator_complaint", Role.HEAD: "head_complaint"}


@mailing
def complaint_upwards(work: Work) -> None:
    """The user's words and files, with what a plain reply does. In a flood nobody is written to but staff."""
    words = proposals.complaint_about_service(work)
    if not words or caps.latecomer(work) or caps.too_many_notices(work):
        return
    sent, listed = letters.fitting(work.site, work.given.attachments)
    for person in work.site.config.people():
        template = _READERS.get(person.role)
        if template is None:
            continue
        recipient = NamedAddress(person.name, person.address)
        coordinator = person.role is Role.COORDINATOR
        post(
            work,
            template,
            recipient,
            Sending(files=sent),
            text=work.given.shown,
            attachments=listed,
            reason=_SAID("found", words=words),
            actions=[overdue.directing() if coordinator else overdue.recommending()],
        )
    work.remark(_SAID("told"))
