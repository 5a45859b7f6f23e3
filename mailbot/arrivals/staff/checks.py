"""What a mail of staff asks for: its commands, each of them checked, so that all are carried out or none.

A plain reply becomes the command that it stands for. Whatever is ambiguous, stale or doubtful is held and asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

from mailbot.arrivals import quarantine_work
from mailbot.arrivals.staff import arguments, confirmations, counter, merging, new_ticket, receipts
from mailbot.arrivals.staff.contents import QUERIES, StaffMail
from mailbot.errors import NotCarriedOut
from mailbot.letters import canned
from mailbot.masking import MASK
from mailbot.parsers.commands import command_lines, vocabulary
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.unsigned import unsigned
from mailbot.procedure.effects.to_lkpp import split_summary
from mailbot.rules import reply_of_user
from mailbot.store import journal
from mailbot.store.database import to_instant
from mailbot.tickets import tickets

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

#: Commands whose text leaves the house: held when it is not clear what the words are.
OUTWARD = (
    *("answer", "info", "ask", "escalate", "forward", "lkpp", "close", "data", "progress", "resolved"),
    *vocabulary.CONSULTATIONS,
)
#: Commands whose own words go to the ticket's user.
TO_USER = ("answer", "info", "ask", "close")
#: Their text is what LKPP said, and goes to the user: empty only where LKPP's own reply is at hand.
REPORTED = ("data", "progress", "resolved")
#: They ask the next tier, which must be somebody.
_ASKED = ("coordinator", "head")
_COMPETING = ("answer", "escalate", "ask", "close")
_TAKING = ("take", "assign")
#: Command → a colleague's commands on top of which it is not carried out if the writer has not seen them.
OVERTAKEN_BY = {
    **dict.fromkeys(_COMPETING, (*_COMPETING, "user")),
    **dict.fromkeys(_TAKING, (*_COMPETING, "user", *_TAKING)),
}


class Held(Exception):
    """Nothing is carried out; staff are asked with `staff_confirm`."""

    def __init__(self, reason: str, held: Sequence[Command], colleague: receipts.Colleague | None = None) -> None:
        super().__init__(reason)
        self.reason, self.held, self.colleague = reason, held, colleague


def asked_for(hand: StaffMail) -> list[Command]:
    """The commands to carry out; a plain reply becomes one. Raises NotCarriedOut and Held."""
    read, mail = hand.read, hand.mail
    if read.fault is not None:
        _say_fault(hand, read.fault)
    if mail.found.conflict is not None:
        first, second = (tickets.load(hand.store, ticket_id).number for ticket_id in mail.found.conflict)
        raise NotCarriedOut(
            f"E-mail ini menunjuk dua tiket, {first} dan {second}. Mohon kirim ulang dengan satu nomor tiket saja."
        )
    found = list(read.commands)
    if not found and confirmations.asked_by(hand.store, hand.site, [ref.message_id for ref in mail.refs if ref.ours]):
        raise NotCarriedOut(f"{UNKNOWN_CODE[0].upper()}{UNKNOWN_CODE[1:]}." if read.code else _NO_CODE)
    if not found and _commands_below(hand):
        raise NotCarriedOut("Perintah di bawah atau di antara kutipan tidak dibaca. Tulis perintah di baris pertama.")
    if not found and hand.ticket_id is None and hand.directs:
        raise NotCarriedOut(
            "Laporan itu memuat beberapa tiket. Gunakan tautan “Arahan untuk …” pada laporan itu, atau tulis #arahan"
            " beserta teksnya dan nomor tiket pada subjek."
        )
    if not found and hand.ticket_id is None:
        return [Command("help", "bantuan")]
    if not found:
        found = [_plain(hand)]
    found = [_with_address(hand, _filled(hand, _unsigned(hand, command))) for command in found]
    for command in found:
        _check(hand, command, found)
    found = [arguments.settled(hand.site, command, mail.sender.address, mail.at) for command in found]
    _check_stale(hand, found)
    _check_reader(hand, found)
    return found


def _say_fault(hand: StaffMail, fault: command_lines.Fault) -> NoReturn:
    """Raises NotCarriedOut, or Held where the text only stands on the wrong side of its command."""
    if fault.above is not None:
        raise Held(_ABOVE, [_unsigned(hand, fault.above)])
    if fault.lacks_text is None:
        raise NotCarriedOut(fault.sentence)
    command = Command(fault.lacks_text, vocabulary.SPECS[fault.lacks_text].word)
    if command.name == "answer":
        raise receipts.Mendable(_NO_ANSWER, command, canned.listing(hand.site))
    raise receipts.Mendable(fault.sentence, command)


_ABOVE = "Teks Anda berada di atas perintah, sedangkan teks untuk perintah ditulis di bawahnya."
_GAPS = (
    f"Jawaban masih memuat “{MASK}”: bagian yang disamarkan dari jawaban untuk pengguna lain. Isi atau hapus bagian"
    " itu, lalu kirim kembali."
)
_NO_ANSWER = (
    "Perintah #jawab memerlukan teks atau kode jawaban baku. Tulis teksnya di bawah perintah, atau salah satu kode"
    " berikut sendirian di belakangnya."
)
_NO_CODE = (
    "Balasan ini belum memuat kodenya, sehingga belum ada yang dijalankan. Mohon balas dengan baris “Kode: …” dari"
    " e-mail kami di baris pertama, di atas kutipan."
)
UNKNOWN_CODE = "kode pada e-mail ini tidak dikenal, bukan untuk alamat ini, atau sudah kedaluwarsa"


def _with_address(hand: StaffMail, command: Command) -> Command:
    """`#baru` without an address takes the one that the forwarded mail is from; the desk asks whether that is right."""
    if command.name != "new" or command.argument:
        return command
    return replace(command, argument=hand.proposed_user)


def _filled(hand: StaffMail, command: Command) -> Command:
    """The command with the text of the canned answer that it names."""
    if hand.ticket_id is None:
        return command
    return canned.filled(hand.store, hand.site, hand.ticket_id, command, plain=not hand.read.commands)


def _unsigned(hand: StaffMail, command: Command) -> Command:
    """The command whose text leaves the house without its writer's closing."""
    if command.name not in OUTWARD:
        return command
    return replace(command, text=unsigned(command.text, hand.new.closing))


