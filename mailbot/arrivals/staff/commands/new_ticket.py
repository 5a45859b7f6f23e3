"""`#baru`: a ticket for somebody who wrote to one of the LPSE's people, out of the mail that they forward.

What is forwarded are the user's words; what the officer writes above it is his note. Without a forwarded mail (a
request by chat, say) his text is the user's matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailbot.arrivals import understanding
from mailbot.arrivals.staff import forwarded
from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.errors import NotCarriedOut
from mailbot.fetch import originals
from mailbot.letters import proposals
from mailbot.masking import mask
from mailbot.model import Event, Role
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.forms import form
from mailbot.parsers.incoming import IncomingMail
from mailbot.parsers.mime.subject import base_subject
from mailbot.procedure import service
from mailbot.procedure.effects.shared import INSIDE
from mailbot.sentences import Sentences
from mailbot.tickets import tickets
from mailbot.tickets.case import Context
from mailbot.tickets.work import Given, Kept, Reading, Work

_SAID = Sentences(__file__)


def _step_up(hand: StaffMail) -> str:
    if proposed := hand.proposed_user:
        return _SAID("guessed_address", address=proposed)
    return ""


def _complete(hand: StaffMail, command: Command) -> Command:
    """Without an address it takes the one that the forwarded mail is from; mailbot asks whether that is right."""
    return command if command.argument else replace(command, argument=hand.proposed_user)


def _check(hand: StaffMail, command: Command, _found: Sequence[Command]) -> None:
    if not command.argument:
        raise NotCarriedOut(_SAID("no_address"))
    if fault := forwarded.no_user(hand.site, command.argument):
        raise NotCarriedOut(fault)
    if hand.new.marked:
        raise NotCarriedOut(_SAID("quotes_us"))
    if not any(map(str.isalnum, hand.forwarded.text + command.text)):
        raise NotCarriedOut(_SAID("nothing_in_it"))


def _do(hand: StaffMail, command: Command, key: str) -> Work:
    """The ticket, with the user's words and files and the officer's note, inside his mail's transaction."""
    store, site, mail, found, now = hand.store, hand.site, hand.mail, hand.forwarded, hand.now
    text, note = (found.text, command.text) if found.text else (command.text, "")
    shown, secret = mask(text)
    subject, _ = mask(base_subject(mail.message.subject, [site.config.ticket_prefix]))
    same = found.writer is not None and found.writer.address == command.argument
    name = form.sender_name(found.writer.name, command.argument) if same and found.writer is not None else None
    files = originals.passed_on(mail.message, from_user=True)
    reading = proposals.read(site, subject, shown)
    who = mail.sender.name or mail.sender.address
    event = Event(
        kind="user.new",
        at=mail.at,
        role=Role.USER,
        address=command.argument,
        name=name.value if name else "",
        text=shown,
        journal_id=mail.journal_id,
        rule=f"#{command.word}",
    )
    given = Given(
        key=key,
        text=shown,
        shown=shown,
        message=mail.message,
        attachments=files,
        echo=False,
        has_secret=secret,
        remark=_SAID("opened_with_note", who=who, note=mask(note)[0]) if note else _SAID("opened", who=who),
        kept=_kept(mail, command.argument, shown, note, name, reading),
    )
    opening = service.Opening(subject=understanding.named(subject), priority=reading.priority.level)
    work = service.open_ticket(Context(store, site, now), event, given, opening)
    hand.ticket = work.ticket
    return work


def _kept(mail: IncomingMail, user: str, shown: str, note: str, name: form.Field | None, reading: Reading) -> Kept:
    """The user's words and files, readable to him, and the officer's note, which is not. user: his address."""
    readers, by = (Role.USER, *INSIDE), mail.sender
    texts = [tickets.Text(role=Role.USER, address=user, kind="mail", audience=readers, body=shown)]
    if note:
        texts.append(tickets.Text(role=by.role, address=by.address, kind="note", audience=INSIDE, body=note))
    fields = form.read_form(shown, signature="", quoted="", ours=False)
    if name is not None:
        fields.setdefault("name", name)
    return Kept(texts=texts, files=mail.message.files, readers=readers, fields=fields, reading=reading)


DOING = Doing(step_up=_step_up, complete=_complete, check=_check, do=_do)
