"""A mail of the LPSE's own people: its commands, all or none, and the receipt that says what happened.

A plain reply to a mail that shows a user's words is the answer to him; whatever is ambiguous, stale or doubtful is
held and asked about, and nothing leaves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from mailbot import (
    arguments,
    border,
    breaches,
    canned,
    confirmations,
    counterdesk,
    identity,
    journal,
    leaves,
    letters,
    log,
    lookups,
    merging,
    newticket,
    postponing,
    quarantine,
    quarantinedesk,
    receipts,
    service,
    splitting,
    thread,
    tickets,
)
from mailbot.desk import Desk
from mailbot.effects.shared import INSIDE
from mailbot.effects.to_lkpp import split_summary
from mailbot.effects.to_staff import ANSWERED
from mailbot.errors import NotCarriedOut
from mailbot.mail import Mail
from mailbot.model import Event, Mailbox, Role, Ticket
from mailbot.parsers import commands, questions, quoted
from mailbot.parsers.commands import Command
from mailbot.parsers.subject import find_numbers
from mailbot.rules import user_reply
from mailbot.rules.masking import MASK
from mailbot.store import Store, to_instant, to_text
from mailbot.work import Given, Work

#: Canonical command → event of the table.
EVENTS = {
    "phone": "staff.phone",
    "counter": "staff.counter",
    "answer": "staff.answer",
    "info": "staff.info",
    "take": "staff.take",
    "assign": "staff.assign",
    "ask": "staff.ask",
    "escalate": "staff.escalate",
    "forward": "staff.forward",
    "lkpp": "staff.lkpp",
    "note": "staff.note",
    "priority": "staff.priority",
    "category": "staff.category",
    "problem": "staff.problem",
    "destination": "staff.destination",
    "postpone": "staff.postpone",
    "tts": "staff.tts",
    "close": "staff.close",
    "reopen": "staff.reopen",
    "spam": "staff.spam",
    "undo": "staff.undo",
    "coordinator": "staff.coordinator",
    "direction": "staff.direction",
    "head": "staff.head",
    "reason": "staff.reason",
    "user": "staff.user",
    "new": "user.new",
    "merge": "staff.merge",
    "split": "staff.split",
    "returned": "lkpp.returned",
    "data": "lkpp.data_request",
    "progress": "lkpp.progress",
    "resolved": "lkpp.solved",
    "redirect": "lkpp.redirect",
    "ignore": "lkpp.ignored",
}
QUERIES = (*sorted(commands.QUESTIONS), "quarantine", "guestbook")

#: Commands whose text leaves the house: held when it is not clear what the words are.
OUTWARD = (
    *("answer", "info", "ask", "escalate", "forward", "lkpp", "close", "data", "progress", "resolved"),
    *commands.CONSULTATIONS,
)
#: Commands whose own words go to the ticket's user.
TO_USER = ("answer", "info", "ask", "close")
#: Their text is what LKPP said, and goes to the user: empty only where LKPP's own reply is at hand.
REPORTED = ("data", "progress", "resolved")
#: They ask the next tier, which must be somebody.
_ASKED = ("coordinator", "head")
#: A forged one would hand somebody's ticket to another: it waits for a code whatever else the mail proves.
ALWAYS_CONFIRMED = {
    "user": "pengguna tiket akan diganti",
    "merge": "dua tiket akan digabungkan",
}
#: Not carried out on top of a colleague's that the writer has not seen.
COMPETING = ("answer", "escalate", "ask", "close")
#: Who may see the files that come with a command (others than these: the LPSE alone).
READERS = {
    **dict.fromkeys(("answer", "info", "ask", "close", "data", "progress", "resolved"), (Role.USER, *INSIDE)),
    **dict.fromkeys(("escalate", "forward", "lkpp"), (Role.LKPP, *INSIDE)),
}
#: One person's `#eskalasi` in one hour; more ask for a confirmation.
MOST_ESCALATIONS = 20
#: Tickets and mails in quarantine that one mail may be about; more ask for a confirmation.
MOST_AT_ONCE = 5


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
    works: list[tuple[Command, Work | str]] = field(default_factory=list)  # or what was done with no ticket
    links: list[dict[str, Any]] = field(default_factory=list)  # next steps for the receipt


class _Held(Exception):
    """Nothing is carried out; staff are asked with `staff_confirm`."""

    def __init__(self, reason: str, held: Sequence[Command], colleague: receipts.Colleague | None = None) -> None:
        super().__init__(reason)
        self.reason, self.held, self.colleague = reason, held, colleague


def handle(store: Store, desk: Desk, mail: Mail, now: datetime) -> None:
    """Inside the mail's transaction."""
    new = quoted.new_text(mail.message.text)
    read = commands.read(new.text)
    code = lookups.code(store, desk, read.code, mail.sender.address, mail.at) if read.code else None
    ticket_id = mail.found.ticket_id
    if ticket_id is None and code is not None and code["ticket_id"] is not None and mail.found.conflict is None:
        ticket_id = tickets.standing(store, int(str(code["ticket_id"])))
    hand = _Hand(store, desk, mail, now, new, read, code, ticket_id)
    grant = _grant(hand)
    border.watch(store, desk, mail.sender, now)
    if not grant.allowed:
        _refuse(hand, grant)
        return
    log.threaded(desk.name, mail.journal_id, _number(hand) or "-", mail.found.reason, mail.message.message_id)
    disposition = _confirm(hand) if confirmations.is_one(hand.code) else _carry_out(hand)
    journal.settle(
        store,
        mail.journal_id,
        "handled",
        disposition,
        reason=grant.reason,
        sender=mail.sender,
        ticket_id=hand.ticket_id,
        threaded_by=mail.found.reason,
    )


