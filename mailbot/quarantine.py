"""Quarantine: kept with its reason, never dropped, never carried out; staff are told."""

from __future__ import annotations

from datetime import datetime, timedelta

from mailbot import journal, letters, log, outgoing
from mailbot.desk import Desk
from mailbot.errors import Damaged, ParseError, TemporaryFailure
from mailbot.model import Mailbox, Sender
from mailbot.rules.masking import mask
from mailbot.store import Row, Store, to_instant, to_text

#: Whoever seems to send forged or tokenless commands is told once in this time.
QUIET = timedelta(hours=1)
#: Characters of a refused mail that its notice shows.
_SHOWN = 4000


def keep(store: Store, desk: Desk, entry: Row, reason: str, now: datetime) -> None:
    """An unreadable mail: quarantined, all staff told. What makes their notice fail must not keep it waiting for ever:
    then it is quarantined without one."""
    journal_id = int(entry["id"])
    with store.immediate():
        journal.quarantine(store, journal_id, reason)
        try:
            with store.savepoint():
                head = _head(store, desk, entry)
                for person in desk.config.staff:
                    _tell(store, desk, Mailbox(person.name, person.address), journal_id, reason, head, now)
        except (Damaged, TemporaryFailure):
            raise
        except Exception as error:
            log.failed(desk.name, journal_id, error)
    log.quarantined(desk.name, journal_id, reason, entry["message_id"])


def _head(store: Store, desk: Desk, entry: Row) -> str:
    """What staff may go by to find the mail in the mailbox, as far as it can be read."""
    try:
        message = letters.read(store, desk.config, entry)
    except (ParseError, OSError):
        return ""
    writers = ", ".join(box.address for box in message.from_) or "tidak disebut"
    return f"Dari: {writers}\nPerihal: {mask(message.subject)[0]}"


def refuse(store: Store, desk: Desk, journal_id: int, sender: Sender, reason: str, text: str, now: datetime) -> None:
    """A mail that claims a listed person's authority without proving it: the listed address is told once an hour.

    Runs inside the mail's transaction. `text` is what would have been carried out; it goes to that address only, so
    that nobody else reads what may be forged.
    """
    journal.quarantine(store, journal_id, reason, sender)
    log.quarantined(desk.name, journal_id, reason, journal.entry(store, journal_id)["message_id"])
    person = desk.config.person(sender.address)
    if person is None:  # a lookalike of nobody on the list
        return
    key = f"quarantine:{person.address}"
    last = store.value("SELECT at FROM warnings WHERE mailbox = ? AND key = ?", desk.name, key)
    if last is not None and now - to_instant(last) < QUIET:
        return
    store.execute(
        "INSERT INTO warnings (mailbox, key, at) VALUES (?, ?, ?) ON CONFLICT (mailbox, key) DO UPDATE SET at = ?3",
        desk.name,
        key,
        to_text(now),
    )
    _tell(store, desk, Mailbox(person.name, person.address), journal_id, reason, text[:_SHOWN], now)


def _tell(store: Store, desk: Desk, recipient: Mailbox, journal_id: int, reason: str, text: str, now: datetime) -> None:
    entry = journal.entry(store, journal_id)
    arrived = desk.say(to_instant(entry["arrived_at"]))
    outgoing.put(
        store,
        desk,
        "staff_quarantine",
        recipient,
        {
            "organisation": outgoing.organisation(desk),
            "recipient": {"name": recipient.name, "address": recipient.address},
            "ticket": None,
            "actor": {"name": "", "address": str(entry["sender"]) or "pengirim tidak diketahui"},
            "reason": reason,
            "held": {
                "what": f"E-mail nomor karantina {journal_id}, diterima {arrived}",
                "text": text or None,
            },
            "actions": [],
        },
        key=f"j{journal_id}.quarantine",
        now=now,
        subject=f"[{desk.config.ticket_prefix}] Karantina: e-mail nomor {journal_id}",
    )
