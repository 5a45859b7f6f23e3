"""Lays what mailbot says of a played month beside the second count; each difference is a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from mailbot.reports import listing, recap
from mailbot.reports.monthly import plain, report
from mailbot.store.database import to_instant
from tests.month.counting import LENGTHS, Count, Line, Recap, Ticket
from tests.month.figures import Report, flat
from tests.month.officetime import WIB
from tests.month.play import Played


def differences(found: Iterable[Any], wanted: Iterable[Any], what: str) -> Iterator[str]:
    """Of two collections without an order."""
    is_there, should = Counter(list(found)), Counter(list(wanted))
    yield from (f"{what}: {one} – only mailbot has it" for one in (is_there - should).elements())
    yield from (f"{what}: {one} – only the count has it" for one in (should - is_there).elements())


# --- tickets, limits, failures --------------------------------------------------------------------------


def of_tickets(played: Played, count: Count) -> Iterator[str]:
    store, config = played.office.store, played.office.config
    rows = {str(row["number"]): row for row in store.rows("SELECT * FROM tickets")}
    yield from differences(rows, count.tickets, "tickets")
    for number, ticket in count.tickets.items():
        if number not in rows:
            continue
        said = listing.ticket(store, config, number, played.office.now)
        merged = said["merged_into"] or ""
        is_there = (said["status"], said["priority"], said["handler"] or "", merged, bool(rows[number]["discarded"]))
        should = (ticket.status, ticket.priority, ticket.handler, ticket.into, ticket.discarded)
        if is_there != should:
            yield f"{number}: {is_there}, and by the mails {should}"
        yield from differences(_breaches_said(said), _breaches_counted(played, count, ticket), f"{number} failures")
        for clock in said["clocks"]:
            run = ticket.running(clock["clock"])
            if clock["clock"] in LENGTHS and (run is None or _instant(clock["deadline"]) != _instant(run.limit)):
                yield f"{number}: ticket --json has {clock['clock']} due {clock['deadline']}, and by the mails {run}"


def _breaches_said(said: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (row["clock"], row["party"], _instant(row["due"]), row["late_minutes"], row["times"], row["reason"])
        for row in said["breaches"]
    ]


def _breaches_counted(played: Played, count: Count, ticket: Ticket) -> list[tuple[Any, ...]]:
    return [
        (one.clock, one.party, _instant(one.due), one.minutes, one.times, one.reason)
        for one in count.breaches(ticket, played.office.now)
    ]


def of_limits(played: Played, count: Count) -> Iterator[str]:
    """Each run of each clock: when it began, when it was due, when it was over."""
    store = played.office.store
    rows = store.rows("SELECT d.*, t.number FROM deadlines d JOIN tickets t ON t.id = d.ticket_id ORDER BY d.id")
    runs = {number: list(ticket.runs) for number, ticket in count.tickets.items()}
    for row in rows:
        if row["clock"] not in LENGTHS:
            continue
        said = (row["clock"], _instant(row["started_at"]), _instant(row["ended_at"]))
        left = runs.get(str(row["number"]), [])
        match = next((run for run in left if said == (run.clock, _instant(run.start), _instant(run.end))), None)
        if match is None:
            yield f"{row['number']}: {said} – only mailbot has it"
            continue
        left.remove(match)
        limit = played.limits.get(int(row["id"]))
        if limit is not None and _instant(limit) != _instant(match.limit):
            yield f"{row['number']}: {said} due {_instant(limit)}, and by the mails {_instant(match.limit)}"
    for number, left in runs.items():
        for run in left:
            yield f"{number}: ({run.clock}, {_instant(run.start)}, {_instant(run.end)}) – only the count has it"


def _instant(at: datetime | str | None) -> str:
    if at is None:
        return "–"
    found = to_instant(at) if isinstance(at, str) else at
    return f"{found.astimezone(WIB):%Y-%m-%d %H:%M:%S}"


# --- the rekap -------------------------------------------------------------------------------------------


def of_recap(played: Played, count: Count, first: date) -> Iterator[str]:
    """Every row in its ten columns, and the summary."""
    site = played.office.site
    names = {person.address: person.name for person in site.config.staff}
    asked = recap.Asked(site.config, listing.words_of_site(site), site.zone, first)
    said, wanted = recap.recap(played.office.store, asked, played.office.now), Recap(count, first, names)
    what = f"rekap {first:%Y-%m}"
    left = list(wanted.lines)
    days = []
    for number, row in enumerate(said["rows"], 1):
        match = next((line for line in left if line.number in row[4] and _is(row, line)), None)
        days.append(datetime.strptime(row[1], "%d/%m/%Y"))
        if row[0] != str(number):
            yield f"{what}: row {number} has the number {row[0]}"
        if match is None:
            yield f"{what}: {row} – only mailbot has it; {[one for one in left if one.number in row[4]]}"
        else:
            left.remove(match)
    yield from (f"{what}: {line} – only the count has it" for line in left)
    if days != sorted(days):
        yield f"{what}: not in the order of the days"
    counted = _summary(played, count, wanted)
    yield from differences(said["summary"]["late"], counted.pop("late"), f"{what}, late")
    yield from (
        f"{what}, summary {key}: {said['summary'][key]}, and by the mails {value}"
        for key, value in counted.items()
        if said["summary"][key] != value
    )


# --- the report ------------------------------------------------------------------------------------------


def of_report(played: Played, count: Count, first: date) -> Iterator[str]:
    """Every figure of the month's report."""
    site, now = played.office.site, played.office.now
    said = plain.as_json(report.of_month(played.office.store, site, first, now).figures)
    found = dict(flat(_told(said)))
    wanted = dict(flat(Report(count, first, {}).figures(now)))
    for name in {**found, **wanted}:
        if found.get(name, "–") != wanted.get(name, "–"):
            yield f"report {first:%Y-%m}{name}: {found.get(name, '–')}, and by the mails {wanted.get(name, '–')}"


