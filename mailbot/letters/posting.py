"""Mails into the outbox: their bytes and Message-IDs are fixed here, in the transaction of what they tell of."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mailbot import log
from mailbot.config.site import Site
from mailbot.door import Passed, prove
from mailbot.letters import caps, sender_name, since
from mailbot.letters.caps import Hold
from mailbot.model import Attachment, NamedAddress, Role, Ticket
from mailbot.sentences import Sentences
from mailbot.store import held_mails, outbox, restored, sent_mails, untold
from mailbot.store.database import Store, to_text
from mailbot.templates.catalogue import MAILS
from mailbot.templates.compose import Head, build, new_message_id, subject_line
from mailbot.tickets.case import Context

_SAID = Sentences(__file__)


def thread_of(
    store: Store, ticket: Ticket, recipient: str, party: Role, answered: str | None = None
) -> tuple[str | None, list[str]]:
    """(In-Reply-To, References): every mail of a ticket to one party is one thread; a coordinator's or head's own mails
    and his receipts are one, too. answered: the Message-ID of the mail that this one answers, where it answers one."""
    ids = sent_mails.thread(store, ticket.id, recipient, party)
    parent = answered or (ids[-1] if ids else None)
    return parent, [*ids, parent] if parent and parent not in ids else ids


def subject_of(template: str, ticket: Ticket, *, echo: bool = True, but: str = "") -> str:
    """but: what its reader must not overlook, behind the kind of a mail to staff."""
    kind = replace(MAILS[template], kind=f"{MAILS[template].kind}, {but}") if but else MAILS[template]
    return subject_line(kind, ticket.number, ticket.subject, echo=echo, lkpp_number=ticket.lkpp_number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail to one person, as it is before its bytes are made.

    shown: the values of its template. key: what it follows from, by which the outbox knows it again.
    ticket: which it is about. in_reply_to, references: its thread. passed: what the door has let through, of a mail
    outside. asked_at: when what asks for it came; None: now. cause: when what it follows from happened; None: as
    `asked_at`. not_before, undo_by: until when it can be taken back, and whose words it holds (a journal id). hold: why
    it must wait; without one, the cap of its recipient may find that it must, unless it is a list of the day (listed).
    answers: whose mail it answers by itself, "proven" or "unproven". step: of the SOP.
    """

    template: str
    recipient: NamedAddress
    shown: Mapping[str, Any]
    key: str
    subject: str
    ticket: Ticket | None = None
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    files: Sequence[Attachment] = ()
    passed: Sequence[Passed] = ()
    asked_at: datetime | None = None
    cause: datetime | None = None
    not_before: datetime | None = None
    undo_by: int | None = None
    hold: Hold | None = None
    listed: bool = False
    answers: str = ""
    step: str = ""


def put(context: Context, letter: Letter) -> int:
    """The way into the outbox: one row, state queued, its bytes and Message-ID fixed, in the caller's transaction.
    A mail of a ticket to one of the LPSE's people also tells what his links have done since the last one.

    Returns the row's id. Raises PermanentFailure where the mail would show what its reader may not see.
    """
    store, site, now = context.store, context.site, context.now
    template, recipient, ticket = letter.template, letter.recipient, letter.ticket
    kind, config = MAILS[template], site.config
    if ticket is not None:
        prove(store, ticket.id, template, letter.shown, letter.passed, letter.files)
    about, number = (None, None) if ticket is None else (ticket.id, ticket.number)
    hold = letter.hold
    if hold is None and not letter.listed:
        hold = caps.address(store, site, template, recipient.address, now, ticket=about)
    if kind.audience is Role.USER and not letter.answers:
        lapse(store, site, recipient.address, _SAID("lapsed"))
    asked_at = letter.asked_at or now
    repeated = kind.audience is not Role.LKPP and restored.may_repeat(store, site.name, letter.cause or asked_at)
    notice = restored.NOTICE if repeated else None
    about_it = ticket if kind.audience.inside else None
    name = "" if about_it is None else sender_name.of_ticket(config.ticket_prefix, about_it, letter.shown.get("user"))
    head = Head(
        sender=NamedAddress(name or config.organisation, config.address),
        recipient=recipient,
        subject=letter.subject,
        message_id=new_message_id(config.domain, secrets.token_bytes(16)),
        date=site.local(now),
        ticket_number=number,
        in_reply_to=letter.in_reply_to,
        references=letter.references,
        important=about_it is not None and about_it.priority == 1,
    )
    done = [] if about_it is None else untold.of_ticket(store, about_it.id, recipient.address)
    body = site.renderer.body(template, letter.shown, notice=notice, since=since.said(site, done, now))
    raw = build(kind, head, body, letter.files)
    null_sender = kind.envelope == "null" and config.smtp.null_sender == "auto"
    start = max(now, letter.not_before or now)
    outbox_id = outbox.add(
        store,
        raw,
        mailbox=site.name,
        ticket_id=about,
        event_key=letter.key,
        party=kind.audience.value,
        template=template,
        recipient=recipient.address,
        envelope_sender="" if null_sender else config.address,
        message_id=head.message_id,
        subject=letter.subject,
        audience=kind.audience.value,
        thread=int(kind.thread),
        not_before=to_text(start),
        next_try_at=to_text(start),
        created_at=to_text(now),
        asked_at=to_text(asked_at),
        undo_by=letter.undo_by,
        answers=letter.answers,
        held=int(hold is not None),
        held_by=hold.by if hold else "",
        held_why=hold.why if hold else "",
        held_until=to_text(hold.until) if hold and hold.until else None,
    )
    untold.told(store, done, outbox_id)
    log.queued(site.name, number, letter.step, template, head.message_id)
    if hold is not None:
        log.held_back(site.name, number, template, head.message_id, hold.why)
    return outbox_id


def lapse(store: Store, site: Site, address: str, reason: str) -> None:
    """The held acknowledgements to this address make no sense any more: whoever gets another mail of ours needs no
    sign that we have his."""
    held_mails.lapse_answers(store, site.name, address, reason)
