"""A mail of the LPSE's own people: its commands, all or none, and the receipt that says what happened.

A plain reply to a mail that shows a user's words is the answer to him; whatever is ambiguous, stale or doubtful is
held and asked about, and nothing leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from mailbot import letters, log
from mailbot.arrivals import quarantine
from mailbot.arrivals.staff import commands, confirmations, contents, missing_results, receipts, slips
from mailbot.arrivals.staff.checks import asked_for, check_code
from mailbot.arrivals.staff.commands import consultation
from mailbot.arrivals.staff.commands.doing import Asked
from mailbot.arrivals.staff.contents import StaffMail, only_asks
from mailbot.arrivals.staff.held import Held
from mailbot.errors import NotCarriedOut
from mailbot.model import Event, Ticket
from mailbot.parsers import identity, thread
from mailbot.parsers.commands import command_lines, questions
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.vocabulary import SPECS, Takes
from mailbot.parsers.incoming import IncomingMail
from mailbot.procedure import service
from mailbot.procedure.effects.shared import INSIDE
from mailbot.restraint import loops
from mailbot.rules.sop.names import REFUSALS
from mailbot.sentences import Sentences
from mailbot.store import codes, journal, sent_mails
from mailbot.store.database import Store
from mailbot.tickets import breaches, tickets, unsent
from mailbot.tickets.case import Case, Context
from mailbot.tickets.work import Given, Kept, Work

_SAID = Sentences(__file__)

#: Tickets and mails in quarantine that one mail may be about; more ask for a confirmation.
MOST_AT_ONCE = 5


def handle(context: Context, mail: IncomingMail) -> None:
    """Inside the mail's transaction."""
    store, site, now = context.store, context.site, context.now
    hand = contents.read(context, mail)
    grant = _grant(hand)
    missing_results.watch(store, site, mail.sender, now)
    if (grant.allowed or grant.ask) and (hand.read.commands or hand.code is not None):
        loops.commanded(store, site, mail.sender.address, now)
    if not grant.allowed:
        _refuse(hand, grant)
        return
    log.threaded(site.name, mail.journal_id, hand.number or "-", mail.found.reason, mail.message.message_id)
    _settle(hand, _confirm(hand) if confirmations.is_one(hand.code) else _carry_out(hand), grant.reason)


def _settle(hand: StaffMail, disposition: str, reason: str) -> None:
    journal.settle(
        hand.store,
        hand.mail.journal_id,
        "handled",
        disposition,
        reason=reason,
        sender=hand.mail.sender,
        ticket_id=hand.ticket_id,
        threaded_by=hand.mail.found.reason,
    )


def _grant(hand: StaffMail) -> identity.Grant:
    """Whether this mail may command (docs/security.md), and why."""
    mail, names = hand.mail, _names(hand)
    token = thread.has_token(mail.sender, mail.refs, mail.at) or hand.code is not None
    grant = identity.may_command(
        mail.sender,
        hand.site.config.authentication.without_results,
        token,
        names,
        step_up=_step_up(hand, names),
        confirmed=mail.confirmed or confirmations.is_one(hand.code) or _confirmed_before(hand, token, names),
    )
    if grant.ask and hand.read.code is not None and hand.code is None:
        return replace(grant, reason=f"{grant.reason}; {_SAID('unknown_code')}")
    if (grant.allowed or grant.otherwise) and journal.carried_out(hand.store, mail.journal_id, mail.message):
        return identity.Grant(False, _SAID("came_before"))
    return grant


def _confirmed_before(hand: StaffMail, token: bool, names: Sequence[str]) -> bool:
    """Whether it completes a form for whose first mail its writer has sent back a code: one is enough for all of it."""
    draft = hand.draft
    return token and draft is not None and names == [draft.command.name] and draft.confirmed == hand.mail.sender.address


def _step_up(hand: StaffMail, names: Sequence[str]) -> str:
    """Why these commands need a code in every case, "" where they do not."""
    if hand.repeats:  # nothing will be carried out
        return ""
    for name in names:  # a forged one would hand somebody's ticket to another, whatever else the mail proves
        if SPECS[name].confirm:
            return SPECS[name].confirm
    for name in names:
        if (own := commands.of(name).step_up) is not None and (why := own(hand)):
            return why
    if max(sum(SPECS[name].takes_entry for name in names), _tickets_asked_for(hand)) > MOST_AT_ONCE:
        return _SAID("too_many_at_once", most=MOST_AT_ONCE)
    return ""


def _tickets_asked_for(hand: StaffMail) -> int:
    prefixes = [hand.site.config.ticket_prefix]
    about = [command.argument for command in hand.read.commands if SPECS[command.name].takes is Takes.NUMBERS]
    return len({number for argument in about for number in questions.numbers(argument, prefixes)})


