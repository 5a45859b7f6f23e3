"""What an event's mail leaves with its ticket (`tickets.work.Kept`) is stored, in the event's transaction."""

from __future__ import annotations

from mailbot import log
from mailbot.door import ledger_of
from mailbot.letters import proposals
from mailbot.model import Role
from mailbot.procedure.effects.shared import user_mails
from mailbot.sentences import Sentences
from mailbot.store import journal
from mailbot.tickets import consultations, joining, tickets
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)


def keep(work: Work) -> None:
    """Texts, fields and files first: whatever else is stored may ask for them."""
    if work.given.again:
        work.remarks.append(_SAID("again"))
        return
    kept, store, ticket_id, event = work.given.kept, work.store, work.ticket.id, work.event
    if kept.threaded_by and work.given.message is not None:
        why, message_id = kept.threaded_by, work.given.message.message_id
        log.threaded(work.site.name, event.journal_id or 0, work.ticket.number, why, message_id)
    if kept.split_from is not None:
        _bring(work, kept.split_from)
    for text in kept.texts:
        tickets.add_text(store, ticket_id, text, journal_id=event.journal_id, at=event.at)
    work.remarks += kept.remarks
    if kept.fields or work.opened:
        corrected = tickets.add_fields(store, ticket_id, kept.fields, journal_id=event.journal_id, at=event.at)
        if corrected:
            names = _SAID.table("fields")
            work.remarks.append(_SAID("corrected", fields=", ".join(names[name] for name in corrected)))
    if event.journal_id is not None:
        files = ledger_of(kept.files, event.role, kept.readers)
        tickets.add_attachments(store, ticket_id, event.journal_id, files)
    for entry, sent in kept.before:
        journal.belongs_to(store, entry, ticket_id)
        tickets.add_attachments(store, ticket_id, entry, ledger_of(sent, event.role, kept.readers))
    if kept.consultation is not None:
        consultations.keep(store, work.site, ticket_id, kept.consultation)
    if kept.claims and event.journal_id is not None:
        sender = event.address if event.role is Role.USER else None
        journal.belongs_to(store, event.journal_id, ticket_id, role=event.role, sender=sender)
    if kept.takes_over is not None:
        _take_over(work)
    if kept.mail_left and work.ticket.held_data and not user_mails(work, new_only=True):
        work.change(held_data=0)  # the mail that was held for LKPP has gone to another ticket
    if kept.reading is not None and work.opened:
        proposals.propose(work, kept.reading)
    elif kept.reading is not None:
        proposals.compare(work, kept.reading, believed=kept.believed)


def _bring(work: Work, old: int) -> None:
    """`#pisah`: words and files of the event's mail become this ticket's, and readable to whoever wrote them."""
    assert work.event.journal_id is not None
    work.change(split_from=old)
    joining.bring_mail(work.store, old, work.ticket.id, work.event.journal_id)
    tickets.widen_audience(work.store, [work.event.journal_id], Role.USER)
    journal.belongs_to(work.store, work.event.journal_id, work.ticket.id)


def _take_over(work: Work) -> None:
    """`#gabung`: its urgency, who handled it, and its number in LPSE Support, where the ticket that stays has none."""
    gone = work.given.kept.takes_over
    assert gone is not None
    work.change(handler=work.ticket.handler or gone.handler, tts_number=work.ticket.tts_number or gone.tts_number)
    if gone.priority < work.ticket.priority and not tickets.priority_by_staff(work.store, work.ticket.id):
        proposals.move_priority(work, gone.priority)
