"""All that is known of a ticket, as plain data for its evidence: texts with who may read them, steps, rules, limits.

What has become part of the ticket (`#gabung`) is part of it here; asked for such a part, it is the whole. Nothing
depends on when it is asked. Codes of links are left out: they could still command.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from mailbot import __version__
from mailbot.config.settings import Config
from mailbot.model import Ball, Status
from mailbot.reports import listing, past
from mailbot.reports.evidence import limits
from mailbot.rules.sop.turns import turns
from mailbot.store import submissions
from mailbot.store.database import Row, Store, to_instant
from mailbot.tickets import breaches, consultations, ticket_rows, tickets

#: Of the journal: all but the bytes.
_RECEIVED = (
    "id, mailbox, folder, uidvalidity, uid, arrived_at, fetched_at, size, sha256, complete, state, disposition, reason,"
    " message_id, sender, role, verdict, ticket_id, threaded_by, released, released_by, erased_at"
)
#: Words of the names of files: nothing that a file system or a shell reads otherwise.
_UNSAFE = re.compile(r"[^A-Za-z0-9-]+")


def of(store: Store, config: Config, number: str) -> dict[str, Any]:
    """Raises LookupError."""
    asked = ticket_rows.by_number(store, number)
    if asked is None:
        raise LookupError(f"no ticket {number}")
    row = _one(store, tickets.standing(store, int(asked["id"])))
    parts = past.merged(store, int(row["id"]))
    ids = [int(row["id"]), *(int(part["id"]) for part in parts)]
    numbers = {ticket_id: str(_one(store, ticket_id)["number"]) for ticket_id in ids}
    mailbox = next((each for each in config.mailboxes if each.name == row["mailbox"]), None)
    words = listing.words_of(mailbox)
    received = _received(store, ids, numbers)
    files = {mail["journal_id"]: mail["file"] for mail in received}
    history = [line for ticket_id in ids for line in _history(store, ticket_id, numbers, files, words)]
    return {
        "form": 1,
        "mailbot": __version__,
        "asked_for": number,
        "organisation": "" if mailbox is None else mailbox.organisation,
        "timezone": str(config.zone),
        "ticket": _ticket(store, row, words),
        "parts": [_ticket(store, _one(store, ticket_id), words) for ticket_id in ids[1:]],
        "parties": _told(store, "SELECT * FROM parties WHERE ticket_id = ? ORDER BY added_at, address", ids, numbers),
        "fields": _told(store, "SELECT * FROM fields WHERE ticket_id = ? ORDER BY ticket_id, name", ids, numbers),
        "proposals": _told(store, "SELECT * FROM proposals WHERE ticket_id = ? ORDER BY what", ids, numbers),
        "support_numbers": _told(store, "SELECT * FROM support_numbers WHERE ticket_id = ? ORDER BY id", ids, numbers),
        "consultations": _told(store, "SELECT * FROM consultations WHERE ticket_id = ? ORDER BY sheet", ids, numbers),
        "received": received,
        "sent": _sent(store, ids, numbers),
        "history": sorted(history, key=lambda line: (line["at"], line["id"])),
        "turns": _turns(store, config, mailbox, int(row["id"])),
        "deadlines": limits.of(store, config, mailbox, words, ids, numbers),
        "breaches": [{**row, "ticket": numbers[i]} for i in ids for row in breaches.kept(store, i)],
        "texts": [_audienced(one, files) for one in _told(store, _TEXTS, ids, numbers)],
        "attachments": [_audienced(one, files) for one in _told(store, _FILES, ids, numbers)],
        "held_words": _told(store, _HELD, ids, numbers),
    }


_TEXTS = "SELECT * FROM texts WHERE ticket_id = ? ORDER BY at, id"
_FILES = "SELECT * FROM attachments WHERE ticket_id = ? ORDER BY journal_id, position"
_HELD = (
    "SELECT id, ticket_id, journal_id, address, since, due, shown, ended_at FROM unsent WHERE ticket_id = ? ORDER BY id"
)


def last_moment(told: dict[str, Any]) -> datetime:
    """When the last thing that is known of the ticket happened."""
    return max(to_instant(at) for at in (told["ticket"]["opened_at"], *(line["at"] for line in told["history"])))


def _ticket(store: Store, row: Row, words: listing.Words) -> dict[str, Any]:
    """A ticket's row with names for what it refers to."""
    told = dict(row)
    for name in ("merged_into", "split_from", "continues"):
        told[name] = None if row[name] is None else _one(store, int(row[name]))["number"]
    status = str(row["status"])
    return {
        **told,
        "status_label": words.statuses.get(status, status),
        "priority_label": words.priority(int(row["priority"])),
    }


def _one(store: Store, ticket_id: int) -> Row:
    found = ticket_rows.one(store, ticket_id)
    assert found is not None  # a foreign key
    return found


def _told(store: Store, sql: str, ids: list[int], numbers: dict[int, str]) -> list[dict[str, Any]]:
    """Rows about these tickets; each says of which."""
    return [{**row, "ticket": numbers[ticket_id]} for ticket_id in ids for row in store.rows(sql, ticket_id)]