def _refuse(hand: StaffMail, grant: identity.Grant) -> None:
    """Quarantined: with a code to the listed address where that would do and there is something to carry out."""
    store, site, mail = hand.store, hand.site, hand.mail
    reason = grant.reason
    if grant.ask and (hand.read.commands or hand.ticket_id is not None or hand.completes is not None):
        try:
            held = asked_for(hand)
        except Held as error:
            held = list(error.held)
        except consultation.Incomplete as error:  # the one code for all of it: then the form comes back
            held, reason = [error.command], f"{reason}; {error}"
        except NotCarriedOut as error:
            if grant.otherwise:  # no code would help: he is told what is wrong, as anybody is
                receipt = receipts.Receipt(hand, mail, hand.ticket)
                _settle(hand, _refused(hand, receipt, error), grant.reason)
                return
            held, reason = [], f"{reason}; {error}"
        code = None
        if held:
            code = confirmations.issue(store, site, mail.journal_id, mail.sender.address, hand.ticket_id, hand.now)
            if code is None:
                reason = f"{reason}; {_SAID('enough_codes', count=confirmations.MOST_AN_HOUR)}"
        if code is not None:
            journal.quarantine(store, mail.journal_id, reason, mail.sender)
            log.quarantined(site.name, mail.journal_id, reason, mail.message.message_id)
            receipt = receipts.Receipt(hand, mail, hand.ticket)
            receipt.ask_code(code, hand.now + confirmations.GOOD_FOR, reason, held)
            return
    quarantine.refuse(store, site, mail.journal_id, mail.sender, reason, hand.new.text, hand.now)


def _confirm(hand: StaffMail) -> str:
    """A code has come: the mail that waits for it is carried out, as it came. Returns the disposition."""
    code, receipt = hand.code or {}, receipts.Receipt(hand, hand.mail, hand.ticket)
    if code["used_by"] is not None and code["receipt"] is not None:
        receipt.about(_made_by(hand, int(str(code["argument"]))))
        receipt.repeat(str(code["receipt"]))
        return "staff.repeated"
    if code["used_by"] is not None or not confirmations.waits(hand.store, code):
        receipt.refuse(NotCarriedOut(_SAID("already_done")))
        return "staff.refused"
    # A robot that repeats our mail without a mark has all of it above the code.
    if len(command_lines.above_code(hand.new.text)) > _OPENING:
        receipt.refuse(NotCarriedOut(_SAID("repeated")))
        return "staff.refused"
    if hand.read.commands or hand.read.fault is not None:
        receipt.refuse(NotCarriedOut(_SAID("only_the_code")), [command.word for command in hand.read.commands])
        return "staff.refused"
    if _DENIES.search(hand.read.leading[:_OPENING]):
        receipt.refuse(NotCarriedOut(_SAID("denied")))
        return "staff.refused"
    confirmations.use(hand.store, hand.site, code, hand.mail.journal_id)
    return "staff.confirmed"


_DENIES = re.compile(r"\b(?:bukan|jangan|batal(?:kan)?|tidak|tolak|not?|don'?t)\b", re.IGNORECASE)
_OPENING = 200  # characters of a confirmation that are its words rather than a signature


def _names(hand: StaffMail) -> list[str]:
    """The canonical commands that this mail comes to, for the question whether it needs a token."""
    if hand.read.fault is not None or hand.mail.found.conflict is not None:
        return ["help"]  # nothing will be carried out: the receipt only says why
    if hand.read.commands:
        return [command.name for command in hand.read.commands]
    if hand.completes is not None:
        return [hand.completes.name]
    if hand.ticket_id is None:
        return ["help"]  # a new mail without a command is no ticket: the answer lists the commands
    return [hand.stands_for]


def _carry_out(hand: StaffMail) -> str:
    """Decide and act; every way out sends a receipt or a question. Returns the mail's disposition."""
    receipt = receipts.Receipt(hand, hand.mail, hand.ticket)
    if hand.code is not None and hand.repeats and not consultation.adds(hand):
        receipt.about(_made_by(hand, int(str(hand.code["used_by"]))))
        receipt.repeat(str(hand.code["receipt"]))
        return "staff.repeated"
    try:
        with _all_or_nothing(hand):
            done = asked_for(hand)
            check_code(hand, done)
            queries = [command for command in done if only_asks(command.name)]
            for number, command in enumerate(done):
                if not only_asks(command.name):
                    with _refusals_of(command):
                        hand.works.append((command, _one(hand, command, number)))
    except Held as held:
        log.held(hand.site.name, hand.mail.journal_id, hand.number, held.reason, hand.mail.message.message_id)
        if hand.unsent is not None:  # asked about anew
            unsent.end(hand.store, [hand.unsent], hand.now)
        receipt.ask(held)
        return "staff.held"
    except NotCarriedOut as error:
        return _refused(hand, receipt, error)
    _end_unsent(hand, done)
    receipt.about(hand.ticket)
    shown = receipt.send(hand.works, queries, asks=_asks(hand, done), links=hand.links)
    if hand.mail.confirmed:
        confirmations.keep_receipt(hand.store, hand.site, hand.mail.journal_id, shown)
    if hand.draft is not None and hand.draft.command.name in (command.name for command in done):
        codes.answer(hand.store, hand.draft.code, hand.mail.journal_id, shown)
    if hand.code is not None:
        codes.answer(hand.store, str(hand.code["code"]), hand.mail.journal_id, shown)
    return "staff." + "+".join(command.name for command in done)


