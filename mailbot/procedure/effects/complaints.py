"""A complaint about the LPSE's service or its staff goes to coordinator and head too.

LKPP's standard for LPSE Support, component 6 (Penanganan pengaduan, saran, dan masukan): whom a complaint is about must
not be the only one who reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mailbot import letters
from mailbot.config.settings import Person
from mailbot.fetch import originals
from mailbot.letters import caps, overdue, proposals
from mailbot.masking import mask
from mailbot.model import Attachment, NamedAddress, Role
from mailbot.procedure.effects.kinds import change, mailing
from mailbot.procedure.effects.mailing import Sending, post
from mailbot.procedure.effects.shared import keep
from mailbot.sentences import Sentences
from mailbot.tickets import earlier
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
    _tell(work, work.given.attachments, text=work.given.shown, reason=_SAID("found", words=words))
    work.remark(_SAID("told"))


@change
def mark_complaint(work: Work) -> None:
    """`#pengaduan`: what the phrases have not recognised counts as a complaint all the same."""
    work.change(category=proposals.CATEGORY_OF_COMPLAINTS)
    if work.event.text:
        keep(work, "note", work.event.text)
    people = [person.name for person in _readers(work)]
    work.remark(_SAID("sent_to", people=", ".join(people)) if people else _SAID("nobody"))


@mailing
def complaint_marked(work: Work) -> None:
    """The words and files of the user's mail that staff have named, with their own note."""
    entry = int(work.event.argument) if work.event.argument else None
    files = [] if entry is None else originals.attachments_of(work, entry)
    kinds = [] if entry is None else earlier.kinds_of(work.store, work.ticket.id, entry)
    words = "" if entry is None else mask(earlier.words_of(work.store, work.ticket.id, entry))[0]
    reason = _SAID("marked", who=work.event.name or work.event.address)
    if work.event.text:
        reason = f"{reason} {_SAID('note', note=work.event.text)}"
    proven = work.ticket.user_verified and "unverified" not in kinds
    _tell(work, files, text=words or None, reason=reason, authenticated=proven)


def _readers(work: Work) -> list[Person]:
    """Whoever has said that it is a complaint needs not be told."""
    return [
        person
        for person in work.site.config.people()
        if person.role in _READERS and person.address != work.event.address
    ]


def _tell(work: Work, files: Sequence[Attachment], **shown: Any) -> None:
    sent, listed = letters.fitting(work.site, files)
    for person in _readers(work):
        does = overdue.directing() if person.role is Role.COORDINATOR else overdue.recommending()
        recipient = NamedAddress(person.name, person.address)
        post(work, _READERS[person.role], recipient, Sending(files=sent), attachments=listed, actions=[does], **shown)
