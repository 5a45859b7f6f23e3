"""Alarms to the operator: what nobody else can mend. The words of each stand under its name in `alarms.yaml`.

A matter is an alarm's name, and what it is `of` (an address, a folder) where each of them is told of by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mailbot import letters, log, yamlfile
from mailbot.clean import one_line
from mailbot.config.settings import Listed
from mailbot.config.site import Site
from mailbot.model import NamedAddress
from mailbot.sentences import Sentences, filled
from mailbot.store import already_told, disk
from mailbot.store.database import Store, to_text
from mailbot.templates.compose import TITLE_LIMIT
from mailbot.tickets.case import Context

FILE = Path(__file__).with_name("alarms.yaml")
_ALARMS: Mapping[str, Any] = yamlfile.read(FILE).data
_SAID = Sentences(__file__)
#: An alarm about the same matter is not repeated sooner.
QUIET = timedelta(hours=24)


def raise_alarm(
    context: Context, name: str, which: str = "text", *, key: str, besides: set[str] | None = None, **values: object
) -> None:
    """A mail to every operator, inside the caller's transaction. It leaves by the second way out where there is one
    (`alarms` of the configuration). `key` makes it unique in the outbox.

    which: the case, of an alarm that has several. besides: addresses that have it already; those that get it now are
    added. values: of the fields in its subject and text.
    """
    site = context.site
    told = set() if besides is None else besides
    way = Context(context.store, site.alarms or site, context.now)
    for person in way.site.config.operator:
        if person.address not in told:
            told.add(person.address)
            letters.put(way, letter(site, name, which, person, key=key, **values))
    log.alarm(site.name, name, filled(_ALARMS[name][which], **values))


def letter(site: Site, name: str, which: str, person: Listed, *, key: str, **values: object) -> letters.Letter:
    """An alarm to one person. The parameters are those of `raise_alarm`."""
    words = _ALARMS[name]
    shown = {
        "organisation": letters.organisation(site),
        "recipient": {"name": person.name, "address": person.address},
        "reason": filled(words[which], **values),
        "held": None,
    }
    subject = one_line(filled(words["subject"], **values), TITLE_LIMIT)
    return letters.Letter(
        template="operator_alarm",
        recipient=NamedAddress(person.name, person.address),
        shown=shown,
        key=key,
        subject=_SAID("subject", prefix=site.config.ticket_prefix, alarm=subject),
    )


def once(context: Context, name: str, which: str = "text", *, of: str | None = None, **values: object) -> bool:
    """An alarm about a matter that goes on: one in 24 hours and mailbox. Inside the caller's transaction.

    False: there was one already.
    """
    if told(context, name, of=of):
        return False
    key = f"alarm:{_matter(name, of)}"
    already_told.again(context.store, context.site.name, key, context.now)
    raise_alarm(context, name, which, key=f"{key}:{to_text(context.now)}", besides=None, **values)
    return True


def told(context: Context, name: str, *, of: str | None = None) -> bool:
    """Whether the operator was told of this matter in the last 24 hours."""
    last = already_told.last(context.store, context.site.name, f"alarm:{_matter(name, of)}")
    # What a clock that ran ahead has dated into the future must not keep the operator from being told until then.
    return last is not None and abs(context.now - last) < QUIET


def daily(context: Context, name: str, which: str = "text", *, of: str | None = None, **values: object) -> None:
    """An alarm about a matter that lasts: one on each local day. Inside the caller's transaction."""
    store, site, now = context.store, context.site, context.now
    today = f"trouble:{_matter(name, of)}:{site.local(now).date().isoformat()}"
    if already_told.last(store, site.name, today) is None:
        already_told.once(store, site.name, today, now)
        raise_alarm(context, name, which, key=today, besides=None, **values)


def clock_was_set(store: Store, sites: Iterable[Site], seconds: float, now: datetime) -> None:
    """The machine's clock was set by so many seconds: what is overdue by it waits, and the operator should look."""
    hours = f"{abs(seconds) / 3600:.1f}".replace(".", ",")
    for site in sites:
        with store.immediate():
            once(Context(store, site, now), "clock", "ahead" if seconds > 0 else "back", hours=hours)


def no_room(store: Store, sites: Iterable[Site], now: datetime) -> None:
    """The disk is full: the reserve is given up for this alarm, and for recording what is under way. Raises DiskFull
    where even that is not enough."""
    disk.release(store.folder)
    for site in sites:
        with store.immediate():
            once(Context(store, site, now), "disk")


def _matter(name: str, of: str | None) -> str:
    return name if of is None else f"{name}:{of}"
