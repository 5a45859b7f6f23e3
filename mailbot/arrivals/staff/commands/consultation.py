"""`#telepon` and `#loket`: a new mail of staff with the filled Formulir Konsultasi becomes a ticket with both numbers;
in reply to a ticket's mail it is a further consultation of that ticket, a further sheet of its form.

SOP for telephone and counter, steps 3 to 8: part C filled in means answered and archived; without it the problem waits
for its solution, and the user gets the numbers and is asked to write by mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mailbot import letters
from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.config.site import Site
from mailbot.errors import NotCarriedOut
from mailbot.letters import proposals
from mailbot.masking import mask
from mailbot.model import Event, NamedAddress, Role, Ticket
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.vocabulary import SPECS, VOCABULARY, About, Form, Takes
from mailbot.parsers.forms import consultation
from mailbot.parsers.forms import form as form_fields
from mailbot.parsers.forms.consultation import Consultation
from mailbot.parsers.forms.form import Field
from mailbot.parsers.incoming import IncomingMail
from mailbot.procedure import service
from mailbot.procedure.effects.shared import INSIDE
from mailbot.sentences import Sentences
from mailbot.store.database import Store
from mailbot.tickets import consultations, tickets
from mailbot.tickets.case import Case, Context
from mailbot.tickets.work import Given, Kept, Reading, Work

_SAID = Sentences(__file__)
#: Mail clients cut longer mailto links.
_LINK_TEXT = 1200


class Incomplete(NotCarriedOut):
    """Nothing is carried out; `form` is what was filled in, to be completed."""

    def __init__(self, reason: str, command: Command, form: Consultation | None = None) -> None:
        super().__init__(reason)
        self.command, self.form = command, form or Consultation()


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that can be recorded."""

    form: Consultation
    held: consultations.Held
    channel: str


def _check(hand: StaffMail, command: Command, found: Sequence[Command]) -> None:
    _filled(hand, command, alone=len(found) == 1)


def _filled(hand: StaffMail, command: Command, *, alone: bool = True) -> Filled:
    """The filled form of a command. Raises Incomplete. alone: no other command in the mail."""
    site, mail = hand.site, hand.mail
    channel = _form(command.name).channel
    source = _SAID("source", channel=channel)
    form = consultation.read(mask(command.text)[0], source)
    # The answer goes to the user as staff wrote it; what he said is masked wherever it goes.
    written = consultation.read(command.text, source)
    form = replace(form, solution=written.solution, pending=written.pending)
    if not alone:
        raise Incomplete(_SAID("not_alone", word=command.word), command, form)
    if hand.ticket is not None:
        form = _of_ticket(hand, hand.ticket, form)
    if why := _wrong(site, form) or (_not_of(hand.ticket, form) if hand.ticket is not None else ""):
        raise Incomplete(why, command, form)
    try:
        held = consultations.when(site, form, mail.at)
    except consultations.InTheFuture:
        why = _SAID("in_the_future", date=form.date, time=form.time, mail_time=site.say(mail.at))
        raise Incomplete(why, command, form) from None
    return Filled(form, held, channel)


def _of_ticket(hand: StaffMail, ticket: Ticket, form: Consultation) -> Consultation:
    """A further form, with what is known of the user where it says nothing."""
    known = {
        key: Field(value, form_fields.FORM)
        for key, value in tickets.fields(hand.store, ticket.id).items()
        if key in ("name", "organisation", "street", "phone")
    }
    if ticket.user_name:
        known.setdefault("name", Field(ticket.user_name, form_fields.SENDER))
    address = form.email or ("" if form.unread_email else ticket.user_address)
    return replace(form, fields={**known, **form.fields}, email=address)


def _not_of(ticket: Ticket, form: Consultation) -> str:
    """Why a form cannot be a further one of this ticket, "" where it can."""
    if ticket.discarded:
        return _SAID("discarded", number=ticket.number)
    if form.email != ticket.user_address:  # its numbers and words would reach somebody who has no part in the ticket
        user = ticket.user_address or _SAID("no_address_yet")
        return _SAID("another_user", address=form.email, number=ticket.number, user=user)
    return ""


def _form(name: str) -> Form:
    form = SPECS[name].form
    assert form is not None
    return form


