"""What people were told of already (table `warnings`), each matter by a key: nothing is told twice, or too soon."""

from __future__ import annotations

from datetime import datetime

from mailbot.store.database import Store, to_instant, to_text


def last(store: Store, mailbox: str, key: str) -> datetime | None:
    """When this was told last; None: never."""
    found = store.value("SELECT at FROM warnings WHERE mailbox = ? AND key = ?", mailbox, key)
    return None if found is None else to_instant(found)


def latest(store: Store, mailbox: str, beginning: str) -> datetime | None:
    """When the last of the matters whose keys begin so was told; None: none ever was."""
    found = store.value(
        "SELECT max(at) FROM warnings WHERE mailbox = ? AND key >= ? AND key < ?", mailbox, *_beginning(beginning)
    )
    return None if found is None else to_instant(found)


def _beginning(text: str) -> tuple[str, str]:
    """All keys that begin so lie from the first of these to before the second."""
    return text, text[:-1] + chr(ord(text[-1]) + 1)


def since(store: Store, mailbox: str, beginning: str, moment: datetime) -> int:
    """How many matters whose keys begin so were told after a moment."""
    found = store.value(
        "SELECT count(*) FROM warnings WHERE mailbox = ? AND key >= ? AND key < ? AND at > ?",
        mailbox,
        *_beginning(beginning),
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


def never_mind(store: Store, mailbox: str, key: str) -> None:
    """As if it had never been told."""
    store.execute("DELETE FROM warnings WHERE mailbox = ? AND key = ?", mailbox, key)
