"""How far each folder of a mailbox is read: a cursor for each UIDVALIDITY epoch (RFC 9051 section 2.3.1.1)."""

from __future__ import annotations

from datetime import datetime, timedelta

from mailbot.store.database import Store, to_instant, to_text

#: How exactly the last look at a folder is known.
LOOKED = timedelta(minutes=10)


def last_uid(store: Store, mailbox: str, folder: str, uidvalidity: int) -> int | None:
    """How far this folder was read in this UIDVALIDITY epoch; None: never."""
    found = store.value(
        "SELECT last_uid FROM folders WHERE mailbox = ? AND folder = ? AND uidvalidity = ?",
        mailbox,
        folder,
        uidvalidity,
    )
    return None if found is None else int(found)


def started(store: Store, mailbox: str, folder: str) -> datetime | None:
    """When the folder was read for the first time, under whatever UIDVALIDITY; None: never."""
    found = store.value("SELECT min(started_at) FROM folders WHERE mailbox = ? AND folder = ?", mailbox, folder)
    return None if found is None else to_instant(found)


def first_epoch(store: Store, mailbox: str, folder: str) -> int | None:
    """The UIDVALIDITY under which the folder was read for the first time; None: never read."""
    found = store.value(
        "SELECT uidvalidity FROM folders WHERE mailbox = ? AND folder = ? ORDER BY started_at, rowid LIMIT 1",
        mailbox,
        folder,
    )
    return None if found is None else int(found)


def open_epoch(
    store: Store, mailbox: str, folder: str, uidvalidity: int, last: int, now: datetime, *, counted: int | None = None
) -> None:
    """Begin reading a folder (or a new UIDVALIDITY of it) after UID `last`. counted: what is missing up to this UID
    was missing before mailbot came."""
    with store.immediate():
        store.insert(
            "folders",
            mailbox=mailbox,
            folder=folder,
            uidvalidity=uidvalidity,
            last_uid=last,
            counted_uid=last if counted is None else counted,
            started_at=to_text(now),
        )


def move_cursor(store: Store, mailbox: str, folder: str, uidvalidity: int, uid: int) -> None:
    """The cursor only rises, also past UIDs that a person expunged before we looked."""
    with store.immediate():
        store.execute(
            "UPDATE folders SET last_uid = max(last_uid, ?) WHERE mailbox = ? AND folder = ? AND uidvalidity = ?",
            uid,
            mailbox,
            folder,
            uidvalidity,
        )


def vanished(store: Store, mailbox: str, folder: str, uidvalidity: int, uid: int, *, move: bool) -> None:
    """The server listed a mail that was gone when it was asked for: counted, for nobody can say what it was."""
    with store.immediate():
        store.execute(
            "UPDATE folders SET vanished = vanished + 1 WHERE mailbox = ? AND folder = ? AND uidvalidity = ?",
            mailbox,
            folder,
            uidvalidity,
        )
        if move:
            move_cursor(store, mailbox, folder, uidvalidity, uid)


def counted_uid(store: Store, mailbox: str, folder: str, uidvalidity: int) -> int:
    """Up to which UID it is known whether anybody saw its mail."""
    sql = "SELECT counted_uid FROM folders WHERE mailbox = ? AND folder = ? AND uidvalidity = ?"
    return int(store.value(sql, mailbox, folder, uidvalidity))


def last_look(store: Store, mailbox: str, folder: str) -> datetime | None:
    """When a look at the folder last came to its end, to ten minutes, under whatever UIDVALIDITY; None: never."""
    found = store.value("SELECT max(looked_at) FROM folders WHERE mailbox = ? AND folder = ?", mailbox, folder)
    return None if found is None else to_instant(found)


def looked(
    store: Store, mailbox: str, folder: str, uidvalidity: int, now: datetime, *, up_to: int, unseen: int, news: bool
) -> None:
    """A look came to its end: every UID up to `up_to` was seen, but for `unseen` since the one before. A look without
    news is not worth a write each minute."""
    where, of = "WHERE mailbox = ? AND folder = ? AND uidvalidity = ?", (mailbox, folder, uidvalidity)
    row = store.row(f"SELECT looked_at, counted_uid FROM folders {where}", *of)
    assert row is not None
    fresh = row["looked_at"] is not None and to_text(now - LOOKED) < row["looked_at"] <= to_text(now)
    if not news and fresh and up_to <= row["counted_uid"]:
        return
    with store.immediate():
        store.execute(
            f"UPDATE folders SET looked_at = ?, counted_uid = max(counted_uid, ?), unseen = unseen + ? {where}",
            to_text(now),
            up_to,
            unseen,
            *of,
        )
