"""What a mail of staff asks for: its commands, each of them checked, so that all are carried out or none.

A plain reply becomes the command that it stands for. Whatever is ambiguous, stale or doubtful is held and asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import NoReturn, TypeVar

from mailbot.arrivals import quarantine_work
from mailbot.arrivals.staff import arguments, commands, confirmations, receipts, since
from mailbot.arrivals.staff.commands import meaning
from mailbot.arrivals.staff.contents import StaffMail, only_asks
from mailbot.arrivals.staff.held import Colleague, Held
from mailbot.door import keeps_back, said_of
from mailbot.errors import NotCarriedOut
from mailbot.model import Role, Status
from mailbot.parsers.commands import command_lines, fields, unmarked, vocabulary
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.unsigned import unsigned
from mailbot.parsers.commands.vocabulary import SPECS, Decides, Spec
from mailbot.parsers.robots import absence
from mailbot.procedure.effects import to_staff
from mailbot.rules import reply_of_user
from mailbot.sentences import Sentences
from mailbot.store import journal
from mailbot.store.database import to_instant
from mailbot.tickets import earlier, tickets, unsent

_SAID = Sentences(__file__)

#: What a command decides → the colleagues' decisions on top of which it is not carried out if its writer has not seen
#: them.
OVERTAKEN_BY = {
    Decides.STEP: (Decides.STEP, Decides.USER),
    Decides.HANDLER: (Decides.STEP, Decides.USER, Decides.HANDLER),
    Decides.USER: (),
    None: (),
}
#: The events that are held where the user or LKPP has written since.
_NEWS_HOLDS = ("staff.answer", "staff.escalate")


def asked_for(hand: StaffMail) -> list[Command]:
    """The commands to carry out; a plain reply becomes one. Raises NotCarriedOut and Held."""
    read, mail = hand.read, hand.mail
    if read.fault is not None:
        _say_fault(hand, read.fault)
    if mail.found.conflict is not None:
        first, second = (tickets.load(hand.store, ticket_id).number for ticket_id in mail.found.conflict)
        raise NotCarriedOut(_SAID("two_tickets", first=first, second=second))
    found = list(read.commands)
    if not found and confirmations.asked_by(hand.store, hand.site, [ref.message_id for ref in mail.refs if ref.ours]):
        raise NotCarriedOut(_SAID("unknown_code" if read.code else "lacks_code"))
    if not found and hand.completes is not None:
        found = [hand.completes]
    if not found and _commands_below(hand):
        raise NotCarriedOut(_SAID("commands_below"))
    if not found and hand.ticket_id is None and hand.directs:
        raise NotCarriedOut(_SAID("several_tickets_reported"))
    if not found and hand.ticket_id is None:
        return [Command("help", "bantuan")]
    if not found:
        found = [_plain(hand)]
    hand.asked = [_with_stored(hand, _unsigned(hand, command)) for command in found]
    found = hand.asked = [_blamed(command, partial(_completed, hand, command)) for command in hand.asked]
    for command in found:
        _blamed(command, partial(_check, hand, command, found))
    settled = partial(arguments.settled, hand.site, writer=mail.sender.address, at=mail.at)
    found = [_blamed(command, partial(settled, command)) for command in found]
    _check_stale(hand, found)
    _check_reader(hand, found)
    _check_news(hand, found)
    return found


_Found = TypeVar("_Found")


def _blamed(command: Command, doing: Callable[[], _Found]) -> _Found:
    """Whatever is refused within is this command's fault. Raises NotCarriedOut."""
    try:
        return doing()
    except NotCarriedOut as error:
        error.by = error.by or command.name
        raise


