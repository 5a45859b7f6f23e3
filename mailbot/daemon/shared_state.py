"""What the daemon's threads tell one another: the sites as they are now, and how far each mailbox is known.

Durable state is in the database only. This state is lost in a crash, and the next look finds it again.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from mailbot.clock import Clock, Steadiness
from mailbot.config.site import Site
from mailbot.delivery import account
from mailbot.delivery.account import SubmissionAccount

#: Seconds. Two late mails within so long show that a server tells late: one may be chance.
_AGAIN_WITHIN = 3600.0
#: Seconds. While it is asked often, nothing shows whether a server has become quick again.
_LATE_FOR = 24 * 3600.0


class Look(NamedTuple):
    """When a look at a folder began: by the daemon's clock, and by a clock that nobody sets (seconds, monotonic)."""

    at: datetime
    tick: float


class Board:
    """Shared by all threads. Each method is one atomic step."""

    def __init__(self, sites: Sequence[Site], clock: Clock) -> None:
        self.clock = clock
        self.steadiness = Steadiness(clock)
        self._lock = threading.Lock()
        self._looked: dict[tuple[str, str], Look] = {}
        self._seen: dict[str, Look] = {}
        self._since: dict[str, float] = {}  # since when each mailbox is configured, monotonic
        self._soonest: dict[str, float] = {}
        self._late: dict[str, float] = {}  # when a server was late the last time, monotonic
        self._late_until: dict[str, float] = {}  # monotonic
        self._newly_late = False
        self._folders: Counter[str] = Counter()
        self._sites: Mapping[str, Site] = {}
        self._senders: Mapping[str, Site] = {}
        self._accounts: Mapping[str, SubmissionAccount] = {}
        self.replace(sites)

    # --- sites -----------------------------------------------------------------------------------

    def site(self, mailbox: str) -> Site | None:
        """The mailbox's site as of now; None: the mailbox is not configured any more. Ask anew for each piece of
        work."""
        return self._sites.get(mailbox)

    def sites(self) -> list[Site]:
        return list(self._sites.values())

    def sender(self, name: str) -> Site | None:
        """What sends under this name: a mailbox, or the account of the alarms."""
        return self._senders.get(name)

    def account(self, name: str) -> SubmissionAccount | None:
        """The account by which it sends."""
        return self._accounts.get(name)

    def accounts(self) -> list[SubmissionAccount]:
        return list(self._accounts.values())

    def replace(self, sites: Sequence[Site]) -> None:
        """Takes a new configuration as a whole. It counts from the next piece of work on."""
        with self._lock:
            now = time.monotonic()
            # If a mailbox comes back, what is known of it is from before it went.
            self._since = {site.name: self._since.get(site.name, now) for site in sites}
            self._sites = {site.name: site for site in sites}
            self._folders = Counter(site.config.imap.server for site in sites for _ in site.config.imap.watched)
            self._senders = {each.name: each for site in sites for each in (site.alarms, site) if each is not None}
            self._accounts = {name: account.of(site) for name, site in self._senders.items()}

    # --- how far a mailbox is known ----------------------------------------------------------------

    def begin(self) -> Look:
        """A look that begins now."""
        return Look(self.clock.now(), time.monotonic())

    def looked(self, mailbox: str, folder: str, look: Look) -> None:
        """Every mail that had come into the folder when the look began is in the journal."""
        with self._lock:
            self._looked[mailbox, folder] = look

    def looked_at(self, mailbox: str) -> Look | None:
        """Every mail that came into any folder before this look is in the journal; None: not looked at yet."""
        site = self.site(mailbox)
        with self._lock:
            found = [self._looked.get((mailbox, folder)) for folder in (site.config.imap.folder if site else ())]
            since = self._since.get(mailbox, 0.0)
        looks = [look for look in found if look is not None and look.tick >= since]
        return min(looks, key=lambda look: look.tick) if looks and len(looks) == len(found) else None

    def handled(self, mailbox: str, up_to: Look) -> None:
        """All mails up to this look have been handled, too. Several threads say so, the older look perhaps last."""
        with self._lock:
            known = self._seen.get(mailbox)
            self._seen[mailbox] = up_to if known is None or known.tick < up_to.tick else known

    def seen(self, mailbox: str) -> datetime | None:
        """All mails that came up to this instant have been read and handled; None: never since the start."""
        with self._lock:
            found, since = self._seen.get(mailbox), self._since.get(mailbox, 0.0)
        return None if found is None or found.tick < since else found.at

    def blind_for(self, mailbox: str) -> float:
        """Seconds since the instant of `seen`, or since the mailbox was configured, by a clock that nobody sets."""
        with self._lock:
            found, now = self._seen.get(mailbox), time.monotonic()
            return now - max(self._since.get(mailbox, now), found.tick if found else 0.0)

    # --- how soon the servers tell of mail -----------------------------------------------------------

    def lateness(self, server: str, delay: float) -> float:
        """Seconds by which a mail was found too late. delay: since its arrival by the server's clock. How that clock
        stands to ours, the soonest mail of the server shows."""
        with self._lock:
            soonest = self._soonest[server] = min(delay, self._soonest.get(server, delay))
            return delay - soonest

    def late(self, server: str) -> bool:
        """A server has told of a mail late. True: from now on it counts as one that does so."""
        with self._lock:
            now = time.monotonic()
            before, self._late[server] = self._late.get(server), now
            if before is None or now - before > _AGAIN_WITHIN or now < self._late_until.get(server, 0.0):
                return False
            self._late_until[server], self._newly_late = now + _LATE_FOR, True
            return True

    def folders_at(self, server: str) -> int:
        """How many folders a watcher reads there."""
        return self._folders[server]

    def take_newly_late(self) -> bool:
        """Whether a server has become one that tells late since this was asked last: who waits for its word waits too
        long."""
        with self._lock:
            newly, self._newly_late = self._newly_late, False
            return newly

    def tells_late(self, server: str) -> bool:
        with self._lock:
            return time.monotonic() < self._late_until.get(server, 0.0)
