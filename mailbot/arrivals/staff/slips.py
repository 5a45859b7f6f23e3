"""What a mail that was not carried out may have been meant as: no slip costs a text.

Each offer becomes a link whose code stands for the mail's words and files. Nothing is carried out by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mailbot.arrivals.staff.commands import consultation
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.arrivals.staff.held import Superseded, WhichBreach
from mailbot.arrivals.staff.receipts import Mendable, Offer
from mailbot.errors import NotCarriedOut
from mailbot.model import BALL, Ball, Status, Ticket
from mailbot.parsers.commands import mending, vocabulary
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.unsigned import unsigned
from mailbot.parsers.commands.vocabulary import SPECS
from mailbot.procedure.effects import to_staff
from mailbot.tickets import tickets


def offers(hand: StaffMail, error: NotCarriedOut) -> list[Offer]:
    """The likely meanings of a refused mail, the likeliest first; none where it has neither words nor files."""
    if isinstance(error, consultation.Incomplete | Mendable | Superseded | WhichBreach):  # these bring their own
        return []
    found: list[Offer] = []
    for ticket in _tickets(hand):
        for reading in _readings(hand, ticket):
            for commands in _instead(error, ticket, reading):
                offer = Offer(ticket, tuple(commands))
                if commands and _is_worth_it(hand, error, commands) and offer not in found:
                    found.append(offer)
    return found


def _tickets(hand: StaffMail) -> list[Ticket]:
    """The mail's; both where it names two."""
    if hand.mail.found.conflict is not None:
        return [tickets.load(hand.store, one) for one in hand.mail.found.conflict]
    return [] if hand.ticket is None else [hand.ticket]


def _readings(hand: StaffMail, ticket: Ticket) -> Iterator[Sequence[Command]]:
    """The commands that the mail may hold."""
    if hand.asked:
        yield hand.asked
    elif hand.read.fault is not None:
        yield from _mended(hand, ticket)
    elif hand.read.commands:
        stored = hand.stored.words if hand.stored is not None else ""
        yield [replace(one, text=to_staff.as_above(one.text, stored)) for one in hand.read.commands]
    elif hand.read.leading:
        yield [Command(hand.stands_for, SPECS[hand.stands_for].word, text=hand.read.leading)]


def _mended(hand: StaffMail, ticket: Ticket) -> Iterator[Sequence[Command]]:
    meant = mending.meant(hand.new.text)
    texts = [_unsigned(hand, command) for command in meant.texts]
    if texts:
        first, *others = texts
        whole = "\n\n".join(filter(None, (meant.loose, first.text)))
        yield [*meant.fields, replace(first, text=whole)]
        yield from ([other] for other in others)
    elif meant.loose:
        fitting = _fitting(ticket)
        # Words below a command that takes none are rather for a colleague: the first link never makes them an answer.
        internal = meant.fields and not hand.read.leading
        for name in reversed(fitting) if internal else fitting:
            yield [*meant.fields, _unsigned(hand, Command(name, SPECS[name].word, text=meant.loose))]
    else:
        yield meant.fields


def _unsigned(hand: StaffMail, command: Command) -> Command:
    return (
        command
        if SPECS[command.name].reaches is None
        else replace(command, text=unsigned(command.text, hand.new.closing, hand.mail.sender.name))
    )


def _fitting(ticket: Ticket) -> list[str]:
    """Commands for words that stand with none."""
    found = [] if ticket.status is Status.CLOSED else ["answer"]
    return [*found, *(["lkpp"] if BALL[ticket.status] is Ball.LKPP else []), "note"]


def _instead(error: NotCarriedOut, ticket: Ticket, commands: Sequence[Command]) -> Iterator[Sequence[Command]]:
    """The commands with that which was refused left out, or its words with another."""
    refused = next((one for one in commands if one.name == error.by), None)
    if refused is None:
        yield commands
        return
    rest, spec = [one for one in commands if one is not refused], SPECS[refused.name]
    for value in error.near:
        yield [replace(one, argument=value) if one is refused else one for one in commands]
    for name in error.instead:
        other = Command(name, SPECS[name].word)
        if not SPECS[name].takes_text:
            yield [other, *commands]
        elif refused.text:
            yield [*rest, replace(other, text=refused.text)]
    if not spec.takes_text:
        yield rest
    elif spec.says_meaning and not refused.argument and ticket.pending_replies:
        yield from ([*rest, replace(refused, argument=str(reply))] for reply in ticket.pending_replies)
    elif not error.instead:
        yield commands


def _is_worth_it(hand: StaffMail, error: NotCarriedOut, commands: Sequence[Command]) -> bool:
    """Whether there is something to lose or a slip is mended, and the writer may ask for it."""
    role, last = hand.mail.sender.role, commands[-1]
    may = all(vocabulary.may_use(one.name, role) and SPECS[one.name].needs_ticket for one in commands)
    words = SPECS[last.name].takes_text and (last.text or hand.mail.files or hand.stored)
    mended = any(one.by_set for one in commands) and hand.read.fault is not None
    mended = mended or any(one.name == error.by and one.argument in error.near for one in commands)
    return may and bool(words or len(commands) > 1 or mended)
