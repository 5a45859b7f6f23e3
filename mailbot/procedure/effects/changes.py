"""Effects that change the ticket and send nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mailbot import letters
from mailbot.letters import proposals
from mailbot.model import Duration, Role
from mailbot.parsers.forms import escalation
from mailbot.procedure.effects.kinds import change
from mailbot.procedure.effects.shared import MEANING_CLOCKS, keep, users_own
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences
from mailbot.store import silences
from mailbot.store.database import Row, Store, to_instant, to_text
from mailbot.store.silences import Why
from mailbot.tickets import breaches, consultations, earlier, progress, tickets, unsent
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)


@change
def first_response(work: Work) -> None:
    if work.ticket.first_response_at is None:
        work.change(first_response_at=to_text(work.event.at))


@change
def take(work: Work) -> None:
    """`#ambil` takes the ticket over; by any other command the first who acts takes it."""
    acts = work.event.role in (Role.STAFF, Role.COORDINATOR)
    before = work.ticket.handler
    if not acts or (before is not None and work.event.kind != "staff.take"):
        return
    work.change(handler=work.event.address)
    if before is not None and before != work.event.address:
        person = work.site.config.person(before)
        work.remark(_SAID("handled_before", person=person.name if person else before))


@change
def set_priority(work: Work) -> None:
    proposals.move_priority(work, int(work.event.argument))


@change
def note(work: Work) -> None:
    if work.event.text:
        keep(work, "note", work.event.text)


@change
def give_reason(work: Work) -> None:
    """`#alasan`: why a limit was passed."""
    keep(work, "reason", work.event.text)
    for each in breaches.explain(work):
        times = _SAID("times", count=each.times) if each.times > 1 else ""
        work.remark(_SAID("explains", whose=each.party.value, what=progress.breach_name(work.site, each), times=times))
    left = sum(each.times for each in breaches.of(work.store, work.site, work.ticket.id, work.now) if not each.reason)
    if left:
        work.remark(_SAID("unexplained", count=left))


@change
def require_answer(work: Work) -> None:
    """`#tutup`, also with words to the user: who was never answered leaves without the procedure's output."""
    if not work.event.text and not earlier.answered(work.store, work.ticket.id):
        breaches.lacking(work, "answer")
        work.remark(_SAID("no_answer"))


@change
def record_breach(_work: Work) -> None:
    """A limit has passed about which nobody is written to: `breaches.review` keeps it."""


@change
def hold_data(work: Work) -> None:
    work.change(held_data=1)


@change
def await_meaning(work: Work) -> None:
    assert work.event.journal_id is not None
    _let_wait(work, {*work.ticket.pending_replies, work.event.journal_id})


@change
def settle_meaning(work: Work) -> None:
    """A meaning that staff give answers one reply, the event's argument; others go on waiting for theirs."""
    if work.event.role is Role.LKPP or not work.event.argument:
        return
    work.settled = int(work.event.argument)
    _let_wait(work, set(work.ticket.pending_replies) - {work.settled})
    if not work.ticket.pending_replies:
        work.end_clocks(*MEANING_CLOCKS)


def _let_wait(work: Work, replies: set[int]) -> None:
    work.change(pending_replies=" ".join(map(str, sorted(replies))))


@change
def mark_unreachable(work: Work) -> None:
    """The user's address is gone; another party's, or that of a ticket merged into this one, says nothing of his."""
    if users_own(work):
        work.change(user_unreachable=1)


@change
def count_from_knowing(work: Work) -> None:
    """SOP step 1, Keterangan: "5 menit setelah helpdesk mengetahui tidak dapat menangani permasalahan"."""
    if work.site.config.sop.escalation_by == "coordinator":  # from the approval: before it nobody could
        return
    written = escalation.read(work.event.text).known
    known = escalation.known_at(written, work.event.at, work.site.zone) if written else None
    if known is not None and known < work.event.at:
        work.since = known


@change
def measure_escalation(work: Work) -> None:
    """SOP step 1: at most 5 minutes from when staff knew, as far as they have written it, else from their command, to
    the acceptance of the mail; kept and reported."""
    began = tickets.last_start(work.store, work.ticket.id, "escalation") or work.event.at
    how = _SAID("since_command" if began == work.ticket.escalated_at else "since_known")
    _measure(work, "escalation", began, work.site.config.sop.escalate_within.minutes, how)


