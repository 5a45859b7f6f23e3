"""The tickets come to be: users, staff and LKPP write until each stands in its status."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import timedelta

from tests.soak.standing import KINDS, Ticket
from tests.world import PEOPLE, Letter, PaperWorld, World

_Office = World | PaperWorld

_BATCHES = 3
_BETWEEN = timedelta(minutes=10)
#: Two people write, and each escalates at most 20 times an hour without being asked for a code.
_ESCALATIONS = 36
_LKPP_FIRST = ("escalated", "progress", "data")  # none of these is due on the day itself


def open_tickets(office: _Office, count: int, day: str) -> list[Ticket]:
    """As many tickets of each kind, opened on a working day (not Friday) between 08:00 and 13:20. At 13:45, when this
    returns, all stand as they are to stand, and nothing has been due yet."""
    tickets = [
        Ticket(f"Perkara {n:04}", f"p{n:04}@penyedia.test", kind, office.now)
        for n, kind in zip(range(count), itertools.cycle(KINDS))
    ]
    first = [ticket for ticket in tickets if ticket.kind in _LKPP_FIRST]
    waves = [first[n : n + _ESCALATIONS] for n in range(0, len(first), _ESCALATIONS)]
    for start, wave in zip(("08:00", "09:10", "10:20"), waves, strict=False):
        _open(office, f"{day} {start}", wave)
    assert len(waves) <= 3, "too many for one morning"
    _open(office, f"{day} 13:00", [ticket for ticket in tickets if ticket.kind not in _LKPP_FIRST])
    office.at(f"{day} 13:45")  # past the undo window of the staff's answers
    assert office.once()
    numbers = _by_title(office, "petugas", "staff_new_ticket")
    for ticket in tickets:
        ticket.number = str(numbers[ticket.title].message["X-Mailbot-Ticket"])
    return tickets


def _open(office: _Office, start: str, tickets: Sequence[Ticket]) -> None:
    """Three batches, ten minutes apart; ten minutes later staff write about them, and ten later LKPP."""
    office.at(start)
    batches = [tickets[n::_BATCHES] for n in range(_BATCHES)]
    for step in range(_BATCHES + 2):
        for turn, write in enumerate((_users_write, _staff_write, _lkpp_writes)):
            if 0 <= step - turn < _BATCHES:
                write(office, batches[step - turn])
        assert office.once()
        office.now += _BETWEEN


def _users_write(office: _Office, batch: Sequence[Ticket]) -> None:
    for ticket in batch:
        ticket.since = office.now
        office.write(ticket.user, "Kami lupa kata sandi.", subject=ticket.title, sender=f"Pengguna <{ticket.user}>")


def _staff_write(office: _Office, batch: Sequence[Ticket]) -> None:
    words = {name: kind.staff for name, kind in KINDS.items()}
    for turn, who in enumerate(("petugas", "rekan")):  # in turns for each kind
        mine = [ticket for ticket in batch if int(ticket.title[-4:]) // len(KINDS) % 2 == turn]
        for ticket in mine:
            ticket.handler = PEOPLE[who]
        _answer(office, mine, who, "staff_new_ticket", 1, words)


def _lkpp_writes(office: _Office, batch: Sequence[Ticket]) -> None:
    _answer(office, batch, "lkpp", "lkpp_escalation", 2, {name: kind.lkpp for name, kind in KINDS.items()})


def _answer(
    office: _Office, batch: Sequence[Ticket], who: str, template: str, turn: int, words: Mapping[str, str]
) -> None:
    if not any(words[ticket.kind] for ticket in batch):
        return
    found = _by_title(office, who, template)
    for ticket in batch:
        if words[ticket.kind]:
            office.write(who, words[ticket.kind], answers=found[ticket.title])
            if KINDS[ticket.kind].since == turn:
                ticket.since = office.now


def _by_title(office: _Office, who: str, template: str) -> Mapping[str, Letter]:
    return {one.subject[-12:]: one for one in office.letters(who) if one.template == template}
