"""Mails whose bytes were removed at a person's request: what is left of them, and how they are known again.

A stub takes the bytes' place. The server may show such a mail once more, under another UID or in another folder: it is
known by a salted hash before its bytes are written anywhere, or else by its salted fingerprint, and stays a duplicate.
"""

from __future__ import annotations

import hashlib
import hmac
from contextlib import suppress

from mailbot.sentences import Sentences
from mailbot.store import mail_bytes
from mailbot.store.database import Store, sync_folder, to_instant

_SAID = Sentences(__file__)
_MONTHS = _SAID.table("months")


def mark(at: str) -> str:
    """What stands in the place of what was removed. at: UTC text."""
    day = to_instant(at)
    return _SAID("mark", day=day.day, month=_MONTHS[f"m{day.month}"], year=day.year)


def stub(at: str) -> bytes:
    """A mail in the place of one that was removed."""
    said = mark(at)
    return f"Subject: {said}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{said}\r\n".encode()


def salted(store: Store, digest: str) -> str:
    salt = store.value("SELECT salt FROM erasure_salt")
    return hmac.new(bytes(salt), digest.encode(), hashlib.sha256).hexdigest()


def known_as(store: Store, digest: str) -> str | None:
    """The hash under which a removed mail would be known; None: none was ever removed."""
    return None if store.value("SELECT 1 FROM erased_mails LIMIT 1") is None else salted(store, digest)


def since(store: Store, mailbox: str, sha256: str) -> str | None:
    """Since when a mail with these bytes is gone; None: no such mail was removed."""
    digest = known_as(store, sha256)
    if digest is None:
        return None
    if store.value("SELECT 1 FROM erased_mails WHERE mailbox = ? AND digest = ?", mailbox, digest) is None:
        return None
    return str(store.value("SELECT max(at) FROM redactions"))


def received(store: Store, journal_id: int, at: str) -> None:
    """Nothing but a stub is left of a received mail, inside a transaction. Its file waits to be deleted."""
    row = store.row(
        "SELECT mailbox, sha256, raw_file, fingerprint, erased_at, role FROM journal WHERE id = ?", journal_id
    )
    if row is None or row["erased_at"] is not None:
        return
    store.shred()
    if row["raw_file"]:
        _to_delete(store, str(row["raw_file"]))
    digest = salted(store, str(row["sha256"]))
    store.execute("INSERT OR IGNORE INTO erased_mails (mailbox, digest) VALUES (?, ?)", row["mailbox"], digest)
    # A command of staff is still known by its Message-ID, so that it is not carried out twice.
    kept = {} if row["role"] in ("staff", "coordinator", "head", "operator", "lkpp") else {"message_id": None}
    store.update(
        "journal",
        journal_id,
        raw=stub(at),
        raw_file=None,
        sha256=digest,
        fingerprint=None if row["fingerprint"] is None else salted(store, str(row["fingerprint"])),
        erased_at=at,
        **kept,
    )


def sent(store: Store, outbox_id: int, at: str) -> None:
    """The same of a mail of ours."""
    rows = store.rows("SELECT file FROM outbox_parts WHERE outbox_id = ?", outbox_id)
    for row in rows:
        _to_delete(store, str(row["file"]))
    store.execute("DELETE FROM outbox_parts WHERE outbox_id = ?", outbox_id)
    store.execute("DELETE FROM outbox_bytes WHERE id = ?", outbox_id)
    mail_bytes.put(store, outbox_id, stub(at))
    store.update("outbox", outbox_id, subject=mark(at), erased_at=at)


def _to_delete(store: Store, file: str) -> None:
    store.execute("INSERT OR IGNORE INTO erased_files (file) VALUES (?)", file)


def is_gone(store: Store, journal_id: int) -> str | None:
    """Since when a received mail's bytes are gone."""
    found = store.value("SELECT erased_at FROM journal WHERE id = ?", journal_id)
    return None if found is None else str(found)


def delete_files(store: Store) -> int:
    """Delete the files that no row names any more; how many there were. May be called again after a crash."""
    files = [str(row["file"]) for row in store.rows("SELECT file FROM erased_files ORDER BY file")]
    for file in files:
        used = store.value(
            "SELECT 1 FROM journal WHERE raw_file = ?1 UNION ALL SELECT 1 FROM outbox_parts WHERE file = ?1 LIMIT 1",
            file,
        )
        if used is None:  # another mail may hold the same file
            with suppress(FileNotFoundError):
                (store.folder / "raw" / file).unlink()
    if files:
        sync_folder(store.folder / "raw")
        with store.immediate():
            for file in files:
                store.execute("DELETE FROM erased_files WHERE file = ?", file)
    return len(files)