def _wrong(site: Site, form: Consultation) -> str:
    """Why a form cannot be recorded, "" where it can."""
    named = "name" in form.fields
    if not any(map(str.isalnum, form.problem)):
        return _SAID("no_problem" if named else "no_name_no_problem")
    if not named:
        return _SAID("no_name")
    if form.unread_email:
        return _SAID("no_address", written=form.unread_email)
    if not form.email and "phone" not in form.fields:
        return _SAID("no_way_back")
    config = site.config
    ours = form.email == config.address
    if form.email and (ours or config.role(form.email) is not None or config.lkpp.accepts(form.email)):
        return _SAID("our_address", address=form.email)
    return ""


def _do(hand: StaffMail, command: Command, key: str) -> Work:
    """Make the ticket, or add to the one at hand; part C filled in also answers. Returns the work that the receipt
    tells of."""
    store, site, mail, now, filled = hand.store, hand.site, hand.mail, hand.now, _filled(hand, command)
    form, who = filled.form, mail.sender
    event = Event(
        kind=str(SPECS[command.name].event),
        at=mail.at,
        role=who.role,
        address=who.address,
        name=who.name,
        facts=frozenset({"answered"} if form.solution else ()),
        text=form.problem,
        argument=command.argument or filled.channel,
        journal_id=mail.journal_id,
        rule=f"#{command.word}",
    )
    subject = consultation.subject_of(form.problem)
    reading = proposals.read(site, subject, form.problem)
    queue = form.queue
    if filled.channel == "loket" and not queue:
        queue = consultations.next_queue(store, site, filled.held.day)
    given = Given(
        key=key,
        text=form.problem,
        shown=form.problem,
        message=mail.message,
        authenticated=True,
        kept=_kept(mail, filled, queue, reading),
    )
    if hand.ticket is not None:
        work = _further(hand, hand.ticket, event, given, form)
    else:
        opening = service.Opening(
            subject=subject,
            priority=reading.priority.level,
            user=NamedAddress(form.fields["name"].value, form.email),
            channel=filled.channel,
        )
        work = service.open_ticket(Context(store, site, now), event, given, opening)
        work = _archive(mail, work, form) if form.solution else work
    hand.ticket = work.ticket
    return work


def _further(hand: StaffMail, ticket: Ticket, event: Event, given: Given, form: Consultation) -> Work:
    """A call or visit about a ticket that there is: what the table says of it in its status. Part C is an answer as
    `#jawab` gives one, which the user is asked to confirm."""
    event = replace(event, kind="staff.consulted_again")
    if form.solution:
        event = replace(event, text=form.solution)
        given = replace(given, text=form.solution, shown=form.solution, user_addressed=_reads_it(hand.mail, form))
    return service.handle(Case(hand.store, hand.site, hand.now, ticket), event, given)


def _reads_it(mail: IncomingMail, form: Consultation) -> bool:
    """Whether the mail of staff itself goes to the user."""
    addressed = {box.address.lower() for box in (*mail.message.to, *mail.message.cc)}
    return form.email != "" and form.email in addressed


def _archive(mail: IncomingMail, opened: Work, form: Consultation) -> Work:
    """Part C is filled in: the answer is kept and the ticket closed, in the same transaction."""
    event = replace(opened.event, kind="staff.consulted", text=form.solution, facts=frozenset())
    given = Given(
        key=f"{opened.given.key}.c",
        text=form.solution,
        shown=form.solution,
        message=mail.message,
        authenticated=True,
        user_addressed=_reads_it(mail, form),
    )
    work = service.handle(opened, event, given)
    work.remarks[:0] = opened.remarks
    work.planned[:0] = opened.planned
    return work


def _kept(mail: IncomingMail, filled: Filled, queue: str, reading: Reading) -> Kept:
    """The form's texts, fields and files with who may see them: the user's own words, the LPSE's copy of the rest."""
    form, who, held = filled.form, mail.sender, filled.held
    readers = (Role.USER, *INSIDE)
    texts = [tickets.Text(role=Role.USER, address=form.email, kind="mail", audience=readers, body=form.problem)]
    remarks = []
    if form.pending:  # no answer, but what the officer noted of it
        texts.append(tickets.Text(role=who.role, address=who.address, kind="note", audience=INSIDE, body=form.pending))
        remarks.append(_SAID("not_yet_answered"))
    if mail.message.files:
        remarks.append(_SAID("files_kept"))
    if held.remark:
        remarks.append(held.remark)
    return Kept(
        texts=texts,
        fields=form.fields,
        files=mail.message.files,
        readers=INSIDE,  # a scan of the paper may show more than this user's matter: staff send on what he may have
        remarks=remarks,
        consultation=consultations.Recorded(
            channel=filled.channel,
            held=held,
            caller=_caller(form),
            giver=form.giver or who.name or who.address,
            queue=queue,
            recorder=who.address,
            journal_id=mail.journal_id,
        ),
        claims=True,
        reading=reading,
    )


