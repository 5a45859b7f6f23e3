"""What people were told of already (table `warnings`), each matter by a key: nothing is told twice, or too soon."""

from __future__ import annotations

from datetime import datetime

from mailbot.store.database import Store, to_instant, to_text


def last(store: Store, mailbox: str, key: str) -> datetime | None:
    """When this was told last; None: never."""
    found = store.value("SELECT at FROM warnings WHERE mailbox = ? AND key = ?", mailbox, key)
    return None if found is None else to_instant(found)


def since(store: Store, mailbox: str, beginning: str, moment: datetime) -> int:
    """How many matters whose keys begin so were told after a moment."""
    beyond = beginning[:-1] + chr(ord(beginning[-1]) + 1)
    found = store.value(
        "SELECT count(*) FROM warnings WHERE mailbox = ? AND key >= ? AND key < ? AND at > ?",
        mailbox,
        beginning,
        beyond,
        to_text(moment),
    )
    return int(found)


def once(store: Store, mailbox: str, key: str, now: datetime) -> None:
    """It is told now for the first and last time: the key names its day."""
    store.insert("warnings", mailbox=mailbox, key=key, at=to_text(now))


def again(store: Store, mailbox: str, key: str, now: datetime) -> None:
    """It is told now, whether or not it was before."""
    store.execute(
        "INSERT INTO warnings (mailbox, key, at) VALUES (?, ?, ?) ON CONFLICT (mailbox, key) DO UPDATE SET at = ?3",
        mailbox,
        key,
        to_text(now),
    )