def _grant(hand: _Hand) -> identity.Grant:
    """Whether this mail may command (docs/security.md), and why."""
    mail, names = hand.mail, _names(hand)
    token = thread.has_token(mail.sender, mail.refs, mail.at) or hand.code is not None
    grant = identity.may_command(
        mail.sender,
        hand.desk.config.authentication.without_results,
        token,
        names,
        step_up=_step_up(hand, names),
        confirmed=mail.confirmed or confirmations.is_one(hand.code),
    )
    if grant.ask and hand.read.code is not None and hand.code is None:
        return replace(grant, reason=f"{grant.reason}; {_UNKNOWN_CODE}")
    if grant.allowed and journal.carried_out(hand.store, mail.journal_id, mail.message):
        return identity.Grant(False, "e-mail ini sudah pernah diterima (Message-ID, atau waktu dan isinya, sama)")
    return grant


def _step_up(hand: _Hand, names: Sequence[str]) -> str:
    """Why these commands need a code in every case, "" where they do not."""
    used = hand.code is not None and hand.code["used_by"] is not None
    for name in names:
        if name in ALWAYS_CONFIRMED and not used:
            return ALWAYS_CONFIRMED[name]
    if "new" in names and not used and (proposed := _proposed(hand)):
        return f"alamat pengguna tidak Anda tulis; menurut e-mail yang diteruskan: {proposed}"
    if "escalate" in names and not used and _escalations(hand) >= MOST_ESCALATIONS:
        return f"lebih dari {MOST_ESCALATIONS} #eskalasi dalam satu jam"
    prefixes = [hand.desk.config.ticket_prefix]
    asked = {word for c in hand.read.commands if c.name == "status" for word in questions.numbers(c.argument, prefixes)}
    if max(sum(name in commands.ON_ENTRIES for name in names), len(asked)) > MOST_AT_ONCE:
        return f"lebih dari {MOST_AT_ONCE} e-mail atau tiket sekaligus"
    return ""


def _forwarded(hand: _Hand) -> newticket.Forwarded:
    return newticket.forwarded(hand.desk, hand.mail.message, hand.new)


def _proposed(hand: _Hand) -> str:
    """Whom the forwarded mail is from, where `#baru` does not say it; "" where it does, or nothing tells."""
    if any(command.name == "new" and command.argument for command in hand.read.commands):
        return ""
    writer = _forwarded(hand).writer
    return writer.address if writer is not None and not newticket.fault(hand.desk, writer.address) else ""


def _refuse(hand: _Hand, grant: identity.Grant) -> None:
    """Quarantined: with a code to the listed address where that would do and there is something to carry out."""
    store, desk, mail = hand.store, hand.desk, hand.mail
    reason = grant.reason
    if grant.ask and (hand.read.commands or hand.ticket_id is not None):
        try:
            held = _commands(hand)
        except _Held as error:
            held = list(error.held)
        except NotCarriedOut as error:
            held, reason = [], f"{reason}; {error}"
        code = None
        if held:
            code = confirmations.issue(store, desk, mail.journal_id, mail.sender.address, hand.ticket_id, hand.now)
            reason = reason if code else f"{reason}; {_ENOUGH_CODES}"
        if code is not None:
            journal.quarantine(store, mail.journal_id, reason, mail.sender)
            log.quarantined(desk.name, mail.journal_id, reason, mail.message.message_id)
            receipt = receipts.Receipt(store, desk, mail, hand.ticket_id, hand.now)
            receipt.ask_code(code, hand.now + confirmations.GOOD_FOR, reason, held)
            return
    quarantine.refuse(store, desk, mail.journal_id, mail.sender, reason, hand.new.text, hand.now)


