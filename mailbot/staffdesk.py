"""A mail of the LPSE's own people: its commands, all or none, and the receipt that says what happened.

A plain reply to a mail that shows a user's words is the answer to him; whatever is ambiguous, stale or doubtful is
held and asked about, and nothing leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mailbot import identity, journal, letters, log, lookups, quarantine, receipts, service, thread, tickets
from mailbot.desk import Desk
from mailbot.mail import Mail
from mailbot.model import Event, Role, Ticket
from mailbot.parsers import commands, quoted
from mailbot.parsers.commands import Command
from mailbot.rules import user_reply
from mailbot.store import Store, to_instant
from mailbot.work import Given, Work

#: Canonical command → event of the table.
EVENTS = {
    "answer": "staff.answer",
    "info": "staff.info",
    "take": "staff.take",
    "ask": "staff.ask",
    "escalate": "staff.escalate",
    "forward": "staff.forward",
    "lkpp": "staff.lkpp",
    "note": "staff.note",
    "priority": "staff.priority",
    "tts": "staff.tts",
    "close": "staff.close",
    "reopen": "staff.reopen",
    "spam": "staff.spam",
    "undo": "staff.undo",
    "returned": "lkpp.returned",
    "data": "lkpp.data_request",
    "progress": "lkpp.progress",
    "resolved": "lkpp.solved",
    "redirect": "lkpp.redirect",
    "ignore": "lkpp.ignored",
}
QUERIES = ("status", "help")

#: A plain reply to one of these is the answer to the user (contract §5).
ANSWERED = ("staff_new_ticket", "staff_user_reply", "staff_returned")
#: Commands whose text leaves the house: held when it is not clear what the words are.
OUTWARD = ("answer", "info", "ask", "escalate", "forward", "lkpp", "close", "data", "progress", "resolved")
#: Not carried out on top of a colleague's that the writer has not seen.
COMPETING = ("answer", "escalate", "ask", "close")


@dataclass(slots=True)
class _Hand:
    """One staff mail on its way through the desk."""

    store: Store
    desk: Desk
    mail: Mail
    now: datetime
    new: quoted.NewText
    read: commands.Commands
    code: dict[str, object] | None
    ticket_id: int | None
    works: list[tuple[Command, Work]] = field(default_factory=list)


class _Held(Exception):
    """Nothing is carried out; staff are asked with `staff_confirm`."""

    def __init__(self, reason: str, what: str, text: str, colleague: dict[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.reason, self.what, self.text, self.colleague = reason, what, text, colleague


class _NotCarriedOut(Exception):
    """Nothing is carried out; the receipt says why."""


def handle(store: Store, desk: Desk, mail: Mail, now: datetime) -> None:
    """Inside the mail's transaction."""
    new = quoted.new_text(mail.message.text)
    read = commands.read(new.text)
    code = lookups.code(store, desk, read.code, mail.sender.address, mail.at) if read.code else None
    ticket_id = mail.found.ticket_id
    if ticket_id is None and code is not None and mail.found.conflict is None:
        ticket_id = int(str(code["ticket_id"]))
    hand = _Hand(store, desk, mail, now, new, read, code, ticket_id)
    names = [command.name for command in read.commands]
    if not names and read.fault is None and ticket_id is None:
        names = ["help"]  # a new mail without a command is no ticket: the answer lists the commands
    token = thread.has_token(mail.sender, mail.refs, mail.at) or code is not None
    policy = desk.config.authentication.without_results
    grant = identity.may_command(mail.sender, policy, token, names)
    if not grant.allowed:
        quarantine.refuse(store, desk, mail.journal_id, mail.sender, grant.reason, new.text, now)
        return
    disposition = _carry_out(hand)
    ticket = None if ticket_id is None else tickets.load(store, ticket_id)
    journal.settle(
        store,
        mail.journal_id,
        "handled",
        disposition,
        reason=grant.reason,
        sender=mail.sender,
        ticket_id=ticket_id,
        threaded_by=mail.found.reason,
    )
    log.threaded(desk.name, mail.journal_id, ticket.number if ticket else "-", mail.found.reason)


