"""Mails that came as new although the server had them long before (`journal.latecomer`: few, unsure or many)."""

from __future__ import annotations

from datetime import datetime

from mailbot.store.database import Store, to_instant, to_text


def is_unsure(store: Store, journal_id: int) -> bool:
    """Whether nobody knows yet how many came together with this one."""
    return store.value("SELECT 1 FROM journal WHERE id = ? AND latecomer = 'unsure'", journal_id) is not None


def since(store: Store, mailbox: str, moment: datetime) -> int:
    """How many were fetched after a moment."""
    found = store.value(
        "SELECT count(*) FROM journal WHERE mailbox = ? AND latecomer <> '' AND state <> 'duplicate'"
        " AND fetched_at > ?",
        mailbox,
        to_text(moment),
    )
    return int(found)


def first_unsure(store: Store, mailbox: str) -> datetime | None:
    """When the first of those was fetched that nobody has decided on; None: there are none."""
    found = store.value("SELECT min(fetched_at) FROM journal WHERE mailbox = ? AND latecomer = 'unsure'", mailbox)
    return None if found is None else to_instant(found)


def come_still(store: Store, mailbox: str) -> bool:
    """Whether the look that brings them has not come to its end, or not all of them are handled."""
    found = store.value(
        "SELECT 1 FROM journal j LEFT JOIN folders f ON f.mailbox = j.mailbox AND f.folder = j.folder"
        " AND f.uidvalidity = j.uidvalidity WHERE j.mailbox = ? AND j.latecomer = 'unsure'"
        " AND (j.state = 'received' OR f.looked_at IS NULL OR f.looked_at < j.fetched_at OR f.counted_uid < j.uid)"
        " LIMIT 1",
        mailbox,
    )
    return found is not None


def decided(store: Store, mailbox: str, as_what: str) -> None:
    """It is known now: they are few, or many."""
    store.execute("UPDATE journal SET latecomer = ? WHERE mailbox = ? AND latecomer = 'unsure'", as_what, mailbox)
