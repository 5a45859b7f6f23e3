"""What the operator sees on the command line: plain data for JSON, and tables for the terminal.

Text out of mails reaches the terminal only as `Text(one_line(…))`: no escape sequences, no markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mailbot import tickets as stored
from mailbot.clean import one_line
from mailbot.desk import Desk
from mailbot.model import BALL, Status
from mailbot.outgoing import priority_label, status_label
from mailbot.store import Store, to_instant, to_text


def warnings(desks: Sequence[Desk], now: datetime) -> list[str]:
    """What `check` should say although it is no fault: an unofficial priority table, an incomplete calendar."""
    found = []
    for desk in desks:
        if desk.priorities.is_default:
            found.append(f"{desk.name}: the Tabel Prioritas is mailbot's own default ({desk.priorities.source})")
        today = desk.local(now).date()
        for year in (today.year, today.year + 1):
            reason = desk.calendar.incomplete(year, today)
            if reason:
                found.append(f"{desk.name}: {reason}")
    return found


def status(store: Store, desks: Sequence[Desk], now: datetime) -> list[dict[str, Any]]:
    """Counts per mailbox."""
    found = []
    for desk in desks:
        count = store.value
        found.append(
            {
                "mailbox": desk.name,
                "tickets": {
                    str(row["status"]): row["n"]
                    for row in store.rows(
                        "SELECT status, count(*) AS n FROM tickets WHERE mailbox = ? GROUP BY status",
                        desk.name,
                    )
                },
                "overdue": count(
                    "SELECT count(DISTINCT d.ticket_id) FROM deadlines d JOIN tickets t ON t.id = d.ticket_id"
                    " WHERE t.mailbox = ? AND d.ended_at IS NULL AND d.due <= ?",
                    desk.name,
                    to_text(now),
                ),
                "outbox": {
                    str(row["state"]): row["n"]
                    for row in store.rows(
                        "SELECT state, count(*) AS n FROM outbox WHERE mailbox = ? GROUP BY state", desk.name
                    )
                },
                "journal": {
                    str(row["state"]): row["n"]
                    for row in store.rows(
                        "SELECT state, count(*) AS n FROM journal WHERE mailbox = ? GROUP BY state", desk.name
                    )
                },
                "accepted_last_hour": count(
                    "SELECT count(*) FROM outbox WHERE mailbox = ? AND accepted_at > ?",
                    desk.name,
                    to_text(now - timedelta(hours=1)),
                ),
            }
        )
    return found


def tickets(store: Store, desks: Sequence[Desk], everything: bool) -> list[dict[str, Any]]:
    """The tickets of all mailboxes, the next limit first."""
    by_name = {desk.name: desk for desk in desks}
    rows = store.rows(
        "SELECT t.id, t.mailbox, min(d.due) AS due FROM tickets t"
        " LEFT JOIN deadlines d ON d.ticket_id = t.id AND d.ended_at IS NULL"
        " WHERE t.status <> ? OR ? GROUP BY t.id ORDER BY due IS NULL, due, t.id",
        Status.CLOSED.value,
        int(everything),
    )
    found = []
    for row in rows:
        desk = by_name.get(str(row["mailbox"]))
        if desk is None:
            continue
        ticket = stored.load(store, int(row["id"]))
        found.append(
            {
                "number": ticket.number,
                "status": ticket.status.value,
                "status_label": status_label(desk, ticket.status),
                "ball": BALL[ticket.status].value,
                "priority": priority_label(desk, ticket.priority),
                "subject": ticket.subject,
                "user": ticket.user_address,
                "handler": ticket.handler,
                "opened_at": to_text(ticket.opened_at),
                "next_due": row["due"],
            }
        )
    return found


def ticket(store: Store, desks: Sequence[Desk], number: str) -> dict[str, Any] | None:
    """Everything about one ticket but the mails' bodies."""
    row = store.row("SELECT id, mailbox FROM tickets WHERE upper(number) = upper(?)", number.strip("[] "))
    desk = next((desk for desk in desks if row is not None and desk.name == row["mailbox"]), None)
    if row is None or desk is None:
        return None
    found = stored.load(store, int(row["id"]))
    return {
        "number": found.number,
        "form_number": found.form_number,
        "status": found.status.value,
        "status_label": status_label(desk, found.status),
        "ball": BALL[found.status].value,
        "priority": priority_label(desk, found.priority),
        "subject": found.subject,
        "user": found.user_address,
        "handler": found.handler,
        "lkpp_number": found.lkpp_number,
        "tts_number": found.tts_number,
        "fields": stored.fields(store, found.id),
        "clocks": [
            {
                "clock": running.clock,
                "title": desk.table.clocks[running.clock].title,
                "due": to_text(running.due),
                "estimated": running.estimated,
            }
            for _, running in stored.running(store, found.id)
        ],
        "history": [
            {
                key: entry[key]
                for key in (
                    "at",
                    "event",
                    "row",
                    "step",
                    "role",
                    "address",
                    "status_before",
                    "status_after",
                    "rule",
                    "sentence",
                    "note",
                    "journal_id",
                )
            }
            for entry in stored.history(store, found.id)
        ],
        "mails": [
            dict(mail)
            for mail in store.rows(
                "SELECT template, recipient, state, created_at, not_before, accepted_at, message_id, answer"
                " FROM outbox WHERE ticket_id = ? ORDER BY id",
                found.id,
            )
        ],
    }


# --- on a terminal ------------------------------------------------------------------------------


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    table = Table(title=Text(title), title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(one_line(str("" if cell is None else cell))) for cell in row))
    Console().print(table)


def _local(text: str | None) -> str:
    return "" if text is None else f"{to_instant(text).astimezone():%Y-%m-%d %H:%M}"


def show_status(found: list[dict[str, Any]]) -> None:
    for mailbox in found:
        rows = [
            *(("tickets", name, n) for name, n in mailbox["tickets"].items()),
            ("tickets", "overdue", mailbox["overdue"]),
            *(("outbox", name, n) for name, n in mailbox["outbox"].items()),
            *(("journal", name, n) for name, n in mailbox["journal"].items()),
            ("outbox", "accepted in the last hour", mailbox["accepted_last_hour"]),
        ]
        _table(mailbox["mailbox"], ("what", "state", "count"), rows)


def show_tickets(found: list[dict[str, Any]]) -> None:
    rows = [
        (t["number"], t["priority"], t["status_label"], t["ball"], _local(t["next_due"]), t["subject"]) for t in found
    ]
    _table(f"{len(found)} tickets", ("number", "priority", "status", "ball", "next limit", "subject"), rows)


def show_ticket(found: dict[str, Any]) -> None:
    facts = (
        "form_number",
        "status_label",
        "ball",
        "priority",
        "subject",
        "user",
        "handler",
        "lkpp_number",
        "tts_number",
    )
    _table(found["number"], ("field", "value"), [(name, found[name]) for name in facts if found[name]])
    _table("Clocks", ("clock", "due"), [(clock["title"], _local(clock["due"])) for clock in found["clocks"]])
    history = [
        (
            _local(e["at"]),
            e["step"],
            e["row"],
            e["address"],
            f"{e['status_before']} → {e['status_after']}",
            e["note"],
        )
        for e in found["history"]
    ]
    _table("History", ("at", "step", "row", "by", "status", "note"), history)
    mails = [
        (_local(m["created_at"]), m["template"], m["recipient"], m["state"], _local(m["accepted_at"]))
        for m in found["mails"]
    ]
    _table("Mails", ("made", "mail", "to", "state", "accepted"), mails)