def _carry_out(hand: _Hand) -> str:
    """Decide and act; every way out sends a receipt or a question. Returns the mail's disposition."""
    receipt = receipts.Receipt(hand.store, hand.desk, hand.mail, hand.ticket_id, hand.now)
    if hand.code is not None and hand.code["used_by"] is not None:
        receipt.repeat(str(hand.code["receipt"]))
        return "staff.repeated"
    try:
        with hand.store.savepoint():
            done = _commands(hand)
            _check_code(hand, done)
            queries = [command for command in done if command.name in QUERIES]
            for number, command in enumerate(done):
                if command.name not in QUERIES:
                    hand.works.append((command, _one(hand, command, number)))
    except _Held as held:
        receipt.ask(held.reason, held.what, held.text, held.colleague)
        return "staff.held"
    except _NotCarriedOut as error:
        receipt.refuse(str(error), [command.word for command in hand.read.commands])
        return "staff.refused"
    except service.Refused as error:
        receipt.refuse(receipts.REASONS[error.reason], [command.word for command in hand.read.commands])
        return "staff.refused"
    shown = receipt.send(hand.works, queries, asks=_asks(hand, done))
    if hand.code is not None:
        hand.store.execute(
            "UPDATE codes SET used_by = ?, receipt = ? WHERE code = ?",
            hand.mail.journal_id,
            shown,
            str(hand.code["code"]),
        )
    return "staff." + "+".join(command.name for command in done)


def _asks(hand: _Hand, done: list[Command]) -> bool:
    """A note that nobody asked for by `#catat`: the receipt asks whether it was meant for the user."""
    return not hand.read.commands and [command.name for command in done] == ["note"]


# --- what is asked for -------------------------------------------------------------------------


def _commands(hand: _Hand) -> list[Command]:
    """The commands to carry out; a plain reply becomes one. Raises _NotCarriedOut and _Held."""
    read, mail = hand.read, hand.mail
    if read.fault is not None:
        raise _NotCarriedOut(read.fault.sentence)
    if mail.found.conflict is not None:
        first, second = (tickets.load(hand.store, ticket_id).number for ticket_id in mail.found.conflict)
        raise _NotCarriedOut(
            f"E-mail ini menunjuk dua tiket, {first} dan {second}. Mohon kirim ulang dengan satu nomor tiket saja."
        )
    found = list(read.commands)
    if not found and hand.ticket_id is None:
        return [Command("help", "bantuan")]
    if not found:
        found = [_plain(hand)]
    for command in found:
        if not commands.may_use(command.name, mail.sender.role):
            raise _NotCarriedOut(f"Perintah #{command.word} tidak tersedia untuk peran Anda.")
        if command.name not in QUERIES and hand.ticket_id is None:
            raise _NotCarriedOut(f"Perintah #{command.word} memerlukan nomor tiket pada subjek.")
        if command.name in OUTWARD and command.text and hand.new.doubt is not None:
            raise _Held(f"Isi e-mail belum pasti: {hand.new.doubt}.", f"#{command.word}", command.text)
    _check_stale(hand, found)
    return found


def _plain(hand: _Hand) -> Command:
    """A reply without a command: the answer to the user if it replies to his words and to nobody else, or a note."""
    text = hand.read.leading
    people = {person.address for person in hand.desk.config.people()} - {hand.mail.sender.address}
    colleague = any(box.address.lower() in people for box in (*hand.mail.message.to, *hand.mail.message.cc))
    if _replied_to(hand) not in ANSWERED or colleague:
        if not text:
            raise _NotCarriedOut("E-mail ini tidak berisi perintah maupun teks baru.")
        return Command("note", "catat", text=text)
    if user_reply.bare_assent(text, hand.desk.user_phrases):
        raise _Held("Balasan sesingkat ini tidak dikirim kepada pengguna tanpa penegasan.", "#jawab", text)
    if hand.new.doubt is not None or not text:
        raise _Held(f"Isi e-mail belum pasti: {hand.new.doubt or 'tidak ada teks baru'}.", "#jawab", text)
    return Command("answer", "jawab", text=text)


