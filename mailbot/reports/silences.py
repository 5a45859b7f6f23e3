"""Who gets no automatic mail, as plain data for the command line. Instants are UTC text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mailbot.clean import clean
from mailbot.config.settings import Config
from mailbot.store import silences
from mailbot.store.database import Store


def listed(store: Store, config: Config, now: datetime) -> list[dict[str, Any]]:
    """Of all mailboxes, the latest of each first. `until` is None for as long as nobody ends it."""
    return [
        {
            "mailbox": mailbox.name,
            "address": clean(str(row["address"])),
            "why": row["why"],
            "since": row["at"],
            "until": row["until"],
            "ticket": row["number"],
        }
        for mailbox in config.mailboxes
        for row in silences.listed(store, mailbox.name, now)
    ]
