"""The rows of a month: the tickets that were open in it, with their history, clocks and penyimpangan; the lines of its
rekap; and what users answered to the survey. Read for `figures`, which says what they come to.

No answer to the survey is kept as numbers: what was filed is read anew, so that a better reading counts for all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, tzinfo

from mailbot.config.site import Site
from mailbot.letters import priority_label
from mailbot.model import Ball, Status
from mailbot.parsers.dates import months
from mailbot.reports import entries
from mailbot.reports.monthly.month import Breach, Change, Life, Limits, Line, Month, Run, Said
from mailbot.rules import after_closing
from mailbot.rules.worktime.dates import month_before
from mailbot.store.database import Row, Store, to_instant, to_text
from mailbot.tickets import tickets

#: Tickets whose rows are asked for together.
_AT_ONCE = 400


def of_month(store: Store, site: Site, first: date, now: datetime) -> Month:
    """first: the month's first day, which has begun."""
    begin, end = _begin(first, site.zone), _begin(months.following(first), site.zone)
    quarter = _begin(first.replace(month=first.month - (first.month - 1) % 3), site.zone)
    until = min(now, end)
    return Month(
        first=first,
        begin=begin,
        end=end,
        until=until,
        quarter=quarter,
        calendar=site.calendar,
        limits={
            row.level: Limits(priority_label(site, row.level), row.first_response, row.target)
            for row in site.priorities
        },
        step_limits={"1": site.config.sop.escalate_within, "9": site.config.sop.forward_data_within},
        lines=_lines(store, site, first),
        before=_lines(store, site, month_before(first)),
        lives=_lives(store, site.name, begin, end),
        said=_said(store, site, quarter, until),
    )


def _begin(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


# --- the lines of the rekap ------------------------------------------------------------------------------


def _lines(store: Store, site: Site, first: date) -> list[Line]:
    return [_line(store, entry) for entry in entries.of_month(store, site.name, site.zone, first, merged=False)]


def _line(store: Store, entry: entries.Entry) -> Line:
    """As staff say; else as mailbot proposes."""
    row = entry.ticket
    proposed = tickets.proposals(store, entry.ticket_id) if not (row["problem"] and row["category"]) else {}
    problem = str(row["problem"] or proposed.get("problem", ("", ""))[0])
    category = str(row["category"] or proposed.get("category", ("", ""))[0]).capitalize()
    return Line(entry.day, entry.channel, problem, category)


# --- tickets ---------------------------------------------------------------------------------------------


def _lives(store: Store, mailbox: str, begin: datetime, end: datetime) -> list[Life]:
    """Open now, or closed since the month began."""
    rows = store.rows(
        "SELECT id, number, user_address, priority, opened_at, first_response_at FROM tickets INDEXED BY tickets_open"
        " WHERE mailbox = ?1 AND status <> 'closed' AND opened_at < ?3 AND discarded = 0 AND merged_into IS NULL"
        " UNION ALL "
        "SELECT id, number, user_address, priority, opened_at, first_response_at FROM tickets INDEXED BY tickets_closed"
        " WHERE mailbox = ?1 AND closed_at >= ?2 AND status = 'closed' AND opened_at < ?3 AND discarded = 0"
        " AND merged_into IS NULL"
        " ORDER BY 1",
        mailbox,
        to_text(begin),
        to_text(end),
    )
    found: list[Life] = []
    for start in range(0, len(rows), _AT_ONCE):
        found += _with_their_rows(store, rows[start : start + _AT_ONCE])
    return found


def _with_their_rows(store: Store, rows: Sequence[Row]) -> Iterator[Life]:
    ids = [int(row["id"]) for row in rows]
    changes, runs, breaches, asked = (
        _of(
            store,
            "SELECT ticket_id, at, event, status_before, status_after, journal_id FROM history"
            " WHERE ticket_id IN (SELECT value FROM json_each(?)) ORDER BY ticket_id, id",
            ids,
        ),
        _of(
            store,
            "SELECT ticket_id, clock, started_at, ended_at FROM deadlines INDEXED BY deadlines_ticket"
            " WHERE ticket_id IN (SELECT value FROM json_each(?)) AND clock IN ('escalation', 'forwarding')"
            " ORDER BY ticket_id, id",
            ids,
        ),
        _of(
            store,
            "SELECT ticket_id, clock, party, due, reason FROM breaches"
            " WHERE ticket_id IN (SELECT value FROM json_each(?)) ORDER BY ticket_id, due, id",
            ids,
        ),
        _of(
            store,
            "SELECT ticket_id, accepted_at FROM outbox INDEXED BY outbox_ticket"
            " WHERE ticket_id IN (SELECT value FROM json_each(?)) AND template = 'lkpp_status_enquiry'"
            " AND accepted_at IS NOT NULL ORDER BY ticket_id, id",
            ids,
        ),
    )
    for row in rows:
        number = str(row["number"])
        yield Life(
            number=number,
            user=str(row["user_address"]).lower(),
            priority=int(row["priority"]),
            opened=to_instant(row["opened_at"]),
            answered=_instant(row["first_response_at"]),
            changes=tuple(map(_change, changes[row["id"]])),
            runs=tuple(map(_run, runs[row["id"]])),
            breaches=tuple(_breach(number, one) for one in breaches[row["id"]]),
            asked=tuple(to_instant(one["accepted_at"]) for one in asked[row["id"]]),
        )


def _of(store: Store, sql: str, ids: Sequence[int]) -> defaultdict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in store.rows(sql, f"[{','.join(map(str, ids))}]"):
        found[int(row["ticket_id"])].append(row)
    return found


def _change(row: Row) -> Change:
    before = Status(row["status_before"]) if row["status_before"] else Status.NEW
    return Change(to_instant(row["at"]), str(row["event"]), before, Status(row["status_after"]), row["journal_id"])


def _breach(number: str, row: Row) -> Breach:
    return Breach(number, str(row["clock"]), Ball(row["party"]), to_instant(row["due"]), str(row["reason"]))


def _run(row: Row) -> Run:
    return Run(str(row["clock"]), to_instant(row["started_at"]), _instant(row["ended_at"]))


def _instant(text: object) -> datetime | None:
    return None if text is None else to_instant(str(text))


# --- the survey ------------------------------------------------------------------------------------------


def _said(store: Store, site: Site, since: datetime, until: datetime) -> list[Said]:
    """What was filed as an answer to the closing mail: thanks, too."""
    rows = store.rows(
        "SELECT t.number, h.at, x.body FROM history h INDEXED BY history_after_closing"
        " CROSS JOIN tickets t ON t.id = h.ticket_id"
        " CROSS JOIN texts x INDEXED BY texts_journal ON x.journal_id = h.journal_id"
        " WHERE h.event = 'user.mail' AND h.status_before = 'closed' AND h.status_after = 'closed'"
        " AND h.at >= ? AND h.at < ? AND t.mailbox = ?"
        " AND t.discarded = 0 AND x.ticket_id = t.id AND x.role = 'user' AND x.kind = 'mail' ORDER BY h.at, h.id",
        to_text(since),
        to_text(until),
        site.name,
    )
    return [
        Said(
            str(row["number"]),
            to_instant(row["at"]),
            str(row["body"]),
            after_closing.closed_reply(str(row["body"]), site.user_phrases) in ("survey", "remark"),
        )
        for row in rows
    ]
