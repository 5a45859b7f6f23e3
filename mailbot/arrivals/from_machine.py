"""Mail of machines: filed with its ticket, never answered, changes no status. Bounces find the mail they are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from mailbot import log
from mailbot.arrivals import from_lkpp
from mailbot.config.site import Site
from mailbot.letters import alarms
from mailbot.model import Event, Sender
from mailbot.parsers.incoming import IncomingMail
from mailbot.parsers.robots.delivery import DeliveryStatus, delivery_status
from mailbot.procedure import service
from mailbot.restraint import machine_mail
from mailbot.store import journal, sent_mails
from mailbot.store.database import Row, Store, to_instant
from mailbot.tickets import tickets
from mailbot.tickets.case import Case, Context
from mailbot.tickets.work import Given

#: A delivery report about a mail that is older than this is not believed.
BOUNCE_AGE = timedelta(days=10)


def handle(context: Context, mail: IncomingMail) -> None:
    """Inside the mail's transaction."""
    store, site, now = context.store, context.site, context.now
    machine = mail.machine
    kind = machine.kind if machine else "automatic"
    ticket_id = mail.found.ticket_id
    machine_mail.watch(store, site, mail, now)
    if kind == "bounce":
        ticket_id = _bounce(store, site, mail, now) or ticket_id
    elif kind != "own" and ticket_id is not None:
        ticket = from_lkpp.learn_number(store, mail, tickets.load(store, ticket_id))
        event = Event(
            kind="machine.mail",
            at=mail.at,
            role=mail.sender.role,
            address=mail.sender.address,
            journal_id=mail.journal_id,
            rule=machine.reason if machine else "",
        )
        service.handle(Case(store, site, now, ticket), event, Given(key=mail.key))
    journal.settle(
        store,
        mail.journal_id,
        "handled",
        kind,
        reason=machine.reason if machine else "",
        sender=_claimed(mail),
        ticket_id=ticket_id,
        threaded_by=mail.found.reason,
    )
    number = None if ticket_id is None else tickets.load(store, ticket_id).number
    log.filed(site.name, mail.journal_id, kind, mail.message.message_id, number)


def _claimed(mail: IncomingMail) -> Sender:
    """Whom the mail names as its writer, where the strict grammar finds nobody: it gives no authority, and staff may
    want to have the mail handled as his (`#proses`)."""
    named = {box.address.lower() for box in mail.message.from_ if "@" in box.address}
    return mail.sender if mail.sender.address or len(named) != 1 else replace(mail.sender, address=named.pop())


def _bounce(store: Store, site: Site, mail: IncomingMail, now: datetime) -> int | None:
    """A delivery report counts only for a mail of ours, by its Message-ID, sent lately; the ticket it is about.

    Staff are told when nobody tries any more. A delay, or an arrival, is filed with its ticket and told to nobody.
    """
    ticket_id = None
    reports: dict[str, list[DeliveryStatus]] = {}
    for status in delivery_status(mail.message):
        if status.original_message_id is not None:
            reports.setdefault(status.original_message_id, []).append(status)
    for message_id, statuses in reports.items():
        row = sent_mails.ours(store, site.name, message_id)
        if row is None or mail.at - to_instant(row["created_at"]) > BOUNCE_AGE:
            continue
        ticket_id = row["ticket_id"]
        # Known to the operator, or of no interest: the digest of machine mail does not tell it again.
        journal.listed(store, [mail.journal_id], now)
        about = [status for status in statuses if not _of_copy(site, row, status)]
        if any(status.final for status in statuses) and not about:
            answer = statuses[0].diagnostic or statuses[0].status
            alarms.once(Context(store, site, now), "proof.bcc", "undelivered", answer=answer)
        failed = next((status for status in _about(row, about) if status.final), None)
        if failed is not None:
            answer = " ".join(filter(None, (failed.status, failed.diagnostic)))
            service.undelivered(store, site, int(row["id"]), f"{mail.key}.{row['id']}", answer, mail.at, now)
    return None if ticket_id is None else tickets.standing(store, int(ticket_id))


def _of_copy(site: Site, row: Row, status: DeliveryStatus) -> bool:
    """Whether a report is about the copy for the proof and not about the mail: by its address, or, behind a forwarding,
    by a domain that only the copy went to."""
    copy = site.config.proof.bcc if site.config.proof else None
    his = str(row["recipient"]).lower()
    if not copy or status.recipient == his:
        return False
    domain = copy.rpartition("@")[2]
    return status.recipient == copy or status.recipient.rpartition("@")[2] == domain != his.rpartition("@")[2]


def _about(row: Row, statuses: list[DeliveryStatus]) -> list[DeliveryStatus]:
    """What a report says of the address that we wrote to; behind a forwarding it names others, which all count."""
    own = [status for status in statuses if status.recipient == str(row["recipient"]).lower()]
    return own or statuses
