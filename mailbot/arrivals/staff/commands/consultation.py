"""`#telepon` and `#loket`: a new mail of staff with the filled Formulir Konsultasi becomes a ticket with both numbers;
in reply to a ticket's mail it is a further consultation of that ticket, a further sheet of its form.

SOP for telephone and counter, steps 3 to 8: part C filled in means answered and archived; without it the problem waits
for its solution, and the user gets the numbers and is asked to write by mail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mailbot import letters
from mailbot.arrivals.staff import drafts
from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.clean import shorten
from mailbot.config.site import Site
from mailbot.errors import NotCarriedOut, ParseError
from mailbot.fetch import originals
from mailbot.letters import proposals
from mailbot.model import Attachment, Event, NamedAddress, Role, Ticket
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
from mailbot.store import codes, journal
from mailbot.store.database import Store, to_instant
from mailbot.tickets import consultations, tickets
from mailbot.tickets.case import Case, Context
from mailbot.tickets.work import Given, Kept, Reading, Work

_SAID = Sentences(__file__)
#: Characters of a reply in which no line of the form was found, as its receipt repeats it.
_REPLY = 1000


class Incomplete(NotCarriedOut):
    """Nothing is carried out; `form` is what was filled in, to be completed."""

    def __init__(
        self,
        reason: str,
        command: Command,
        form: Consultation | None = None,
        listed: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(reason, listed)
        self.command, self.form = command, form or Consultation()


class AlreadyRecorded(Incomplete):
    """A colleague, or its writer, has completed the form meanwhile. ticket: which one it has become; what this mail
    says is not carried out and comes back."""

    def __init__(self, hand: StaffMail, draft: drafts.Draft, command: Command, form: Consultation) -> None:
        entry = journal.entry(hand.store, draft.recorded_by or 0)
        self.ticket = tickets.load(hand.store, tickets.standing(hand.store, int(entry["ticket_id"])))
        person = hand.site.config.person(str(entry["sender"]))
        who = person.name if person is not None else str(entry["sender"])
        at = hand.site.say(to_instant(entry["arrived_at"]))
        super().__init__(_SAID("already_recorded", number=self.ticket.number, at=at, who=who), command, form)


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that can be recorded. handed_in_at: when its first mail arrived, if that was before the one at hand."""

    form: Consultation
    held: consultations.Held
    channel: str
    handed_in_at: datetime | None


def _check(hand: StaffMail, command: Command, found: Sequence[Command]) -> None:
    _filled(hand, command, alone=len(found) == 1)


def _filled(hand: StaffMail, command: Command, *, alone: bool = True) -> Filled:
    """The filled form of a command. Raises Incomplete. alone: no other command in the mail."""
    site, mail = hand.site, hand.mail
    channel, draft = _form(command.name).channel, hand.draft
    form = drafts.read(command.name, command.text) if draft is None else draft.after(command.text, hand.new.quoted)
    if draft is not None:
        command = replace(command, argument=command.argument or draft.command.argument)
    if not alone:
        raise Incomplete(_SAID("not_alone", word=command.word), command, form)
    if draft is not None and draft.recorded_by is not None:
        raise AlreadyRecorded(hand, draft, command, form)
    written = form
    if hand.ticket is not None:
        form = _of_ticket(hand, hand.ticket, form)
    why = list(_wrong(site, form)) or ([_not_of(hand.ticket, form)] if hand.ticket is not None else [])
    first = _handed_in(hand)
    try:
        held = consultations.when(site, form, first)
    except consultations.InTheFuture:
        try:
            held = consultations.when(site, form, mail.at)  # the call went on behind the first mail
        except consultations.InTheFuture:
            why.append(_SAID("in_the_future", date=form.date, time=form.time, mail_time=site.say(mail.at)))
    if why := list(filter(None, why)):
        why += [] if form.time else [_SAID("time_wanted")]
        unread = draft is not None and written == draft.current
        lines = [(_SAID("your_reply"), shorten(command.text, _REPLY))] if unread and command.text else []
        raise Incomplete(" ".join([_SAID("not_read"), *why] if unread else why), command, form, lines)
    return Filled(form, held, channel, first if first < mail.at else None)


def _handed_in(hand: StaffMail) -> datetime:
    """When staff had handed in the form: the arrival of its first mail, also where that came back, or waited for a
    code."""
    first = hand.draft.mails[0] if hand.draft is not None else hand.mail.journal_id
    return min(to_instant(journal.entry(hand.store, first)["arrived_at"]), hand.mail.at)


def adds(hand: StaffMail) -> bool:
    """Whether a mail that uses the link of a form that is recorded by now holds something that the form did not."""
    draft = hand.draft
    text = hand.read.commands[-1].text if hand.read.commands else hand.new.unsigned
    return draft is not None and draft.after(text, hand.new.quoted) != draft.current


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


def _wrong(site: Site, form: Consultation) -> Iterator[str]:
    """Why a form cannot be recorded: all of it at once, so that it comes back once."""
    named, told = "name" in form.fields, any(map(str.isalnum, form.problem))
    if not named or not told:
        yield _SAID("no_name" if told else "no_problem" if named else "no_name_no_problem")
    if form.unread_email:
        yield _SAID("no_address", written=form.unread_email)
    elif not form.email and "phone" not in form.fields:
        yield _SAID("no_way_back")
    config = site.config
    ours = form.email == config.address
    if form.email and (ours or config.role(form.email) is not None or config.lkpp.accepts(form.email)):
        yield _SAID("our_address", address=form.email)