def _confirm(hand: _Hand) -> str:
    """A code has come: the mail that waits for it is carried out, as it came. Returns the disposition."""
    code, receipt = hand.code or {}, receipts.Receipt(hand.store, hand.desk, hand.mail, hand.ticket_id, hand.now)
    if code["used_by"] is not None and code["receipt"] is not None:
        receipt.repeat(str(code["receipt"]))
        return "staff.repeated"
    if code["used_by"] is not None or not confirmations.waits(hand.store, code):
        receipt.refuse(NotCarriedOut("E-mail yang dikonfirmasi dengan kode ini sudah diolah."))
        return "staff.refused"
    if hand.read.commands or hand.read.fault is not None:
        receipt.refuse(NotCarriedOut(_ONLY_THE_CODE), [command.word for command in hand.read.commands])
        return "staff.refused"
    if _DENIES.search(hand.read.leading[:_OPENING]):
        receipt.refuse(NotCarriedOut(_DENIED))
        return "staff.refused"
    confirmations.use(hand.store, hand.desk, code, hand.mail.journal_id)
    return "staff.confirmed"


_ENOUGH_CODES = f"dalam satu jam terakhir sudah dikirim {confirmations.MOST_AN_HOUR} kode"
_ONLY_THE_CODE = (
    "Kode ini menjalankan e-mail Anda yang sudah kami simpan, apa adanya. Mohon balas dengan kodenya saja; perintah"
    " lain ditulis dalam e-mail tersendiri."
)
_DENIES = re.compile(r"\b(?:bukan|jangan|batal(?:kan)?|tidak|tolak|not?|don'?t)\b", re.IGNORECASE)
_OPENING = 200  # characters of a confirmation that are its words rather than a signature
_DENIED = (
    "Balasan Anda tampaknya menolak, sehingga tidak ada yang dijalankan. Bila memang hendak dijalankan, balas dengan"
    " kodenya saja. Bila e-mail itu bukan dari Anda, mohon beri tahu operator."
)
_NO_CODE = (
    "Balasan ini belum memuat kodenya, sehingga belum ada yang dijalankan. Mohon balas dengan baris “Kode: …” dari"
    " e-mail kami di baris pertama, di atas kutipan."
)
_UNKNOWN_CODE = "kode pada e-mail ini tidak dikenal, bukan untuk alamat ini, atau sudah kedaluwarsa"


def _names(hand: _Hand) -> list[str]:
    """The canonical commands that this mail comes to, for the question whether it needs a token."""
    if hand.read.fault is not None or hand.mail.found.conflict is not None:
        return ["help"]  # nothing will be carried out: the receipt only says why
    if hand.read.commands:
        return [command.name for command in hand.read.commands]
    if hand.ticket_id is None:
        return ["help"]  # a new mail without a command is no ticket: the answer lists the commands
    return [_stands_for(hand)]


def _stands_for(hand: _Hand) -> str:
    """The command that a reply without one stands for, by the mail that it answers."""
    if _directs(hand):
        return "direction"
    return "answer" if _answers_user(hand) else "note"


def _escalations(hand: _Hand) -> int:
    """How often the writer has escalated in the hour before this mail arrived."""
    found = hand.store.value(
        "SELECT count(*) FROM history h JOIN tickets t ON t.id = h.ticket_id WHERE t.mailbox = ?"
        " AND h.event = 'staff.escalate' AND h.address = ? AND h.at > ? AND h.at <= ?",
        hand.desk.name,
        hand.mail.sender.address,
        to_text(hand.mail.at - timedelta(hours=1)),
        to_text(hand.mail.at),
    )
    return int(found)


