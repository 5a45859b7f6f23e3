"""A copy for a person of what is kept about that person (UU 27/2022 art. 32: within 3x24 hours): what the person wrote
and was sent, the form's fields, and to whom it was passed on. Never notes, LKPP's words to the LPSE, or others' data.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.clean import clean
from mailbot.config.settings import Config
from mailbot.errors import PermanentFailure
from mailbot.reports.listing import words_of
from mailbot.reports.newfile import Packed, new_file, pieces_of
from mailbot.reports.pages import Pages
from mailbot.reports.persons.find import texts_of
from mailbot.sentences import Sentences
from mailbot.store import journal, mail_bytes
from mailbot.store.database import Store, to_instant
from mailbot.tickets import persons, ticket_rows, tickets

_SAID = Sentences(__file__)
_FOLDER = Path(__file__).parent
#: Folders in the file.
_WRITTEN, _SENT = "ditulis", "dikirim"
#: Of a ticket: what was told to its user anyway.
_TICKET = ("number", "form_number", "channel", "opened_at", "closed_at")

#: Told how many mails are written, and of how many.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """missing: mails whose bytes are gone or altered."""

    path: Path
    tickets: int
    written: int
    sent: int
    missing: tuple[str, ...]


def make(store: Store, config: Config, address: str, path: Path, progress: Progress = lambda *_: None) -> Made | None:
    """Write it to `path`, of which there is no file yet; None: nothing is kept, and nothing is written. Raises
    FileExistsError, OSError."""
    with store.snapshot():
        told = _told(store, config, address)
        if not (told["tickets"] or told["written"] or told["sent"]):
            return None
        with new_file(path) as file, Packed(file, "data-pribadi") as packed:
            missing = _mails(store, packed, told, progress)
            packed.add(
                "data.json", [(json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")]
            )
            packed.add("data.html", [_page(told).encode("utf-8", "replace")])
    return Made(path, len(told["tickets"]), len(told["written"]), len(told["sent"]), tuple(missing))


def default_name(now: datetime) -> str:
    """Names nobody."""
    return f"data-pribadi-{now:%Y%m%d-%H%M%S}.zip"


def _told(store: Store, config: Config, address: str) -> dict[str, Any]:
    # What is proven to be somebody else's, in this person's name, is that one's.
    written = [mail for mail in persons.written_by(store, address) if mail["verdict"] != "fail"]
    sent = persons.sent_to(store, address)
    own = [ticket for ticket, how in persons.tickets_of(store, address).items() if persons.USER in how]
    return {
        "address": address,
        "timezone": str(config.zone),
        "responsible": sorted({f"{box.organisation}, {box.address}" for box in config.mailboxes}),
        "purpose": _SAID("purpose"),
        "tickets": [_ticket(store, config, ticket_id, address) for ticket_id in own],
        "written": [
            {"file": f"{_WRITTEN}/{n:04}.eml", "id": int(mail["id"]), "at": mail["arrived_at"], "size": mail["size"]}
            for n, mail in enumerate(written, 1)
        ],
        "sent": [
            {
                "file": f"{_SENT}/{n:04}.eml",
                "id": int(mail["id"]),
                "at": mail["accepted_at"],
                "subject": mail["subject"],
            }
            for n, mail in enumerate(sent, 1)
        ],
    }


def _ticket(store: Store, config: Config, ticket_id: int, address: str) -> dict[str, Any]:
    row = ticket_rows.one(store, ticket_id)
    assert row is not None  # it was found by its id
    words = words_of(next((box for box in config.mailboxes if box.name == row["mailbox"]), None))
    return {
        **{name: row[name] for name in _TICKET},
        "subject": row["subject"],
        "name": row["user_name"],
        "status": words.statuses.get(row["status"], row["status"]),
        "fields": tickets.fields(store, ticket_id),
        "changes": _changes(store, ticket_id, words.statuses),
        "passed_on": _passed_on(store, ticket_id),
        "texts": [{"at": text["at"], "body": text["body"]} for text in texts_of(store, ticket_id, address)],
    }


def _changes(store: Store, ticket_id: int, labels: Any) -> list[dict[str, str]]:
    """When the ticket changed its status; not by whose hand."""
    return [
        {"at": row["at"], "status": labels.get(row["status_after"], row["status_after"])}
        for row in tickets.history(store, ticket_id)
        if row["status_before"] != row["status_after"] or row["event"] == "user.new"
    ]


def _passed_on(store: Store, ticket_id: int) -> list[dict[str, str]]:
    """When what the person wrote left the LPSE, and to whom."""
    rows = store.rows(
        "SELECT accepted_at FROM outbox WHERE ticket_id = ? AND party = 'lkpp' AND accepted_at IS NOT NULL ORDER BY id",
        ticket_id,
    )
    return [{"at": row["accepted_at"], "to": _SAID("lkpp")} for row in rows]


def _mails(store: Store, packed: Packed, told: dict[str, Any], progress: Progress) -> list[str]:
    """Their bytes; which are missing."""
    missing, total, done = [], len(told["written"]) + len(told["sent"]), 0
    for mail in (*told["written"], *told["sent"]):
        try:
            if mail in told["written"]:
                with journal.opened(store, mail["id"]) as content:
                    packed.add(mail["file"], pieces_of(content), int(mail["size"]))
            else:
                mail_bytes.examine(store, mail["id"])
                packed.add(mail["file"], mail_bytes.pieces(store, mail["id"]))
        except PermanentFailure as error:
            missing.append(f"{mail['file']}: {error.reason}")
        progress(done := done + 1, total)
    return missing


def _page(told: dict[str, Any]) -> str:
    zone = ZoneInfo(told["timezone"])
    pages = Pages(
        _FOLDER,
        lambda value: escape(clean("" if value is None else str(value)), quote=True),
        filters={"at": lambda text: _at(text, zone)},
    )
    return pages.render("data.html.j2", **told)


def _at(text: str | None, zone: ZoneInfo) -> str:
    return "–" if text is None else f"{to_instant(text).astimezone(zone):%d-%m-%Y %H.%M}"
