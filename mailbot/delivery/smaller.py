"""If a mail turns out too large, it has failed. A new mail with a Message-ID of its own goes instead and lists the
attachments. Mails are made to fit `smtp.max_size`, so this happens only if the server takes less than that.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from mailbot import letters, log
from mailbot.config.site import Site
from mailbot.letters import alarms
from mailbot.model import NamedAddress, Role, Ticket
from mailbot.sentences import Sentences
from mailbot.store import outbox, sent_mails
from mailbot.store.database import Row, Store, to_text
from mailbot.templates import compose
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import tickets
from mailbot.tickets.case import Context

_SAID = Sentences(__file__)


def replaced(store: Store, site: Site, outbox_id: int, now: datetime) -> bool:
    """Put the smaller mail into the outbox and tell staff and operator, in one transaction. False: the mail has no
    attachments, so there is no smaller one."""
    with store.immediate():
        row = outbox.mail(store, outbox_id)
        if row is None or row["outcome_handled"]:
            return True
        if _replaced_before(store, row):  # a person has tried the whole one once more
            outbox.settled(store, outbox_id)
            return True
        message_id = compose.new_message_id(site.config.domain, secrets.token_bytes(16))
        whole = outbox.bytes_of(store, outbox_id)
        raw = compose.without_files(MAILS[row["template"]], whole, message_id, site.local(now))
        if raw is None:
            return False
        smaller = _put(store, row, message_id, raw, now)
        reason = _SAID("replaced", smaller=smaller, answer=row["answer"])
        outbox.settled(store, outbox_id, reason=reason)
        ticket = None if row["ticket_id"] is None else tickets.load(store, int(row["ticket_id"]))
        log.queued(site.name, ticket.number if ticket else None, "", row["template"], message_id)
        if ticket is not None and row["party"] in (Role.USER, Role.LKPP):
            _tell_staff(store, site, ticket, row, now)
        alarms.once(Context(store, site, now), "too big", octets=len(whole), answer=row["answer"])
    return True


#: The columns that the smaller mail takes from the first one. With `asked_at` it still answers the same question.
_SAME = (
    *("mailbox", "ticket_id", "party", "template", "recipient", "envelope_sender", "subject", "audience", "thread"),
    *("asked_at", "answers"),
)


def _key(row: Row) -> str:
    return f"{row['event_key']}.small"


def _replaced_before(store: Store, row: Row) -> bool:
    return sent_mails.is_there(store, row["mailbox"], _key(row), row["recipient"], row["template"])


def _put(store: Store, row: Row, message_id: str, raw: bytes, now: datetime) -> int:
    """Puts the smaller mail into the outbox: like the first one, with other bytes."""
    at = to_text(now)
    return outbox.add(
        store,
        raw,
        **{name: row[name] for name in _SAME},
        event_key=_key(row),
        message_id=message_id,
        not_before=at,
        next_try_at=at,
        created_at=at,
    )


def _tell_staff(store: Store, site: Site, ticket: Ticket, row: Row, now: datetime) -> None:
    handler = site.config.person(ticket.handler) if ticket.handler else None
    for person in [handler] if handler else site.config.staff:
        recipient = NamedAddress(person.name, person.address)
        shown = {
            "organisation": letters.organisation(site),
            "recipient": {"name": recipient.name, "address": recipient.address},
            "ticket": letters.ticket_values(site, ticket, now),
            "user": letters.user_values(store, ticket),
            "reason": _SAID("not_to_user" if row["party"] == Role.USER else "not_to_lkpp"),
            "held": {"what": row["subject"], "text": row["answer"]},
            "actions": [],
        }
        letter = letters.Letter(
            template="staff_undeliverable",
            recipient=recipient,
            shown=shown,
            key=f"{row['event_key']}.{row['id']}.small",
            subject=letters.subject_of("staff_undeliverable", ticket),
            ticket=ticket,
        )
        letters.put(Context(store, site, now), letter)
