"""A letter of an event: what its template shows, when it may leave, and the row that it becomes in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mailbot import letters
from mailbot.door import Passed, prove
from mailbot.letters import caps
from mailbot.letters.caps import Hold
from mailbot.model import Attachment, Event, NamedAddress, Role
from mailbot.procedure.effects import without_email
from mailbot.sentences import Sentences
from mailbot.store import restored
from mailbot.templates.catalogue import MAILS
from mailbot.tickets.work import Planned, Work

_SAID = Sentences(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How a letter leaves. files: to staff; outside go those of `passed`, what the door has let through. echo: whether
    its subject may repeat the ticket's. The rest as in `letters.Letter`."""

    files: Sequence[Attachment] = ()
    passed: Sequence[Passed] = ()
    echo: bool = True
    not_before: datetime | None = None
    undo_by: int | None = None
    hold: Hold | None = None
    answers: str = ""


_AT_ONCE = Sending()


def values(work: Work, recipient: NamedAddress, **shown: Any) -> dict[str, Any]:
    """Every value that a template may ask for; `shown` overrides."""
    actor, authenticated = _actor(work.event), work.given.authenticated
    return letters.values(work, recipient, **{"actor": actor, "authenticated": authenticated, **shown})


def _actor(event: Event) -> dict[str, str] | None:
    """Who signs: nobody for what mailbot does by itself on a user's mail or a deadline."""
    if event.role in (Role.USER, Role.MAILBOT):
        return None
    return {"name": event.name or event.address, "address": event.address}


def post(work: Work, template: str, recipient: NamedAddress, sending: Sending = _AT_ONCE, **shown: Any) -> None:
    """A mail of this event, in the thread of its ticket and party, into the outbox. shown: beside all `values`."""
    audience = MAILS[template].audience
    if audience is Role.USER and not recipient.address:
        without_email.instead(work, template)
        return
    hold = sending.hold
    cause = work.running.due if work.running is not None else work.event.at
    if audience is Role.LKPP and restored.may_repeat(work.store, work.site.name, cause):
        hold = hold or Hold(restored.HELD_BY, restored.HELD_WHY)
        work.remark(_SAID("to_lkpp_held"))
    parent, references = letters.thread_of(work.store, work.ticket, recipient.address, audience)
    letter = letters.Letter(
        template=template,
        recipient=recipient,
        shown=values(work, recipient, **shown),
        key=work.given.key,
        subject=letters.subject_of(template, work.ticket, echo=sending.echo),
        ticket=work.ticket,
        asked_at=work.event.at,
        cause=cause,
        in_reply_to=parent,
        references=references,
        files=sending.files,
        passed=sending.passed,
        not_before=sending.not_before,
        undo_by=sending.undo_by,
        hold=caps.of_latecomer(work, hold),
        answers=sending.answers,
        step=work.decision.step,
    )
    letters.put(work, letter)
    work.planned.append(
        Planned(
            template,
            recipient.address,
            sending.not_before or work.now,
            text=str(shown.get("text") or ""),
            files=[file.name for file in sending.files],
            held=letter.hold is not None,
        )
    )


def post_passed(
    work: Work,
    template: str,
    recipient: NamedAddress,
    passed: Sequence[Passed],
    sending: Sending = _AT_ONCE,
    **shown: Any,
) -> None:
    """A mail outside, with the words and the files that the door has let through."""
    files, brought = brings(work, passed)
    post(work, template, recipient, replace(sending, files=files, passed=passed), **{**brought, **shown})


def brings(work: Work, passed: Sequence[Passed]) -> tuple[list[Attachment], dict[str, Any]]:
    """(the files that fit into one mail, the values by which its template names words and files)."""
    files, listed = letters.fitting(work.site, [file for one in passed for file in one.files])
    words = "\n\n".join(one.words for one in passed if one.words.strip())
    return files, {"text": words or None, "attachments": listed}


def text_of(work: Work, template: str, recipient: NamedAddress, passed: Sequence[Passed], **shown: Any) -> str:
    """A mail's plain text, for pasting elsewhere instead of sending."""
    found = values(work, recipient, **shown)
    prove(work.store, work.ticket.id, template, found, passed)
    return work.site.renderer.body(template, found).text
