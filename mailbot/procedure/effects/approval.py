"""Effects on an escalation that waits for the coordinator (`sop.escalation_by: coordinator`).

SOP LPSE Support, steps 3 to 5: it is the Admin, or the Koordinator Helpdesk, who takes a problem to LKPP. What staff
write below `#eskalasi` stays inside until one link of his sends it, with its files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mailbot import letters
from mailbot.door import keeps_back
from mailbot.fetch import originals
from mailbot.letters import overdue
from mailbot.model import Attachment, NamedAddress, Role
from mailbot.parsers.forms import escalation
from mailbot.procedure.effects.kinds import change, mailing
from mailbot.procedure.effects.mailing import Sending, post
from mailbot.procedure.effects.shared import fired, keep, notice, user_mails
from mailbot.procedure.effects.to_staff import approving, next_steps
from mailbot.sentences import Sentences
from mailbot.tickets import approvals, progress
from mailbot.tickets.approvals import Request
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)


@change
def ask_approval(work: Work) -> None:
    """The event's argument are the journal ids of the mails whose files go with its words."""
    assert work.event.journal_id is not None
    keep(work, approvals.KIND, work.event.text)
    approvals.add(work.store, work.ticket.id, work.event.journal_id, work.event.argument, work.event.address)


@change
def withdraw_request(work: Work) -> None:
    """`#batal`: the clock that the row stops is what keeps the request open."""
    work.remark(_SAID("withdrawn"))


@change
def approve(work: Work) -> None:
    """Whether by the link or by an escalation of his own, the coordinator has answered whoever asked."""
    request = approvals.waiting(work.store, work.ticket)
    if request is not None and request.address != work.event.address:
        work.approves = request.address
        work.remark(_SAID("approved", who=_name(work, request.address)))


@mailing
def coordinator_approval(work: Work) -> None:
    """The request, and its reminder: all that would go to LKPP, above the link that sends it."""
    request = approvals.waiting(work.store, work.ticket)
    if request is None:
        return
    if work.running is not None and work.folded:
        notice(work, Role.COORDINATOR)
        return
    words = escalation.read(request.words)
    mails = user_mails(work, new_only=False)
    sent, listed = letters.fitting(work.site, _files(work, request, [int(one["journal_id"]) for one in mails]))
    for one in work.site.config.coordinator:
        person = NamedAddress(one.name, one.address)
        post(
            work,
            "coordinator_approval",
            person,
            Sending(files=sent),
            attachments=listed,
            actor={"name": _name(work, request.address), "address": request.address},
            summary=words.summary,
            tried=words.tried,
            text="\n\n".join(str(mail["body"]) for mail in mails),
            chronology=letters.chronology(work),
            deadline=letters.next_deadline(work, approvals.CLOCK) if work.running is None else fired(work),
            standing=progress.values(work.store, work.site, work.ticket, work.now),
            actions=_actions(work, request, person),
        )
    if work.running is None:
        people = ", ".join(one.name for one in work.site.config.coordinator)
        work.remark(_SAID("sent_to", people=people))


def _files(work: Work, request: Request, users: Sequence[int]) -> list[Attachment]:
    """What would go to LKPP: the user's files, and those of whoever asks."""
    his = [file for entry in users for file in originals.attachments_of(work, entry)]
    theirs = [file for entry in request.mails for file in originals.attachments_of(work, entry)]
    return [
        *(file for file in his if keeps_back(file, Role.USER, Role.LKPP) is None),
        *(file for file in theirs if keeps_back(file, Role.STAFF, Role.LKPP) is None),
    ]


def _actions(work: Work, request: Request, person: NamedAddress) -> list[dict[str, Any]]:
    found = [approving(work, person, request), overdue.directing()]
    if work.site.config.head:
        found.append(overdue.reporting(work, person))
    return found


@mailing
def staff_approved(work: Work) -> None:
    """Whoever asked is told that it has gone."""
    person = work.site.config.person(work.approves) if work.approves else None
    if person is None:
        return
    recipient = NamedAddress(person.name, person.address)
    post(
        work,
        "staff_direction",
        recipient,
        text=_SAID("gone_by_email" if work.site.settings.by_email else "gone_by_support"),
        reason=_SAID("approval"),
        tier=work.site.config.tiers.coordinator,
        deadline=letters.next_deadline(work),
        actions=next_steps(work, recipient),
    )


def _name(work: Work, address: str) -> str:
    person = work.site.config.person(address)
    return person.name if person else address