def _say_fault(hand: StaffMail, fault: command_lines.Fault) -> NoReturn:
    """Raises NotCarriedOut, or Held where the text only stands on the wrong side of its command."""
    if fault.above is not None:
        raise Held(_SAID("text_above"), [_unsigned(hand, fault.above)])
    if fault.lacks_text is None:
        raise NotCarriedOut(fault.sentence)
    command = Command(fault.lacks_text, SPECS[fault.lacks_text].word)
    lacking = commands.of(command.name).lacking
    sentence, listed = lacking(hand) if lacking is not None else (fault.sentence, ())
    raise receipts.Mendable(sentence, command, listed)


def _with_stored(hand: StaffMail, command: Command) -> Command:
    """The command with the words that its link's code stands for, where its line "[teks seperti di atas]" still is.
    Raises Mendable: what is left there is what goes, and nothing is left."""
    stored = hand.stored
    if stored is None or not SPECS[command.name].takes_text or SPECS[command.name].form is not None:
        return command
    if stored.words and not any(map(str.isalnum, command.text)):
        raise receipts.Mendable(_SAID("nothing_left"), replace(command, text=stored.words))
    return replace(command, text=to_staff.as_above(command.text, stored.words))


def _completed(hand: StaffMail, command: Command) -> Command:
    complete = commands.of(command.name).complete
    return command if complete is None else complete(hand, command)


def _unsigned(hand: StaffMail, command: Command) -> Command:
    """The command whose text leaves the house without its writer's closing."""
    if SPECS[command.name].reaches is None:
        return command
    return replace(command, text=unsigned(command.text, hand.new.closing, hand.mail.sender.name))


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
        raise NotCarriedOut(_SAID("nothing_new"))
    if name == "note":
        _check_is_no_choice(hand)
    if reply_of_user.bare_assent(command.text, hand.site.user_phrases):
        raise Held(_SAID("too_short"), [command], idle=True)
    if name != "note" and absence.only_says_away(command.text):  # a note goes to nobody, and colleagues may want it
        raise Held(_SAID("only_away"), [command], idle=True)
    if (word := command_lines.mentioned(command.text)) is not None:
        raise Held(_SAID("command_within", word=word), [command])
    if answers:
        _check_is_for_the_user(hand, command)
    if doubt is not None or not text:
        why = _SAID("doubtful", doubt=doubt) if doubt else _SAID("doubtful_without_text")
        raise Held(why, [command], idle=not text)
    return command


def _check_is_for_the_user(hand: StaffMail, command: Command) -> None:
    """A command without its #, or words to a colleague, would go to the user. Raises Held."""
    if (word := unmarked.command(command.text)) is not None:
        raise Held(_SAID("without_hash", word=word), [command], idle=True)
    config = hand.site.config
    others = [
        one for one in (*config.staff, *config.coordinator, *config.head) if one.address != hand.mail.sender.address
    ]
    user = hand.ticket.user_name or "" if hand.ticket is not None else ""
    if (name := unmarked.colleague(command.text, [one.name for one in others], user)) is not None:
        raise Held(_SAID("to_colleague", name=name), [command])


def _check_is_no_choice(hand: StaffMail) -> None:
    """Who writes the words of a meaning instead of using its link is asked, with that meaning first. Raises Held."""
    word = to_staff.meant(hand.new.unsigned) if hand.ticket is not None and hand.ticket.pending_replies else None
    if word is None:
        return
    spec = next(spec for spec in vocabulary.VOCABULARY if spec.word == word)
    reply = meaning.about(hand)
    assert reply is not None  # one waits
    words = earlier.for_user(hand.store, hand.own_ticket.id, reply) if spec.reported else ""
    told = Command(spec.name, word, argument=str(reply), text=words)
    raise Held(_SAID("is_a_choice", label=to_staff.label_of(word)), [told], idle=True)


def _commands_below(hand: StaffMail) -> bool:
    """Whether there are commands where they do not count, among the quoted lines."""
    below = command_lines.read(hand.new.below)
    return below.fault is not None or bool(below.commands)


# --- may it be? ---------------------------------------------------------------------------------------


