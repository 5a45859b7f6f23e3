"""Mails that come as new although the server had them long before our last look.

A single late mail is a mail that somebody has moved into the folder. Many at once are a moved archive, a restored
mailbox, or a mailbox with a new UIDVALIDITY that has mails without a known fingerprint. The senders of these mails want
no acknowledgement today. Each mail becomes a ticket or an entry of a ticket, and staff get one collected mail about all
of them. But mails that would leave by themselves are held until the operator has decided. After an outage of ours no
mail is late: every mail since the last look is new.

A name in the journal tells how a mail came. "": on time. "few": late, with few others. "unsure": late, with many
others; they are counted once all of them are handled, because copies of known mails do not count. "many": late, and the
count was more than few.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from mailbot.clock import Clock
from mailbot.config.site import Site
from mailbot.letters import alarms
from mailbot.sentences import Sentences
from mailbot.store import folders, held_mails
from mailbot.store import latecomers as stored
from mailbot.store.database import Store
from mailbot.tickets.case import Context

_SAID = Sentences(__file__)
#: A person moves fewer misfiled mails than this in a day.
MANY = 20
#: Mails within this time are counted together: programs move an archive one mail at a time.
TOGETHER = timedelta(hours=24)
#: The server's clock is not ours, and a mail may have been on its way between two of its machines.
GRACE = timedelta(days=1)
FEW, UNSURE, MANY_NAME = "few", "unsure", "many"


class Latecomers:
    """The late mails of one look at one folder."""

    def __init__(self, store: Store, mailbox: str, folder: str, clock: Clock) -> None:
        last = folders.last_look(store, mailbox, folder)
        now = clock.now()
        # A rehearsal's clock is not the server's. A look in the future was made under a clock that ran ahead.
        self._before = None if last is None or clock.rehearsal else min(last, now) - GRACE
        self._earlier = 0 if self._before is None else stored.since(store, mailbox, now - TOGETHER)
        self._expected = self._came = 0

    def expects(self, count: int) -> bool:
        """Whether the late mails must be counted before the first of so many mails is journalled: a journalled mail may
        be answered while the others are still being fetched."""
        return self._before is not None and count > MANY

    def expect(self, dates: Iterable[datetime]) -> None:
        """When the server received the mails of this look."""
        self._expected = sum(self._is_late(date) for date in dates)

    def name(self, date: datetime) -> str:
        """The name of the next mail, which the server received at this instant."""
        if not self._is_late(date):
            return ""
        self._came += 1
        return UNSURE if self._earlier + max(self._expected, self._came) > MANY else FEW

    def _is_late(self, date: datetime) -> bool:
        return self._before is not None and date < self._before


def decide(store: Store, site: Site, now: datetime) -> list[int]:
    """Once all late mails are fetched and handled: returns the mails that they set off and that may leave, or puts the
    question to the operator. Inside the caller's transaction."""
    first = stored.first_unsure(store, site.name)
    if first is None or stored.come_still(store, site.name):
        return []
    count = stored.since(store, site.name, first - TOGETHER)
    many = count > MANY
    waiting = held_mails.for_latecomers(store, site.name)
    stored.decided(store, site.name, MANY_NAME if many else FEW)
    if not many:
        return waiting
    for outbox_id in waiting:
        held_mails.by_another_rule(store, outbox_id, "latecomers", _SAID("many", count=count))
    if waiting:
        alarms.once(Context(store, site, now), "latecomers", count=count, held=len(waiting))
    return []
