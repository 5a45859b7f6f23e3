"""Codes that a listed person sends back before a mail in his name is carried out.

A mail that lacks what it takes to command waits in quarantine, and the listed address gets a code that nobody else can
know. His reply with it puts the stored mail back into the journal's queue, from where it is carried out as it came:
nothing that is in the reply but the code is obeyed. (The codes of links are another matter: `contents`, `checks`.)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from mailbot import log
from mailbot.config.site import Site
from mailbot.letters.links import grouped, new_code
from mailbot.store import codes, journal, sent_mails
from mailbot.store.database import Store

#: The command that such a code is bound to; no word of the language.
CONFIRM = "confirm"
#: `journal.released` of a mail whose code has come.
RELEASED = "kode"
#: A code is good for a reply that arrives within this time.
GOOD_FOR = timedelta(hours=2)
#: One address gets so many in one hour: forged mails shall not fill anybody's mailbox.
MOST_AN_HOUR = 3


def issue(store: Store, site: Site, journal_id: int, address: str, ticket_id: int | None, now: datetime) -> str | None:
    """A new code for this very mail, as it is written in a mail; None where the address has had its share.

    Inside the mail's transaction.
    """
    if codes.issued_since(store, site.name, address, CONFIRM, now - timedelta(hours=1)) >= MOST_AN_HOUR:
        return None
    code = new_code(now)
    codes.add(
        store,
        site.name,
        address,
        code,
        ticket_id=ticket_id,
        argument=str(journal_id),
        command=CONFIRM,
        status="quarantined",
        issued_at=now,
        expires_at=now + GOOD_FOR,
    )
    return grouped(code)


def is_one(code: Mapping[str, object] | None) -> bool:
    """Whether a code's row is a confirmation's, and no link's."""
    return code is not None and code["command"] == CONFIRM


def waits(store: Store, code: Mapping[str, object]) -> bool:
    """Whether the mail that this code is for still waits: colleagues may have worked it meanwhile (`#proses`)."""
    return str(journal.entry(store, int(str(code["argument"])))["state"]) == "quarantined"


def use(store: Store, site: Site, code: Mapping[str, object], journal_id: int) -> None:
    """The code has come with mail `journal_id`: what it is for goes back into the queue. Inside its transaction."""
    waiting = int(str(code["argument"]))
    codes.use(store, str(code["code"]), journal_id)
    journal.release(store, waiting, RELEASED, str(code["address"]), role_known=True)
    log.released(site.name, waiting, RELEASED, journal.entry(store, waiting)["message_id"])


def confirmed_at(store: Store, entry: Mapping[str, Any]) -> datetime | None:
    """When the code for this mail arrived: from then on its commands are somebody's. None: none has."""
    if entry["released"] != RELEASED:
        return None
    return codes.used_at(store, str(entry["mailbox"]), CONFIRM, str(entry["id"]))


def keep_receipt(store: Store, site: Site, journal_id: int, receipt: str) -> None:
    """What the mail came to, for whoever sends its code once more."""
    codes.answer_for(store, site.name, CONFIRM, str(journal_id), receipt)


def asked_by(store: Store, site: Site, message_ids: list[str]) -> bool:
    """Whether one of these mails of ours asked for a code."""
    return bool(message_ids) and sent_mails.asks_for_code(store, site.name, message_ids)