def _carry_out(hand: _Hand) -> str:
    """Decide and act; every way out sends a receipt or a question. Returns the mail's disposition."""
    receipt = receipts.Receipt(hand.store, hand.desk, hand.mail, hand.ticket_id, hand.now)
    asks = hand.code is not None and hand.code["command"] in QUERIES  # is answered anew each time
    if hand.code is not None and hand.code["used_by"] is not None and not asks:
        receipt.about(journal.entry(hand.store, int(str(hand.code["used_by"])))["ticket_id"])
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
        log.held(hand.desk.name, hand.mail.journal_id, _number(hand), held.reason, hand.mail.message.message_id)
        receipt.ask(held.reason, held.held, held.colleague)
        return "staff.held"
    except service.Refused as error:
        return _refused(hand, receipt, NotCarriedOut(receipts.REASONS[error.reason]))
    except NotCarriedOut as error:
        return _refused(hand, receipt, error)
    receipt.about(hand.ticket_id)
    shown = receipt.send(hand.works, queries, asks=_asks(hand, done), links=hand.links)
    if hand.mail.confirmed:
        confirmations.keep_receipt(hand.store, hand.desk, hand.mail.journal_id, shown)
    if hand.code is not None:
        hand.store.execute(
            "UPDATE codes SET used_by = ?, receipt = ? WHERE code = ?",
            hand.mail.journal_id,
            shown,
            str(hand.code["code"]),
        )
    return "staff." + "+".join(command.name for command in done)


def _refused(hand: _Hand, receipt: receipts.Receipt, error: NotCarriedOut) -> str:
    log.filed(hand.desk.name, hand.mail.journal_id, "refused", hand.mail.message.message_id, _number(hand))
    receipt.refuse(error, [command.word for command in hand.read.commands])
    return "staff.refused"


def _number(hand: _Hand) -> str | None:
    return None if hand.ticket_id is None else tickets.load(hand.store, hand.ticket_id).number


def _asks(hand: _Hand, done: list[Command]) -> bool:
    """A note that nobody asked for by `#catat`: the receipt asks whether it was meant for the user."""
    return not hand.read.commands and [command.name for command in done] == ["note"]


# --- what is asked for -------------------------------------------------------------------------


def _commands(hand: _Hand) -> list[Command]:
    """The commands to carry out; a plain reply becomes one. Raises NotCarriedOut and _Held."""
    read, mail = hand.read, hand.mail
    if read.fault is not None and read.fault.lacks_text == "answer":
        raise NotCarriedOut(_NO_ANSWER, canned.listing(hand.desk))
    if read.fault is not None:
        raise NotCarriedOut(read.fault.sentence)
    if mail.found.conflict is not None:
        first, second = (tickets.load(hand.store, ticket_id).number for ticket_id in mail.found.conflict)
        raise NotCarriedOut(
            f"E-mail ini menunjuk dua tiket, {first} dan {second}. Mohon kirim ulang dengan satu nomor tiket saja."
        )
    found = list(read.commands)
    if not found and confirmations.asked_by(hand.store, hand.desk, [ref.message_id for ref in mail.refs if ref.ours]):
        raise NotCarriedOut(f"{_UNKNOWN_CODE[0].upper()}{_UNKNOWN_CODE[1:]}." if read.code else _NO_CODE)
    if not found and _commands_below(hand):
        raise NotCarriedOut("Perintah di bawah atau di antara kutipan tidak dibaca. Tulis perintah di baris pertama.")
    if not found and hand.ticket_id is None and _directs(hand):
        raise NotCarriedOut(
            "Laporan itu memuat beberapa tiket. Gunakan tautan “Arahan untuk …” pada laporan itu, atau tulis #arahan"
            " beserta teksnya dan nomor tiket pada subjek."
        )
    if not found and hand.ticket_id is None:
        return [Command("help", "bantuan")]
    if not found:
        found = [_plain(hand)]
    found = [_with_address(hand, _filled(hand, _unsigned(command, hand.new.closing))) for command in found]
    for command in found:
        _check(hand, command, found)
    found = [arguments.settled(hand.desk, command, mail.sender.address, mail.at) for command in found]
    _check_stale(hand, found)
    _check_reader(hand, found)
    return found


_GAPS = (
    f"Jawaban masih memuat “{MASK}”: bagian yang disamarkan dari jawaban untuk pengguna lain. Isi atau hapus bagian"
    " itu, lalu kirim kembali."
)
_NO_ANSWER = (
    "Perintah #jawab memerlukan teks atau kode jawaban baku. Tulis teksnya di bawah perintah, atau salah satu kode"
    " berikut sendirian di belakangnya."
)


def _filled(hand: _Hand, command: Command) -> Command:
    """The command with the text of the canned answer that it names."""
    if hand.ticket_id is None:
        return command
    return canned.filled(hand.store, hand.desk, hand.ticket_id, command, plain=not hand.read.commands)


