"""`#pisah`: a user's mail that came on a ticket becomes a ticket of its own, with its words, files and acknowledgement.

Its clocks begin when that mail arrived: its writer has waited since then. Whoever wrote it is the new ticket's user.
"""

from __future__ import annotations

from dataclasses import replace

from mailbot.arrivals import understanding
from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.config.site import Site
from mailbot.errors import NotCarriedOut, ParseError
from mailbot.fetch import originals
from mailbot.letters import proposals
from mailbot.masking import mask
from mailbot.model import Event, Role, Ticket
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.forms import form
from mailbot.parsers.incoming import IncomingMail
from mailbot.parsers.mime.subject import base_subject
from mailbot.procedure import service
from mailbot.sentences import Sentences
from mailbot.store.database import Row, Store
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import earlier
from mailbot.tickets.case import Case, Context
from mailbot.tickets.work import Given, Kept, Work

_SAID = Sentences(__file__)


def _entry(store: Store, site: Site, ticket: Ticket, command: Command, replied_to: str) -> Row:
    """The journal's entry of the mail that is meant. replied_to: the event key of the mail of ours that staff answer.
    Raises NotCarriedOut."""
    number = command.argument or replied_to.removeprefix("j")
    if not number.isdigit():
        raise NotCarriedOut(_SAID("which_mail"))
    found = earlier.user_mail(store, site.name, ticket.id, int(number))
    if found is None:
        raise NotCarriedOut(_SAID("not_of_ticket", number=number, ticket=ticket.number))
    if earlier.opened(store, ticket.id, int(number)):
        raise NotCarriedOut(_SAID("first_mail", number=number, ticket=ticket.number))
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
    remark = _SAID("split_from", ticket=ticket.number, who=command.name or command.address)
    if mail.quiet:
        remark += f" {understanding.no_receipt(mail.quiet)}"
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
        Context(store, site, now),
        event,
        Given(
            key=given.key,
            text=body,
            shown=body,
            message=mail.message,
            attachments=[*mail.files, *originals.doubtful_original(store, mail)],
            authenticated=mail.sender.authenticated,
            answerable=mail.quiet is None,
            echo=mail.sender.authenticated,
            remark=remark,
            kept=Kept(split_from=ticket.id, fields=_fields(mail, body), reading=reading),
        ),
        service.Opening(subject=understanding.named(subject), priority=reading.priority.level),
    )
    words = _SAID("split_off", number=mail.journal_id, ticket=opened.ticket.number)
    left = Given(key=f"{given.key}.left", kept=Kept(mail_left=True))
    hand.ticket = service.handle(Case(store, site, now, ticket), replace(command, text=words), left).ticket
    return opened


def _mail(store: Store, site: Site, found: Row) -> IncomingMail:
    try:
        return understanding.once_more(store, site, found)
    except ParseError as error:
        raise NotCarriedOut(_SAID("unreadable", number=found["id"], reason=error.reason)) from None


def _fields(mail: IncomingMail, body: str) -> dict[str, form.Field]:
    fields = form.read_form(body, signature="", quoted="", ours=True)
    if "name" not in fields and (name := form.sender_name(mail.sender.name, mail.sender.address)):
        fields["name"] = name
    return fields


DOING = Doing(happen=_happen)
