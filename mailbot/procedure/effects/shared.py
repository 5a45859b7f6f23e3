"""What several effects need: who is written to, whose words are passed on, which limit is due."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from mailbot import door, letters
from mailbot.door import Passage, Passed, through
from mailbot.fetch.originals import attachments_of
from mailbot.model import Attachment, Ball, NamedAddress, Role
from mailbot.rules.sop import clocks
from mailbot.sentences import Sentences
from mailbot.store import notices, sent_mails
from mailbot.store.database import to_text
from mailbot.tickets import earlier, leaves, tickets
from mailbot.tickets.case import Case
from mailbot.tickets.work import DataForLkpp, Work

_SAID = Sentences(__file__)

INSIDE = door.INSIDE

#: The clocks by which LKPP owes a word (SOP steps 12 and 14).
LKPP_CLOCKS = ("lkpp_status", "lkpp_progress")
#: The clocks by which staff owe the meaning of a reply of LKPP (step 3).
MEANING_CLOCKS = ("classify", "classify_resolved")


def user_of(work: Work) -> NamedAddress:
    name = work.fields().get("name") or work.ticket.user_name
    return NamedAddress(name, work.ticket.user_address)


def lkpp_of(work: Work) -> NamedAddress:
    return NamedAddress(_SAID("lkpp"), work.site.config.lkpp.address or "")


def all_staff(work: Work) -> list[NamedAddress]:
    return [NamedAddress(person.name, person.address) for person in work.site.config.staff]


def who_handles(work: Work) -> list[NamedAddress]:
    """The one who handles the ticket; all staff where nobody does (or he is away, or has left the list)."""
    handler = work.ticket.handler
    person = work.site.config.person(handler) if handler else None
    if leaves.away_until(work.store, work.site, handler, work.now):
        return all_staff(work)
    return [NamedAddress(person.name, person.address)] if person else all_staff(work)


def reminded(work: Work) -> list[NamedAddress]:
    """Who is reminded of a limit: whoever handles the ticket; all who are there where nobody does, or he is away, has
    left the list, or has not acted although half of the limit is over."""
    found = who_handles(work)
    return staff_present(work) if len(found) > 1 or _is_idle(work) else found


def _is_idle(work: Work) -> bool:
    """Whether an act of whoever handles the ticket is awaited, and half of the limit has gone without one. To take a
    ticket is none."""
    running = work.running
    if running is None or work.ticket.handler is None:
        return False
    clock = work.site.table.clocks[running.clock]
    if clock.binds is not Ball.LPSE and clock.name not in MEANING_CLOCKS:
        return False
    timing = work.site.timing(work.ticket.priority)
    half = timing.add(running.started_at, clocks.half(timing.lengths[clocks.limit_of(clock).after]))
    return half.at <= work.now and not earlier.acted(
        work.store, work.ticket.id, work.ticket.handler, running.started_at
    )


def staff_present(work: Work) -> list[NamedAddress]:
    """All staff but those who are away; whoever is on leave is not reminded."""
    return leaves.present(work.store, work.site, all_staff(work), work.now)


def keep(work: Work, kind: str, body: str) -> None:
    """Words that stay within the LPSE; for all others there is the door."""
    if body:
        event = work.event
        text = tickets.Text(role=event.role, address=event.address, kind=kind, audience=INSIDE, body=body)
        tickets.add_text(work.store, work.ticket.id, text, journal_id=event.journal_id, at=event.at)


def undo_window(work: Work) -> dict[str, Any]:
    """When a mail leaves that `#batal` may still take back, and by whose mail it waits: a command's from its arrival;
    what goes of LKPP's by itself from now, so that staff who learn of it only now have all of it."""
    window = timedelta(minutes=work.site.config.sop.undo_window.minutes)
    since = work.now if work.event.role is Role.LKPP else work.event.at
    return {"not_before": since + window, "undo_by": work.event.journal_id}


def passing_window(work: Work) -> dict[str, Any]:
    """The undo window of what the user reads of LKPP. LKPP's words that a person has read and passes on unchanged go
    at once."""
    return undo_window(work) if work.event.role is Role.LKPP or in_own_words(work) else {}