#: Lines and their characters that a closing cut from a mail may have: what is more may be more than a name.
_CLOSING_LINES, _CLOSING_LENGTH = 8, 70
_CONTACT = re.compile(
    r"(?:telp|tlp|telepon|tel|hp|wa|whatsapp|phone|mobile|fax|faks|nip|e-?mail|surel)\b", re.IGNORECASE
)
_TELLS = re.compile(r"[:=?]|//")
#: Blanks in a line that ends like a sentence from which on it is one ("Sari Utami, S.Kom., M.T." is none).
_SENTENCE = 4
#: Words that begin small in a line from which on it is no name.
_SMALL = 2


def _unsigned(command: Command, closing: str) -> Command:
    """The command whose text leaves the house without the writer's own closing: our mails have a signature.

    Cut is only what ends the text, names somebody and tells nothing, and leaves more than a greeting standing ("Yth.
    Bapak Budi, / Dengan hormat, / akun sudah aktif" has no closing).
    """
    if command.name not in OUTWARD or not closing or not command.text.endswith(f"\n{closing}"):
        return command
    lines = [line.strip() for line in closing.split("\n") if line.strip()]
    if len(lines) > _CLOSING_LINES or any(map(_may_tell, lines[1:])):
        return command
    kept = command.text.removesuffix(closing).rstrip()
    return command if commands.only_greetings(kept) else replace(command, text=kept)


def _may_tell(line: str) -> bool:
    """Whether a line of a closing may be more than a name, an office or how to reach it."""
    if _CONTACT.match(line):
        return len(line) > _CLOSING_LENGTH
    small = sum(word[0].islower() for word in line.split())
    sentence = line[-1] in ".!" and line.count(" ") >= _SENTENCE
    return len(line) > _CLOSING_LENGTH or _TELLS.search(line) is not None or small >= _SMALL or sentence


def _with_address(hand: _Hand, command: Command) -> Command:
    """`#baru` without an address takes the one that the forwarded mail is from; that is asked about (`_step_up`)."""
    if command.name != "new" or command.argument:
        return command
    return replace(command, argument=_proposed(hand))


def _check(hand: _Hand, command: Command, found: Sequence[Command]) -> None:
    role = hand.mail.sender.role
    if not commands.may_use(command.name, role):
        allowed = ", ".join(f"#{spec.word}" for spec in commands.VOCABULARY if role in spec.roles)
        what = f"Perintah #{command.word}" if hand.read.commands else "Balasan tanpa perintah"
        raise NotCarriedOut(f"{what} tidak tersedia untuk peran Anda. Yang tersedia: {allowed}.")
    if command.name == "new":
        _check_new(hand, command)
        return
    if command.name in commands.CONSULTATIONS:
        _form(hand, command, found)
    elif command.name not in (*QUERIES, *commands.ON_ENTRIES, *commands.ON_ONESELF) and hand.ticket_id is None:
        raise NotCarriedOut(f"Perintah #{command.word} memerlukan nomor tiket pada subjek.")
    if command.name in _ASKED:
        _check_somebody_is_asked(hand, command)
    if command.name == "user":
        _check_user(hand, command)
    if command.name == "merge":
        merging.plan(hand.store, hand.desk, tickets.load(hand.store, hand.ticket_id or 0), command)
    if command.name == "escalate" and not any(map(str.isalnum, split_summary(command.text)[0])):
        raise NotCarriedOut("Perintah #eskalasi memerlukan ringkasan permasalahan.")
    if command.name == "answer" and MASK in command.text:
        raise NotCarriedOut(_GAPS)
    if command.name in REPORTED and not any(map(str.isalnum, command.text)) and not _awaited(hand):
        raise NotCarriedOut(
            f"Perintah #{command.word} memerlukan teks: tidak ada balasan LKPP yang menunggu penegasan, sehingga tidak"
            " ada yang dapat disampaikan kepada pengguna."
        )
    if command.name in OUTWARD and command.text and hand.new.doubt is not None:
        raise _Held(f"Isi e-mail belum pasti: {hand.new.doubt}.", found)


def _form(hand: _Hand, command: Command, found: Sequence[Command]) -> counterdesk.Filled:
    """The Formulir Konsultasi of a new mail. Raises counterdesk.Incomplete."""
    about_ticket = hand.ticket_id is not None
    return counterdesk.check(hand.desk, command, hand.mail, alone=len(found) == 1, about_ticket=about_ticket)