def _plain(hand: StaffMail) -> Command:
    """A reply without a command, as the command that it stands for."""
    name = hand.stands_for
    answers = name == "answer"
    doubt = hand.new.doubt if answers else None
    # Held words are shown whole, with what stands between or below the quotes.
    text = hand.new.own if doubt is not None or not answers else hand.read.leading
    command = Command(name, vocabulary.SPECS[name].word, text=text)
    command = _unsigned(hand, command)
    if not text and not answers:
        raise NotCarriedOut("E-mail ini tidak berisi perintah maupun teks baru.")
    if reply_of_user.bare_assent(command.text, hand.site.user_phrases):
        raise Held("Balasan sesingkat ini tidak dijalankan tanpa penegasan.", [command])
    if (word := command_lines.mentioned(command.text)) is not None:
        raise Held(
            f"Balasan ini memuat #{word} di tengah kalimat, dan di sana perintah tidak dibaca. Untuk menjalankannya,"
            f" balas sekali lagi dengan #{word} di baris tersendiri.",
            [command],
        )
    if doubt is not None or not text:
        raise Held(f"Isi e-mail belum pasti: {doubt or 'tidak ada teks baru'}.", [command])
    return command


def _commands_below(hand: StaffMail) -> bool:
    """Whether there are commands where they do not count, among the quoted lines."""
    below = command_lines.read(hand.new.below)
    return below.fault is not None or bool(below.commands)


def _awaited(hand: StaffMail) -> bool:
    """Whether a reply of LKPP waits for its meaning: then its own words are passed on. (Never with LKPP: refused.)"""
    if hand.ticket_id is None:
        return False
    ticket = tickets.load(hand.store, hand.ticket_id)
    words = hand.store.value("SELECT body FROM texts WHERE journal_id = ? AND kind = 'lkpp'", ticket.pending_reply)
    return bool(words) or not ticket.was_with_lkpp


# --- may it be? ---------------------------------------------------------------------------------------


def _check(hand: StaffMail, command: Command, found: Sequence[Command]) -> None:
    role = hand.mail.sender.role
    if not vocabulary.may_use(command.name, role):
        allowed = ", ".join(f"#{spec.word}" for spec in vocabulary.VOCABULARY if role in spec.roles)
        what = f"Perintah #{command.word}" if hand.read.commands else "Balasan tanpa perintah"
        raise NotCarriedOut(f"{what} tidak tersedia untuk peran Anda. Yang tersedia: {allowed}.")
    if command.name == "new":
        _check_new(hand, command)
        return
    if command.name in vocabulary.CONSULTATIONS:
        form_of(hand, command, found)
    elif command.name not in (*QUERIES, *vocabulary.ON_ENTRIES, *vocabulary.ON_ONESELF) and hand.ticket_id is None:
        raise NotCarriedOut(f"Perintah #{command.word} memerlukan nomor tiket pada subjek.")
    if command.name in _ASKED:
        _check_somebody_is_asked(hand, command)
    if command.name == "user":
        _check_user(hand, command)
    if command.name == "merge":
        merging.plan(hand.store, hand.site, tickets.load(hand.store, hand.ticket_id or 0), command)
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
        raise Held(f"Isi e-mail belum pasti: {hand.new.doubt}.", found)


def form_of(hand: StaffMail, command: Command, found: Sequence[Command]) -> counter.Filled:
    """The Formulir Konsultasi of a new mail. Raises counterdesk.Incomplete."""
    about_ticket = hand.ticket_id is not None
    return counter.check(hand.site, command, hand.mail, alone=len(found) == 1, about_ticket=about_ticket)


