"""`#batal`: what still waits in its undo window never leaves, and the ticket is as it was before.

Taken back is what one mail has set going: a command of staff, or a reply of LKPP that was passed on by itself. Mails of
the user and of LKPP that came after it were decided on a status that is no more: they are put back too, and go into the
journal's queue once more, to be decided on the status that is restored. So does LKPP's reply itself, whose meaning is
then asked for. What has already led to a mail to the user or LKPP stays as it was decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mailbot import log
from mailbot.model import Role
from mailbot.procedure.effects.kinds import change
from mailbot.procedure.effects.shared import INSIDE
from mailbot.rules.sop import clocks
from mailbot.sentences import Sentences
from mailbot.store import journal, outbox, sent_mails
from mailbot.store.database import Row, to_instant
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import breaches, tickets, unsent
from mailbot.tickets.tickets import Trace
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)

#: Mails to the user from which nothing follows: a mail that has led to one may still be decided anew.
_DECIDE_NOTHING = ("user_acknowledgement", "user_password_warning")


@change
def undo(work: Work) -> None:
    """Of what one mail has set going, which the event's argument names; without one, of all that waits."""
    take_back(work, int(work.event.argument) if work.event.argument else None)


@change
def drop(work: Work) -> None:
    """Of what was held, which the event's argument names: nobody asks about it any more."""
    dropped = unsent.with_copies(work.store, work.ticket.id, map(int, work.event.argument.split()))
    unsent.end(work.store, [one.id for one in dropped], work.event.at)
    work.remark(_SAID("dropped", what=", ".join(dict.fromkeys(one.what for one in dropped))))


def take_back(work: Work, only: int | None = None) -> None:
    """only: the journal's entry of the mail that has set it going; None: whichever."""
    chosen = set()
    for row in sent_mails.may_be_taken_back(work.store, work.ticket.id):
        if only is not None and row["undo_by"] != only:
            continue
        chosen.add(int(row["undo_by"]))
        outbox.cancel(work.store, row["id"], _SAID("cancelled_by", address=work.event.address))
        log.cancelled(work.site.name, work.ticket.number, row["template"], row["message_id"])
        work.remark(_SAID("cancelled", mail=MAILS[row["template"]].kind, recipient=row["recipient"]))
    if chosen:
        _put_back(work, chosen)


@dataclass(frozen=True, slots=True)
class _Past:
    """The ticket's history before this event.

    lines: all of it but the line that opened the ticket: a consultation and its answer come in one mail.
    own: entry of the journal → its lines since it was last looked at, without its `#batal`.
    """

    lines: Sequence[Row]
    own: Mapping[int, Sequence[Row]]

    def began(self, entry: int) -> int:
        return int(self.own[entry][0]["id"])


def _past(work: Work) -> _Past:
    lines = [row for row in tickets.history(work.store, work.ticket.id) if row["id"] != work.history_id][1:]
    ended = {int(row["journal_id"]): int(row["id"]) for row in lines if row["journal_id"] is not None}
    again = journal.looked_at_again(work.store, work.ticket.id)
    own: dict[int, list[Row]] = {}
    for entry in ended:
        since = ended.get(again[entry], 0) if entry in again else 0
        found = [row for row in lines if row["journal_id"] == entry and row["id"] > since]
        own[entry] = [row for row in found if row["event"] != "staff.undo"]
    return _Past(lines, {entry: found for entry, found in own.items() if found})


def _put_back(work: Work, chosen: set[int]) -> None:
    past = _past(work)
    taken = sent_mails.taken_back(work.store, work.ticket.id)
    undone = {entry for entry in chosen if entry in past.own}
    undone |= _left_over(past, undone, taken)
    between = _between(work, past, undone)
    last = max((id for entry, id in _deciding(work, past) if entry not in undone | between | taken), default=0)
    first = min((past.began(one) for one in undone if past.began(one) > last and _moved(past.own[one])), default=None)
    again = {entry for entry in between if first is not None and past.began(entry) > max(first, last)}
    if any(past.began(entry) < last and _moved(past.own[entry]) for entry in undone):
        work.remark(_SAID("moved_on"))
    for entry in sorted(undone | again, key=past.began, reverse=True):  # the last one first
        replied = past.own[entry][0]["role"] == Role.LKPP.value
        if entry in undone and replied:
            tickets.hide(work.store, work.ticket.id, entry, Role.USER)
        elif entry in undone:
            tickets.withdraw(work.store, work.ticket.id, entry, INSIDE)
            for reply in _settled(past.own[entry]):  # whose files would have gone with it
                tickets.hide(work.store, work.ticket.id, reply, Role.USER)
        if past.began(entry) > last:
            _restore(work, past.own[entry], whole=entry in again or replied)
    _look_again(work, past, chosen, again)