def _end_unsent(hand: StaffMail, done: Sequence[Command]) -> None:
    """What was held stands open no longer once its link was used, or its writer has written the command once more."""
    if hand.ticket_id is None:
        return
    names = {command.name for command in done}
    again = [
        one.id
        for one in unsent.of_ticket(hand.store, hand.ticket_id)
        if one.id == hand.unsent or (one.address == hand.mail.sender.address and names & set(letters.names_of(one)))
    ]
    ended = unsent.with_copies(hand.store, hand.ticket_id, again)
    unsent.end(hand.store, [one.id for one in ended], hand.now)


@contextmanager
def _all_or_nothing(hand: StaffMail) -> Iterator[None]:
    """What an error undoes in the database, is undone in hand too."""
    before = hand.ticket
    try:
        with hand.store.savepoint():
            yield
    except BaseException:
        hand.ticket = before
        raise


def _made_by(hand: StaffMail, journal_id: int) -> Ticket | None:
    """The ticket of the mail with which the code was used before (`#baru` has made one)."""
    ticket_id = journal.entry(hand.store, journal_id)["ticket_id"]
    return None if ticket_id is None else tickets.load(hand.store, int(ticket_id))


def _refused(hand: StaffMail, receipt: receipts.Receipt, error: NotCarriedOut) -> str:
    log.filed(hand.site.name, hand.mail.journal_id, "refused", hand.mail.message.message_id, hand.number)
    receipt.refuse(error, [command.word for command in hand.read.commands], slips.offers(hand, error))
    return "staff.refused"


def _asks(hand: StaffMail, done: list[Command]) -> bool:
    """A note that nobody asked for by `#catat`: the receipt asks whether it was meant for the user."""
    alone = not hand.read.commands and [command.name for command in done] == ["note"]
    return alone and not any(isinstance(work, Work) and work.remarks for _, work in hand.works)


# --- carrying out -------------------------------------------------------------------------------


def _one(hand: StaffMail, command: Command, number: int) -> Work | str:
    store, site, mail = hand.store, hand.site, hand.mail
    spec, own, key = SPECS[command.name], commands.of(command.name), f"{mail.key}.{number}"
    if own.do is not None:
        return own.do(hand, command, key)
    ticket = hand.own_ticket
    asked = Asked(str(spec.event), command.argument, command.text)
    if own.event is not None:
        asked = own.event(hand, command, ticket)
    facts = {"something_waits"} if _waits(store, ticket) else set()
    if breaches.known(store, ticket.id):
        facts.add("breached")
    event = Event(
        kind=asked.event,
        at=mail.at,
        role=mail.sender.role,
        address=mail.sender.address,
        name=mail.sender.name,
        facts=frozenset(facts),
        text=asked.text,
        argument=asked.argument,
        journal_id=mail.journal_id,
        rule=f"#{command.word}" if command.typed is None else f"#{command.word} {command.argument}",
    )
    addressed = {box.address.lower() for one in hand.messages for box in (*one.to, *one.cc)}
    readers = INSIDE if spec.reaches is None or asked.inside else (spec.reaches, *INSIDE)
    given = Given(
        key=key,
        text=command.text,
        shown=command.text,
        message=mail.message,
        attachments=hand.files if spec.takes_text else (),
        authenticated=True,
        user_addressed=ticket.user_address != "" and ticket.user_address in addressed,
        kept=Kept(files=[file for one in hand.messages for file in one.files], readers=readers)
        if spec.takes_text
        else Kept(),
    )
    if own.happen is not None:
        return own.happen(hand, ticket, command, event, given)
    work = service.handle(Case(store, site, hand.now, ticket), event, given)
    hand.ticket = work.ticket
    return work


@contextmanager
def _refusals_of(command: Command) -> Iterator[None]:
    """What the table refuses, in words for the receipt. Raises NotCarriedOut."""
    try:
        yield
    except service.Refused as error:
        why = REFUSALS[error.reason]
        raise NotCarriedOut(why.said, by=command.name, instead=why.instead) from None
    except NotCarriedOut as error:
        error.by = error.by or command.name
        raise


def _waits(store: Store, ticket: Ticket) -> bool:
    """Whether a mail to the user still stands in its undo window (or behind it, not yet handed over)."""
    return bool(sent_mails.may_be_taken_back(store, ticket.id))
