"""What lies behind a ticket, as plain data: who had it how long, what was late, and what became part of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from mailbot.config.settings import Config, MailboxConfig
from mailbot.config.site import calendar_of, timing
from mailbot.errors import ConfigError
from mailbot.model import Ball, Status
from mailbot.rules.lkpp import reasons
from mailbot.rules.priority import PriorityTable
from mailbot.rules.sop import clocks
from mailbot.rules.sop.table import Clock
from mailbot.rules.sop.turns import turns
from mailbot.rules.worktime.service_hours import Calendar
from mailbot.store.database import Row, Store, to_instant, to_text
from mailbot.tickets import breaches, tickets

#: Rows of a history that are listed.
_HISTORY = (
    *("at", "event", "row", "step", "role", "address", "status_before", "status_after"),
    *("rule", "sentence", "note", "journal_id"),
)
#: Columns of a breach that are listed.
_BREACH = ("clock", "step", "due", "party", "handler", "ended_at", "reason", "reason_by")
_MINUTE = timedelta(minutes=1)


def past(
    store: Store,
    config: Config,
    mailbox: MailboxConfig | None,
    known: Mapping[str, Clock],
    row: Row,
    now: datetime,
) -> dict[str, Any]:
    """The keys `turns`, `breaches`, `merged` and `merged_into` of `mailbot ticket`. known: the table's clocks.

    Minutes are of service, or by the calendar; where the mailbox is in no configuration, nothing tells what service
    was, and the first two are empty.
    """
    ticket_id = int(row["id"])
    calendar = calendar_at(config, mailbox)
    into = row["merged_into"]
    return {
        "turns": [] if calendar is None else _turns(store, ticket_id, calendar, now),
        "breaches": [] if calendar is None else _breaches(store, ticket_id, calendar, known, now),
        "merged": [
            {"number": gone["number"], "user": gone["user_address"], "history": history(store, int(gone["id"]))}
            for gone in merged(store, ticket_id)
        ],
        "merged_into": None if into is None else tickets.load(store, tickets.standing(store, int(into))).number,
    }


def deadlines(
    store: Store,
    config: Config,
    mailbox: MailboxConfig | None,
    known: Mapping[str, Clock],
    priorities: PriorityTable,
    row: Row,
) -> dict[int, str]:
    """Of the ticket's running clocks the limit that each is about, by the id of its row: the norm, however many
    reminders come before and after. None of a clock that is about none, nor where nothing tells what service is."""
    calendar = calendar_at(config, mailbox)
    if mailbox is None or calendar is None:
        return {}
    lengths = timing(mailbox, priorities, calendar, int(row["priority"]))
    return {
        clock_id: to_text(clocks.first_limit(known[running.clock], running, lengths))
        for clock_id, running in tickets.running(store, int(row["id"]))
        if running.clock in known and known[running.clock].has_limit
    }


def history(store: Store, ticket_id: int) -> list[dict[str, Any]]:
    """Everything that happened to a ticket, the oldest first."""
    return [
        {**{key: entry[key] for key in _HISTORY}, "decided_by": _decided_by(entry)}
        for entry in tickets.history(store, ticket_id)
    ]


def _decided_by(entry: Row) -> str:
    """Who or what has said that it is this event (a person, a phrase, a veto), and the SOP's row that followed."""
    event, rule = str(entry["event"]), str(entry["rule"])
    if entry["role"] not in ("lkpp", "user", "mailbot"):
        who = f"{entry['address']} ({rule})" if rule else str(entry["address"])
    elif not event.startswith("lkpp."):
        who = rule
    elif rule == "unclear.second_reader":
        who = f"the learnt reader's veto ({reasons.why('unclear', rule)})"
    elif rule.startswith("unclear."):
        who = f"no phrase, staff were asked ({reasons.why('unclear', rule) or rule})"
    else:
        who = f"the phrase {rule}" + (", staff were asked all the same" if event == "lkpp.unclear" else "")
    return "; ".join(filter(None, (who, f"row {entry['row']}")))


def calendar_at(config: Config, mailbox: MailboxConfig | None) -> Calendar | None:
    """None: nothing tells what service is."""
    try:
        return None if mailbox is None else calendar_of(mailbox, config.zone)
    except (ConfigError, ValueError):  # `mailbot check` says why
        return None


def _turns(store: Store, ticket_id: int, calendar: Calendar, now: datetime) -> list[dict[str, Any]]:
    changes = [(to_instant(row["at"]), Status(row["status_after"])) for row in tickets.history(store, ticket_id)]
    return [
        {"who": turn.ball.value, "service_minutes": turn.service // _MINUTE, "minutes": turn.wall // _MINUTE}
        for turn in turns(changes, now, calendar.service_between, tickets.data_held(store, ticket_id))
        if turn.ball is not Ball.NOBODY
    ]


def _breaches(
    store: Store, ticket_id: int, calendar: Calendar, known: Mapping[str, Clock], now: datetime
) -> list[dict[str, Any]]:
    return [
        {
            **{key: row[key] for key in _BREACH},
            "late_minutes": int(row["minutes"])
            if row["ended_at"] is not None
            else calendar.working_minutes_between(to_instant(row["due"]), now),
            "times": breaches.times(
                calendar,
                known.get(row["clock"]),
                to_instant(row["due"]),
                now if row["ended_at"] is None else to_instant(row["ended_at"]),
            ),
        }
        for row in breaches.kept(store, ticket_id)
    ]


def merged(store: Store, ticket_id: int) -> list[Row]:
    """What became part of it, and what had become part of that before."""
    return store.rows(
        "WITH RECURSIVE gone (id) AS (SELECT id FROM tickets WHERE merged_into = ?"
        " UNION SELECT t.id FROM gone g CROSS JOIN tickets t ON t.merged_into = g.id)"
        " SELECT t.id, t.number, t.user_address FROM gone CROSS JOIN tickets t USING (id) ORDER BY t.id",
        ticket_id,
    )