def _left_over(past: _Past, undone: set[int], taken: set[int]) -> set[int]:
    """Commands that were taken back when a later one, which is undone now, kept their status from being put back."""
    found: set[int] = set()
    while undone:
        first = min(past.began(entry) for entry in undone | found)
        before = [row for row in past.lines if row["id"] < first and row["status_before"] != row["status_after"]]
        if not before or before[-1] not in past.own.get(before[-1]["journal_id"], ()):
            break
        if before[-1]["journal_id"] not in taken:
            break
        found.add(int(before[-1]["journal_id"]))
    return found


def _between(work: Work, past: _Past, undone: set[int]) -> set[int]:
    """Mails of the user and of LKPP that came after what is undone, and have led to no mail to either of them."""
    first = min((past.began(entry) for entry in undone), default=None)
    if first is None:
        return set()
    return {
        entry
        for entry, lines in past.own.items()
        if entry not in undone and lines[0]["id"] > first
        if lines[0]["event"] == "user.mail" or (lines[0]["role"] == Role.LKPP and lines[0]["event"] != "machine.mail")
        if not sent_mails.has_written(work.store, work.ticket.id, f"j{entry}", _DECIDE_NOTHING)
    }


def _deciding(work: Work, past: _Past) -> Iterable[tuple[int | None, int]]:
    """(entry, line) of what has decided the ticket's status, also where it stayed the same."""
    decides = {row.id for row in work.site.table.rows if row.to is not None}
    for line in past.lines:
        entry = line["journal_id"]
        if line["event"] == "staff.undo" or (entry is not None and line not in past.own.get(entry, ())):
            continue  # it was put back before
        if line["row"] in decides or line["status_before"] != line["status_after"]:
            yield entry, int(line["id"])


def _moved(own: Sequence[Row]) -> bool:
    """Whether these lines have taken the procedure further; an interim answer has not."""
    return own[0]["status_before"] != own[-1]["status_after"] or bool(_whole(own).moved)


def _settled(own: Sequence[Row]) -> set[int]:
    """LKPP's replies whose meaning these lines have said."""
    found: set[int] = set()
    for line in own:
        trace = tickets.trace(line)
        before, after = (str(one.get("pending_replies") or "").split() for one in (trace.before, trace.after))
        found |= set(map(int, before)) - set(map(int, after))
    return found


def _whole(own: Sequence[Row]) -> Trace:
    return Trace({}, {}, tickets.trace(own[0]).clocks_before, tickets.trace(own[-1]).clocks_after)


def _restore(work: Work, own: Sequence[Row], *, whole: bool) -> None:
    """The ticket as before these lines of one mail."""
    work.change(**_before(work, own, whole=whole))
    breaches.take_back(work, {str(line["at"]) for line in own})
    tickets.record_status(work.store, work.history_id, work.ticket.status)
    trace = _whole(own)
    tickets.end_clocks(work.store, work.ticket.id, trace.moved, work.event.at)
    for name in trace.moved & set(trace.clocks_before):
        saved = trace.clocks_before[name]
        tickets.start_clock(
            work.store,
            work.ticket.id,
            clocks.Running(
                clock=name,
                started_at=to_instant(saved["started_at"]),
                stage=saved["stage"],
                fired=saved["fired"],
                due=to_instant(saved["due"]),
                estimated=saved["estimated"],
                moved=tickets.moved_of(saved["moved"]) if "moved" in saved else None,
            ),
        )
    work.reload()


def _before(work: Work, own: Sequence[Row], *, whole: bool) -> dict[str, str | int | None]:
    """What the events of one mail have changed of the ticket's row, as it was before them: all of it (`whole`), or of
    the events that took the procedure further.

    What somebody has changed since stays, so does what the mail's other commands have set (`#kategori` …), and whoever
    took the ticket by acting on it goes on handling it.
    """
    now = tickets.columns(work.store, work.ticket.id)
    found: dict[str, str | int | None] = {}
    for line in reversed(own):
        trace = tickets.trace(line)
        if not whole and line["status_before"] == line["status_after"] and not trace.moved:
            continue
        for name, value in trace.before.items():
            if name not in now:
                continue  # a column of a version before
            took = name == "handler" and now[name] == line["address"]
            if not took and trace.after.get(name, now[name]) == now[name]:
                found[name] = now[name] = value
    return found


def _look_again(work: Work, past: _Past, chosen: set[int], again: set[int]) -> None:
    """What is decided anew goes into the journal's queue, and is handled when this event's transaction is done."""
    by = work.event.journal_id
    assert by is not None
    replies = [entry for entry in sorted(chosen) if entry in past.own and past.own[entry][0]["role"] == Role.LKPP.value]
    if any([journal.look_again(work.store, entry, work.ticket.id, by) for entry in replies]):
        work.remark(_SAID("reply_waits"))
    many = sum([journal.look_again(work.store, entry, work.ticket.id, by) for entry in sorted(again)])
    if many:
        work.remark(_SAID("again_one") if many == 1 else _SAID("again_many", count=many))
