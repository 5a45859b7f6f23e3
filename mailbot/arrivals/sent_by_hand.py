"""Answers that people write by hand from the mailbox's own address, read out of its folder of sent mail (`imap.sent`).

They are filed with their ticket, and staff are asked for the status; nothing is sent to anybody outside, nothing is
quarantined, and in that folder nothing is marked. What mailbot has sent lies there too and is passed over.
"""

from __future__ import annotations

from datetime import datetime

from mailbot import log
from mailbot.arrivals import understanding
from mailbot.config.site import Site
from mailbot.model import Event, Message, Role
from mailbot.parsers.identity import author
from mailbot.parsers.mime.headers import addresses
from mailbot.parsers.mime.subject import find_numbers
from mailbot.parsers.reply import quoted
from mailbot.parsers.thread import lookup_ids
from mailbot.procedure import service
from mailbot.procedure.effects.shared import INSIDE
from mailbot.sentences import Sentences
from mailbot.store import journal, sent_mails
from mailbot.store.database import Row, Store, to_instant
from mailbot.tickets import ticket_rows, tickets
from mailbot.tickets.case import Case
from mailbot.tickets.work import Given, Kept

_SAID = Sentences(__file__)


def handle(store: Store, site: Site, entry: Row, message: Message | None, now: datetime) -> None:
    """One mail of that folder, in one transaction. message: None where it cannot be read."""
    with store.immediate():
        ticket, disposition = None, "sent.unread"
        if message is not None:
            journal.named(store, int(entry["id"]), message.message_id)
            disposition = _known(store, site, entry, message)
            ticket_id = None if disposition else _ticket(store, site, message)
            if ticket_id is not None:
                ticket = tickets.load(store, ticket_id)
                _file(Case(store, site, now, ticket), entry, message)
            disposition = disposition or ("sent.by_hand" if ticket is not None else "sent.unfiled")
        about, number = (ticket.id, ticket.number) if ticket is not None else (None, None)
        journal.settle(store, int(entry["id"]), "handled", disposition, ticket_id=about)
    log.filed(site.name, int(entry["id"]), disposition, message.message_id if message else None, number)


def _known(store: Store, site: Site, entry: Row, message: Message) -> str:
    """Why this mail is nobody's answer by hand: mailbot's own (also where the provider has given it another
    Message-ID), somebody else's, or filed already (a folder is shown anew under another UIDVALIDITY)."""
    own = message.header("X-Mailbot-Id") is not None
    if own or sent_mails.ours(store, site.name, message.message_id) is not None:
        return "sent.own"
    if author(message)[0] not in site.config.addresses:
        return "sent.other"
    return "sent.again" if journal.by_hand_before(store, site.name, message.message_id, entry["id"]) else ""


def _ticket(store: Store, site: Site, message: Message) -> int | None:
    """By what it answers, the deepest first, else by the one tag in its subject."""
    for message_id in reversed(lookup_ids(message)):
        found = sent_mails.ticket_of(store, site.name, message_id)
        if found is not None:
            return tickets.standing(store, found)
    named = find_numbers(message.subject, [site.config.ticket_prefix])
    found = ticket_rows.numbered(store, site.name, named[0] if named else "")
    return tickets.standing(store, found) if found is not None and len(named) == 1 else None


def _file(case: Case, entry: Row, message: Message) -> None:
    site, user = case.site, case.ticket.user_address
    blind = [address for _, address in addresses(message.header("Bcc") or "")]
    read_by = {address.lower() for address in (*(box.address for box in (*message.to, *message.cc)), *blind) if address}
    to_user = user != "" and user in read_by
    words = quoted.new_text(message.text).own or message.text
    event = Event(
        kind="staff.by_hand",
        at=to_instant(entry["arrived_at"]),
        role=Role.STAFF,
        address=site.config.address,
        facts=frozenset({"to_user"} if to_user else ()),
        journal_id=int(entry["id"]),
        rule=site.config.imap.sent or "",
    )
    reader = _SAID("user", address=user) if to_user else ", ".join(sorted(read_by)[:3]) or _SAID("unlisted")
    given = Given(
        key=f"j{entry['id']}.by_hand",
        shown=words,
        remark=_SAID("answered", mailbox=site.config.address, reader=reader),
        kept=_kept(site, message, words),
    )
    service.handle(case, event, given)


def _kept(site: Site, message: Message, words: str) -> Kept:
    """The LPSE's alone: whom it was written to, he has it already."""
    text = tickets.Text(
        role=Role.STAFF,
        address=site.config.address,
        kind="by_hand",
        audience=INSIDE,
        body=understanding.shown(words),
    )
    return Kept(texts=[text], files=message.files, readers=INSIDE)
