"""Mails into the outbox: their bytes and Message-IDs are fixed here, in the transaction of what they tell of."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mailbot import log
from mailbot.config.site import Site
from mailbot.letters import caps, without_email
from mailbot.letters.audience import prove
from mailbot.letters.caps import Hold
from mailbot.letters.values import values
from mailbot.model import Attachment, NamedAddress, Role, Ticket
from mailbot.store import held_mails, outbox, restored, sent_mails
from mailbot.store.database import Store, to_text
from mailbot.templates.catalogue import MAILS
from mailbot.templates.compose import build, new_message_id, subject_line
from mailbot.tickets.work import Planned, Work


def thread_of(store: Store, ticket: Ticket, recipient: str, party: Role) -> tuple[str | None, list[str]]:
    """(In-Reply-To, References): every mail of a ticket to one party is one thread; a coordinator's or head's own mails
    and his receipts are one, too."""
    ids = sent_mails.thread(store, ticket.id, recipient, party)
    return (ids[-1] if ids else None), ids


def subject_of(template: str, ticket: Ticket, *, echo: bool = True) -> str:
    return subject_line(MAILS[template], ticket.number, ticket.subject, echo=echo, lkpp_number=ticket.lkpp_number)


def post(
    work: Work,
    template: str,
    recipient: NamedAddress,
    *,
    files: Sequence[Attachment] = (),
    echo: bool = True,
    not_before: datetime | None = None,
    undo_by: int | None = None,
    in_reply_to: str | None = None,
    hold: Hold | None = None,
    answers: str = "",
    **extra: Any,
) -> None:
    """Render a mail and fix its bytes and Message-ID in the outbox, in the event's transaction."""
    if MAILS[template].audience is Role.USER and not recipient.address:
        without_email.instead(work, template)
        return
    cause = work.running.due if work.running is not None else work.event.at
    if MAILS[template].audience is Role.LKPP and restored.may_repeat(work.store, work.site.name, cause):
        hold = hold or Hold(restored.HELD_BY, restored.HELD_WHY)
        work.remarks.append("Surat kepada LKPP ditahan sampai operator memastikan bahwa surat itu belum terkirim")
    shown = values(work, recipient, **extra)
    prove(work.store, work.ticket.id, template, shown, files)
    parent, references = thread_of(work.store, work.ticket, recipient.address, MAILS[template].audience)
    parent = in_reply_to or parent
    put(
        work.store,
        work.site,
        template,
        recipient,
        shown,
        key=work.given.key,
        now=work.now,
        asked_at=work.event.at,
        cause=cause,
        subject=subject_of(template, work.ticket, echo=echo),
        ticket=work.ticket,
        in_reply_to=parent,
        references=[*references, parent] if parent and parent not in references else references,
        files=files,
        not_before=not_before,
        undo_by=undo_by,
        hold=caps.of_latecomer(work, hold),
        answers=answers,
        step=work.decision.step,
    )
    work.planned.append(Planned(template, recipient.address, not_before or work.now))


def put(
    store: Store,
    site: Site,
    template: str,
    recipient: NamedAddress,
    shown: Mapping[str, Any],
    *,
    key: str,
    now: datetime,
    subject: str,
    asked_at: datetime | None = None,
    cause: datetime | None = None,
    ticket: Ticket | None = None,
    in_reply_to: str | None = None,
    references: Sequence[str] = (),
    files: Sequence[Attachment] = (),
    not_before: datetime | None = None,
    undo_by: int | None = None,
    hold: Hold | None = None,
    answers: str = "",
    step: str = "",
) -> None:
    """One outbox row: state queued, bytes fixed, one recipient.

    hold: why it must wait; without one, the cap of its recipient may find that it must. answers: whose mail it answers
    by itself, "proven" or "unproven". cause: when what the mail follows from happened; None: as `asked_at`.
    """
    kind = MAILS[template]
    config = site.config
    about = None if ticket is None else ticket.id
    hold = hold or caps.address(store, site, template, recipient.address, now, ticket=about)
    if kind.audience is Role.USER and not answers:
        lapse(store, site, recipient.address, "gugur: pengguna sudah menerima e-mail lain")
    repeated = kind.audience is not Role.LKPP and restored.may_repeat(store, site.name, cause or asked_at or now)
    notice = restored.NOTICE if repeated else None
    message_id = new_message_id(config.domain, secrets.token_bytes(16))
    raw = build(
        kind,
        sender=NamedAddress(config.organisation, config.address),
        recipient=recipient,
        subject=subject,
        body=site.renderer.body(template, shown, notice=notice),
        message_id=message_id,
        date=site.local(now),
        ticket_number=None if ticket is None else ticket.number,
        in_reply_to=in_reply_to,
        references=references,
        attachments=files,
    )
    null_sender = kind.envelope == "null" and config.smtp.null_sender == "auto"
    start = max(now, not_before or now)
    outbox.add(
        store,
        raw,
        mailbox=site.name,
        ticket_id=None if ticket is None else ticket.id,
        event_key=key,
        party=kind.audience.value,
        template=template,
        recipient=recipient.address,
        envelope_sender="" if null_sender else config.address,
        message_id=message_id,
        subject=subject,
        audience=kind.audience.value,
        thread=int(kind.thread),
        not_before=to_text(start),
        next_try_at=to_text(start),
        created_at=to_text(now),
        asked_at=to_text(asked_at or now),
        undo_by=undo_by,
        answers=answers,
        held=int(hold is not None),
        held_by=hold.by if hold else "",
        held_why=hold.why if hold else "",
        held_until=to_text(hold.until) if hold and hold.until else None,
    )
    number = None if ticket is None else ticket.number
    log.queued(site.name, number, step, template, message_id)
    if hold is not None:
        log.held_back(site.name, number, template, message_id, hold.why)


def lapse(store: Store, site: Site, address: str, reason: str) -> None:
    """The held acknowledgements to this address make no sense any more: whoever gets another mail of ours needs no
    sign that we have his."""
    held_mails.lapse_answers(store, site.name, address, reason)


def text_of(work: Work, template: str, recipient: NamedAddress, **extra: Any) -> str:
    """A mail's plain text, for pasting elsewhere instead of sending."""
    shown = values(work, recipient, **extra)
    prove(work.store, work.ticket.id, template, shown)
    return work.site.renderer.body(template, shown).text
