"""`#catat`; and the line "Waktu" of a call or visit that was recorded without it, in a reply to its receipt."""

from __future__ import annotations

from mailbot.arrivals.staff import drafts
from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.model import Event, Ticket
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.vocabulary import VOCABULARY
from mailbot.parsers.forms.consultation import Consultation
from mailbot.procedure import service
from mailbot.procedure.effects.changes import measure_consultation
from mailbot.sentences import Sentences
from mailbot.store import journal
from mailbot.store.database import Row, to_instant
from mailbot.tickets import consultations, tickets
from mailbot.tickets.case import Case
from mailbot.tickets.consultations import Held
from mailbot.tickets.work import Given, Work

_SAID = Sentences(__file__)


def time_of_consultation(hand: StaffMail) -> tuple[Row, Held] | None:
    """The call or visit without a time that a plain reply to a receipt gives one, and that time; None: it is a note."""
    row = None if hand.ticket_id is None or hand.read.commands else consultations.of(hand.store, hand.ticket_id)
    if row is None or row["precise"] or not hand.answers_receipt:
        return None
    name = next((spec.name for spec in VOCABULARY if spec.form is not None and spec.form.channel == row["channel"]), "")
    written = drafts.read(name, hand.new.unsigned) if name else Consultation()
    if not written.time or written != Consultation(date=written.date, time=written.time):
        return None
    on_the_day = Consultation(date=written.date or row["day"], time=written.time)
    try:
        held = consultations.when(hand.site, on_the_day, hand.mail.at)
    except consultations.InTheFuture:
        return None
    return (row, held) if held.precise and held.day.isoformat() == row["day"] else None


def _happen(hand: StaffMail, ticket: Ticket, _command: Command, event: Event, given: Given) -> Work:
    told = time_of_consultation(hand)
    work = service.handle(Case(hand.store, hand.site, hand.now, ticket), event, given)
    if told is not None:
        row, held = told
        recorded_at = to_instant(journal.entry(hand.store, int(row["journal_id"]))["arrived_at"])
        at = consultations.time_told(hand.store, hand.site, row, held, recorded_at)
        work.remark(_SAID("time_told", at=at))
        made = [line for line in tickets.history(hand.store, ticket.id) if line["journal_id"] == row["journal_id"]]
        events = [line["event"] for line in made]
        measure_consultation(work, "archiving" if "staff.consulted" in events else "numbers")
    hand.ticket = work.ticket
    return work


def _result(_command: Command, work: Work) -> str | None:
    """The time that was taken over stands in the event's remarks."""
    return "" if work.remarks else None


DOING = Doing(happen=_happen, result=_result)
