"""A fast clock over Christmas, collective leave, New Year and weekends, with hundreds of open tickets that nobody
touches: every deadline fires once, in service hours, and nothing else leaves.

What is owed comes from tests/soak/standing.py; what has left is read in the parties' mailboxes. Mails to users and to
LKPP are always mails of their own; those to staff, coordinator and head may be a line of a collected mail.

MAILBOT_SOAK_HOURS says how long the long test takes (default 0.2). From 4 hours on it is one daemon with one even
clock; below that nights and holidays pass faster than office hours, by daemons that follow one another.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from mailbot.config.site import open_sites
from mailbot.model import Duration
from mailbot.rules.worktime.service_hours import Calendar
from mailbot.store.database import to_text
from tests.mailservers import MailServers
from tests.soak.opening import open_tickets
from tests.soak.process import Program, Rehearsal, once
from tests.soak.standing import COORDINATOR, HEAD, Owed, Span, Ticket, owed
from tests.world import NO_CAPS, PEOPLE, WIB, Letter, PaperWorld, World

LIST = "staff_worklist"
_LISTED = re.compile(r"LPSE-BTG-\d{4}-\d{6}")
_LINE = re.compile(r"^(LPSE-BTG-\d{4}-\d{6}) – ", re.MULTILINE)
#: Mails to this party may be lines of a collected mail of that kind.
_COLLECTED = {"staff_digest": "staff_reminder"}
_WHO = {
    "staff": ("petugas", "rekan"),
    "coordinator": ("koordinator",),
    "head": ("kepala",),
    "lkpp": ("lkpp",),
    "operator": ("operator",),  # what the calendar lacks, once a week; in service hours too
}


def _at(when: str) -> datetime:
    return datetime.fromisoformat(when).replace(tzinfo=WIB).astimezone(UTC)


def _calendar(office: World | PaperWorld) -> Calendar:
    return open_sites(office.config)[0].calendar


# --- on paper, twenty minutes at a time -----------------------------------------------------------------------

_PAPER_STEP = timedelta(minutes=20)


def test_every_deadline_fires_once_and_none_at_night_on_paper(office: PaperWorld) -> None:
    tickets = open_tickets(office, 27, "2026-12-22")
    before = _ids(office, tickets)
    end = _at("2027-01-13 17:00")
    while office.now < end:
        office.now += _PAPER_STEP
        assert office.once()
    _audit(office, tickets, before, Span(end, end, _PAPER_STEP))
    _audit_lists(office, tickets, _at("2026-12-22 13:45"), end)


def _audit_lists(office: PaperWorld, tickets: Sequence[Ticket], start: datetime, end: datetime) -> None:
    """At opening each of staff has a list on each day of service, with all open tickets that they or nobody handles; at
    13.00 there is at most one more."""
    calendar = _calendar(office)
    for who in _WHO["staff"]:
        lists = [one for one in office.letters(who) if one.template == LIST]
        made = [parsedate_to_datetime(str(one.message["Date"])) for one in lists]
        for opens, closes in _service(calendar, start, end):
            today = [at for at in made if opens <= at < closes]
            assert 1 <= len(today) <= 2 and today[0] < opens + _PAPER_STEP, (who, opens, today)
            listed = set(_LISTED.findall(lists[made.index(today[0])].text))
            mine = {one.number for one in tickets if not one.is_handled or one.handler == PEOPLE[who]}
            over = {one.number for one in tickets if one.kind in ("asked", "answered")}  # silence closes them in time
            assert mine - over <= listed <= mine, (who, opens)


def _service(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The days of service that begin within a span: from opening to closing."""
    day = start.astimezone(WIB).date()
    while (day := day + timedelta(days=1)) <= end.astimezone(WIB).date():
        if spans := calendar.service(day):
            yield spans[0][0], spans[-1][1]


# --- by the daemon ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Leg:
    """A daemon's life: from when to when its clock runs, and how fast."""

    start: datetime
    end: datetime
    speed: float


