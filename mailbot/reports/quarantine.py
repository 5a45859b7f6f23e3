"""What waits in quarantine, as plain data for the command line. Instants are UTC text; passwords are masked."""

from __future__ import annotations

from typing import Any

from mailbot.clean import clean
from mailbot.config.settings import Config, MailboxConfig
from mailbot.errors import ParseError
from mailbot.fetch import originals
from mailbot.masking import mask
from mailbot.store import journal
from mailbot.store.database import Row, Store

#: Bytes of a mail that cannot be read, shown as they stand.
_SHOWN = 16_000


def listed(store: Store, config: Config, mailbox: str | None = None) -> list[dict[str, Any]]:
    """What waits, of one mailbox or all, oldest first."""
    names = [each.name for each in config.mailboxes if mailbox in (None, each.name)]
    return [_entry(store, row) for name in names for row in journal.quarantined(store, name)]


def find(store: Store, config: Config, number: int) -> tuple[MailboxConfig, Row] | None:
    """Any entry that is or was in quarantine, or a machine's mail, with its mailbox."""
    row = journal.find(store, number)
    mailbox = next((each for each in config.mailboxes if row is not None and each.name == row["mailbox"]), None)
    return None if row is None or mailbox is None else (mailbox, row)


def shown(store: Store, mailbox: MailboxConfig, row: Row) -> dict[str, Any]:
    """One of them as far as it can be read; the beginning of its bytes where it cannot."""
    found = _entry(store, row)
    try:
        message = originals.read(store, mailbox, row)
    except ParseError as error:
        text = journal.raw(store, row)[:_SHOWN].decode("utf-8", "replace")
        unread = {"readable": False, "unread": error.reason, "headers": [], "text": _safe(text), "attachments": []}
        return found | unread
    return found | {
        "readable": True,
        "unread": "",
        "headers": [[name, _safe(value)] for name, value in message.headers],
        "text": _safe(message.text),
        "attachments": [
            {"name": file.name, "type": file.content_type, "size": len(file.data), "sha256": file.sha256}
            for file in message.attachments
        ],
    }


def _safe(text: str) -> str:
    return mask(clean(text))[0]


def _entry(store: Store, row: Row) -> dict[str, Any]:
    heading = originals.heading_of(store, row)
    return {
        "number": row["id"],
        "mailbox": row["mailbox"],
        "state": row["state"],
        "arrived_at": row["arrived_at"],
        "sender": heading.writers or row["sender"],
        "subject": heading.subject,
        "reason": row["reason"],
        "attempts": row["attempts"],
        "size": row["size"],
        "complete": bool(row["complete"]),
        "decided": f"{row['released']} by {row['released_by']}" if row["released"] else "",
    }
