"""What several effects need: who is written to, whose words are passed on, which limit is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from mailbot import letters
from mailbot.fetch.originals import attachments_of
from mailbot.model import Attachment, NamedAddress, Role
from mailbot.rules.sop import clocks
from mailbot.store import notices, sent_mails
from mailbot.store.database import to_text
from mailbot.tickets import earlier, leaves, tickets
from mailbot.tickets.work import HeldData, Work

#: Who may see what is internal to the LPSE.
INSIDE = (Role.STAFF, Role.COORDINATOR, Role.HEAD)

#: The clocks by which LKPP owes a word (SOP steps 12 and 14).
LKPP_CLOCKS = ("lkpp_status", "lkpp_progress")


def user_of(work: Work) -> NamedAddress:
    name = tickets.fields(work.store, work.ticket.id).get("name") or work.ticket.user_name
    return NamedAddress(name, work.ticket.user_address)


def lkpp_of(work: Work) -> NamedAddress:
    return NamedAddress("Helpdesk LKPP", work.site.config.lkpp.address or "")


def all_staff(work: Work) -> list[NamedAddress]:
    return [NamedAddress(person.name, person.address) for person in work.site.config.staff]


def who_handles(work: Work) -> list[NamedAddress]:
    """The one who handles the ticket; all staff where nobody does (or he is away, or has left the list)."""
    handler = work.ticket.handler
    person = work.site.config.person(handler) if handler else None
    if leaves.away_until(work.store, work.site, handler, work.now):
        return all_staff(work)
    return [NamedAddress(person.name, person.address)] if person else all_staff(work)


def staff_present(work: Work) -> list[NamedAddress]:
    """All staff but those who are away; whoever is on leave is not reminded."""
    return leaves.present(work.store, work.site, all_staff(work), work.now)


def keep(work: Work, kind: str, body: str, audience: Sequence[Role]) -> None:
    if body:
        event = work.event
        text = tickets.Text(role=event.role, address=event.address, kind=kind, audience=audience, body=body)
        tickets.add_text(work.store, work.ticket.id, text, journal_id=event.journal_id, at=event.at)


def undo_window(work: Work) -> dict[str, Any]:
    """When a mail leaves that `#batal` may still take back, and by whose command it waits."""
    window = timedelta(minutes=work.site.config.sop.undo_window.minutes)
    return {"not_before": work.event.at + window, "undo_by": work.event.journal_id}


def user_mails(work: Work, *, new_only: bool) -> list[Mapping[str, Any]]:
    """The user's believed mails; `new_only`: those that LKPP may not see yet, and by `#teruskan` also the unproven
    ones since the escalation, which staff have read with their warning."""
    escalated = to_text(work.ticket.escalated_at) if work.ticket.escalated_at else None
    return [
        row
        for row in tickets.texts_for(work.store, work.ticket.id, Role.STAFF)
        if row["role"] == Role.USER.value
        if row["kind"] == "mail" or (new_only and row["kind"] == "unverified" and escalated and row["at"] >= escalated)
        if not (new_only and ",lkpp," in str(row["audience"]))
    ]


def lkpp_said(work: Work) -> tuple[str, list[Attachment]]:
    """LKPP's words and files: of its mail in hand, of the reply that staff have just explained, or told by staff."""
    if work.event.role is Role.LKPP:
        return work.given.text, list(work.given.attachments)
    if work.settled is not None:
        kept = earlier.lkpp_words(work.store, work.ticket.id, work.settled)
        return work.event.text or kept, attachments_of(work, work.settled)
    return work.event.text, list(work.given.attachments)


def show_files_to_user(work: Work) -> None:
    """LKPP's files go to the user with what LKPP asks of him, and with its solution (steps 7 and 13)."""
    journal_id = work.event.journal_id if work.event.role is Role.LKPP else work.settled
    if journal_id is not None:
        tickets.widen_audience(work.store, [journal_id], Role.USER, files_only=True)


def user_has_it(work: Work) -> bool:
    """Whether the mail of staff or LKPP itself named the user in To or Cc: recorded, not passed on again."""
    if work.given.user_addressed:
        who = "LKPP telah menulis" if work.event.role is Role.LKPP else "e-mail ini telah dikirim"
        remark(work, f"{who} langsung kepada pengguna; tidak diteruskan lagi")
    return work.given.user_addressed


def users_own(work: Work) -> bool:
    """Whether the address that bounced (the event's argument) is the ticket's user's, and not that of another party;
    one that is not told is his."""
    return work.event.argument.lower() in ("", work.ticket.user_address.lower())


def fired(work: Work) -> dict[str, Any] | None:
    """The due stage in words; without one, the next limit."""
    return letters.next_limit(work) if work.running is None else letters.limit_values(work, work.running)


def enquiry(work: Work) -> dict[str, Any]:
    """Which enquiry to LKPP this is (n), and how many working days LKPP has said nothing."""
    now_due = work.running is not None and work.running.clock in LKPP_CLOCKS
    clock = next((r for _, r in tickets.running(work.store, work.ticket.id) if r.clock in LKPP_CLOCKS), None)
    n, since = 1, work.ticket.escalated_at or work.now
    if clock is not None:
        timing = work.site.timing(work.ticket.priority)
        since = clock.started_at
        n = clocks.times_fired(work.site.table.clocks[clock.clock], clock, timing) + int(now_due)
    last = sent_mails.last_to_lkpp(work.store, work.ticket.id, work.given.key)
    return {
        "n": n,
        "days": work.site.calendar.working_days_between(since, work.now),
        "last_at": work.site.say(last) if last else None,
        "first": n <= 1,
    }


def held_back(work: Work) -> HeldData:
    """What goes to LKPP at step 9: the user's mails that LKPP has not seen, and this command's own words and files."""
    if work.held_data is not None:
        return work.held_data
    if not work.event.role.inside:
        # At once goes the mail in hand; what is held (questions, programs, unproven mails) waits for `#teruskan`.
        ids = [] if work.event.journal_id is None else [work.event.journal_id]
        work.held_data = HeldData(work.given.text, work.given.attachments, work.given.attachments, ids)
        return work.held_data
    mails = user_mails(work, new_only=True)
    files = {int(entry["journal_id"]): attachments_of(work, int(entry["journal_id"])) for entry in mails}
    his = [int(entry["journal_id"]) for entry in mails if f",{Role.USER}," in str(entry["audience"])]
    words = [*(str(entry["body"]) for entry in mails), work.event.text]
    work.held_data = HeldData(
        words="\n\n".join(word for word in words if word.strip()),
        files=[*(file for found in files.values() for file in found), *work.given.attachments],
        users=[file for journal_id in his for file in files[journal_id]],
        journal_ids=list(files),
    )
    return work.held_data


def remark(work: Work, text: str) -> None:
    work.remarks.append(text)
    tickets.note(work.store, work.history_id, "; ".join((*work.noted, *work.remarks)))


def notice(work: Work, audience: Role, *, daily: bool) -> None:
    """Let a line wait for one collected mail: the next of this pass, or the one of the day."""
    limit = fired(work) or {}
    what, due = str(limit.get("what", "")), _limit(work)
    notices.add(work.store, work.ticket, audience, what, at=work.now, due=due, daily=daily)


def _limit(work: Work) -> datetime:
    """The limit that the due stage's clock is about."""
    if work.running is None:
        return work.now
    clock = work.site.table.clocks[work.running.clock]
    return clocks.first_limit(clock, work.running, work.site.timing(work.ticket.priority))
