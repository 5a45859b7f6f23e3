"""From a ticket to the values that a template shows, and from there into the outbox.

The renderer shows a template only the values declared for it, so that everything may be offered here; what an
audience may see of a ticket's texts is asked of the database by audience.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from mailbot import log, tickets
from mailbot.compose import build, new_message_id, subject_line
from mailbot.desk import Desk
from mailbot.mails import MAILS
from mailbot.model import BALL, Attachment, Event, Mailbox, Role, Status, Ticket
from mailbot.parsers.commands import CODE_LENGTH, VOCABULARY
from mailbot.parsers.subject import tagged
from mailbot.rules import clocks as arithmetic
from mailbot.rules import dates
from mailbot.rules.clocks import Running
from mailbot.store import Store, to_instant, to_text
from mailbot.work import Planned, Work

#: Base64 makes 3 bytes 4 characters, and a line end every 57 bytes.
_ENCODED = 78 / 57
#: What the text, the HTML and the headers of a mail may take of the size limit.
_BODY_ROOM = 128 * 1024
#: A link is good for so long, and only while the ticket's status lasts.
_LINK_DAYS = 30
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def status_label(desk: Desk, status: Status) -> str:
    return desk.table.statuses[status.value]


def priority_label(desk: Desk, level: int) -> str:
    return f"P{level} {desk.priorities[level].name}"


def service_hours(desk: Desk) -> str:
    """The week's service hours in words: "Senin–Kamis 07.30–12.00 dan 13.00–16.00; Jumat … WIB"."""
    groups: list[tuple[int, int, str]] = []
    for day, spans in enumerate(desk.config.hours.week):
        words = " dan ".join(f"{a:%H.%M}–{b:%H.%M}" for a, b in spans)
        if groups and groups[-1][2] == words:
            groups[-1] = (groups[-1][0], day, words)
        else:
            groups.append((day, day, words))
    parts = [
        f"{dates.WEEKDAYS[first]}{'' if first == last else '–' + dates.WEEKDAYS[last]} {words}"
        for first, last, words in groups
        if words
    ]
    return f"{'; '.join(parts)} {datetime(2026, 1, 1, tzinfo=desk.zone).tzname()}"


def organisation(desk: Desk) -> dict[str, Any]:
    config = desk.config
    return {
        "name": config.organisation,
        "address": config.address,
        "street": config.contact.street,
        "phone": config.contact.phone,
        "hours": service_hours(desk),
    }


def ticket_values(desk: Desk, ticket: Ticket, now: datetime) -> dict[str, Any]:
    days = desk.calendar.working_days_between(ticket.opened_at, now)
    return {
        "number": ticket.number,
        "form_number": ticket.form_number,
        "tag": f"[{ticket.number}]",
        "subject": ticket.subject,
        "status": status_label(desk, ticket.status),
        "ball": BALL[ticket.status].value,
        "priority": priority_label(desk, ticket.priority),
        "opened_at": desk.say(ticket.opened_at),
        "escalated_at": None if ticket.escalated_at is None else desk.say(ticket.escalated_at),
        "lkpp_number": ticket.lkpp_number,
        "tts_number": ticket.tts_number,
        "age": f"{days} hari kerja" if days else "hari ini",
    }


def user_values(store: Store, ticket: Ticket) -> dict[str, Any]:
    fields = tickets.fields(store, ticket.id)
    names = ("organisation", "street", "phone", "user_id", "tender_code", "npwp")
    return {
        "name": fields.get("name") or ticket.user_name or None,
        "address": ticket.user_address,
        "verified": ticket.user_verified,
        **{name: fields.get(name) for name in names},
    }


def form_missing(store: Store, ticket: Ticket) -> bool:
    """Whether the identity that the Formulir Konsultasi asks for (part A) is incomplete."""
    fields = tickets.fields(store, ticket.id)
    return not all(fields.get(name) for name in ("name", "organisation", "phone"))


