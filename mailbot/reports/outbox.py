"""The mails of the outbox for whoever asks on the command line, as plain data: for JSON and for the tables alike."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any

from mailbot.store.database import Row, Store
from mailbot.store.outbox import WAITING, bytes_of, with_ticket

_LINE = (
    *("id", "mailbox", "number", "template", "recipient", "state", "held", "held_by", "held_why", "held_until"),
    *("created_at", "not_before", "next_try_at", "attempts", "accepted_at", "answer", "reason", "message_id"),
)


def mails(store: Store, *, held: bool = False) -> list[dict[str, Any]]:
    """What waits, is held or did not arrive, the oldest first; held: only what is held."""
    # Each of these has an index of its own: the outbox grows for ever.
    chosen = (
        "SELECT id FROM outbox INDEXED BY outbox_held WHERE held = 1"
        if held
        else f"SELECT id FROM outbox INDEXED BY outbox_waiting WHERE {WAITING}"
        " UNION ALL SELECT id FROM outbox INDEXED BY outbox_failed WHERE state IN ('failed', 'bounced')"
    )
    rows = store.rows(
        f"SELECT o.*, t.number FROM outbox o LEFT JOIN tickets t ON t.id = o.ticket_id WHERE o.id IN ({chosen})"
        " ORDER BY o.id"
    )
    return [_line(row) for row in rows]


def mail(store: Store, outbox_id: int) -> dict[str, Any] | None:
    """All about one mail, with its headers and its plain text; None: there is none of this number."""
    row = with_ticket(store, outbox_id)
    if row is None:
        return None
    raw = bytes_of(store, outbox_id)
    message = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
    body = message.get_body(("plain",))
    return {
        **_line(row),
        "envelope_sender": row["envelope_sender"],
        "size": len(raw),
        "headers": [(name, str(value)) for name, value in message.items()],
        "text": "" if body is None else str(body.get_content()),
        "attachments": [str(part.get_filename()) for part in message.iter_attachments()],
    }


def _line(row: Row) -> dict[str, Any]:
    return {name: bool(row[name]) if name == "held" else row[name] for name in _LINE}