def _caller(form: Consultation) -> consultations.Caller:
    said = {key: field.value for key, field in form.fields.items()}
    parts = {key: said.get(key, "") for key in ("organisation", "street", "phone")}
    return consultations.Caller(said["name"], **parts, address=form.email)


# --- what the receipt shows ----------------------------------------------------------------------------


def _result(_command: Command, work: Work) -> str:
    """What was done, for the receipt."""
    row = consultations.of(work.store, work.ticket.id)
    assert row is not None
    how = consultations.how_words(work.site, row)
    if work.event.kind == "staff.consulted":
        return _SAID("answered", how=how)
    if "answered" in work.event.facts:
        return _SAID("answered_again" if work.ticket.user_address else "answered_again_without_address", how=how)
    return _SAID("user_asked" if work.ticket.user_address else "user_without_address", how=how)


def _lines(work: Work) -> list[dict[str, Any]]:
    """Both numbers, and that of the queue, a row each."""
    row = consultations.of(work.store, work.ticket.id)
    assert row is not None
    form_number = consultations.form_number(work.ticket.form_number, row["sheet"])
    found = [(_SAID("ticket_number"), work.ticket.number), (_SAID("form_number"), form_number)]
    if row["queue"]:
        found.append((_SAID("queue_number"), str(row["queue"])))
    if not work.ticket.user_address:
        phone = tickets.fields(work.store, work.ticket.id).get("phone")
        found.append((_SAID("phone"), phone or _SAID("no_phone")))
    return [{"command": name, "result": value} for name, value in found]


def form_of(error: Incomplete, giver: str) -> str:
    """The empty form with what was filled in already, below its command."""
    command = error.command
    form = consultation.blank(error.form, giver=giver, at_counter=_at_counter(command.name))
    return f"{_line(command.name, command.argument)}\n{form}"


def _line(name: str, number: str = "") -> str:
    """The command's line; number: in LPSE Support."""
    return f"#{SPECS[name].word} {number}".strip()


def _at_counter(name: str) -> bool:
    return _form(name).channel == "loket"


def link(
    store: Store,
    site: Site,
    recipient: NamedAddress,
    name: str,
    now: datetime,
    form: Consultation | None = None,
    number: str = "",
) -> dict[str, Any]:
    """A link that opens a new mail with the form, as far as it is filled in and as mail clients can carry it. number:
    in LPSE Support."""
    return letters.new_mail_link(
        Context(store, site, now),
        recipient,
        _form(name).link,
        _form(name).subject,
        _line(name, number),
        name=name,
        after=_body(recipient, name, form),
        hint=_SAID("fill_in"),
    )


def reply_link(case: Case, recipient: NamedAddress, name: str, form: Consultation) -> dict[str, Any]:
    """The same for a further consultation of a ticket: a reply to its mails."""
    after = _body(recipient, name, form)
    return letters.link(case, recipient, _form(name).link, f"#{SPECS[name].word}", after=after, hint=_SAID("fill_in"))


def _body(recipient: NamedAddress, name: str, form: Consultation | None) -> str:
    """The form as far as it is filled in; the empty one where that is too long for a link."""
    body = consultation.blank(form, giver=recipient.name, at_counter=_at_counter(name))
    if len(body) > _LINK_TEXT:
        body = consultation.blank(giver=recipient.name, at_counter=_at_counter(name))
    return body.replace("\n", "\r\n")


def links(store: Store, site: Site, recipient: NamedAddress, now: datetime) -> Sequence[dict[str, Any]]:
    """Of a call and of a visit, for `#bantuan`."""
    names = [spec.name for spec in VOCABULARY if spec.about is About.CONSULTATION and spec.takes is Takes.OPTIONAL]
    return [link(store, site, recipient, name, now) for name in names]


DOING = Doing(check=_check, do=_do, result=_result, lines=_lines)
