"""Mail of machines: filed with its ticket, never answered, changes no status. Bounces find the mail they are about."""

from __future__ import annotations

from datetime import datetime, timedelta

from mailbot import journal, lkppdesk, log, service, tickets
from mailbot.desk import Desk
from mailbot.mail import Mail
from mailbot.model import Event, Role
from mailbot.parsers import automatic
from mailbot.store import Store, to_instant
from mailbot.work import Given

#: A delivery report about a mail that is older than this is not believed.
BOUNCE_AGE = timedelta(days=10)


def handle(store: Store, desk: Desk, mail: Mail, now: datetime) -> None:
    """Inside the mail's transaction."""
    machine = mail.machine
    kind = machine.kind if machine else "automatic"
    ticket_id = mail.found.ticket_id
    if kind == "bounce":
        ticket_id = _bounce(store, desk, mail, now) or ticket_id
    elif kind != "own" and ticket_id is not None:
        if mail.sender.role is Role.LKPP:
            lkppdesk.learn_number(store, desk, mail, ticket_id)
        event = Event(
            kind="machine.mail",
            at=mail.at,
            role=mail.sender.role,
            address=mail.sender.address,
            journal_id=mail.journal_id,
            rule=machine.reason if machine else "",
        )
        service.handle(store, desk, ticket_id, event, Given(key=mail.key), now)
    journal.settle(
        store,
        mail.journal_id,
        "handled",
        kind,
        reason=machine.reason if machine else "",
        sender=mail.sender,
        ticket_id=ticket_id,
        threaded_by=mail.found.reason,
    )
    ticket = None if ticket_id is None else tickets.load(store, ticket_id).number
    log.filed(desk.name, mail.journal_id, kind, mail.message.message_id, ticket)


def _bounce(store: Store, desk: Desk, mail: Mail, now: datetime) -> int | None:
    """A delivery report counts only for a mail of ours, by its Message-ID, sent lately; the ticket it is about."""
    ticket_id = None
    for status in automatic.delivery_status(mail.message):
        if not status.hard or status.original_message_id is None:
            continue
        row = store.row(
            "SELECT id, ticket_id, recipient, created_at FROM outbox WHERE mailbox = ? AND message_id = ?",
            desk.name,
            status.original_message_id,
        )
        if row is None or mail.at - to_instant(row["created_at"]) > BOUNCE_AGE:
            continue
        ticket_id = row["ticket_id"]
        answer = " ".join(filter(None, (status.status, status.diagnostic)))
        service.undelivered(store, desk, int(row["id"]), f"{mail.key}.{row['id']}", answer, mail.at, now)
    return None if ticket_id is None else int(ticket_id)
