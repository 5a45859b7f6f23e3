"""A mail of Helpdesk LKPP: what it means for its ticket (SOP steps 4, 6, 12 to 14), or a question to staff.

LKPP knows nothing of mailbot: it is never sent an acknowledgement, a code, a refusal or a survey.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from mailbot import letters, log
from mailbot.config.site import Site
from mailbot.fetch import originals
from mailbot.model import Event, NamedAddress, Role, Ticket
from mailbot.parsers.incoming import IncomingMail
from mailbot.parsers.robots.automatic import BY_WORDS
from mailbot.procedure import service
from mailbot.procedure.effects.shared import INSIDE
from mailbot.rules.lkpp.classify import Reading
from mailbot.store import journal
from mailbot.store.database import Store
from mailbot.tickets import ticket_rows, tickets
from mailbot.tickets.case import Case, Context
from mailbot.tickets.work import Given, Kept, Work

#: Meanings whose words go to the user; in doubt about what the words are, staff must say.
_PASSED_ON = ("data_request", "progress", "solved")

LABELS = {
    "returned": "kewenangan LPSE (langkah 4)",
    "data_request": "minta data tambahan (langkah 6)",
    "progress": "perkembangan (langkah 12/14)",
    "solved": "selesai (langkah 13)",
    "redirect": "gunakan kanal lain",
    "refused": "menolak",
    "received": "telah diterima",
    "unclear": "belum jelas",
}


def handle(store: Store, site: Site, mail: IncomingMail, now: datetime) -> None:
    """Inside the mail's transaction."""
    assert mail.lkpp is not None
    grant = mail.lkpp.grant
    given = Given(
        key=mail.key,
        text=mail.lkpp.words,
        shown=mail.new.own or mail.message.text,
        message=mail.message,
        attachments=mail.files,
        authenticated=grant.allowed,
        kept=_kept(mail, mail.lkpp.words),
    )
    ticket_id = mail.found.ticket_id
    if not grant.allowed:
        log.held(site.name, mail.journal_id, None, grant.reason, mail.message.message_id)
        _only_staff(
            store,
            site,
            mail,
            given,
            f"PERHATIAN: {grant.reason}. Tidak ada yang dilakukan.",
            now,
            items=False,
        )
        disposition = "lkpp.unverified"
    elif ticket_id is None:
        log.held(site.name, mail.journal_id, None, mail.found.reason, mail.message.message_id)
        _only_staff(store, site, mail, given, f"Belum dikenali: {mail.found.reason}.", now, items=True)
        disposition = "lkpp.unknown"
    else:
        ticket = tickets.load(store, ticket_id)
        log.threaded(site.name, mail.journal_id, ticket.number, mail.found.reason, mail.message.message_id)
        ticket = learn_number(store, mail, ticket)
        work = _happen(Case(store, site, now, ticket), mail, mail.lkpp.reading, given)
        disposition = work.decision.row
    journal.settle(
        store,
        mail.journal_id,
        "handled",
        disposition,
        reason=grant.reason,
        sender=mail.sender,
        ticket_id=ticket_id if grant.allowed else None,
        threaded_by=mail.found.reason,
    )


def _happen(case: Case, mail: IncomingMail, reading: Reading, given: Given) -> Work:
    site, ticket = case.site, case.ticket
    meaning, doubt, remark = reading.meaning, mail.new.doubt, ""
    if mail.machine is not None and mail.machine.reason == BY_WORDS:
        meaning, remark = "unclear", "Surat ini menyatakan dikirim otomatis, tetapi tampaknya meminta sesuatu."
    elif site.config.sop.review == "always" and meaning != "received":
        meaning, remark = "unclear", "Setiap balasan LKPP ditegaskan oleh petugas."
    elif doubt is not None and (meaning in _PASSED_ON or meaning == "unclear"):
        meaning, remark = "unclear", f"Ditahan: {doubt}."
    if site.config.sop.review == "never" and meaning in ("unclear", "redirect", "refused"):
        # The site does not want to be asked: shown to staff, who may say what it means; LKPP's clock goes on.
        meaning, remark = "received", f"{remark} Arti balasan ini tidak ditetapkan ({LABELS[reading.meaning]}).".strip()
    people = (*mail.message.to, *mail.message.cc)
    event = Event(
        kind=f"lkpp.{meaning}",
        at=mail.at,
        role=Role.LKPP,
        address=mail.sender.address,
        name=mail.sender.name or "Helpdesk LKPP",
        text=given.text,
        journal_id=mail.journal_id,
        rule=reading.rule,
        sentence=reading.sentence,
    )
    given = replace(
        given,
        remark=remark,
        meaning=(LABELS[reading.meaning], reading.sentence, reading.rule),
        user_addressed=any(box.address.lower() == ticket.user_address != "" for box in people),
    )
    return service.handle(case, event, given)


