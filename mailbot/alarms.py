"""Alarms to the operator: what nobody else can mend."""

from __future__ import annotations

from datetime import datetime

from mailbot import log, outgoing
from mailbot.desk import Desk
from mailbot.model import Mailbox
from mailbot.store import Store


def raise_alarm(store: Store, desk: Desk, reason: str, *, key: str, now: datetime) -> None:
    """A mail to every operator, inside the caller's transaction. `key` makes it unique in the outbox."""
    for person in desk.config.operator:
        recipient = Mailbox(person.name, person.address)
        outgoing.put(
            store,
            desk,
            "operator_alarm",
            recipient,
            {
                "organisation": outgoing.organisation(desk),
                "recipient": {"name": recipient.name, "address": recipient.address},
                "reason": reason,
                "held": None,
            },
            key=key,
            now=now,
            subject=f"[{desk.config.ticket_prefix}] Alarm mailbot",
        )
    log.alarm(desk.name, reason)