def _check(hand: StaffMail, command: Command, found: Sequence[Command]) -> None:
    spec, role = SPECS[command.name], hand.mail.sender.role
    if role not in spec.roles:
        allowed = ", ".join(vocabulary.named(vocabulary.of_role(role)))
        if hand.read.commands:
            sentence = _SAID("not_for_your_role", word=command.word, allowed=allowed)
            raise NotCarriedOut(sentence, instead=("direction", "coordinator", "note"))
        raise NotCarriedOut(_SAID("plain_not_for_your_role", allowed=allowed))
    if spec.needs_ticket and hand.ticket_id is None:
        raise NotCarriedOut(_SAID("lacks_ticket", word=command.word))
    if spec.asks is not None:
        _check_somebody_is_asked(hand, spec.asks)
    check = commands.of(command.name).check
    if check is not None:
        check(hand, command, found)
    if spec.reaches is not None and spec.takes_text:
        for file in hand.mail.files:
            if back := keeps_back(file, role, spec.reaches):
                raise Held(said_of(file, back), found)
    if hand.draft is not None and command.name == hand.draft.command.name:
        return  # what stands in the quotation is read as well, and what still lacks something comes back
    # A colleague's words are not lost either: what a doubt leaves out of them is asked about, too.
    if command.text and hand.new.doubt is not None and (spec.reaches is not None or hand.new.below):
        raise Held(_SAID("doubtful", doubt=hand.new.doubt), found)


def _check_somebody_is_asked(hand: StaffMail, tier: Role) -> None:
    """The next tier must be somebody else. Raises NotCarriedOut."""
    config = hand.site.config
    listed = config.coordinator if tier is Role.COORDINATOR else config.head
    who = config.tiers.coordinator if tier is Role.COORDINATOR else config.tiers.head
    if not listed:
        raise NotCarriedOut(_SAID("nobody_in_tier", who=who), instead=("note",))
    if all(one.address == hand.mail.sender.address for one in listed):
        raise NotCarriedOut(_SAID("only_you_in_tier", who=who), instead=("note",))


def check_code(hand: StaffMail, done: list[Command]) -> None:
    """A link's code is good for its ticket, its command, and while the status lasts."""
    if hand.code is None:
        return
    command = done[-1]
    entry = command.argument.partition(" ")[0] if SPECS[command.name].takes_entry else ""
    bound = command.argument if SPECS[command.name].about_stored else entry
    # Bound to the mails that stood above it, or to the request that it approves (`commands/forward.py`, `escalate.py`).
    # A reason's link may leave open what it is for: then its words say it (`reason.py`). A form's says which one it
    # completes (`drafts.py`).
    if command.name in ("forward", "escalate", "reason") or SPECS[command.name].form is not None:
        bound = str(hand.code["argument"])
    about = (hand.code["ticket_id"], hand.code["argument"], hand.code["command"])
    # A link of `#ubah` is for that word: which of its fields stay there is the reader's choice.
    names = dict.fromkeys(fields.SET.name if one.by_set else one.name for one in done)
    if (None if entry else hand.ticket_id, bound, "+".join(names)) != about:
        raise NotCarriedOut(_SAID("code_for_another"))
    if only_asks(command.name):  # whoever asks how things stand does so because they change
        return
    if hand.unsent is not None and not _stands_open(hand, hand.unsent):  # several links send the same words
        raise NotCarriedOut(_SAID("no_longer_held"))
    if SPECS[command.name].about_stored and not SPECS[command.name].says_meaning:
        return  # `#batal` is good as long as the mail waits, `#alasan` always, whatever has become of the ticket
    if entry:
        status = quarantine_work.entry(hand.store, hand.site.name, int(entry))["state"]
    elif hand.code["ticket_id"] is None or hand.draft is not None:
        return  # a ready new mail: there is no status yet; and a call took place, whatever has become of its ticket
    else:
        status = hand.own_ticket.status.value  # the code's own, as was just compared
    if command.name == "escalate" and hand.code["argument"]:
        return  # good as long as the request waits
    if status != hand.code["status"] and (entry or not _only_taken(hand)):
        raise NotCarriedOut(_SAID("status_changed"))


