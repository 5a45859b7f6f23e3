"""`#pisah`: a user's mail that came on a ticket becomes a ticket of its own, with its words, files and acknowledgement.

Its clocks begin when that mail arrived: its writer has waited since then. Whoever wrote it is the new ticket's user.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mailbot.arrivals import from_user
from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.config.site import Site
from mailbot.errors import NotCarriedOut, ParseError
from mailbot.fetch import originals
from mailbot.letters import proposals
from mailbot.masking import mask
from mailbot.model import Event, Role, Sender, Ticket
from mailbot.parsers import identity, webform
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.forms import form
from mailbot.parsers.incoming import Mail
from mailbot.parsers.mime.subject import base_subject
from mailbot.parsers.thread import Found
from mailbot.procedure import service
from mailbot.procedure.effects.shared import user_mails
from mailbot.store.database import Row, Store, to_instant
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import tickets
from mailbot.tickets.work import Given, Work


def _entry(store: Store, site: Site, ticket: Ticket, command: Command, replied_to: str) -> Row:
    """The journal's entry of the mail that is meant. replied_to: the event key of the mail of ours that staff answer.
    Raises NotCarriedOut."""
    number = command.argument or replied_to.removeprefix("j")
    if not number.isdigit():
        raise NotCarriedOut(
            "Balaslah pemberitahuan tentang e-mail pengguna yang hendak dipisahkan, atau tulis nomornya:"
            " #pisah NOMOR-E-MAIL."
        )
    sql = (
        "SELECT j.*, x.body FROM journal j JOIN texts x ON x.journal_id = j.id AND x.ticket_id = ?3 AND x.role = 'user'"
        " WHERE j.id = ?1 AND j.mailbox = ?2 AND j.role = 'user'"
    )
    found = store.row(sql, int(number), site.name, ticket.id)
    if found is None:
        raise NotCarriedOut(f"E-mail nomor {number} bukan e-mail pengguna pada tiket {ticket.number}.")
    opening = "SELECT 1 FROM history WHERE ticket_id = ? AND event = 'user.new' AND journal_id = ?"
    if store.value(opening, ticket.id, int(number)) is not None:
        raise NotCarriedOut(
            f"E-mail nomor {number} adalah e-mail pertama tiket {ticket.number}; yang lain dapat dipisahkan."
        )
    return found


def _happen(hand: StaffMail, ticket: Ticket, asked: Command, command: Event, given: Given) -> Work:
    """The new ticket's work; the old one keeps a note. command, given: of the staff's command. Raises NotCarriedOut."""
    store, site, now = hand.store, hand.site, hand.now
    found = _entry(store, site, ticket, asked, hand.answered_key)
    mail = _mail(store, site, found)
    body = str(found["body"])
    subject, _ = mask(base_subject(mail.message.subject, [site.config.ticket_prefix]))
    if subject == MAILS["user_acknowledgement"].kind:  # the receipt repeats nothing of an unproven mail: it is ours
        subject = ticket.subject
    reading = proposals.read(site, subject, body)
    quiet = from_user.no_answer(store, site, mail)
    who = command.name or command.address
    event = Event(
        kind="user.new",
        at=mail.at,
        role=Role.USER,
        address=mail.sender.address,
        name=mail.sender.name,
        text=body,
        journal_id=mail.journal_id,
        rule=command.rule,
    )
    opened = service.open_ticket(
        store,
        site,
        event,
        Given(
            key=given.key,
            text=body,
            shown=body,
            message=mail.message,
            attachments=[*originals.passed_on(mail.message, from_user=True), *originals.doubtful_original(store, mail)],
            authenticated=mail.sender.authenticated,
            answerable=quiet is None,
            echo=mail.sender.authenticated,
            remark=f"Dipisahkan dari tiket {ticket.number} oleh {who}."
            + (f" Tanpa tanda terima: {quiet}." if quiet else ""),
            keeps=[_bring(ticket, mail, body), proposals.keep(reading)],
        ),
        now,
        subject=subject or "Tanpa perihal",
        priority=reading.priority.level,
    )
    words = f"E-mail pengguna nomor {mail.journal_id} dipisahkan menjadi tiket {opened.ticket.number}."
    left = Given(key=f"{given.key}.left", keeps=[_settle])
    service.handle(store, site, ticket.id, replace(command, text=words), left, now)
    return opened


def _mail(store: Store, site: Site, found: Row) -> Mail:
    """The mail as it stood at its arrival; of its sender only so much as could be known then."""
    config = site.config
    try:
        message = originals.read(store, config, found)
    except ParseError as error:
        raise NotCarriedOut(f"E-mail nomor {found['id']} tidak dapat dibaca: {error.reason}.") from None
    own = config.authentication.authserv_id
    sender = identity.sender(message, site.people(), config.lkpp.accept_from, config.addresses, own)
    message, sender, of_form = webform.read(message, sender, config.forms, lambda one: not config.is_users(one))
    if sender.address != found["sender"] or sender.role is not Role.USER or message.ambiguous:
        sender = Sender(address=str(found["sender"]))
    return Mail(
        journal_id=int(found["id"]),
        folder=str(found["folder"]),
        at=to_instant(found["arrived_at"]),
        message=message,
        sender=sender,
        refs=(),
        found=Found(ticket_id=None, reason="#pisah"),
        machine=None,
        form=of_form,
    )


def _bring(old: Ticket, mail: Mail, body: str) -> Callable[[Work], None]:
    """Its words and files become the new ticket's, and readable to whoever wrote them."""

    def bring(work: Work) -> None:
        store, new = work.store, work.ticket.id
        work.change(split_from=old.id)
        for table, more in (("texts", ", kind = 'mail'"), ("attachments", "")):
            where = "ticket_id = ?2 AND journal_id = ?3" + (" AND role = 'user'" if more else "")
            sql = f"UPDATE {table} SET ticket_id = ?1{more} WHERE {where}"
            store.execute(sql, new, old.id, mail.journal_id)
        tickets.widen_audience(store, [mail.journal_id], Role.USER)
        store.update("journal", mail.journal_id, ticket_id=new)
        fields = form.read_form(body, signature="", quoted="", ours=True)
        if "name" not in fields and (name := form.sender_name(mail.sender.name, mail.sender.address)):
            fields["name"] = name
        tickets.add_fields(store, new, fields, journal_id=mail.journal_id, at=mail.at)

    return bring


def _settle(work: Work) -> None:
    """On the ticket that it left: nothing is held for LKPP any more if this was it."""
    if work.ticket.held_data and not user_mails(work, new_only=True):
        work.change(held_data=0)


DOING = Doing(happen=_happen)
