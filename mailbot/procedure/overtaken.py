"""Words that wait when another mail closes, resolves or escalates the ticket are not sent behind it: their writer is
asked, with `staff_confirm` (LKPP's words: who handles the ticket). So are LKPP's when a mail of LKPP comes behind them
that staff must be asked about: it may well take them back ("mohon diabaikan, salah kirim").

They wait in their undo window, or held. What only waits for the server leaves in the order in which it was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mailbot import letters, log
from mailbot.model import Event, NamedAddress, Role, Status, Ticket
from mailbot.procedure.effects.mailing import post
from mailbot.procedure.effects.shared import who_handles
from mailbot.procedure.effects.to_staff import in_link
from mailbot.rules.sop.decide import decide
from mailbot.sentences import Sentences
from mailbot.store import journal, outbox, sent_mails
from mailbot.store.database import Row
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import earlier, tickets
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)

#: Mails that carry a person's words → (the kind under which the words are kept, the command that sends them again).
_WORDS = {
    "user_answer": ("answer", "#jawab"),
    "user_info": ("info", "#info"),
    "user_request": ("request", "#minta-data"),
    "user_data_request": ("request", "#info"),
    "user_progress": ("progress", "#info"),
    "user_resolved": ("solution", "#info"),
    "user_closed": ("answer", "#info"),
    "lkpp_message": ("message", "#lkpp"),
    "lkpp_escalation": ("escalation", "#eskalasi"),
    "lkpp_additional_data": ("forward", "#teruskan"),
}
#: What sends words to the user whatever the status is.
_IN_ANY_STATUS = "#info"
_ESCALATES = {"lkpp_escalation", "paste_escalation"}


def withdraw(work: Work, before: Ticket) -> None:
    """Take back what waits behind this event, if it closes, resolves or escalates the ticket, and ask about it.

    Before the event's own mails, so that none of them is in the thread of one that never leaves."""
    ends = _ends(work, before)
    if not ends and not _asks_again(work):
        return
    behind: dict[str, list[_Waiting]] = {}
    for row in sent_mails.waiting_words(work.store, work.ticket.id, _WORDS):
        entry = _entry(row)
        if entry is None or entry == work.event.journal_id:
            continue
        writer = journal.writer(work.store, entry)
        if writer is None:
            continue
        if row["held"] or not _leaves_before(work, writer) if ends else writer["role"] == Role.LKPP:
            behind.setdefault(str(writer["sender"]), []).append(_Waiting(row, entry, Role(writer["role"])))
    for sender, waiting in behind.items():
        shown = [_take_back(work, one) for one in waiting]
        of_lkpp = waiting[0].writer is Role.LKPP
        if work.ticket.discarded:  # nothing goes to whom the ticket is nobody's matter of
            continue
        person = work.site.config.person(sender)
        asked = [NamedAddress(person.name, person.address)] if person else who_handles(work)
        for recipient in asked:
            _ask(work, recipient, shown, _why(work, of_lkpp=of_lkpp))


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A mail in the outbox with the words of somebody's mail, and that mail's entry in the journal."""

    row: Row
    entry: int
    writer: Role


def _ends(work: Work, before: Ticket) -> bool:
    decision = work.decision
    if decision.status is Status.CLOSED:
        return before.status is not Status.CLOSED
    resolves = decision.status is Status.RESOLVED and {"user_answer", "user_resolved"} & set(decision.effects)
    return bool(resolves or _ESCALATES & set(decision.effects))


def _asks_again(work: Work) -> bool:
    """Whether LKPP has written once more, and staff are asked what it means; what `#batal` brings back they have
    read."""
    return work.event.role is Role.LKPP and not work.given.again and "await_meaning" in work.decision.effects


def _entry(row: Row) -> int | None:
    """The journal's entry of the mail whose words wait ("j17.0")."""
    if row["undo_by"] is not None:
        return int(row["undo_by"])
    entry = str(row["event_key"]).removeprefix("j").partition(".")[0].partition("+")[0]
    return int(entry) if entry.isdigit() else None


