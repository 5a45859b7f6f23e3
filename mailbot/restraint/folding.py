"""Staff's notices of users' mails when too many come: one collected mail instead of one each.

Every mail has its ticket and its clocks all the same. What waits to be told lies in `notices`, so that nothing is lost
when the flood ends, or the program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mailbot import letters
from mailbot.config.site import Site
from mailbot.letters import alarms, overdue
from mailbot.model import NamedAddress, Role, Ticket
from mailbot.sentences import Sentences
from mailbot.store import notices
from mailbot.store.database import Store
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import tickets
from mailbot.tickets.case import Context
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)
#: The first mail that waits is told after so long, and all others with it.
EVERY = timedelta(minutes=15)
#: One about a ticket of the highest priority waits no longer than this: its bid may close within the hour. Even a flood
#: that pretends to be urgent costs staff no more than one mail in this time.
URGENT = timedelta(minutes=2)
#: Tickets in one collected mail; programs cut longer ones off.
_LINES = 250


@dataclass(frozen=True, slots=True)
class _Told:
    """One line: so many mails of one ticket."""

    ticket: Ticket
    mails: int
    line: dict[str, Any]


def fold(work: Work, what: str, *, tell_operator: bool = True) -> None:
    """Let the mail in hand wait for the collected notice. what: "Tiket baru" or "Balasan pengguna"."""
    due = work.now + (URGENT if _urgent(work.ticket) else EVERY)
    notices.add(work.store, work.ticket, Role.STAFF, what, at=work.event.at, due=due, kind="mail")
    if not tell_operator:
        return
    every, urgent = EVERY.seconds // 60, URGENT.seconds // 60
    alarms.once(work, "notices", every=every, urgent=urgent, address=work.event.address)


def tell(store: Store, site: Site, now: datetime) -> None:
    """The collected notices, once the oldest has waited long enough. Inside the caller's transaction."""
    first = notices.mails_due(store, site.name)
    if first is None or not _is_due(first, now):
        return
    rows = notices.of_mails(store, site.name)
    counts = Counter((int(row["ticket_id"]), str(row["what"])) for row in rows)  # of one ticket's replies one line
    concerned = {ticket_id: tickets.load(store, ticket_id) for ticket_id in sorted({number for number, _ in counts})}
    found = [
        _Told(concerned[ticket_id], mails, _line(store, site, concerned[ticket_id], what, mails, now))
        for (ticket_id, what), mails in counts.items()
    ]
    found.sort(key=lambda told: told.ticket.priority)  # else in the order in which they came
    for person in overdue.people(site, Role.STAFF):
        own = [told for told in found if _concerns(site, told.ticket, person.address)]
        for start in range(0, len(own), _LINES):
            _put(store, site, person, own[start : start + _LINES], f"mails.{rows[-1]['id']}.{start}", now)
    notices.reported(store, rows, now)


def _is_due(first: datetime, now: datetime) -> bool:
    # Further away than that only a clock that ran ahead and was set back can have put it.
    return first <= now or first > now + 2 * EVERY


def _concerns(site: Site, ticket: Ticket, address: str) -> bool:
    """What nobody handles concerns all."""
    return ticket.handler is None or site.config.person(ticket.handler) is None or ticket.handler == address


def _urgent(ticket: Ticket) -> bool:
    return ticket.priority == 1


def _line(store: Store, site: Site, ticket: Ticket, what: str, mails: int, now: datetime) -> dict[str, Any]:
    if mails > 1:
        said = _SAID("line_of_several", what=what, address=ticket.user_address, mails=mails)
    else:
        said = _SAID("line", what=what, address=ticket.user_address)
    return {**overdue.item(store, site, ticket, None, now, said), "late": None}


def _put(store: Store, site: Site, person: NamedAddress, told: Sequence[_Told], key: str, now: datetime) -> None:
    mails, address = sum(one.mails for one in told), site.config.address
    prefix, kind = site.config.ticket_prefix, MAILS["staff_digest"].kind
    if urgent := len({one.ticket.id for one in told if _urgent(one.ticket)}):
        subject = _SAID("subject_urgent", prefix=prefix, kind=kind, mails=mails, urgent=urgent)
        label = letters.priority_label(site, 1)
        summary = _SAID("summary_urgent", mails=mails, address=address, label=label)
    else:
        subject = _SAID("subject", prefix=prefix, kind=kind, mails=mails)
        summary = _SAID("summary", mails=mails, address=address)
    shown = {
        "organisation": letters.organisation(site),
        "recipient": {"name": person.name, "address": person.address},
        "summary": summary,
        "items": [one.line for one in told],
        "listed": [],
    }
    letter = letters.Letter(template="staff_digest", recipient=person, shown=shown, key=key, subject=subject)
    letters.put(Context(store, site, now), letter)