def _check_somebody_is_asked(hand: StaffMail, command: Command) -> None:
    """The next tier must be somebody else. Raises NotCarriedOut."""
    config = hand.site.config
    listed = config.coordinator if command.name == "coordinator" else config.head
    who = config.tiers.coordinator if command.name == "coordinator" else config.tiers.head
    if not listed:
        raise NotCarriedOut(f"Belum ada {who} yang terdaftar pada LPSE ini.")
    if all(one.address == hand.mail.sender.address for one in listed):
        raise NotCarriedOut(f"Anda sendiri {who}; tidak ada orang lain yang dapat dimintai arahan.")


def _check_new(hand: StaffMail, command: Command) -> None:
    if not command.argument:
        raise NotCarriedOut(
            "Perintah #baru memerlukan satu alamat e-mail, misalnya #baru budi@contoh.id; dari e-mail ini tidak dapat"
            " dipastikan siapa pengirim asalnya."
        )
    if fault := new_ticket.fault(hand.site, command.argument):
        raise NotCarriedOut(fault)
    if hand.new.marked:
        raise NotCarriedOut(
            "E-mail ini mengutip e-mail mailbot, yang mungkin memuat kata-kata orang lain. #baru ditulis dalam e-mail"
            " yang meneruskan surat pengguna."
        )
    if not any(map(str.isalnum, hand.forwarded.text + command.text)):
        raise NotCarriedOut("E-mail ini tidak memuat surat yang diteruskan maupun teks, sehingga tiketnya akan kosong.")


def _check_user(hand: StaffMail, command: Command) -> None:
    if fault := new_ticket.fault(hand.site, command.argument):
        raise NotCarriedOut(fault)
    if tickets.load(hand.store, hand.ticket_id or 0).user_address == command.argument:
        raise NotCarriedOut(f"{command.argument} sudah menjadi pengguna tiket ini.")


def check_code(hand: StaffMail, done: list[Command]) -> None:
    """A link's code is good for its ticket, its command, and while the status lasts."""
    if hand.code is None:
        return
    [command] = done if len(done) == 1 else [None]
    entry = command.argument.partition(" ")[0] if command and command.name in vocabulary.ON_ENTRIES else ""
    about = (hand.code["ticket_id"], hand.code["argument"], hand.code["command"])
    if command is None or (None if entry else hand.ticket_id, entry, command.name) != about:
        raise NotCarriedOut("Kode pada e-mail ini berlaku untuk perintah atau tiket lain.")
    if command.name in QUERIES:  # whoever asks how things stand does so because they change
        return
    if entry:
        status = quarantine_work.entry(hand.store, hand.site.name, int(entry))["state"]
    elif hand.code["ticket_id"] is None:
        return  # a ready new mail: there is no status yet
    else:
        status = tickets.load(hand.store, int(str(hand.code["ticket_id"]))).status.value
    if status != hand.code["status"]:
        late = "Tautan ini tidak berlaku lagi karena status tiket telah berubah."
        raise receipts.Mendable(late, command) if command.text else NotCarriedOut(late)


def _check_stale(hand: StaffMail, found: list[Command]) -> None:
    """An answer written on a mail older than a colleague's: held, and the colleague's is shown. So is the taking of a
    ticket that a colleague has taken up meanwhile."""
    kinds = {EVENTS[name] for command in found for name in OVERTAKEN_BY.get(command.name, ())}
    issued = [ref.issued_at for ref in hand.mail.refs if ref.ours and ref.ticket_id == hand.ticket_id and ref.issued_at]
    if hand.code is not None:
        issued.append(to_instant(str(hand.code["issued_at"])))
    if hand.mail.confirmed and not issued:  # he has seen what there was when he wrote
        issued.append(to_instant(journal.entry(hand.store, hand.mail.journal_id)["arrived_at"]))
    if not kinds or not issued or hand.ticket_id is None:
        return
    seen = max(issued)
    for row in reversed(tickets.history(hand.store, hand.ticket_id)):
        if row["event"] in kinds and row["address"] != hand.mail.sender.address and to_instant(row["at"]) > seen:
            text = hand.store.value(
                "SELECT body FROM texts WHERE journal_id = ? AND ticket_id = ? ORDER BY id LIMIT 1",
                row["journal_id"],
                hand.ticket_id,
            )
            person = hand.site.config.person(str(row["address"]))
            raise Held(
                f"Rekan Anda telah menindaklanjuti tiket ini pada {hand.site.say(to_instant(row['at']))}.",
                found,
                receipts.Colleague(person.name if person else str(row["address"]), str(text or "")),
            )


def _check_reader(hand: StaffMail, found: list[Command]) -> None:
    """Words to a user, written below somebody else's: of a ticket that is merged by now, of another party, or of
    whoever was the user before. Held, and both are named."""
    if hand.ticket_id is None or not any(command.name in TO_USER for command in found):
        return
    user = tickets.load(hand.store, hand.ticket_id).user_address
    others = [address for address in hand.shown_users() if address and address != user]
    if user and others:  # of a consultation by telephone nobody is written to
        raise Held(
            f"E-mail yang Anda balas berasal dari {others[0]}, sedangkan jawaban dikirim kepada pengguna tiket, {user}."
            " Mohon pastikan bahwa isinya memang untuk pengguna tiket.",
            found,
        )