def _leaves_before(work: Work, writer: Row) -> bool:
    """Whether the words leave before this event's own, which wait their window too, and their writer knows of both."""
    at_once = work.event.kind in ("user.mail", "staff.escalate") or work.event.journal_id is None
    same = writer["sender"] == work.event.address or (writer["role"] == Role.LKPP == work.event.role)
    return same and not at_once


def _take_back(work: Work, waiting: _Waiting) -> dict[str, Any]:
    """The mail never leaves; what it would have been, for the question."""
    row, entry = waiting.row, waiting.entry
    template = str(row["template"])
    kind, command = _WORDS[template]
    words = earlier.words_of_kind(work.store, work.ticket.id, entry, kind)
    outbox.cancel(work.store, int(row["id"]), _SAID("cancelled"))
    log.cancelled(work.site.name, work.ticket.number, template, str(row["message_id"]))
    tickets.hide(work.store, work.ticket.id, entry, MAILS[template].audience)
    of_lkpp = waiting.writer is Role.LKPP
    kind, to = MAILS[template].kind, str(row["recipient"])
    work.remark(_SAID("not_sent_of_lkpp" if of_lkpp else "not_sent", mail=kind, recipient=to))
    files = earlier.has_files(work.store, entry)
    own = waiting.writer.inside  # a link's code may stand for the files of a mail of staff
    return {
        "entry": entry,
        "what": MAILS[template].kind,
        "text": words,
        "to": str(row["recipient"]),
        "command": _carried_out(work, command, to_user=MAILS[template].audience is Role.USER),
        "links": bool(words) and (own or not files),
        "mails": (entry,) if own and files else (),
    }


def _carried_out(work: Work, command: str, *, to_user: bool) -> str | None:
    """The command by which the words may still be sent, as the ticket stands now; None: there is none."""
    for word in (command, _IN_ANY_STATUS) if to_user else (command,):
        event = Event(kind=f"staff.{letters.canonical(word)}", at=work.event.at, role=Role.STAFF)
        if decide(work.site.table, work.ticket, event, work.site.settings).refuse is None:
            return word
    return None


def _why(work: Work, *, of_lkpp: bool) -> str:
    if of_lkpp and _asks_again(work):
        return _SAID("lkpp_wrote_again")
    status = letters.status_label(work.site, work.ticket.status)
    return _SAID("overtaken_lkpp" if of_lkpp else "overtaken", status=status)


def _ask(work: Work, recipient: NamedAddress, shown: list[dict[str, Any]], reason: str) -> None:
    event, sends = work.event, [_send(one) for one in shown]
    actions = [
        action
        for one, send in zip(shown, sends, strict=True)
        for action in letters.leave_open(work, one["entry"], recipient, _shown(one, reason), send)
    ]
    if None in sends:
        reason = f"{reason} {_SAID('without_link')}"
    came = work.given.shown if event.role is not Role.MAILBOT else ""
    post(
        work,
        "staff_confirm",
        recipient,
        reason=reason,
        held={
            "what": ", ".join(one["what"] for one in shown),
            "text": "\n\n".join(one["text"] for one in shown) or _SAID("no_text"),
        },
        text=came or None,
        actor={"name": event.name or event.address, "address": event.address},
        confirmation=None,
        actions=actions,
    )


def _send(one: dict[str, Any]) -> letters.Send | None:
    """The link that sends it after all; None: no command may, or no link could bring its files."""
    if one["command"] is None or not one["links"]:
        return None
    return letters.Send(
        label=_SAID("send_after_all", mail=one["what"]),
        command=one["command"],
        after=in_link(one["text"]),
        hint=_SAID("look_at_text"),
        stored=letters.Stored(one["text"], one["mails"]),
    )


def _shown(one: dict[str, Any], why: str) -> dict[str, str | None]:
    return {"what": one["what"], "text": one["text"] or None, "to": one["to"], "files": None, "why": why}