def _audienced(row: dict[str, Any], files: dict[int, str]) -> dict[str, Any]:
    """Who may see it, as a list; in which mail it stands."""
    return {**row, "audience": row["audience"].strip(",").split(","), "file": files.get(row["journal_id"] or 0)}


# --- mails ----------------------------------------------------------------------------------------

#: Every mail that any line about the tickets rests on, not only those that are filed with them.
_RESTS_ON = " UNION ".join(
    f"SELECT {column} AS id FROM {table} WHERE {key} = ?1"
    for table, column, key in (
        *(("journal", "id", "ticket_id"), ("history", "journal_id", "ticket_id"), ("texts", "journal_id", "ticket_id")),
        *(("attachments", "journal_id", "ticket_id"), ("fields", "journal_id", "ticket_id")),
        *(("consultations", "journal_id", "ticket_id"), ("unsent", "journal_id", "ticket_id")),
        *(("approvals", "journal_id", "ticket_id"), ("support_numbers", "journal_id", "ticket_id")),
    )
)


def _received(store: Store, ids: list[int], numbers: dict[int, str]) -> list[dict[str, Any]]:
    found: set[int] = set()
    for ticket_id in ids:
        found |= {int(row["id"]) for row in store.rows(_RESTS_ON, ticket_id) if row["id"] is not None}
        for sheet in consultations.all_of(store, ticket_id):
            found |= set(map(int, str(sheet["mails"]).split()))
    mails = [store.row(f"SELECT {_RECEIVED} FROM journal WHERE id = ?", entry) for entry in sorted(found)]
    there = sorted((mail for mail in mails if mail is not None), key=lambda mail: (mail["arrived_at"], mail["id"]))
    return [
        {
            **{name: value for name, value in mail.items() if name not in ("id", "sha256")},
            "journal_id": int(mail["id"]),
            "ticket": numbers.get(mail["ticket_id"] or 0),
            "sha256_at_arrival": mail["sha256"],
            "file": f"diterima/{n:04}-{_stamp(mail['arrived_at'])}.eml",
        }
        for n, mail in enumerate(there, 1)
    ]


def _sent(store: Store, ids: list[int], numbers: dict[int, str]) -> list[dict[str, Any]]:
    """What was written about the tickets, in the order in which it was written, sent or not, with each try."""
    told = []
    for n, row in enumerate(_told(store, "SELECT * FROM outbox WHERE ticket_id = ? ORDER BY id", ids, numbers), 1):
        tries = [_try(one) for one in submissions.of(store, int(row["id"]))]
        file = f"terkirim/{n:04}-{_stamp(row['created_at'])}-{_UNSAFE.sub('-', row['template'])}.eml"
        told.append(
            {
                **{name: value for name, value in row.items() if name != "id"},
                "outbox_id": int(row["id"]),
                "audience": row["audience"].strip(",").split(","),
                "tries": tries,
                "file": file,
            }
        )
    return told


def _try(row: Row) -> dict[str, Any]:
    answer = str(row["answer"])
    return {"at": row["at"], "outcome": row["outcome"], "code": _code(answer), "answer": answer}


def _code(answer: str) -> int | None:
    """The three digits with which a server's answer begins (RFC 5321 §4.2)."""
    return int(answer[:3]) if re.match(r"[2-5]\d\d(?!\d)", answer, re.ASCII) else None


def _stamp(at: str) -> str:
    """An instant of the database as a part of a name: "20261221T010000Z"."""
    return f"{to_instant(at):%Y%m%dT%H%M%SZ}"


# --- what happened --------------------------------------------------------------------------------


def _history(
    store: Store, ticket_id: int, numbers: dict[int, str], files: dict[int, str], words: listing.Words
) -> list[dict[str, Any]]:
    return [
        {
            **row,
            "ticket": numbers[ticket_id],
            "event_label": words.events.get(row["event"], row["event"]),
            "status_before_label": words.statuses.get(row["status_before"], row["status_before"]),
            "status_after_label": words.statuses.get(row["status_after"], row["status_after"]),
            "before": json.loads(row["before"] or "null"),
            "after": json.loads(row["after"] or "null"),
            "file": files.get(row["journal_id"] or 0),
        }
        for row in tickets.history(store, ticket_id)
    ]


def _turns(store: Store, config: Config, mailbox: Any, ticket_id: int) -> list[dict[str, Any]]:
    """Who had it how long, up to the last thing that happened."""
    calendar = past.calendar_at(config, mailbox)
    changes = [(to_instant(row["at"]), Status(row["status_after"])) for row in tickets.history(store, ticket_id)]
    if calendar is None or not changes:
        return []
    until: datetime = max(at for at, _ in changes)
    return [
        {"who": turn.ball.value, "service_minutes": _minutes(turn.service), "minutes": _minutes(turn.wall)}
        for turn in turns(changes, until, calendar.service_between, tickets.data_held(store, ticket_id))
        if turn.ball is not Ball.NOBODY
    ]


def _minutes(length: Any) -> int:
    return int(length.total_seconds() // 60)