def _check_somebody_is_asked(hand: _Hand, command: Command) -> None:
    """The next tier must be somebody else. Raises NotCarriedOut."""
    config = hand.desk.config
    listed = config.coordinator if command.name == "coordinator" else config.head
    who = config.tiers.coordinator if command.name == "coordinator" else config.tiers.head
    if not listed:
        raise NotCarriedOut(f"Belum ada {who} yang terdaftar pada LPSE ini.")
    if all(one.address == hand.mail.sender.address for one in listed):
        raise NotCarriedOut(f"Anda sendiri {who}; tidak ada orang lain yang dapat dimintai arahan.")


def _check_new(hand: _Hand, command: Command) -> None:
    if not command.argument:
        raise NotCarriedOut(
            "Perintah #baru memerlukan satu alamat e-mail, misalnya #baru budi@contoh.id; dari e-mail ini tidak dapat"
            " dipastikan siapa pengirim asalnya."
        )
    if fault := newticket.fault(hand.desk, command.argument):
        raise NotCarriedOut(fault)
    if hand.new.marked:
        raise NotCarriedOut(
            "E-mail ini mengutip e-mail mailbot, yang mungkin memuat kata-kata orang lain. #baru ditulis dalam e-mail"
            " yang meneruskan surat pengguna."
        )
    if not any(map(str.isalnum, _forwarded(hand).text + command.text)):
        raise NotCarriedOut("E-mail ini tidak memuat surat yang diteruskan maupun teks, sehingga tiketnya akan kosong.")


def _check_user(hand: _Hand, command: Command) -> None:
    if fault := newticket.fault(hand.desk, command.argument):
        raise NotCarriedOut(fault)
    if tickets.load(hand.store, hand.ticket_id or 0).user_address == command.argument:
        raise NotCarriedOut(f"{command.argument} sudah menjadi pengguna tiket ini.")


def _awaited(hand: _Hand) -> bool:
    """Whether a reply of LKPP waits for its meaning: then its own words are passed on. (Never with LKPP: refused.)"""
    if hand.ticket_id is None:
        return False
    ticket = tickets.load(hand.store, hand.ticket_id)
    words = hand.store.value("SELECT body FROM texts WHERE journal_id = ? AND kind = 'lkpp'", ticket.pending_reply)
    return bool(words) or not ticket.was_with_lkpp


def _commands_below(hand: _Hand) -> bool:
    """Whether there are commands where they do not count, among the quoted lines."""
    below = commands.read(hand.new.below)
    return below.fault is not None or bool(below.commands)


def _answers_user(hand: _Hand) -> bool:
    """Whether a reply without a command is the answer to the user: to his words, and to no colleague as well."""
    colleagues = {person.address for person in hand.desk.config.people()} - {hand.mail.sender.address}
    addressed = {box.address.lower() for box in (*hand.mail.message.to, *hand.mail.message.cc)}
    return _replied_to(hand) in ANSWERED and colleagues.isdisjoint(addressed)


def _directs(hand: _Hand) -> bool:
    """Whether a reply without a command is direction: the coordinator's to what he was asked or told, or the head's."""
    template = _replied_to(hand) or ""
    above = commands.may_use("direction", hand.mail.sender.role)
    return above and template.startswith(("coordinator_", "head_"))


def _plain(hand: _Hand) -> Command:
    """A reply without a command, as the command that it stands for."""
    name = _stands_for(hand)
    answers = name == "answer"
    doubt = hand.new.doubt if answers else None
    # Held words are shown whole, with what stands between or below the quotes.
    text = hand.new.own if doubt is not None or not answers else hand.read.leading
    command = Command(name, commands.SPECS[name].word, text=text)
    command = _unsigned(command, hand.new.closing)
    if not text and not answers:
        raise NotCarriedOut("E-mail ini tidak berisi perintah maupun teks baru.")
    if user_reply.bare_assent(command.text, hand.desk.user_phrases):
        raise _Held("Balasan sesingkat ini tidak dijalankan tanpa penegasan.", [command])
    if doubt is not None or not text:
        raise _Held(f"Isi e-mail belum pasti: {doubt or 'tidak ada teks baru'}.", [command])
    return command


def _replied_to(hand: _Hand) -> str | None:
    """The template of the mail of ours that this one answers (the deepest one issued to this address)."""
    for ref in reversed(hand.mail.refs):
        if ref.ours and ref.recipient == hand.mail.sender.address:
            found = hand.store.value("SELECT template FROM outbox WHERE message_id = ?", ref.message_id)
            return None if found is None else str(found)
    return None