def in_own_words(work: Work) -> bool:
    """Whether staff say in words of their own what LKPP means: told of a call, or changed. Whole paragraphs of LKPP's
    stay LKPP's words, wrapped as a mail program may have wrapped them."""
    if work.event.role is Role.LKPP:
        return False
    if work.settled is None:
        return True
    theirs = _PARAGRAPH.split(earlier.for_user(work.store, work.ticket.id, work.settled))
    known = {_in_one_line(part) for whole in theirs for part in (whole, *whole.split("\n"))}
    return not all(
        _in_one_line(whole) in known or {_in_one_line(line) for line in whole.split("\n")} <= known
        for whole in _PARAGRAPH.split(work.event.text.strip())
    )


_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def user_mails(case: Case, *, new_only: bool) -> list[Mapping[str, Any]]:
    """The user's believed mails; `new_only`: those that LKPP may not see yet, and by `#teruskan` also the unproven
    ones since the escalation, which staff have read with their warning."""
    escalated = to_text(case.ticket.escalated_at) if case.ticket.escalated_at else None
    return [
        row
        for row in tickets.texts_for(case.store, case.ticket.id, Role.STAFF)
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


def lkpp_to_user(work: Work, why: str, *, with_files: bool = True) -> Passed:
    """What of LKPP's mail in hand goes to the user; or what staff have left of a reply's words, or told of LKPP. Its
    files go with what LKPP asks of him, and with its solution (SOP steps 7 and 13)."""
    event, in_hand = work.event, work.event.role is Role.LKPP
    reply = event.journal_id if in_hand else work.settled
    passage = Passage(
        source=event.role if reply is None else Role.LKPP,
        to=Role.USER,
        why=why,
        words=work.given.for_user if in_hand else event.text,
        files=lkpp_said(work)[1] if with_files else (),
        mails=[reply] if reply is not None and with_files else (),
    )
    return through(work, passage)


def said(work: Work, to: Role, why: str) -> Passed:
    """The event's own words and files, to the user or to LKPP."""
    words, files = work.event.text, work.given.attachments
    return through(work, Passage(source=work.event.role, to=to, why=why, words=words, files=files))


def user_has_it(work: Work) -> bool:
    """Whether the mail of staff or LKPP itself named the user in To or Cc: recorded, not passed on again."""
    if work.given.user_addressed:
        work.remark(_SAID("lkpp_wrote_user" if work.event.role is Role.LKPP else "staff_wrote_user"))
    return work.given.user_addressed


def users_own(work: Work) -> bool:
    """Whether the address that bounced (the event's argument) is the ticket's user's, and not that of another party;
    one that is not told is his."""
    return work.event.argument.lower() in ("", work.ticket.user_address.lower())


def fired(work: Work) -> dict[str, Any] | None:
    """The due stage in words; without one, the next limit."""
    return letters.next_deadline(work) if work.running is None else letters.deadline_values(work, work.running)


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


def data_for_lkpp(work: Work) -> DataForLkpp:
    """What of the user's goes to LKPP at step 9: his mails that LKPP has not seen."""
    if work.held_data is not None:
        return work.held_data
    if not work.event.role.inside:
        # At once goes the mail in hand; what is held (questions, programs, unproven mails) waits for `#teruskan`.
        ids = [] if work.event.journal_id is None else [work.event.journal_id]
        work.held_data = DataForLkpp(work.given.text, work.given.attachments, work.given.attachments, ids)
        return work.held_data
    mails = user_mails(work, new_only=True)
    files = {int(entry["journal_id"]): attachments_of(work, int(entry["journal_id"])) for entry in mails}
    his = [int(entry["journal_id"]) for entry in mails if f",{Role.USER}," in str(entry["audience"])]
    work.held_data = DataForLkpp(
        words="\n\n".join(body for entry in mails if (body := str(entry["body"])).strip()),
        files=[file for found in files.values() for file in found],
        users=[file for journal_id in his for file in files[journal_id]],
        journal_ids=list(files),
    )
    return work.held_data


def notice(work: Work, audience: Role) -> None:
    """Let a line wait for the one collected mail of this pass."""
    limit = fired(work) or {}
    what, due = str(limit.get("what", "")), _limit(work)
    notices.add(work.store, work.ticket, audience, what, at=work.now, due=due)


def _limit(work: Work) -> datetime:
    """The limit that the due stage's clock is about."""
    if work.running is None:
        return work.now
    clock = work.site.table.clocks[work.running.clock]
    return clocks.first_limit(clock, work.running, work.site.timing(work.ticket.priority))