@change
def measure_forwarding(work: Work) -> None:
    """SOP step 9: at most 5 minutes from the arrival of the data, also of what was held; of what LPSE sends on later
    from the arrival of `#teruskan`."""
    asked = to_instant(work.event.argument) if work.event.argument else work.event.at
    for _, running in tickets.running(work.store, work.ticket.id):
        if running.clock == "forwarding":
            asked = min(asked, running.started_at)
    _measure(work, "forwarding", asked, work.site.config.sop.forward_data_within.minutes)


@change
def measure_numbers(work: Work) -> None:
    """SOP telephone and counter, step 8: at most 10 minutes from the consultation to the giving of the numbers; to a
    user without an address staff give them, who have them from our receipt."""
    row = consultations.of(work.store, work.ticket.id)
    if row is None or (work.ticket.user_address and not work.event.kind.startswith("sent.")):
        return
    _measure_consultation(work, row, "numbers", consultations.numbers_given)


@change
def measure_archiving(work: Work) -> None:
    """SOP telephone and counter, step 7: at most 10 minutes from the explanation to the archived form."""
    row = consultations.of(work.store, work.ticket.id)
    if row is not None:
        _measure_consultation(work, row, "archiving", consultations.archived)


def measure_consultation(work: Work, what: str) -> None:
    """The same of one whose time was told after it was recorded. what: "numbers" or "archiving"."""
    row = consultations.of(work.store, work.ticket.id)
    note_it = consultations.numbers_given if what == "numbers" else consultations.archived
    if row is not None:
        _measure_consultation(work, row, what, note_it)


def _measure_consultation(work: Work, row: Row, what: str, note: Callable[[Store, int, int], None]) -> None:
    if not row["precise"] or row["channel"] == "lpse-support":  # the paper measures calls and visits
        return
    since = to_instant(row["ended_at"] or row["began_at"])
    # Staff have done their part with the first mail, also where it came back to be completed, or waited for a code.
    first = None if row["handed_in_at"] is None else to_instant(row["handed_in_at"])
    done_at = first or work.event.at
    minutes = work.site.calendar.working_minutes_between(since, done_at) if since < done_at else 0
    note(work.store, work.ticket.id, minutes)
    limit = Duration(minutes=consultations.LIMIT_MINUTES)
    breaches.missed(work, what, since, work.site.calendar.add(since, limit).at, done_at)
    how = "" if first is None else _SAID("until_first", at=work.site.say(first))
    _measure(work, what, since, limit.minutes, how, done_at=done_at)


def _measure(
    work: Work, what: str, asked: datetime, limit: int, how: str = "", *, done_at: datetime | None = None
) -> None:
    until = done_at or work.event.at
    minutes = work.site.calendar.working_minutes_between(asked, until) if asked < until else 0
    done, took, since = _SAID.table("measured")[what], dates.format_minutes(minutes), work.site.say(asked)
    if minutes <= limit:
        work.remark(_SAID("in_time", done=done, took=took, since=since, how=how))
    else:
        work.remark(_SAID("too_late", done=done, took=took, since=since, how=how, limit=dates.format_minutes(limit)))


@change
def discard(work: Work) -> None:
    work.change(discarded=1)
    unsent.end(work.store, [one.id for one in unsent.of_ticket(work.store, work.ticket.id)], work.event.at)
    if not work.ticket.user_address:
        return
    # What anybody may have written in his name silences nobody for good.
    proven = work.ticket.user_verified and not earlier.forged(work.store, work.ticket.id)
    why = Why.DISCARDED if proven else Why.UNPROVEN
    silences.silence(work.store, work.site.name, work.ticket.user_address, why, work.event.at, work.ticket.id)
    letters.lapse(work.store, work.site, work.ticket.user_address, _SAID("silenced"))
    work.remark(_SAID("silenced_for_good" if proven else "silenced_for_a_day", address=work.ticket.user_address))


@change
def answer_again(work: Work) -> None:
    """`#buka` ends the silence of the ticket's user."""
    if work.ticket.user_address and silences.lift(work.store, work.site.name, work.ticket.user_address):
        work.remark(_SAID("answered_again", address=work.ticket.user_address))


@change
def file(_work: Work) -> None:
    """Kept with the ticket; nothing else."""