def _only_taken(hand: StaffMail) -> bool:
    """Whether the ticket's status is another one than its link was made for only because the reader of that has taken
    it up (`#ambil`), which needs no receipt, and so brings no links anew."""
    rows = tickets.history(hand.store, hand.own_ticket.id)
    last = next((row for row in reversed(rows) if row["status_before"] != row["status_after"]), None)
    if last is None or hand.code is None:
        return False
    taken = (last["event"], last["address"]) == ("staff.take", hand.mail.sender.address)
    return taken and last["status_before"] == hand.code["status"]


def _stands_open(hand: StaffMail, held: int) -> bool:
    return any(one.id == held for one in unsent.of_ticket(hand.store, hand.own_ticket.id))


def _check_stale(hand: StaffMail, found: list[Command]) -> None:
    """An answer written on a mail older than a colleague's: held, and the colleague's is shown. So is the taking of a
    ticket that a colleague has taken up meanwhile."""
    overtaking = {what for command in found for what in OVERTAKEN_BY[SPECS[command.name].decides]}
    kinds = {spec.event for spec in vocabulary.VOCABULARY if spec.decides in overtaking}
    kinds |= {"staff.ask_approval"} if "staff.escalate" in kinds else set()
    seen = _seen(hand)
    if not kinds or seen is None or hand.ticket_id is None:
        return
    for row in reversed(tickets.history(hand.store, hand.ticket_id)):
        if row["event"] in kinds and row["address"] != hand.mail.sender.address and to_instant(row["at"]) > seen:
            text = earlier.words_of(hand.store, hand.ticket_id, row["journal_id"])
            person = hand.site.config.person(str(row["address"]))
            raise Held(
                _SAID("colleague_was_first", at=hand.site.say(to_instant(row["at"]))),
                found,
                Colleague(person.name if person else str(row["address"]), text),
            )


def _check_news(hand: StaffMail, found: list[Command]) -> None:
    """An answer or escalation that the user's next mail or LKPP's next reply has overtaken: held, and that is shown."""
    seen = _seen(hand)
    if seen is None or hand.ticket is None or not any(SPECS[one.name].event in _NEWS_HOLDS for one in found):
        return
    if hand.ticket.status is Status.CLOSED and len(found) == 1:
        return  # the table refuses it
    if news := since.unseen(hand, seen):
        raise Held(news[0], found, news[1])


def _seen(hand: StaffMail) -> datetime | None:
    """When the newest mail of ours was made that its writer had before him; None: nothing tells."""
    issued = [ref.issued_at for ref in hand.mail.refs if ref.ours and ref.ticket_id == hand.ticket_id and ref.issued_at]
    if hand.code is not None:
        issued.append(to_instant(str(hand.code["issued_at"])))
    if hand.mail.confirmed and not issued:  # he has seen what there was when he wrote
        issued.append(to_instant(journal.entry(hand.store, hand.mail.journal_id)["arrived_at"]))
    return max(issued, default=None)


def _is_to_user(spec: Spec) -> bool:
    """Whether its own words go to the ticket's user."""
    return spec.reaches is Role.USER and not spec.reported


def _check_reader(hand: StaffMail, found: list[Command]) -> None:
    """Words to a user, written below somebody else's: of a ticket that is merged by now, of another party, or of
    whoever was the user before. Held, and both are named."""
    if hand.ticket is None or not any(_is_to_user(SPECS[command.name]) for command in found):
        return
    user = hand.ticket.user_address
    others = [address for address in hand.shown_users() if address and address != user]
    if user and others:  # of a consultation by telephone nobody is written to
        raise Held(_SAID("another_reader", other=others[0], user=user), found)
