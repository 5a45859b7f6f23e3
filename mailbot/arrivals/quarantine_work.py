"""What people decide about mails in quarantine (`#proses`, `#tiket`, `#buang`), and what then becomes of them.

A mail that is to be handled goes back into the journal's queue with the decision noted on it: reading it may take ten
seconds, which no transaction waits for. It never gains authority: what was not proven is nobody's command. None of
this reaches a user or LKPP by itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mailbot import log
from mailbot.arrivals import quarantine, understanding
from mailbot.config.site import Site
from mailbot.errors import NotCarriedOut
from mailbot.fetch import originals
from mailbot.masking import mask
from mailbot.model import Event, Message, NamedAddress, Role, Sender, Verdict
from mailbot.parsers.mime.subject import find_numbers
from mailbot.procedure import service
from mailbot.procedure.effects.shared import INSIDE
from mailbot.restraint import digest
from mailbot.sentences import Sentences
from mailbot.store import journal
from mailbot.store.database import Row, Store, to_instant
from mailbot.tickets import earlier, ticket_rows, tickets
from mailbot.tickets.case import Case, Context
from mailbot.tickets.work import Given, Kept

_SAID = Sentences(__file__)
#: Mails that one answer to `#karantina` lists.
MOST_LISTED = 50
#: Characters of a mail that is filed by hand.
_SHOWN = 20_000


class NotWorked(NotCarriedOut):
    """Nothing was done with this entry. The error's text is a sentence for staff, in Indonesian; `english` one for the
    operator."""

    def __init__(self, reason: str, english: str) -> None:
        super().__init__(reason)
        self.english = english


def entry(store: Store, mailbox: str, number: int) -> Row:
    """An entry that may be worked now: in quarantine, or a machine's as the digest lists them. Raises NotWorked."""
    found = journal.of_mailbox(store, mailbox, number)
    if found is None:  # the same words for another mailbox's
        raise NotWorked(_SAID("no_such_mail", number=number), f"there is no mail {number} in quarantine")
    if found["state"] == "quarantined":
        return found
    by = str(found["released_by"])
    if found["state"] == "discarded":
        raise NotWorked(_SAID("discarded_before", number=number, by=by), f"mail {number} was discarded by {by}")
    if found["released"]:
        raise NotWorked(_SAID("released_before", number=number, by=by), f"mail {number} was released by {by}")
    if found["state"] == "handled" and found["disposition"] in digest.LABELS and found["ticket_id"] is None:
        return found
    raise NotWorked(_SAID("not_in_quarantine", number=number), f"mail {number} is not in quarantine")


# --- decisions: inside the transaction of the mail that says them; each returns what was done, in words ---------------


def release(store: Store, mailbox: str, number: int, by: str) -> str:
    """`#proses`: handled again, an unreadable mail with all its attempts, any other as one of nobody in particular.

    What bears the name of one of the LPSE's own people never becomes a user's words: they would go to LKPP with an
    escalation, and may be a note that was meant for colleagues.
    """
    found = entry(store, mailbox, number)
    if quarantine.of_our_own(found):
        raise NotWorked(
            _SAID("of_our_own", number=number, sender=found["sender"]),
            f"mail {number} bears the name of one of your own people: it is no user's mail; staff can file it",
        )
    if not found["complete"]:
        raise NotWorked(
            _SAID("too_large", number=number),
            f"mail {number} is over the size limit: only its header was fetched; open it in the mailbox",
        )
    if found["disposition"] in digest.LABELS and not found["sender"]:
        raise NotWorked(
            _SAID("no_sender", number=number),
            f"mail {number} has no sender's address; staff can file it with a ticket",
        )
    journal.release(store, number, "proses", by)
    log.released(mailbox, number, "proses", found["message_id"])
    return _SAID("released", number=number)


def discard(store: Store, mailbox: str, number: int, by: str) -> str:
    """`#buang N`: nothing becomes of it; row and bytes stay."""
    found = entry(store, mailbox, number)
    journal.discard(store, number, "buang", by)
    log.released(mailbox, number, "buang", found["message_id"])
    return _SAID("discarded", number=number)


def add_to_ticket(store: Store, site: Site, number: int, rest: str, by: str) -> str:
    """`#tiket N NOMOR`: the mail goes to the ticket that `rest` names, for staff to read (`file`)."""
    found = entry(store, site.name, number)
    named = find_numbers(rest, [site.config.ticket_prefix])
    if len(named) != 1:
        raise NotWorked(_SAID("one_ticket", number=number), "one ticket number is needed")
    ticket_id = ticket_rows.numbered(store, site.name, named[0])
    if ticket_id is None:
        raise NotWorked(_SAID("no_such_ticket", ticket=named[0]), f"there is no ticket {named[0]}")
    journal.release(store, number, "tiket", by)
    journal.belongs_to(store, number, tickets.standing(store, ticket_id))
    log.released(site.name, number, "tiket", found["message_id"])
    return _SAID("filed", number=number, ticket=named[0])


# --- what becomes of them ------------------------------------------------------------------------------


def without_authority(sender: Sender) -> Sender:
    """The writer of a mail that staff have let go on: what claims to be LKPP's goes to them, marked."""
    if sender.role is not Role.LKPP:
        return sender
    return replace(sender, verdict=Verdict.FAIL, reason=sender.reason or _SAID("let_go_on"))


def file(store: Store, site: Site, found: Row, message: Message | None, now: datetime) -> None:
    """`#tiket`: the mail becomes a note of its ticket, as far as it can be read (`message`); whoever handles the ticket
    gets the mail itself. In one transaction."""
    journal_id = int(found["id"])
    heading = originals.heading_of(store, found)
    with store.immediate():
        ticket = tickets.load(store, int(found["ticket_id"]))
        person = site.config.person(str(found["released_by"]))
        event = Event(
            kind="staff.note",
            at=to_instant(found["arrived_at"]),
            role=person.role if person else Role.STAFF,
            address=str(found["released_by"]),
            name=person.name if person else "",
            text=_note(journal_id, heading, message),
            journal_id=journal_id,
            rule="#tiket",
        )
        given = Given(key=f"j{journal_id}.filed", kept=_kept(store, journal_id, message))
        service.handle(Case(store, site, now, ticket), event, given)
        journal.settle(
            store,
            journal_id,
            "handled",
            "filed",
            reason=str(found["reason"]),
            ticket_id=ticket.id,
            threaded_by="#tiket",
        )
        handler = site.config.person(ticket.handler) if ticket.handler else None
        people = [handler] if handler else site.config.staff
        reason = _SAID("filed_by", who=person.name if person else found["released_by"])
        told = [NamedAddress(each.name, each.address) for each in people]
        context = Context(store, site, now)
        quarantine.tell(context, told, journal_id, reason, heading, text=event.text, filed_with=ticket)
    log.filed(site.name, journal_id, "filed", None, ticket.number)


def _note(journal_id: int, heading: originals.Heading, message: Message | None) -> str:
    words = understanding.shown(mask(message.text)[0][:_SHOWN]) if message is not None else _SAID("unreadable")
    writer = heading.writers or _SAID("unknown_writer")
    return _SAID("note", number=journal_id, writer=writer, subject=heading.subject or "–", words=words)


def _kept(store: Store, journal_id: int, message: Message | None) -> Kept:
    """Its files, once: its first handling has stored them, if that came so far."""
    known = message is None or earlier.has_files(store, journal_id)
    return Kept() if message is None or known else Kept(files=message.files, readers=INSIDE)
