"""Whether the border server still says of our people's mail what it used to say.

A mail server that was replaced or set up anew, and now adds no results, is not seen by anybody else: what was proven
by results rests on tokens alone from then on.
"""

from __future__ import annotations

from datetime import datetime

from mailbot.config.site import Site
from mailbot.letters import alarms
from mailbot.model import Sender, Verdict
from mailbot.store import journal
from mailbot.store.database import Store
from mailbot.tickets.case import Context

#: More mails in a row without results than this are no chance.
MOST_WITHOUT = 3
#: So many before them are looked at, and three of four must have had results: people of one server have none anyway.
_BEFORE, _AT_LEAST = 20, 4


def watch(store: Store, site: Site, sender: Sender, now: datetime) -> None:
    """A mail of one of our people is in hand: tell the operator if the results no longer come. In its transaction."""
    if sender.verdict is not Verdict.ABSENT or site.config.authentication.authserv_id is None:
        return
    verdicts = journal.verdicts(store, site.name, MOST_WITHOUT + _BEFORE)
    absent = [verdict == Verdict.ABSENT.value for verdict in verdicts]
    before = absent[MOST_WITHOUT:]
    if not all(absent[:MOST_WITHOUT]) or len(before) < _AT_LEAST or 4 * sum(before) > len(before):
        return
    server = site.config.authentication.authserv_id
    alarms.once(Context(store, site, now), "results", count=MOST_WITHOUT + 1, server=server)
