"""The record of processing (UU 27/2022 art. 31) as a page in Markdown, from the configuration and data that the program
runs on: whose data, which, why, who gets them, how long, and what was done with them by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.clean import one_line
from mailbot.config.settings import Config, MailboxConfig
from mailbot.reports.pages import Pages
from mailbot.rules.worktime.dates import format_date, format_time
from mailbot.sentences import Sentences
from mailbot.store import processings
from mailbot.store.database import Store, to_instant

_SAID = Sentences(__file__)
_FOLDER = Path(__file__).parent
#: What Markdown would take for its own.
_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|])")


def page(store: Store | None, config: Config, now: datetime) -> str:
    """store: None where nothing is kept yet."""
    zone = config.zone
    pages = Pages(
        _FOLDER,
        _plain,
        filters={
            "day": lambda text: format_date(to_instant(text).astimezone(zone).date()) if text else "–",
            "at": lambda at: _at(at, zone),
            "what": lambda what: _plain(_SAID.table("what")[what]),
            "counts": lambda counts: _plain(_counts(counts)),
        },
    )
    return pages.render(
        "pemrosesan.md.j2",
        now=now,
        mailboxes=[_mailbox(store, mailbox) for mailbox in config.mailboxes],
        processings=[] if store is None else processings.all_of(store),
    )


def _mailbox(store: Store | None, mailbox: MailboxConfig) -> dict[str, Any]:
    return {
        "config": mailbox,
        "tickets": _figures(store, mailbox.name),
        "fields": _fields(store, mailbox.name),
        "people": len({person.address for person in mailbox.people()}),
    }


def _figures(store: Store | None, mailbox: str) -> Mapping[str, Any]:
    if store is None:
        return {"n": 0, "users": 0, "first": None, "last": None, "received": 0, "files": 0, "lkpp": 0}
    row = store.row(
        "SELECT count(*) AS n, count(DISTINCT lower(user_address)) AS users, min(opened_at) AS first,"
        " max(opened_at) AS last,"
        " (SELECT count(*) FROM journal WHERE mailbox = ?1) AS received,"
        " (SELECT count(*) FROM attachments a JOIN journal j ON j.id = a.journal_id WHERE j.mailbox = ?1) AS files,"
        " (SELECT count(*) FROM outbox WHERE mailbox = ?1 AND party = 'lkpp' AND accepted_at IS NOT NULL) AS lkpp"
        " FROM tickets WHERE mailbox = ?1",
        mailbox,
    )
    assert row is not None  # counts
    return row


def _fields(store: Store | None, mailbox: str) -> list[str]:
    """Which data of the form are kept of anybody."""
    if store is None:
        return []
    rows = store.rows(
        "SELECT DISTINCT f.name FROM fields f JOIN tickets t ON t.id = f.ticket_id WHERE t.mailbox = ? ORDER BY f.name",
        mailbox,
    )
    labels = _SAID.table("fields")
    return [labels.get(str(row["name"]), str(row["name"])) for row in rows]


def _counts(counts: Mapping[str, int]) -> str:
    labels = _SAID.table("counts")
    return ", ".join(f"{labels.get(name, name)} {count}" for name, count in counts.items())


def _at(at: datetime, zone: ZoneInfo) -> str:
    return f"{format_date(at.astimezone(zone).date())} pukul {format_time(at, zone)}"


def _plain(value: object) -> str:
    return _SIGNS.sub(r"\\\1", one_line("" if value is None else str(value)))
