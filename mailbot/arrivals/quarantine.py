"""Quarantine: kept with its reason, never dropped, never carried out; staff are told and decide (`quarantine_work`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from mailbot import letters, log
from mailbot.config.site import Site
from mailbot.errors import Damaged, TemporaryFailure
from mailbot.fetch import originals
from mailbot.killpoint import kill_point
from mailbot.letters.links import entry_link
from mailbot.masking import mask
from mailbot.model import NamedAddress, Role, Sender, Ticket
from mailbot.sentences import Sentences
from mailbot.store import already_told, journal, sent_mails
from mailbot.store.database import Row, Store, to_instant
from mailbot.tickets.case import Context

_SAID = Sentences(__file__)
#: Whoever seems to send forged or tokenless commands is told once in this time.
QUIET = timedelta(hours=1)
#: Characters of a refused mail that its notice shows.
_SHOWN = 4000


def keep(store: Store, site: Site, entry: Row, reason: str, now: datetime) -> None:
    """An unreadable mail: quarantined, all staff told. What makes their notice fail must not keep it waiting for ever:
    then it is quarantined without one."""
    journal_id = int(entry["id"])
    heading = originals.Heading()
    try:
        heading = originals.heading_of(store, entry)
    except (Damaged, TemporaryFailure):
        raise
    except Exception as error:
        log.failed(site.name, journal_id, error)
    with store.immediate():
        journal.quarantine(store, journal_id, reason, claimed=heading.sender)
        try:
            with store.savepoint():
                tell(Context(store, site, now), _staff(site), journal_id, reason, heading)
        except (Damaged, TemporaryFailure):
            raise
        except Exception as error:
            log.failed(site.name, journal_id, error)
        kill_point("quarantining")
    log.quarantined(site.name, journal_id, reason, entry["message_id"])


def refuse(store: Store, site: Site, journal_id: int, sender: Sender, reason: str, text: str, now: datetime) -> None:
    """A mail that claims a listed person's authority without proving it: the listed address is told once an hour.

    Runs inside the mail's transaction. `text` is what would have been carried out; it goes to that address only, so
    that nobody else reads what may be forged.
    """
    journal.quarantine(store, journal_id, reason, sender)
    log.quarantined(site.name, journal_id, reason, journal.entry(store, journal_id)["message_id"])
    person = site.config.person(sender.address)
    if person is None:  # a lookalike of nobody on the list
        return
    key = f"quarantine:{person.address}"
    last = already_told.last(store, site.name, key)
    if last is not None and now - last < QUIET:
        return
    already_told.again(store, site.name, key, now)
    heading = originals.heading_of(store, journal.entry(store, journal_id))
    recipient = NamedAddress(person.name, person.address)
    context = Context(store, site, now)
    tell(context, [recipient], journal_id, reason, heading, text=mask(text)[0][:_SHOWN])


def of_our_own(entry: Row) -> bool:
    """Whether the mail bears the name of one of the LPSE's own people."""
    return bool(entry["role"]) and Role(entry["role"]).inside


def _staff(site: Site) -> list[NamedAddress]:
    return [NamedAddress(person.name, person.address) for person in site.config.staff]


def tell(
    context: Context,
    recipients: Sequence[NamedAddress],
    journal_id: int,
    reason: str,
    heading: originals.Heading,
    *,
    text: str | None = None,
    filed_with: Ticket | None = None,
) -> None:
    """Tell people of a mail that waits, or that a colleague has filed with a ticket; the mail itself goes along.

    It goes as it came, as a file: nothing of it is unpacked or decoded for that.
    """
    store, site, now = context.store, context.site, context.now
    entry = journal.entry(store, journal_id)
    sent, listed = letters.fitting(site, [originals.original(store, entry, f"karantina-{journal_id}.eml")])
    if not entry["complete"]:
        sent, listed = [], []
    shown = {
        "organisation": letters.organisation(site),
        "ticket": None if filed_with is None else letters.ticket_values(site, filed_with, now),
        "actor": {"name": "", "address": heading.writers or str(entry["sender"]) or _SAID("unknown_writer")},
        "reason": reason,
        "held": {"what": heading.subject or None, "text": text or None},
        "entry": {
            "number": str(journal_id),
            "arrived_at": site.say(to_instant(entry["arrived_at"])),
            "size": letters.size_words(int(entry["size"])),
            "complete": bool(entry["complete"]),
        },
        "attachments": listed,
        "limit_mb": site.config.smtp.max_size // 1_000_000,
    }
    about = site.config.ticket_prefix if filed_with is None else filed_with.number
    subject = _SAID("subject", about=about, number=journal_id)
    for recipient in recipients:
        letter = letters.Letter(
            template="staff_quarantine",
            recipient=recipient,
            shown={
                **shown,
                "recipient": {"name": recipient.name, "address": recipient.address},
                "actions": [] if filed_with else _actions(context, recipient, entry),
            },
            key=_key(store, site, journal_id, recipient),
            subject=subject,
            ticket=filed_with,
            files=sent,
        )
        letters.put(context, letter)


def _actions(context: Context, recipient: NamedAddress, entry: Row) -> list[dict[str, Any]]:
    number = int(entry["id"])
    found = [
        (_SAID("handle"), f"#proses {number}", _SAID("nothing_obeyed")),
        (_SAID("file"), f"#tiket {number} ", _SAID("which_ticket")),
        (_SAID("discard"), f"#buang {number}", _SAID("still_kept")),
    ]
    if not entry["complete"] or of_our_own(entry):
        del found[0]  # there is nothing here that could be read, or it is no user's mail
    return [entry_link(context, number, recipient, label, command, hint=hint) for label, command, hint in found]


def _key(store: Store, site: Site, journal_id: int, recipient: NamedAddress) -> str:
    """A mail may be quarantined again after `#proses`: each time is told."""
    told = sent_mails.so_many(store, site.name, f"j{journal_id}.quarantine", recipient.address)
    return f"j{journal_id}.quarantine" + (f".{told}" if told else "")
