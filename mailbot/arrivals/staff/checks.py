"""What a mail of staff asks for: its commands, each of them checked, so that all are carried out or none.

A plain reply becomes the command that it stands for. Whatever is ambiguous, stale or doubtful is held and asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

from mailbot.arrivals import quarantine_work
from mailbot.arrivals.staff import arguments, commands, confirmations, receipts
from mailbot.arrivals.staff.contents import StaffMail, only_asks
from mailbot.errors import NotCarriedOut
from mailbot.model import Role
from mailbot.parsers.commands import command_lines, vocabulary
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.unsigned import unsigned
from mailbot.parsers.commands.vocabulary import SPECS, Decides, Spec
from mailbot.rules import reply_of_user
from mailbot.store import journal
from mailbot.store.database import to_instant
from mailbot.tickets import earlier, tickets

#: What a command decides → the colleagues' decisions on top of which it is not carried out if its writer has not seen
#: them.
OVERTAKEN_BY = {
    Decides.STEP: (Decides.STEP, Decides.USER),
    Decides.HANDLER: (Decides.STEP, Decides.USER, Decides.HANDLER),
    Decides.USER: (),
    None: (),
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
    found = [_completed(hand, _unsigned(hand, command)) for command in found]
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
    command = Command(fault.lacks_text, SPECS[fault.lacks_text].word)
    lacking = commands.of(command.name).lacking
    sentence, listed = lacking(hand) if lacking is not None else (fault.sentence, ())
    raise receipts.Mendable(sentence, command, listed)


_ABOVE = "Teks Anda berada di atas perintah, sedangkan teks untuk perintah ditulis di bawahnya."
_NO_CODE = (
    "Balasan ini belum memuat kodenya, sehingga belum ada yang dijalankan. Mohon balas dengan baris “Kode: …” dari"
    " e-mail kami di baris pertama, di atas kutipan."
)
UNKNOWN_CODE = "kode pada e-mail ini tidak dikenal, bukan untuk alamat ini, atau sudah kedaluwarsa"


def _completed(hand: StaffMail, command: Command) -> Command:
    complete = commands.of(command.name).complete
    return command if complete is None else complete(hand, command)


def _unsigned(hand: StaffMail, command: Command) -> Command:
    """The command whose text leaves the house without its writer's closing."""
    if SPECS[command.name].reaches is None:
        return command
    return replace(command, text=unsigned(command.text, hand.new.closing))


def _plain(hand: StaffMail) -> Command:
    """A reply without a command, as the command that it stands for."""
    name = hand.stands_for
    answers = name == "answer"
    doubt = hand.new.doubt if answers else None
    # Held words are shown whole, with what stands between or below the quotes.
    text = hand.new.own if doubt is not None or not answers else hand.read.leading
    command = Command(name, SPECS[name].word, text=text)
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
    words = earlier.lkpp_words(hand.store, ticket.id, ticket.pending_reply)
    return bool(words) or not ticket.was_with_lkpp


# --- may it be? ---------------------------------------------------------------------------------------


def _check(hand: StaffMail, command: Command, found: Sequence[Command]) -> None:
    spec, role = SPECS[command.name], hand.mail.sender.role
    if role not in spec.roles:
        allowed = ", ".join(vocabulary.named(vocabulary.of_role(role)))
        what = f"Perintah #{command.word}" if hand.read.commands else "Balasan tanpa perintah"
        raise NotCarriedOut(f"{what} tidak tersedia untuk peran Anda. Yang tersedia: {allowed}.")
    if spec.needs_ticket and hand.ticket_id is None:
        raise NotCarriedOut(f"Perintah #{command.word} memerlukan nomor tiket pada subjek.")
    if spec.asks is not None:
        _check_somebody_is_asked(hand, spec.asks)
    if spec.reported and not any(map(str.isalnum, command.text)) and not _awaited(hand):
        raise NotCarriedOut(
            f"Perintah #{command.word} memerlukan teks: tidak ada balasan LKPP yang menunggu penegasan, sehingga tidak"
            " ada yang dapat disampaikan kepada pengguna."
        )
    check = commands.of(command.name).check
    if check is not None:
        check(hand, command, found)
    if spec.reaches is not None and command.text and hand.new.doubt is not None:
        raise Held(f"Isi e-mail belum pasti: {hand.new.doubt}.", found)


def _check_somebody_is_asked(hand: StaffMail, tier: Role) -> None:
    """The next tier must be somebody else. Raises NotCarriedOut."""
    config = hand.site.config
    listed = config.coordinator if tier is Role.COORDINATOR else config.head
    who = config.tiers.coordinator if tier is Role.COORDINATOR else config.tiers.head
    if not listed:
        raise NotCarriedOut(f"Belum ada {who} yang terdaftar pada LPSE ini.")
    if all(one.address == hand.mail.sender.address for one in listed):
        raise NotCarriedOut(f"Anda sendiri {who}; tidak ada orang lain yang dapat dimintai arahan.")


def check_code(hand: StaffMail, done: list[Command]) -> None:
    """A link's code is good for its ticket, its command, and while the status lasts."""
    if hand.code is None:
        return
    [command] = done if len(done) == 1 else [None]
    entry = command.argument.partition(" ")[0] if command and SPECS[command.name].takes_entry else ""
    about = (hand.code["ticket_id"], hand.code["argument"], hand.code["command"])
    if command is None or (None if entry else hand.ticket_id, entry, command.name) != about:
        raise NotCarriedOut("Kode pada e-mail ini berlaku untuk perintah atau tiket lain.")
    if only_asks(command.name):  # whoever asks how things stand does so because they change
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
    overtaking = {what for command in found for what in OVERTAKEN_BY[SPECS[command.name].decides]}
    kinds = {spec.event for spec in vocabulary.VOCABULARY if spec.decides in overtaking}
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
            text = earlier.words_of(hand.store, hand.ticket_id, row["journal_id"])
            person = hand.site.config.person(str(row["address"]))
            raise Held(
                f"Rekan Anda telah menindaklanjuti tiket ini pada {hand.site.say(to_instant(row['at']))}.",
                found,
                receipts.Colleague(person.name if person else str(row["address"]), text),
            )


def _is_to_user(spec: Spec) -> bool:
    """Whether its own words go to the ticket's user."""
    return spec.reaches is Role.USER and not spec.reported


def _check_reader(hand: StaffMail, found: list[Command]) -> None:
    """Words to a user, written below somebody else's: of a ticket that is merged by now, of another party, or of
    whoever was the user before. Held, and both are named."""
    if hand.ticket_id is None or not any(_is_to_user(SPECS[command.name]) for command in found):
        return
    user = tickets.load(hand.store, hand.ticket_id).user_address
    others = [address for address in hand.shown_users() if address and address != user]
    if user and others:  # of a consultation by telephone nobody is written to
        raise Held(
            f"E-mail yang Anda balas berasal dari {others[0]}, sedangkan jawaban dikirim kepada pengguna tiket, {user}."
            " Mohon pastikan bahwa isinya memang untuk pengguna tiket.",
            found,
        )