def _replied_to(hand: _Hand) -> str | None:
    """The template of the mail of ours that this one answers (the deepest one issued to this address)."""
    for ref in reversed(hand.mail.refs):
        if ref.ours and ref.recipient == hand.mail.sender.address:
            found = hand.store.value("SELECT template FROM outbox WHERE message_id = ?", ref.message_id)
            return None if found is None else str(found)
    return None


def _check_code(hand: _Hand, done: list[Command]) -> None:
    """A link's code is good for its ticket, its command, and while the status lasts."""
    if hand.code is None or thread.has_token(hand.mail.sender, hand.mail.refs, hand.mail.at):
        return
    if hand.ticket_id != hand.code["ticket_id"] or [command.name for command in done] != [hand.code["command"]]:
        raise _NotCarriedOut("Kode pada e-mail ini berlaku untuk perintah atau tiket lain.")
    ticket = tickets.load(hand.store, int(str(hand.code["ticket_id"])))
    if ticket.status.value != hand.code["status"]:
        raise _NotCarriedOut("Tautan ini tidak berlaku lagi karena status tiket telah berubah.")


def _check_stale(hand: _Hand, found: list[Command]) -> None:
    """An answer written on a mail older than a colleague's: held, and the colleague's is shown."""
    competing = [command for command in found if command.name in COMPETING]
    issued = [ref.issued_at for ref in hand.mail.refs if ref.ours and ref.ticket_id == hand.ticket_id and ref.issued_at]
    if hand.code is not None:
        issued.append(to_instant(str(hand.code["issued_at"])))
    if not competing or not issued or hand.ticket_id is None:
        return
    seen = max(issued)
    kinds = [EVENTS[name] for name in COMPETING]
    for row in reversed(tickets.history(hand.store, hand.ticket_id)):
        if row["event"] in kinds and row["address"] != hand.mail.sender.address and to_instant(row["at"]) > seen:
            text = hand.store.value(
                "SELECT body FROM texts WHERE journal_id = ? AND ticket_id = ? ORDER BY id LIMIT 1",
                row["journal_id"],
                hand.ticket_id,
            )
            person = hand.desk.config.person(str(row["address"]))
            colleague = {"name": person.name if person else row["address"], "text": str(text or "")}
            raise _Held(
                f"Rekan Anda telah menindaklanjuti tiket ini pada {hand.desk.say(to_instant(row['at']))}.",
                f"#{competing[0].word}",
                competing[0].text,
                colleague,
            )


# --- carrying out -------------------------------------------------------------------------------


def _one(hand: _Hand, command: Command, number: int) -> Work:
    store, desk, mail = hand.store, hand.desk, hand.mail
    ticket = tickets.load(store, hand.ticket_id or 0)
    facts = {"something_waits"} if _waits(store, ticket) else set()
    event = Event(
        kind=EVENTS[command.name],
        at=mail.at,
        role=mail.sender.role,
        address=mail.sender.address,
        name=mail.sender.name,
        facts=frozenset(facts),
        text=command.text,
        argument=command.argument,
        journal_id=mail.journal_id,
        rule=f"#{command.word}",
    )
    addressed = {box.address.lower() for box in (*mail.message.to, *mail.message.cc)}
    given = Given(
        key=f"{mail.key}.{number}",
        text=command.text,
        shown=command.text,
        message=mail.message,
        attachments=letters.passed_on(mail.message, from_user=False) if command.name in commands.TAKES_TEXT else (),
        authenticated=True,
        user_addressed=ticket.user_address in addressed and mail.sender.role is not Role.USER,
    )
    return service.handle(store, desk, ticket.id, event, given, hand.now)


def _waits(store: Store, ticket: Ticket) -> bool:
    """Whether a mail to the user still stands in its undo window (or behind it, not yet handed over)."""
    return (
        store.value("SELECT 1 FROM outbox WHERE ticket_id = ? AND state = 'queued' AND undo_by IS NOT NULL", ticket.id)
        is not None
    )
