"""The Daftar Arsip of a month: each form number that was given, its day, whose it is, and where it is kept.

SOP telephone and counter, step 7: "Mengarsipkan lembar konsultasi". A sheet is kept in the mail of staff that records
it, a problem that came by mail in the user's mail; both lie unchanged in mailbot's data. Tickets that are merged into
others have their line, too: their numbers were given.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date, tzinfo
from typing import Any

from mailbot.config.settings import MailboxConfig
from mailbot.model import Role
from mailbot.reports import csvfile, entries, recap
from mailbot.reports.entries import Entry
from mailbot.sentences import Sentences
from mailbot.store.database import Row, Store
from mailbot.tickets import consultations, ticket_rows

_SAID = Sentences(__file__)
#: Column → its heading.
COLUMNS = _SAID.table("columns")
_HOW = _SAID.table("how")


def archive(
    store: Store,
    mailbox: MailboxConfig,
    zone: tzinfo,
    first: date,
    *,
    anonymous: bool = False,
    channel: str | None = None,
) -> dict[str, Any]:
    """{mailbox, organisation, month, title, anonymous, channel, columns, rows} of the month that begins with `first`;
    cells are text. The anonymous one names nobody and no file."""
    told = entries.of_month(store, mailbox.name, zone, first, merged=True, channel=channel)
    return {
        "mailbox": mailbox.name,
        "organisation": mailbox.organisation,
        "month": f"{first:%Y-%m}",
        "title": recap.title(first, channel),
        "anonymous": anonymous,
        "channel": channel,
        "columns": list(COLUMNS.values()),
        "rows": [_row(store, number, entry, anonymous) for number, entry in enumerate(told, 1)],
    }


def as_csv(found: Mapping[str, Any]) -> bytes:
    return csvfile.write(found["columns"], found["rows"])


def file_name(prefix: str, found: Mapping[str, Any]) -> str:
    """As "arsip-LPSE-BTG-2026-11.csv"."""
    channel = f"-{found['channel']}" if found["channel"] else ""
    return f"arsip-{prefix}-{found['month']}{channel}{'-anonim' if found['anonymous'] else ''}.csv"


def _row(store: Store, number: int, entry: Entry, anonymous: bool) -> list[str]:
    name, firm = entries.who(store, entry)
    cells = {
        "number": str(number),
        "form": entry.form_number,
        "day": f"{entry.day:%d/%m/%Y}",
        "name": "–" if anonymous else f"{name} ({firm})" if name and firm else name or firm,
        "kept": _kept(store, entry, anonymous),
    }
    return [cells[column] for column in COLUMNS]


def _kept(store: Store, entry: Entry, anonymous: bool) -> str:
    """The ticket, each mail that holds a part of the form by its number in the journal, and the scans that came with
    it."""
    parts = [_SAID("ticket", number=str(entry.ticket["number"]))]
    first = _mail(store, entry)
    for mail in [] if first is None else [first, *_further(store, entry, first)]:
        how = _HOW[entry.channel] if mail == first else _SAID("further")
        parts.append(_SAID("mail", how=how, entry=str(mail)))
        if not anonymous:
            parts += [_SAID("file", name=name) for name in _files(store, mail)]
    if entry.standing != entry.ticket_id:
        into = ticket_rows.one(store, entry.standing)
        assert into is not None  # a foreign key
        parts.append(_SAID("merged", number=str(into["number"])))
    return "; ".join(parts)


def _mail(store: Store, entry: Entry) -> int | None:
    """The journal's entry of the form, or of the user's first mail."""
    if entry.sheet is not None:
        found = entry.sheet["journal_id"]
    else:
        found = store.value(
            "SELECT journal_id FROM history WHERE ticket_id = ? AND journal_id IS NOT NULL ORDER BY id LIMIT 1",
            entry.ticket_id,
        )
    return None if found is None else int(found)


def _further(store: Store, entry: Entry, first: int) -> list[int]:
    """The mails behind the first that belong to the same sheet: of the user those with files or with the form filled
    in, of staff those with files that stay inside. From the next sheet's mail on they are that one's."""
    following = store.value(
        "SELECT min(journal_id) FROM consultations WHERE ticket_id = ? AND journal_id > ?", entry.ticket_id, first
    )
    rows = store.rows(
        "SELECT j.id, j.role, t.body, a.audience FROM journal j"
        " LEFT JOIN texts t ON t.journal_id = j.id AND t.ticket_id = j.ticket_id"
        " LEFT JOIN attachments a ON a.journal_id = j.id"
        " WHERE j.ticket_id = ? AND j.id > ? AND j.id < ? ORDER BY j.id",
        entry.ticket_id,
        first,
        following or sys.maxsize,
    )
    return list(dict.fromkeys(int(row["id"]) for row in rows if _is_of_form(row)))


def _is_of_form(row: Row) -> bool:
    if row["role"] == Role.USER.value:
        return row["audience"] is not None or consultations.holds_form(str(row["body"] or ""))
    kept = row["audience"] is not None and not {",user,", ",lkpp,"} & {
        f",{word}," for word in str(row["audience"]).split(",")
    }
    return kept and row["role"] in (Role.STAFF.value, Role.COORDINATOR.value)


def _files(store: Store, journal_id: int) -> list[str]:
    rows = store.rows("SELECT name FROM attachments WHERE journal_id = ? ORDER BY position", journal_id)
    return [str(row["name"]) for row in rows]