def _answered_key(hand: _Hand) -> str:
    """The event key of the mail of ours that this one answers, "" where it answers none."""
    for ref in reversed(hand.mail.refs):
        if ref.ours and ref.recipient == hand.mail.sender.address:
            return str(hand.store.value("SELECT event_key FROM outbox WHERE message_id = ?", ref.message_id) or "")
    return ""


def _check_code(hand: _Hand, done: list[Command]) -> None:
    """A link's code is good for its ticket, its command, and while the status lasts."""
    if hand.code is None:
        return
    [command] = done if len(done) == 1 else [None]
    entry = command.argument.partition(" ")[0] if command and command.name in commands.ON_ENTRIES else ""
    about = (hand.code["ticket_id"], hand.code["argument"], hand.code["command"])
    if command is None or (None if entry else hand.ticket_id, entry, command.name) != about:
        raise NotCarriedOut("Kode pada e-mail ini berlaku untuk perintah atau tiket lain.")
    if command.name in QUERIES:  # whoever asks how things stand does so because they change
        return
    if entry:
        status = quarantinedesk.entry(hand.store, hand.desk.name, int(entry))["state"]
    elif hand.code["ticket_id"] is None:
        return  # a ready new mail: there is no status yet
    else:
        status = tickets.load(hand.store, int(str(hand.code["ticket_id"]))).status.value
    if status != hand.code["status"]:
        raise NotCarriedOut("Tautan ini tidak berlaku lagi karena status tiket telah berubah.")


def _check_stale(hand: _Hand, found: list[Command]) -> None:
    """An answer written on a mail older than a colleague's: held, and the colleague's is shown."""
    competing = [command for command in found if command.name in COMPETING]
    issued = [ref.issued_at for ref in hand.mail.refs if ref.ours and ref.ticket_id == hand.ticket_id and ref.issued_at]
    if hand.code is not None:
        issued.append(to_instant(str(hand.code["issued_at"])))
    if hand.mail.confirmed and not issued:  # he has seen what there was when he wrote
        issued.append(to_instant(journal.entry(hand.store, hand.mail.journal_id)["arrived_at"]))
    if not competing or not issued or hand.ticket_id is None:
        return
    seen = max(issued)
    kinds = [EVENTS[name] for name in (*COMPETING, "user")]
    for row in reversed(tickets.history(hand.store, hand.ticket_id)):
        if row["event"] in kinds and row["address"] != hand.mail.sender.address and to_instant(row["at"]) > seen:
            text = hand.store.value(
                "SELECT body FROM texts WHERE journal_id = ? AND ticket_id = ? ORDER BY id LIMIT 1",
                row["journal_id"],
                hand.ticket_id,
            )
            person = hand.desk.config.person(str(row["address"]))
            raise _Held(
                f"Rekan Anda telah menindaklanjuti tiket ini pada {hand.desk.say(to_instant(row['at']))}.",
                found,
                receipts.Colleague(person.name if person else str(row["address"]), str(text or "")),
            )


def _check_reader(hand: _Hand, found: list[Command]) -> None:
    """Words to a user, written below somebody else's: of a ticket that is merged by now, of another party, or of
    whoever was the user before. Held, and both are named."""
    if hand.ticket_id is None or not any(command.name in TO_USER for command in found):
        return
    user = tickets.load(hand.store, hand.ticket_id).user_address
    others = [address for address in _shown(hand) if address and address != user]
    if user and others:  # of a consultation by telephone nobody is written to
        raise _Held(
            f"E-mail yang Anda balas berasal dari {others[0]}, sedangkan jawaban dikirim kepada pengguna tiket, {user}."
            " Mohon pastikan bahwa isinya memang untuk pengguna tiket.",
            found,
        )


def _shown(hand: _Hand) -> list[str]:
    """Whose words the writer had before him: of the deepest mail of ours that he answers, and of the tag."""
    store, found = hand.store, []
    for ref in reversed(hand.mail.refs):
        if ref.ours and ref.recipient == hand.mail.sender.address:
            sql = "SELECT event_key, ticket_id, template FROM outbox WHERE message_id = ?"
            row = store.row(sql, ref.message_id)
            if row is not None and row["ticket_id"] is not None and row["template"] != "staff_confirm":
                found.append(_written_by(store, str(row["event_key"]), int(row["ticket_id"])))
            break
    prefixes = [hand.desk.config.ticket_prefix]
    for number in find_numbers(hand.mail.message.subject, prefixes)[: lookups.MOST_NUMBERS]:
        sql = "SELECT user_address FROM tickets WHERE mailbox = ? AND number = ?"
        found.append(str(store.value(sql, hand.desk.name, number) or ""))
    return found


