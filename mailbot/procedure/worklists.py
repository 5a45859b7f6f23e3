"""The work lists of a day, each written once: their record and their mails are one transaction.

A list goes with the first round at or after its time (`rules.worktime.listtimes`). One that was missed for longer,
while mailbot stood still, is not sent later: what it would have told stands in the next one, or goes alone.
"""

from __future__ import annotations

from datetime import datetime

from mailbot.config.site import Site
from mailbot.killpoint import kill_point
from mailbot.letters import worklist
from mailbot.procedure import balance
from mailbot.rules.worktime import listtimes
from mailbot.rules.worktime.listtimes import ListTime
from mailbot.store import already_told
from mailbot.store.database import Store
from mailbot.tickets.case import Context

#: Of the records, before the day and the time of a list.
_TOLD = "list:"


def due(store: Store, site: Site, now: datetime) -> ListTime | None:
    """The list that is to be written now."""
    time = listtimes.due(site.calendar, site.config.sop.worklists, now)
    if time is None or already_told.last(store, site.name, _TOLD + time.key) is not None:
        return None
    return time


def send(store: Store, site: Site, now: datetime) -> int:
    """Write the list whose time it is. Returns the mails made."""
    time = due(store, site, now)
    if time is None:
        return 0
    context = Context(store, site, now)
    # Before the transaction, which keeps others waiting: no other thread changes tickets.
    last = already_told.latest(store, site.name, _TOLD)
    counts = balance.counts(context, last) if time.first else None
    lists = worklist.gather(context, time, last, counts)
    with store.immediate():
        already_told.once(store, site.name, _TOLD + time.key, now)
        made = worklist.write(context, lists)
        balance.tell_unequal(context, counts.unequal if counts else 0)
        kill_point("listing")
    return made