_SPREAD = ("n", "median", "p90", "within", "over")


def _told(said: Mapping[str, Any]) -> dict[str, Any]:
    """The figures in the shape in which they are counted: without labels, limits and shares."""
    received, lkpp, told = said["received"], said["lkpp"], said["satisfaction"]
    problems = {one["code"]: (one["n"], one["before"]) for one in received["problems"]}
    kinds = {(one["clock"], one["party"]): one["n"] for one in said["breaches"]["kinds"]}
    reasons = sorted((one["ticket"], one["clock"], one["reason"]) for one in said["breaches"]["reasons"])
    return {
        "received": {**received, "problems": problems},
        "first_response": {**_spread(said["first_response"]), "unanswered": said["first_response"]["unanswered"]},
        "solution": {
            **_spread(said["solution"]),
            **{key: said["solution"][key] for key in ("reopened", "endings", "turns")},
        },
        "breaches": {**said["breaches"], "kinds": kinds, "reasons": reasons},
        "lkpp": {**lkpp, "steps": {one["step"]: {key: one[key] for key in _SPREAD} for one in lkpp["steps"]}},
        "satisfaction": {name: _answers(told[name]) for name in ("month", "quarter")},
        "repeated": said["repeated"],
        "open": said["open"],
    }


def _spread(found: Mapping[str, Any]) -> dict[str, Any]:
    levels = {one["priority"]: {key: one[key] for key in _SPREAD} for one in found["priorities"]}
    return {**{key: found[key] for key in _SPREAD}, "priorities": levels}


def _answers(found: Mapping[str, Any]) -> dict[str, Any]:
    elements = {name: one["mean"] for name, one in found["elements"].items() if one["n"]}
    return {**{key: found[key] for key in ("answers", "index", "grade")}, "elements": elements}


def _is(row: list[str], line: Line) -> bool:
    _, day, address, name, message, category, destination, answered, answer, officer = row
    exact = (
        f"{line.day:%d/%m/%Y}",
        line.address,
        line.name,
        line.category,
        line.destination,
        line.answered,
        line.officer,
    )
    words = line.message in message and (line.answer in answer if line.answer else not answer)
    return words and exact == (day, address, name, category, destination, answered, officer)


_LABELS = {
    "new": "Baru",
    "in_progress": "Dalam penanganan LPSE",
    "awaiting_user": "Menunggu jawaban pengguna",
    "escalated": "Dieskalasi ke Helpdesk LKPP",
    "awaiting_data": "Menunggu data tambahan dari pengguna",
    "returned": "Dikembalikan ke LPSE",
    "resolved": "Dijawab, menunggu konfirmasi pengguna",
    "closed": "Ditutup",
}
_CHANNELS = {"email": "e-mail", "telepon": "telepon", "loket": "loket pelayanan", "lpse-support": "LPSE Support"}
_URGENCY = {1: "P1 Mendesak", 2: "P2 Tinggi", 3: "P3 Sedang", 4: "P4 Rendah"}


def _summary(played: Played, count: Count, wanted: Recap) -> dict[str, Any]:
    """What the rekap says below its rows, of the tickets that they are about."""
    tickets, now = wanted.tickets, played.office.now
    failures = {ticket.number: list(count.breaches(ticket, now)) for ticket in tickets}
    late = [number for number, found in failures.items() if any(one.party == "LPSE" and one.minutes for one in found)]
    whose = Counter[str]()
    for one in (one for found in failures.values() for one in found):
        whose[one.party] += one.times
    return {
        "total": len(tickets),
        "lines": len(wanted.lines),
        "channels": dict(Counter(_CHANNELS[line.channel] for line in wanted.lines)),
        "categories": dict(Counter(ticket.category or ticket.meaning["category"] for ticket in tickets)),
        "natures": dict(Counter(ticket.meaning["nature"] for ticket in tickets)),
        "proposed": sum(not ticket.category for ticket in tickets),
        "priorities": dict(Counter(_URGENCY[ticket.priority] for ticket in tickets)),
        "statuses": dict(Counter(_LABELS[ticket.status] for ticket in tickets)),
        "late": late,
        "over": len(late),
        "within": len(tickets) - len(late),
        "escalated": sum(ticket.with_lkpp for ticket in tickets),
        "with_lkpp": sum(ticket.status in ("escalated", "awaiting_data") for ticket in tickets),
        "breaches": dict(whose),
    }
