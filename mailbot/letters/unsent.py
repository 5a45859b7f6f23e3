"""The question about what was held, `staff_confirm`: with links that send it after all, or drop it.

Who has left it open is asked again after 15 minutes of service hours; from then on it stands in the work lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from mailbot.config.site import Site
from mailbot.letters.links import Send, Stored, canonical, sending
from mailbot.letters.posting import Letter, put, subject_of, thread_of
from mailbot.letters.values import values
from mailbot.model import Duration, NamedAddress, Role, Status
from mailbot.parsers.commands.vocabulary import SPECS
from mailbot.sentences import Sentences
from mailbot.store.database import Store
from mailbot.tickets import leaves, tickets, unsent
from mailbot.tickets.case import Case, Context
from mailbot.tickets.unsent import Unsent

_SAID = Sentences(__file__)

#: When a person is asked again.
AGAIN = Duration(minutes=15)


def leave_open(
    case: Case, entry: int, recipient: NamedAddress, shown: Mapping[str, str | None], send: Send | None
) -> list[dict[str, Any]]:
    """What was held of mail `entry` stands open from now on. Returns its links."""
    made = unsent.add(
        case.store,
        case.ticket.id,
        entry,
        recipient.address,
        shown=shown,
        send=asdict(send) if send is not None else {},
        since=case.now,
        due=case.site.calendar.add(case.now, AGAIN).at,
    )
    return _links(case, recipient, made, str(shown["what"]), send)


def waiting(store: Store, site: Site, now: datetime) -> list[tuple[int, str]]:
    """(ticket id, address) of those who are to be asked again."""
    return list(dict.fromkeys((one.ticket_id, one.address) for one in unsent.due(store, site.name, now)))


def ask_again(store: Store, site: Site, ticket_id: int, address: str, now: datetime) -> None:
    """Asks a person about all that they have left open on a ticket. In service hours."""
    with store.immediate():
        found = [
            one for one in unsent.due(store, site.name, now) if (one.ticket_id, one.address) == (ticket_id, address)
        ]
        if found:
            _ask_again(Case(store, site, now, tickets.load(store, ticket_id)), address, found)


def names_of(one: Unsent) -> list[str]:
    """The commands that would send it, as the command language calls them."""
    return [canonical(line) for line in str(one.send["command"]).split("\r\n")] if one.send else []


def _ask_again(case: Case, address: str, found: Sequence[Unsent]) -> None:
    left = {one: _send(case, one) for one in found if not is_done(case, one)}
    unsent.end(case.store, [one.id for one in found if one not in left], case.now)
    unsent.told(case.store, [one.id for one in left])
    if left:
        for recipient in _present(case, address):
            _ask(case, recipient, left)


def _ask(case: Case, recipient: NamedAddress, left: Mapping[Unsent, Send | None]) -> None:
    since = case.site.say(min(one.since for one in left))
    why = dict.fromkeys(filter(None, (one.shown["why"] for one in left)))
    shown = values(
        case,
        recipient,
        actor=None,
        authenticated=True,
        reason=" ".join((_SAID("still_held", since=since), *why)),
        held=_together([one.shown for one in left]),
        text=None,
        confirmation=None,
        actions=[action for one, send in left.items() for action in _links(case, recipient, one.id, one.what, send)],
    )
    parent, references = thread_of(case.store, case.ticket, recipient.address, Role.STAFF)
    letter = Letter(
        template="staff_confirm",
        recipient=recipient,
        shown=shown,
        key=f"u{next(iter(left)).id}.{case.now:%Y%m%d%H%M}",
        subject=subject_of("staff_confirm", case.ticket),
        ticket=case.ticket,
        in_reply_to=parent,
        references=references,
    )
    put(Context(case.store, case.site, case.now), letter)


def _together(shown: Sequence[Mapping[str, str | None]]) -> dict[str, str | None]:
    """What several questions show, as one."""
    joints = {"what": ", ", "text": "\n\n", "to": ", ", "files": "; "}
    return {
        name: joint.join(dict.fromkeys(filter(None, (one[name] for one in shown)))) or None
        for name, joint in joints.items()
    }


def _present(case: Case, address: str) -> list[NamedAddress]:
    """Who wrote it; all staff who are there where he is away or has left the list."""
    person = case.site.config.person(address)
    if person is not None and not leaves.away_until(case.store, case.site, address, case.now):
        return [NamedAddress(person.name, person.address)]
    everybody = [NamedAddress(one.name, one.address) for one in case.site.config.staff]
    return leaves.present(case.store, case.site, everybody, case.now)


def _send(case: Case, one: Unsent) -> Send | None:
    """The link that sends it as the ticket stands now: words to the user as information, where the ticket is closed.
    None: no link ever did."""
    if not one.send:
        return None
    send = Send(**{**one.send, "stored": Stored(**one.send["stored"])})
    to_user = all(SPECS[name].reaches is Role.USER and not SPECS[name].reported for name in names_of(one))
    return replace(send, command="#info") if to_user and case.ticket.status is Status.CLOSED else send


def is_done(case: Case, one: Unsent) -> bool:
    """Whether a colleague has escalated meanwhile: a second escalation is what nobody wants (step 1)."""
    return "escalate" in names_of(one) and case.ticket.is_with_lkpp


def _links(case: Case, recipient: NamedAddress, made: int, what: str, send: Send | None) -> list[dict[str, Any]]:
    drop = Send(label=_SAID("drop", what=what), command="#batal", hint=_SAID("drop_hint"))
    return [
        sending(case, recipient, replace(one, stored=replace(one.stored, unsent=made)))
        for one in (send, drop)
        if one is not None
    ]
