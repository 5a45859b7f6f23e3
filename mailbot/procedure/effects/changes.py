"""Effects that change the ticket and send nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mailbot import letters, log
from mailbot.letters import proposals
from mailbot.model import Role
from mailbot.procedure.effects.kinds import change
from mailbot.procedure.effects.shared import INSIDE, keep, remark, users_own
from mailbot.rules.sop import clocks
from mailbot.rules.worktime import dates
from mailbot.store import outbox, sent_mails, traffic
from mailbot.store.database import Row, Store, to_instant, to_text
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import breaches, consultations, tickets
from mailbot.tickets.tickets import Trace
from mailbot.tickets.work import Work


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
        remark(work, f"Sebelumnya ditangani {person.name if person else before}")


@change
def set_priority(work: Work) -> None:
    proposals.move_priority(work, int(work.event.argument))


@change
def note(work: Work) -> None:
    if work.event.text:
        keep(work, "note", work.event.text, INSIDE)


@change
def give_reason(work: Work) -> None:
    """`#alasan`: why a limit was passed."""
    keep(work, "reason", work.event.text, INSIDE)
    many = breaches.explain(work)
    remark(work, f"Untuk {many} penyimpangan" if many > 1 else "Untuk 1 penyimpangan")


@change
def hold_data(work: Work) -> None:
    work.change(held_data=1)


@change
def await_meaning(work: Work) -> None:
    work.change(pending_reply=work.event.journal_id)


@change
def settle_meaning(work: Work) -> None:
    work.settled = work.ticket.pending_reply
    work.change(pending_reply=None)
    work.end_clocks("classify")


@change
def mark_unreachable(work: Work) -> None:
    """The user's address is gone; another party's, or that of a ticket merged into this one, says nothing of his."""
    if users_own(work):
        work.change(user_unreachable=1)


@change
def measure_escalation(work: Work) -> None:
    """SOP step 1: at most 5 minutes from the decision of staff to the acceptance of the mail; kept and reported."""
    asked = work.ticket.escalated_at or work.event.at
    _measure(work, "eskalasi", asked, work.site.config.sop.escalate_within.minutes)


@change
def measure_forwarding(work: Work) -> None:
    """SOP step 9: at most 5 minutes from the arrival of the data (or of `#teruskan`)."""
    asked = to_instant(work.event.argument) if work.event.argument else work.event.at
    _measure(work, "penerusan data", asked, work.site.config.sop.forward_data_within.minutes)


@change
def measure_numbers(work: Work) -> None:
    """SOP telephone and counter, step 8: at most 10 minutes from the consultation to the giving of the numbers; to a
    user without an address staff give them, who have them from our receipt."""
    row = consultations.of(work.store, work.ticket.id)
    if row is None or (work.ticket.user_address and not work.event.kind.startswith("sent.")):
        return
    _measure_consultation(work, row, "Pemberian nomor", consultations.numbers_given)


@change
def measure_archiving(work: Work) -> None:
    """SOP telephone and counter, step 7: at most 10 minutes from the explanation to the archived form."""
    row = consultations.of(work.store, work.ticket.id)
    if row is not None:
        _measure_consultation(work, row, "Pengarsipan", consultations.archived)


def _measure_consultation(work: Work, row: Row, what: str, note: Callable[[Store, int, int], None]) -> None:
    if not row["precise"]:
        return
    since = to_instant(row["ended_at"] or row["began_at"])
    minutes = work.site.calendar.working_minutes_between(since, work.event.at) if since < work.event.at else 0
    note(work.store, work.ticket.id, minutes)
    _measure(work, what, since, consultations.LIMIT_MINUTES)


def _measure(work: Work, what: str, asked: Any, limit: int) -> None:
    minutes = work.site.calendar.working_minutes_between(asked, work.event.at) if asked < work.event.at else 0
    verdict = "tepat waktu" if minutes <= limit else f"penyimpangan: melewati batas {dates.format_minutes(limit)}"
    remark(work, f"{what}: {dates.format_minutes(minutes)} jam layanan sejak {work.site.say(asked)} ({verdict})")


@change
def discard(work: Work) -> None:
    work.change(discarded=1)
    if not work.ticket.user_address:
        return
    traffic.silence(work.store, work.site.name, work.ticket.user_address, work.event.at, work.ticket.id)
    letters.lapse(work.store, work.site, work.ticket.user_address, "gugur: pengirim ini tidak lagi dijawab otomatis")


@change
def undo(work: Work) -> None:
    """`#batal`: what still waits in its undo window is cancelled, and what those commands changed is put back."""
    waiting = sent_mails.may_be_taken_back(work.store, work.ticket.id)
    for row in waiting:
        outbox.cancel(work.store, row["id"], f"dibatalkan oleh {work.event.address}")
        log.cancelled(work.site.name, work.ticket.number, row["template"], row["message_id"])
        remark(work, f"{MAILS[row['template']].kind} untuk {row['recipient']} dibatalkan")
    undone = sorted({int(row["undo_by"]) for row in waiting}, reverse=True)
    for journal_id in undone:  # the last command first
        tickets.withdraw(work.store, work.ticket.id, journal_id, INSIDE)
        _put_back(work, journal_id, undone)


def _put_back(work: Work, journal_id: int, undone: list[int]) -> None:
    """The ticket as before the commands of one mail, unless it has moved on since."""
    lines = [row for row in tickets.history(work.store, work.ticket.id) if row["id"] != work.history_id]
    lines = lines[1:]  # what has opened the ticket stays: a consultation and its answer come in one mail
    own = [row for row in lines if row["journal_id"] == journal_id]
    first, last = tickets.trace(own[0]), tickets.trace(own[-1])
    whole = Trace({}, {}, first.clocks_before, last.clocks_after)
    if own[0]["status_before"] == own[-1]["status_after"] and not whole.moved:
        return  # an interim answer: there is nothing to put back
    moved_on = any(
        row["status_before"] != row["status_after"] and row["journal_id"] not in undone and row["id"] > own[0]["id"]
        for row in lines
    )
    if moved_on:
        remark(work, "status tidak dikembalikan karena tiket telah berubah setelah perintah itu")
        return
    work.change(**_before(work, own))
    tickets.record_status(work.store, work.history_id, work.ticket.status)
    tickets.end_clocks(work.store, work.ticket.id, whole.moved, work.event.at)
    for name in whole.moved & set(whole.clocks_before):
        saved = whole.clocks_before[name]
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


def _before(work: Work, own: list[Row]) -> dict[str, str | int | None]:
    """What the events of one mail that took the procedure further changed of the ticket's row, as it was before them.

    What somebody has changed since stays, so does what the mail's other commands have set (`#kategori` …), and whoever
    took the ticket by acting on it goes on handling it.
    """
    now = tickets.columns(work.store, work.ticket.id)
    found: dict[str, str | int | None] = {}
    for line in reversed(own):
        trace = tickets.trace(line)
        if line["status_before"] == line["status_after"] and not trace.moved:
            continue
        for name, value in trace.before.items():
            took = name == "handler" and now[name] == line["address"]
            if not took and trace.after.get(name, now[name]) == now[name]:
                found[name] = now[name] = value
    return found


@change
def file(_work: Work) -> None:
    """Kept with the ticket; nothing else."""
