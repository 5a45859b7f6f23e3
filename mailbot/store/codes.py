"""Codes: of links in our mails to staff, and of mails that somebody is asked to confirm; each for one address."""

from __future__ import annotations

from datetime import datetime, timedelta

from mailbot.store.database import Row, Store, Value, to_instant, to_text

#: So long an expired code is remembered: a mail that came in time with it may be handled late.
_REMEMBERED = timedelta(days=60)
#: Codes that are let go in one transaction.
_AT_ONCE = 500


def add(
    store: Store, mailbox: str, address: str, code: str, *, issued_at: datetime, expires_at: datetime, **bound: Value
) -> None:
    """A new one. bound: what it stands for and is bound to (ticket_id, argument, command, status)."""
    store.insert(
        "codes",
        code=code,
        mailbox=mailbox,
        address=address,
        issued_at=to_text(issued_at),
        expires_at=to_text(expires_at),
        **bound,
    )


def find(store: Store, mailbox: str, code: str, address: str, at: datetime) -> dict[str, object] | None:
    """A code, if it was issued to this very address and is not too old."""
    found = store.row(
        "SELECT * FROM codes WHERE code = ? AND mailbox = ? AND address = ? AND expires_at >= ?",
        code,
        mailbox,
        address,
        to_text(at),
    )
    return None if found is None else dict(found)


def anybodys(store: Store, mailbox: str, code: str) -> Row | None:
    """A code, whomever it was issued to: it proves nothing, and only says what a mail goes on with."""
    return store.row("SELECT * FROM codes WHERE code = ? AND mailbox = ?", code, mailbox)


def standing_for(store: Store, mailbox: str, command: str, argument: str) -> Row | None:
    """The last code that stands for this command and argument."""
    return store.row(
        "SELECT * FROM codes INDEXED BY codes_argument WHERE mailbox = ? AND command = ? AND argument = ?"
        " AND argument <> '' ORDER BY rowid DESC",
        mailbox,
        command,
        argument,
    )


def issued_since(store: Store, mailbox: str, address: str, command: str, moment: datetime) -> int:
    """How many codes for this command an address was sent after a moment."""
    found = store.value(
        "SELECT count(*) FROM codes WHERE mailbox = ? AND address = ? AND command = ? AND issued_at > ?",
        mailbox,
        address,
        command,
        to_text(moment),
    )
    return int(found)


def forget(store: Store, now: datetime) -> bool:
    """Let go of some of those that nobody has used and that have long expired: they open nothing any more. What was
    used stays, with what its sender was told. True: done."""
    chosen = "SELECT code FROM codes INDEXED BY codes_unused WHERE used_by IS NULL AND expires_at < ? LIMIT ?"
    long_ago = to_text(now - _REMEMBERED)
    if store.value(chosen, long_ago, 1) is not None:  # nearly always there is none: no transaction for nothing
        with store.immediate():
            store.execute(f"DELETE FROM codes WHERE code IN ({chosen})", long_ago, _AT_ONCE)
    return True


def use(store: Store, code: str, journal_id: int) -> None:
    """It has come with this mail."""
    store.execute("UPDATE codes SET used_by = ? WHERE code = ?", journal_id, code)


def restate(store: Store, code: str, words: str) -> None:
    """From now on it stands for these words."""
    store.execute("UPDATE codes SET words = ? WHERE code = ?", words, code)


def answer(store: Store, code: str, journal_id: int, receipt: str) -> None:
    """It has come with this mail, and this is what its sender was told: who sends it once more is told the same."""
    store.execute("UPDATE codes SET used_by = ?, receipt = ? WHERE code = ?", journal_id, receipt, code)


def answer_for(store: Store, mailbox: str, command: str, argument: str, receipt: str) -> None:
    """The same of the code, used before, that stands for this command and argument."""
    store.execute(
        "UPDATE codes INDEXED BY codes_argument SET receipt = ?"
        " WHERE mailbox = ? AND command = ? AND argument = ? AND argument <> '' AND used_by IS NOT NULL",
        receipt,
        mailbox,
        command,
        argument,
    )


def used_at(store: Store, mailbox: str, command: str, argument: str) -> datetime | None:
    """When the mail arrived with which a code for this command and argument came; None: none has."""
    found = store.value(
        "SELECT j.arrived_at FROM codes c INDEXED BY codes_argument CROSS JOIN journal j ON j.id = c.used_by"
        " WHERE c.mailbox = ? AND c.command = ? AND c.argument = ? AND c.argument <> ''",
        mailbox,
        command,
        argument,
    )
    return None if found is None else to_instant(found)
