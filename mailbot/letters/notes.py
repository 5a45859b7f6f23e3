"""What was written on a ticket, in short, for a colleague: notes, the last answer, LKPP's last words."""

from __future__ import annotations

from typing import Any

from mailbot.clean import shorten
from mailbot.config.site import Site
from mailbot.model import Role
from mailbot.store.database import Row, Store, to_instant
from mailbot.tickets import tickets

#: So many of the last notes, and characters of each.
_MOST, _LENGTH = 3, 300


def last(store: Store, site: Site, ticket_id: int) -> list[dict[str, Any]]:
    """The last notes, the newest last (the record `notes` of the templates)."""
    return [_said(site, row) for row in _texts(store, ticket_id) if row["kind"] == "note"][-_MOST:]


def last_words(store: Store, site: Site, ticket_id: int) -> dict[str, dict[str, Any] | None]:
    """What people of the LPSE last wrote to the user, and LKPP to the LPSE."""
    rows = _texts(store, ticket_id)
    answers = [row for row in rows if Role(row["role"]).inside and f",{Role.USER}," in str(row["audience"])]
    replies = [row for row in rows if row["kind"] == "lkpp"]
    return {
        "answered": _said(site, answers[-1]) if answers else None,
        "replied": _said(site, replies[-1]) if replies else None,
    }


def _texts(store: Store, ticket_id: int) -> list[Row]:
    return tickets.texts_for(store, ticket_id, Role.STAFF)


def _said(site: Site, row: Row) -> dict[str, Any]:
    person = site.config.person(str(row["address"]))
    return {
        "who": person.name if person else str(row["address"]),
        "at": site.say(to_instant(row["at"])),
        "text": shorten(" ".join(str(row["body"]).split()), _LENGTH),
    }
