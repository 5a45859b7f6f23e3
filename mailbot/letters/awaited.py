"""What a mail or a list says of a ticket while staff owe the meaning of a reply of LKPP (SOP step 3)."""

from __future__ import annotations

from datetime import datetime

from mailbot.config.site import Site
from mailbot.model import Ticket
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences
from mailbot.store import journal
from mailbot.store.database import Store, to_instant

_SAID = Sentences(__file__)


def awaited(store: Store, site: Site, ticket: Ticket, now: datetime) -> str:
    """Which replies wait to be told what they mean, in a sentence without its stop; "" where none does."""
    if not ticket.pending_replies:
        return ""
    arrived = [to_instant(journal.entry(store, reply)["arrived_at"]) for reply in ticket.pending_replies]
    return _SAID("awaited", when=_SAID("joint").join(said_at(site, at, now) for at in arrived))


def said_at(site: Site, at: datetime, now: datetime) -> str:
    """An instant in words: of today the hour alone."""
    today = site.local(at).date() == site.local(now).date()
    return _SAID("today", time=dates.format_time(at, site.zone)) if today else site.say(at)