def size_words(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB".replace(".", ",") if size >= 1_000_000 else f"{max(1, size // 1000)} kB"


def fitting(desk: Desk, attachments: Sequence[Attachment]) -> tuple[list[Attachment], list[dict[str, Any]]]:
    """The attachments that fit into one mail, and the list of all of them for the text."""
    room = desk.config.smtp.max_size - _BODY_ROOM
    sent: list[Attachment] = []
    listed = []
    for attachment in attachments:
        needed = int(len(attachment.data) * _ENCODED) + 1024
        fits = needed <= room
        if fits:
            room -= needed
            sent.append(attachment)
        listed.append({"name": attachment.name, "size": size_words(len(attachment.data)), "sent": fits})
    return sent, listed


_NOTHING = dict.fromkeys(
    [
        "text",
        "deadline",
        "receipt",
        "meaning",
        "reason",
        "summary",
        "tried",
        "enquiry",
        "reopen_until",
        "close_on",
        "held",
        "paste",
        "closing",
    ]
)


def values(work: Work, recipient: Mailbox, **extra: Any) -> dict[str, Any]:
    """Every value a template may ask for; `extra` overrides."""
    desk, ticket, event = work.desk, work.ticket, work.event
    return {
        **_NOTHING,
        "organisation": organisation(desk),
        "recipient": {"name": recipient.name, "address": recipient.address},
        "ticket": ticket_values(desk, ticket, work.now),
        "user": user_values(work.store, ticket),
        "actor": _actor(event),
        "authenticated": work.given.authenticated,
        "form_missing": form_missing(work.store, ticket),
        "limit_mb": desk.config.smtp.max_size // 1_000_000,
        "attachments": [],
        "actions": [],
        "items": [],
        "chronology": [],
        "survey": False,
        **extra,
    }


def _actor(event: Event) -> dict[str, str] | None:
    """Who signs: nobody for what mailbot does by itself on a user's mail or a deadline."""
    if event.role in (Role.USER, Role.MAILBOT):
        return None
    return {"name": event.name or event.address, "address": event.address}


# --- links that open a ready reply -------------------------------------------------------------


def new_code() -> str:
    """Characters of base32, 5 random bits each (100 in all)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))


def canonical(word: str) -> str:
    """The command language's own name for "#word": what a code is bound to."""
    return next(spec.name for spec in VOCABULARY if spec.word == word.lstrip("#"))


def mailto(desk: Desk, ticket: Ticket, body: str) -> str:
    """A link that opens a new mail to us with the ticket's tag and this body (RFC 6068)."""
    subject = tagged(ticket.number, ticket.subject, 120)
    return f"mailto:{desk.config.address}?subject={quote(subject, safe='')}&body={quote(body, safe='')}"


def link(
    work: Work, recipient: Mailbox, label: str, command: str, *, after: str = "", hint: str = ""
) -> dict[str, Any]:
    """An action for staff on the ticket in hand."""
    return code_link(work.store, work.desk, work.ticket, recipient, label, command, work.now, after=after, hint=hint)


def code_link(
    store: Store,
    desk: Desk,
    ticket: Ticket,
    recipient: Mailbox,
    label: str,
    command: str,
    now: datetime,
    *,
    after: str = "",
    hint: str = "",
) -> dict[str, Any]:
    """An action for staff: the code binds it to addressee, ticket and command; good once."""
    code = new_code()
    store.insert(
        "codes",
        code=code,
        mailbox=desk.name,
        address=recipient.address,
        ticket_id=ticket.id,
        command=canonical(command),
        status=ticket.status.value,
        issued_at=to_text(now),
        expires_at=to_text(now + timedelta(days=_LINK_DAYS)),
    )
    groups = "-".join(code[start : start + 5] for start in range(0, len(code), 5))
    body = f"Kode: {groups}\r\n\r\n{command}\r\n{after}"
    return {
        "label": label,
        "href": mailto(desk, ticket, body),
        "command": command,
        "hint": hint or None,
    }


def reply_hint(label: str) -> dict[str, Any]:
    """An action without a link: what a plain reply does."""
    return {"label": label, "href": None, "command": None, "hint": None}


def user_link(work: Work, label: str, word: str) -> dict[str, Any]:
    return {"label": label, "href": mailto(work.desk, work.ticket, word), "command": word, "hint": None}


# --- into the outbox ---------------------------------------------------------------------------


def thread_of(store: Store, ticket: Ticket, recipient: str, party: Role) -> tuple[str | None, list[str]]:
    """(In-Reply-To, References): every mail of a ticket to one party is one thread."""
    rows = store.rows(
        "SELECT message_id, at FROM ("
        " SELECT message_id, created_at AS at FROM outbox"
        "  WHERE ticket_id = ?1 AND recipient = ?2 AND party = ?3 AND thread = 1 AND state <> 'cancelled'"
        " UNION ALL"
        " SELECT message_id, arrived_at AS at FROM journal"
        "  WHERE ticket_id = ?1 AND message_id IS NOT NULL AND (sender = ?2 OR (?3 = 'lkpp' AND role = 'lkpp'))"
        ") ORDER BY at",
        ticket.id,
        recipient,
        party.value,
    )
    ids = list(dict.fromkeys(str(row["message_id"]) for row in rows))
    return (ids[-1] if ids else None), ids


def subject_of(template: str, ticket: Ticket, *, echo: bool = True) -> str:
    return subject_line(MAILS[template], ticket.number, ticket.subject, echo=echo, lkpp_number=ticket.lkpp_number)


def post(
    work: Work,
    template: str,
    recipient: Mailbox,
    *,
    files: Sequence[Attachment] = (),
    echo: bool = True,
    not_before: datetime | None = None,
    undo_by: int | None = None,
    in_reply_to: str | None = None,
    **extra: Any,
) -> None:
    """Render a mail and fix its bytes and Message-ID in the outbox, in the event's transaction."""
    parent, references = thread_of(work.store, work.ticket, recipient.address, MAILS[template].audience)
    parent = in_reply_to or parent
    put(
        work.store,
        work.desk,
        template,
        recipient,
        values(work, recipient, **extra),
        key=work.given.key,
        now=work.now,
        asked_at=work.event.at,
        subject=subject_of(template, work.ticket, echo=echo),
        ticket=work.ticket,
        in_reply_to=parent,
        references=[*references, parent] if parent and parent not in references else references,
        files=files,
        not_before=not_before,
        undo_by=undo_by,
        step=work.decision.step,
    )
    work.planned.append(Planned(template, recipient.address, not_before or work.now))


def put(
    store: Store,
    desk: Desk,
    template: str,
    recipient: Mailbox,
    shown: Mapping[str, Any],
    *,
    key: str,
    now: datetime,
    subject: str,
    asked_at: datetime | None = None,
    ticket: Ticket | None = None,
    in_reply_to: str | None = None,
    references: Sequence[str] = (),
    files: Sequence[Attachment] = (),
    not_before: datetime | None = None,
    undo_by: int | None = None,
    step: str = "",
) -> None:
    """One outbox row: state queued, bytes fixed, one recipient."""
    kind = MAILS[template]
    config = desk.config
    message_id = new_message_id(config.domain, secrets.token_bytes(16))
    raw = build(
        kind,
        sender=Mailbox(config.organisation, config.address),
        recipient=recipient,
        subject=subject,
        body=desk.renderer.body(template, shown),
        message_id=message_id,
        date=desk.local(now),
        ticket_number=None if ticket is None else ticket.number,
        in_reply_to=in_reply_to,
        references=references,
        attachments=files,
    )
    null_sender = kind.envelope == "null" and config.smtp.null_sender == "auto"
    start = max(now, not_before or now)
    store.insert(
        "outbox",
        mailbox=desk.name,
        ticket_id=None if ticket is None else ticket.id,
        event_key=key,
        party=kind.audience.value,
        template=template,
        recipient=recipient.address,
        envelope_sender="" if null_sender else config.address,
        message_id=message_id,
        subject=subject,
        raw=raw,
        audience=kind.audience.value,
        thread=int(kind.thread),
        not_before=to_text(start),
        next_try_at=to_text(start),
        created_at=to_text(now),
        asked_at=to_text(asked_at or now),
        undo_by=undo_by,
    )
    log.queued(desk.name, None if ticket is None else ticket.number, step, template, message_id)


def text_of(work: Work, template: str, recipient: Mailbox, **extra: Any) -> str:
    """A mail's plain text, for pasting elsewhere instead of sending."""
    return work.desk.renderer.body(template, values(work, recipient, **extra)).text


# --- words that several mails share --------------------------------------------------------------


def limit_values(work: Work, running: Running) -> dict[str, Any]:
    """A clock's next limit in words."""
    clock = work.desk.table.clocks[running.clock]
    timing = work.desk.timing(work.ticket.priority)
    limit = arithmetic.first_limit(clock, running, timing)
    half_way = clock.stages[running.stage].after.startswith("half_")
    after = next(stage.after for stage in clock.stages if not stage.after.startswith("half_"))
    return {
        "what": clock.title,
        "due": work.desk.say(limit, estimated=running.estimated),
        "overdue": None if half_way else lateness(work.desk, limit, work.now),
        "limit": dates.format_duration(timing.lengths[after]),
    }


def lateness(desk: Desk, limit: datetime, now: datetime) -> str | None:
    """How much service time has passed since a limit, in words; None: it still lies ahead."""
    if limit >= now:
        return None
    days = desk.calendar.working_days_between(limit, now)
    minutes = desk.calendar.working_minutes_between(limit, now)
    return f"{days} hari kerja" if days > 1 else dates.format_minutes(minutes) if minutes else None


def next_limit(work: Work, clock: str | None = None) -> dict[str, Any] | None:
    """The limit of one clock, or of the one that keeps the ticket alive and is due first; half-way marks aside."""
    for _, running in tickets.running(work.store, work.ticket.id):
        found = work.desk.table.clocks[running.clock]
        if running.clock != clock if clock else found.beside:
            continue
        if found.stages[running.stage].after.startswith("half_"):
            timing = work.desk.timing(work.ticket.priority)
            running = arithmetic.advance(found, running, running.started_at, timing)
        return limit_values(work, running)
    return None


def due_day(work: Work, clock: str, stages: int) -> str | None:
    """In words: when the `stages`th stage from now of a running clock is due (for "ditutup pada …")."""
    timing = work.desk.timing(work.ticket.priority)
    for _, running in tickets.running(work.store, work.ticket.id):
        if running.clock == clock:
            for _ in range(stages):
                running = arithmetic.advance(work.desk.table.clocks[clock], running, max(running.due, work.now), timing)
            return work.desk.say(running.due, estimated=running.estimated)
    return None


#: What LKPP may know of a ticket's history: neutral words, nobody's text.
_CHRONICLE = {
    "user.new": "Permasalahan diterima dari pengguna",
    "user.mail": "E-mail susulan dari pengguna",
    "staff.answer": "Jawaban disampaikan kepada pengguna",
    "staff.info": "Informasi disampaikan kepada pengguna",
    "staff.ask": "Kelengkapan data diminta kepada pengguna",
    "staff.escalate": "Dieskalasikan kepada Helpdesk LKPP",
    "staff.forward": "Data tambahan diteruskan kepada Helpdesk LKPP",
    "lkpp.returned": "Helpdesk LKPP menyatakan kewenangan LPSE",
    "lkpp.data_request": "Helpdesk LKPP meminta data tambahan",
    "lkpp.progress": "Helpdesk LKPP menyampaikan perkembangan",
    "lkpp.solved": "Helpdesk LKPP menyatakan selesai",
}


def chronology(work: Work) -> list[dict[str, Any]]:
    """What happened to a ticket, for LKPP."""
    who = {"user": "Pengguna", "lkpp": "Helpdesk LKPP"}
    taken_back = {
        row["undo_by"]
        for row in work.store.rows(
            "SELECT DISTINCT undo_by FROM outbox WHERE ticket_id = ? AND state = 'cancelled' AND undo_by IS NOT NULL",
            work.ticket.id,
        )
    }
    return [
        {
            "at": work.desk.say(to_instant(row["at"])),
            "who": who.get(row["role"], "LPSE"),
            "what": _CHRONICLE[row["event"]],
        }
        for row in tickets.history(work.store, work.ticket.id)
        if row["event"] in _CHRONICLE and row["journal_id"] not in taken_back
    ]
