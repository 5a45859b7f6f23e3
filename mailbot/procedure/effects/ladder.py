"""Effects on the ladder inside the LPSE: coordinator and head are asked, and what they say goes to staff.

None of it leaves the LPSE: the texts are kept for its own people alone (SOP 004: "Koordinator Helpdesk memberikan
arahan dan rekomendasi"; step 8: "Kepala Unit melakukan pemantauan status tindak lanjut dan memberikan rekomendasi").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mailbot import letters
from mailbot.config.settings import Listed
from mailbot.fetch.originals import attachments_of
from mailbot.letters import overdue
from mailbot.model import NamedAddress, Role
from mailbot.parsers.forms import escalation
from mailbot.procedure.effects.kinds import mailing
from mailbot.procedure.effects.mailing import Sending, post
from mailbot.procedure.effects.shared import fired, keep, notice, who_handles
from mailbot.procedure.effects.to_staff import link, next_steps
from mailbot.sentences import Sentences
from mailbot.store import sent_mails
from mailbot.tickets import earlier, progress, tickets
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)

#: What stands with a ticket that coordinator or head are asked about: the user's words, believed or not.
_USERS = ("mail", "unverified")


@mailing
def coordinator_direction(work: Work) -> None:
    """`#koordinator`, and its reminder: what staff ask, what was tried, what the user wrote, where it stands."""
    if work.running is not None and work.folded:
        notice(work, Role.COORDINATOR)
        return
    people = _others(work, work.site.config.coordinator)
    if work.running is None:
        keep(work, "question", work.event.text)
        question, files = work.event.text, [*work.given.attachments]
    else:
        question, files = _last(work, "question"), []
    words = escalation.read(question)
    users = [row for row in tickets.texts_for(work.store, work.ticket.id, Role.STAFF) if row["kind"] in _USERS]
    files += [file for row in users if row["journal_id"] for file in attachments_of(work, int(row["journal_id"]))]
    sent, listed = letters.fitting(work.site, files)
    deadline = letters.next_deadline(work, "direction") if work.running is None else fired(work)
    for person in people:
        post(
            work,
            "coordinator_direction",
            person,
            Sending(files=sent),
            attachments=listed,
            actor=_asker(work, "staff.coordinator"),
            summary=words.summary,
            tried=words.tried,
            text="\n\n".join(str(row["body"]) for row in users),
            chronology=letters.chronology(work),
            deadline=deadline,
            actions=_for_coordinator(work, person),
            **_standing(work),
        )
    if work.running is None:
        _say_to(work, people)


@mailing
def head_report(work: Work) -> None:
    """`#kepala`: an unsolved case is reported to the head of unit (SOP 004 step 7)."""
    keep(work, "report", work.event.text)
    sent, listed = letters.fitting(work.site, work.given.attachments)
    enquiries = sent_mails.enquiries(work.store, work.ticket.id)
    people = _others(work, work.site.config.head)
    for person in people:
        post(
            work,
            "head_report",
            person,
            Sending(files=sent),
            attachments=listed,
            text=work.event.text,
            enquiries=str(enquiries) if work.ticket.was_with_lkpp else None,
            direction=progress.last_direction(work.store, work.site, work.ticket),
            chronology=letters.chronology(work),
            actions=[overdue.recommending()],
            **_standing(work),
        )
    _say_to(work, people)


@mailing
def staff_direction(work: Work) -> None:
    """`#arahan`: the coordinator's to whoever handles the ticket and whoever asked, the head's too; coordinators hear
    his by `coordinator_report`."""
    keep(work, "direction", work.event.text)
    by_head = work.event.role is Role.HEAD
    asked = _asker(work, "staff.head" if by_head else "staff.coordinator")
    people = {person.address: person for person in who_handles(work)}
    if asked is not None and work.site.config.person(asked["address"]) is not None:
        people.setdefault(asked["address"], NamedAddress(asked["name"], asked["address"]))
    people.pop(work.event.address, None)
    told = _told_of_recommendation(work)
    for one in told:
        people.pop(one.address, None)
    if not people and not told:  # the coordinator handles it himself
        people = {one.address: NamedAddress(one.name, one.address) for one in work.site.config.staff}
    sent, listed = letters.fitting(work.site, work.given.attachments)
    for person in people.values():
        post(
            work,
            "staff_direction",
            person,
            Sending(files=sent),
            attachments=listed,
            text=work.event.text,
            reason=_SAID("recommendation" if by_head else "direction"),
            tier=work.site.config.tiers.head if by_head else work.site.config.tiers.coordinator,
            deadline=letters.next_deadline(work),
            actions=next_steps(work, person),
        )
    _say_to(work, [*people.values(), *told])


@mailing
def coordinator_report(work: Work) -> None:
    """The head's recommendation to the coordinators, with what they may do about it; their own direction is none."""
    sent, listed = letters.fitting(work.site, work.given.attachments)
    for person in _told_of_recommendation(work):
        post(
            work,
            "coordinator_report",
            person,
            Sending(files=sent),
            attachments=listed,
            text=work.event.text,
            direction=progress.last_direction(work.store, work.site, work.ticket, by_head=False),
            deadline=letters.next_deadline(work),
            actions=_for_coordinator(work, person),
            **_standing(work),
        )


def _told_of_recommendation(work: Work) -> list[NamedAddress]:
    return _others(work, work.site.config.coordinator) if work.event.role is Role.HEAD else []


def _for_coordinator(work: Work, recipient: NamedAddress) -> list[dict[str, Any]]:
    """What a coordinator may do with it: direct, do it himself, or take it further up."""
    found = [overdue.directing()]
    if not work.ticket.is_with_lkpp:
        found.append(link(work, recipient, "#jawab", _SAID("answer_himself")))
        found.append(link(work, recipient, "#eskalasi"))
    if work.site.config.head:
        found.append(overdue.reporting(work, recipient))
    return found


def _standing(work: Work) -> dict[str, Any]:
    return {"standing": progress.values(work.store, work.site, work.ticket, work.now)}


def _others(work: Work, listed: Sequence[Listed]) -> list[NamedAddress]:
    """The people of a list but the writer himself."""
    return [NamedAddress(one.name, one.address) for one in listed if one.address != work.event.address]


def _last(work: Work, kind: str) -> str:
    found = [row for row in tickets.texts_for(work.store, work.ticket.id, Role.STAFF) if row["kind"] == kind]
    return str(found[-1]["body"]) if found else ""


def _asker(work: Work, event: str) -> dict[str, str] | None:
    """Who wrote the last command of this kind."""
    address = earlier.who_last(work.store, work.ticket.id, event)
    if not address:
        return None
    person = work.site.config.person(address)
    return {"name": person.name if person else address, "address": address}


def _say_to(work: Work, people: Iterable[NamedAddress]) -> None:
    work.remark(_SAID("sent_to", people=", ".join(person.name or person.address for person in people)))