#: Seconds of the wall within which the daemon does what is due; the hour (UTC) at which all of Indonesia sleeps.
_PROMPT, _NIGHT = 10, 18


@pytest.mark.mailservers
def test_the_daemon_lets_no_deadline_pass_on_a_fast_clock(servers: MailServers, tmp_path: Path) -> None:
    """The last hours before Christmas, a holiday, and the first morning after it."""
    spans = (
        ("2026-12-23 13:46", "2026-12-23 16:30"),
        ("2026-12-25 09:00", "2026-12-25 09:30"),
        ("2026-12-28 07:15", "2026-12-28 09:15"),
    )
    office = _office(servers, tmp_path)
    tickets = open_tickets(office, 18, "2026-12-23")
    _run(office, tickets, [Leg(_at(start), _at(end), 2000) for start, end in spans])


@pytest.mark.long
@pytest.mark.mailservers
@pytest.mark.timeout(12 * 3600)
def test_hours_of_a_fast_clock_with_300_open_tickets(servers: MailServers, tmp_path: Path) -> None:
    office = _office(servers, tmp_path)
    hours = float(os.environ.get("MAILBOT_SOAK_HOURS", "0.2"))
    tickets = open_tickets(office, 300, "2026-12-22")
    _run(office, tickets, list(_legs(_calendar(office), hours, _at("2026-12-22 13:46"), _at("2027-01-15 17:30"))))


def _office(servers: MailServers, folder: Path) -> World:
    rate = {"per_minute": 1_000_000, "per_hour": 1_000_000, "per_day": 1_000_000}
    return World(servers, folder, smtp={"rate": rate}, limits=NO_CAPS)


def _legs(calendar: Calendar, hours: float, start: datetime, end: datetime) -> Iterator[Leg]:
    if hours >= 4:
        yield Leg(start, end, (end - start) / timedelta(hours=hours))
        return
    days = list(_working_days(calendar, start, end))
    speed = sum((closes - opens for opens, closes in days), timedelta()) / timedelta(hours=0.8 * hours)
    for (opens, closes), following in zip(days, [*days[1:], None], strict=True):
        yield Leg(opens, closes, speed)
        if following is not None:
            # Stopped long before service begins: every second of a late stop is an hour of its clock.
            yield Leg(closes, following[0] - timedelta(hours=8), 3600)