def learn_number(store: Store, mail: IncomingMail, ticket: Ticket) -> Ticket:
    """LKPP's own ticket number, from LKPP's authenticated mail only; shown in every mail to LKPP from then on."""
    number = None if mail.lkpp is None else mail.lkpp.number
    if number is None or ticket.lkpp_number is not None:
        return ticket
    return tickets.change(store, ticket, lkpp_number=number)


def _only_staff(
    store: Store, site: Site, mail: IncomingMail, given: Given, reason: str, now: datetime, *, items: bool
) -> None:
    """What belongs to no ticket, or only claims to be LKPP's: staff see it, marked, and nobody else."""
    files = [*given.attachments, *originals.doubtful_original(store, mail)]
    sent, listed = letters.fitting(site, files)
    for person in site.config.staff:
        recipient = NamedAddress(person.name, person.address)
        shown = {
            "organisation": letters.organisation(site),
            "recipient": {"name": recipient.name, "address": recipient.address},
            "ticket": None,
            "actor": {"name": mail.sender.name, "address": mail.sender.address},
            "text": given.shown,
            "attachments": listed,
            "authenticated": given.authenticated,
            "meaning": None,
            "reason": reason,
            "actions": _open_escalations(store, site, mail, recipient, now) if items else [],
        }
        letter = letters.Letter(
            template="staff_lkpp_reply",
            recipient=recipient,
            shown=shown,
            key=mail.key,
            subject=f"[{site.config.ticket_prefix}] Balasan LKPP: belum dikenali",
            files=sent,
        )
        letters.put(Context(store, site, now), letter)


#: Meaning → the command that records it with the ticket that LKPP meant.
_RECORDED = {
    "returned": "#kembali",
    "data_request": "#data-tambahan",
    "progress": "#perkembangan",
    "solved": "#selesai",
    "redirect": "#alihkan",
}
#: Mail clients cut longer mailto links.
_LINK_TEXT = 1200


def _open_escalations(
    store: Store, site: Site, mail: IncomingMail, recipient: NamedAddress, now: datetime
) -> list[dict[str, Any]]:
    """One link per ticket that LKPP may have meant: it records LKPP's words there, once staff have read them."""
    assert mail.lkpp is not None
    said = mail.lkpp.words
    command = _RECORDED.get(mail.lkpp.reading.meaning, "#catat")
    words = said.replace("\n", "\r\n") if len(said) <= _LINK_TEXT else ""
    found = [tickets.load(store, ticket_id) for ticket_id in ticket_rows.with_lkpp(store, site.name, 10)]
    return [
        letters.link(
            Case(store, site, now, ticket),
            recipient,
            f"{ticket.number} – {ticket.subject}",
            command,
            after=words,
            hint="Periksa teksnya, atau ganti perintahnya dengan membalas e-mail tiket itu.",
        )
        for ticket in found
    ]


def _kept(mail: IncomingMail, words: str) -> Kept:
    """LKPP's words are for staff; the user sees them only through an effect that passes them on."""
    readers = (Role.LKPP, *INSIDE)
    text = tickets.Text(role=Role.LKPP, address=mail.sender.address, kind="lkpp", audience=readers, body=words)
    return Kept(texts=[text], files=mail.message.attachments, readers=readers)