def _do(hand: StaffMail, command: Command, key: str) -> Work:
    """Make the ticket, or add to the one at hand; part C filled in also answers. Returns the work that the receipt
    tells of."""
    store, site, mail, now, filled = hand.store, hand.site, hand.mail, hand.now, _filled(hand, command)
    form, who = filled.form, mail.sender
    if hand.draft is not None:  # whoever writes of it once more is compared with what was recorded
        codes.restate(store, hand.draft.code, form_of(Incomplete("", command, form), who.name))
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
        kept=_kept(hand, filled, queue, reading),
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


def _kept(hand: StaffMail, filled: Filled, queue: str, reading: Reading) -> Kept:
    """The form's texts, fields and files with who may see them: the user's own words, the LPSE's copy of the rest."""
    mail, form, held = hand.mail, filled.form, filled.held
    who = mail.sender
    before = [(one, _files(hand, one)) for one in hand.draft.mails] if hand.draft is not None else []
    readers = (Role.USER, *INSIDE)
    texts = [tickets.Text(role=Role.USER, address=form.email, kind="mail", audience=readers, body=form.problem)]
    remarks = []
    if form.pending:  # no answer, but what the officer noted of it
        texts.append(tickets.Text(role=who.role, address=who.address, kind="note", audience=INSIDE, body=form.pending))
        remarks.append(_SAID("not_yet_answered"))
    if mail.message.files or any(files for _, files in before):
        remarks.append(_SAID("files_kept"))
    if held.remark:
        remarks.append(held.remark)
    return Kept(
        texts=texts,
        fields=form.fields,
        files=mail.message.files,
        before=before,
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
            handed_in_at=filled.handed_in_at,
            mails=[entry for entry, _ in before],
        ),
        claims=True,
        reading=reading,
    )


def _files(hand: StaffMail, entry: int) -> Sequence[Attachment]:
    """The files of an earlier mail of the form."""
    try:
        return originals.read(hand.store, hand.site.config, journal.entry(hand.store, entry)).files
    except ParseError:  # it was read when it came; its bytes are kept all the same
        return ()


def _caller(form: Consultation) -> consultations.Caller:
    said = {key: field.value for key, field in form.fields.items()}
    parts = {key: said.get(key, "") for key in ("organisation", "street", "phone")}
    return consultations.Caller(said["name"], **parts, address=form.email)


def besides(case: Case, recipient: NamedAddress, error: AlreadyRecorded) -> tuple[str, dict[str, Any]]:
    """Of a form that is recorded by now: the label of a link that notes what was written of it, and the link that
    records all of it as a further sheet."""
    number = case.ticket.number
    label = _SAID("as_sheet", number=number)
    sheet = reply_link(case, recipient, error.command.name, error.form, goes_on=GoesOn(), label=label)
    return _SAID("as_note", number=number), sheet


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


@dataclass(frozen=True, slots=True)
class GoesOn:
    """What a link's form goes on with: its number in LPSE Support, and the form that came back (`drafts`)."""

    number: str = ""
    about: str = ""
    stored: letters.Stored | None = None


def _at_counter(name: str) -> bool:
    return _form(name).channel == "loket"


def link(
    context: Context, recipient: NamedAddress, name: str, form: Consultation | None = None, *, goes_on: GoesOn
) -> dict[str, Any]:
    """A link that opens a new mail with the form, as far as it is filled in and as mail clients can carry it."""
    send = letters.Send(
        label=_form(name).link,
        command=_line(name, goes_on.number),
        after=_body(recipient, name, form),
        hint=_SAID("fill_in"),
        about=goes_on.about,
        stored=goes_on.stored or letters.Stored(),
    )
    return letters.new_mail_link(context, recipient, _form(name).subject, send, name=name)


def reply_link(
    case: Case, recipient: NamedAddress, name: str, form: Consultation, *, goes_on: GoesOn, label: str = ""
) -> dict[str, Any]:
    """The same for a further consultation of a ticket: a reply to its mails."""
    return letters.link(
        case,
        recipient,
        label or _form(name).link,
        f"#{SPECS[name].word}",
        after=_body(recipient, name, form),
        hint=_SAID("fill_in"),
        about=goes_on.about,
        stored=goes_on.stored,
    )


def _body(recipient: NamedAddress, name: str, form: Consultation | None) -> str:
    """The form as far as it is filled in. Of what is too long for a link, parts B and C are left out of it, or all:
    what the link of a form that came back leaves empty stays as it was."""
    short = None if form is None else replace(form, problem="", solution="", pending="")
    for shown in (form, short, None):
        body = consultation.blank(shown, giver=recipient.name, at_counter=_at_counter(name)).replace("\n", "\r\n")
        if letters.fits(body):
            break
    return body


def links(store: Store, site: Site, recipient: NamedAddress, now: datetime) -> Sequence[dict[str, Any]]:
    """Of a call and of a visit, for `#bantuan`."""
    names = [spec.name for spec in VOCABULARY if spec.about is About.CONSULTATION and spec.takes is Takes.OPTIONAL]
    context = Context(store, site, now)
    return [link(context, recipient, name, goes_on=GoesOn()) for name in names]


DOING = Doing(check=_check, do=_do, result=_result, lines=_lines)