def _working_days(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From half an hour before service begins until an hour after its end."""
    day = start.astimezone(WIB).date()
    while day <= end.astimezone(WIB).date():
        if spans := calendar.service(day):
            yield max(start, spans[0][0] - timedelta(minutes=30)), spans[-1][1] + timedelta(hours=1)
        day += timedelta(days=1)


def _run(office: World, tickets: Sequence[Ticket], legs: Sequence[Leg]) -> None:
    before = _ids(office, tickets)
    began = time.monotonic()
    for leg in legs:
        latest = _live(office, leg)
    lasted = time.monotonic() - began
    # At night: what is in the outbox leaves, but nothing new falls due.
    assert once(office.config_file, _calendar(office).add(latest, Duration(working_days=2)).at.replace(hour=_NIGHT))
    office.servers.settle()
    span = Span(leg.end, latest, timedelta(seconds=_PROMPT * leg.speed))
    counted = _audit(office, tickets, before, span)
    late = office.rows("SELECT clock, due FROM deadlines WHERE ended_at IS NULL AND due <= ?", to_text(span.sure))
    assert not late, [tuple(row) for row in late]
    print(f"{len(tickets)} tickets, {len(legs)} runs, {lasted:.0f} s, speed {leg.speed:.0f}: {dict(counted)}")


def _live(office: World, leg: Leg) -> datetime:
    """One life of the daemon, in which its clock gets as far as the leg's end. Returns how far it may have got."""
    program = Program(office.config_file, Rehearsal(leg.start, leg.speed))
    began = time.monotonic()
    try:
        program.start_and_wait()  # its clock began some time before
        end = time.monotonic() + (leg.end - leg.start).total_seconds() / leg.speed
        while (left := end - time.monotonic()) > 0:
            program.check()
            time.sleep(min(0.5, left))
        assert program.stop() == 0, program.log()
    finally:
        program.close()
    return leg.start + timedelta(seconds=(time.monotonic() - began) * leg.speed)


# --- counting -----------------------------------------------------------------------------------------------------


def _everybody(tickets: Sequence[Ticket]) -> list[str]:
    return [*(PEOPLE[name] for names in _WHO.values() for name in names), *(ticket.user for ticket in tickets)]


def _ids(office: World | PaperWorld, tickets: Sequence[Ticket]) -> set[str]:
    return {one.message_id for who in _everybody(tickets) for one in office.letters(who)}


def _about(one: Letter) -> list[str]:
    """The tickets that a mail is about: its own, or those of a collected mail's lines."""
    own = one.message["X-Mailbot-Ticket"]
    return [str(own)] if own else _LINE.findall(one.text)


def _audit(office: World | PaperWorld, tickets: Sequence[Ticket], before: set[str], span: Span) -> Counter[str]:
    """Each mail owed is there once and in time, nothing else is there, and nothing was made outside service hours.
    Returns how many there are of each template."""
    calendar = _calendar(office)
    counted: Counter[str] = Counter()
    made: dict[tuple[str, str, str], list[datetime]] = defaultdict(list)  # by recipient, ticket, template
    for who in _everybody(tickets):
        letters = [one for one in office.letters(who) if one.message_id not in before]
        assert len({one.message_id for one in letters}) == len(letters), f"{who} has a mail twice"
        for one in letters:
            at = parsedate_to_datetime(str(one.message["Date"]))
            assert calendar.in_service(at), f"{who}: {one.template} at {at}"
            counted[one.template] += 1
            if one.template == LIST:
                assert set(_LISTED.findall(one.text)) <= {ticket.number for ticket in tickets}
                continue
            for number in _about(one):
                made[who, number, _COLLECTED.get(one.template, one.template)].append(at)
    for ticket in tickets:
        for template, dues in owed(ticket, calendar, span).items():
            for who in _recipients(template, ticket):
                found = sorted(made.pop((who, ticket.number, template), []))
                what = f"{ticket.kind} {ticket.number} {template} to {who}"
                if template in (COORDINATOR, HEAD):
                    _compare_with_lists(what, found, dues)
                elif who == ticket.handler or not ticket.is_handled or len(found) > 0:
                    _compare(what, found, dues)
    assert not made, f"nobody was owed: {dict(made)}"
    return counted


def _compare_with_lists(what: str, found: Sequence[datetime], dues: Sequence[Owed]) -> None:
    """What goes alone is there in time; what stands in a list does so on no day before its due."""
    told = f"{what}: made {[f'{at}' for at in found]}, owed {[f'{each.due.astimezone(WIB)}' for each in dues]}"
    assert all(at >= dues[0].due.replace(microsecond=0) for at in found), told
    for each in dues:
        if each.sure and not each.in_lists:
            assert any(each.due.replace(microsecond=0) <= at <= each.latest for at in found), told


def _recipients(template: str, ticket: Ticket) -> list[str]:
    party = template.partition("_")[0]
    return [ticket.user] if party == "user" else [PEOPLE[name] for name in _WHO[party]]


def _compare(what: str, found: Sequence[datetime], dues: Sequence[Owed]) -> None:
    told = f"{what}: made {[f'{at}' for at in found]}, owed {[f'{each.due.astimezone(WIB)}' for each in dues]}"
    reached = {0}  # how many of those found are accounted for, the dues one after the other
    for each in dues:
        taken = {
            n + 1 for n in reached if n < len(found) and each.due.replace(microsecond=0) <= found[n] <= each.latest
        }
        reached = taken if each.sure else taken | reached
    assert len(found) in reached, told