def _written_by(store: Store, key: str, ticket_id: int) -> str:
    """The user whose mail made a mail of ours (`Mail.key`); of any other, the user of its ticket."""
    entry = key.removeprefix("j")
    if entry.isdigit():
        row = store.row("SELECT sender, role FROM journal WHERE id = ?", int(entry))
        if row is not None and row["role"] == Role.USER.value:
            return str(row["sender"])
    return tickets.load(store, ticket_id).user_address


# --- carrying out -------------------------------------------------------------------------------


def _one(hand: _Hand, command: Command, number: int) -> Work | str:
    store, desk, mail = hand.store, hand.desk, hand.mail
    if command.name in commands.ON_ENTRIES:
        return quarantinedesk.carry_out(store, desk, command, mail.sender.address)
    if command.name in commands.CONSULTATIONS:
        filled = _form(hand, command, [command])
        work = counterdesk.record(store, desk, mail, command, filled, hand.now, f"{mail.key}.{number}")
        hand.ticket_id = work.ticket.id
        return work
    if command.name == "leave":
        done = leaves.carry_out(store, desk, command, _writer(hand), mail.journal_id, mail.at, hand.now)
        hand.links += done.links
        return done.words
    if command.name == "new":
        work = newticket.open_for(store, desk, mail, command, _forwarded(hand), f"{mail.key}.{number}", hand.now)
        hand.ticket_id = work.ticket.id
        return work
    ticket = tickets.load(store, hand.ticket_id or 0)
    kind, argument, text = _asked(hand, command, ticket)
    facts = {"something_waits"} if _waits(store, ticket) else set()
    if breaches.known(store, ticket.id):
        facts.add("breached")
    event = Event(
        kind=kind,
        at=mail.at,
        role=mail.sender.role,
        address=mail.sender.address,
        name=mail.sender.name,
        facts=frozenset(facts),
        text=text,
        argument=argument,
        journal_id=mail.journal_id,
        rule=f"#{command.word}" if command.typed is None else f"#{command.word} {command.argument}",
    )
    addressed = {box.address.lower() for box in (*mail.message.to, *mail.message.cc)}
    takes_text = command.name in commands.TAKES_TEXT
    given = Given(
        key=f"{mail.key}.{number}",
        text=command.text,
        shown=command.text,
        message=mail.message,
        attachments=letters.passed_on(mail.message, from_user=False) if takes_text else (),
        authenticated=True,
        user_addressed=ticket.user_address != "" and ticket.user_address in addressed,
        keeps=[_ledger(mail, READERS.get(command.name, INSIDE))] if takes_text else (),
    )
    if command.name == "split":
        found = splitting.entry(store, desk, ticket, command, _answered_key(hand))
        return splitting.split(store, desk, ticket, found, event, given, hand.now)
    if command.name == "merge":
        chosen = merging.plan(store, desk, ticket, command)
        hand.ticket_id = chosen.stays.id
        return merging.merge(store, desk, event, given, chosen, hand.now)
    return service.handle(store, desk, ticket.id, event, given, hand.now)


def _writer(hand: _Hand) -> Mailbox:
    return Mailbox(hand.mail.sender.name, hand.mail.sender.address)


def _asked(hand: _Hand, command: Command, ticket: Ticket) -> tuple[str, str, str]:
    """(event, argument, text) of a command about a ticket."""
    if command.name == "assign" and command.argument == hand.mail.sender.address:
        return EVENTS["take"], "", ""  # to oneself: `#ambil`
    if command.name == "postpone":
        asked = postponing.asked(hand.store, hand.desk, ticket, command.text, hand.mail.at)
        if asked is not None:
            return EVENTS["postpone"], asked.argument, asked.why
    return EVENTS[command.name], command.argument, command.text


def _ledger(mail: Mail, audience: Sequence[Role]) -> Callable[[Work], None]:
    """Write down the mail's files with who may see them."""

    def keep(work: Work) -> None:
        tickets.add_attachments(work.store, work.ticket.id, mail.journal_id, mail.message.attachments, audience)

    return keep


def _waits(store: Store, ticket: Ticket) -> bool:
    """Whether a mail to the user still stands in its undo window (or behind it, not yet handed over)."""
    return (
        store.value("SELECT 1 FROM outbox WHERE ticket_id = ? AND state = 'queued' AND undo_by IS NOT NULL", ticket.id)
        is not None
    )
