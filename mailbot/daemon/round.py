"""One round of the whole office: fetch, handle, fire deadlines, send. `mailbot once` runs it. If the program dies
between any two lines nothing is lost, because every step begins with what the database says.

A mailbox that fails never disturbs another: each step of each mailbox has its own guard.
"""

from __future__ import annotations

import asyncio
import functools
import time
from dataclasses import dataclass
from datetime import datetime

from mailbot import log
from mailbot.arrivals.intake import Intake
from mailbot.clock import Clock
from mailbot.config.settings import Config
from mailbot.config.site import ALARMS, Site, open_sites
from mailbot.daemon import endings
from mailbot.delivery import account, outcomes
from mailbot.delivery.proof import Search
from mailbot.delivery.sender import Delivery, Sender, submitter
from mailbot.errors import Damaged, PermanentFailure, TemporaryFailure
from mailbot.fetch import renumbering
from mailbot.fetch.accounts import imap_endpoint
from mailbot.fetch.folder import FolderReader
from mailbot.letters import alarms
from mailbot.procedure import balance, deadlines
from mailbot.procedure.guard import fault_of_ours, guarded
from mailbot.restraint import held
from mailbot.servers import imap
from mailbot.servers.oauth2 import TokenRefused
from mailbot.store import codes, disk, journal, outages, outbox, restored
from mailbot.store.database import Store
from mailbot.tickets import similar
from mailbot.tickets.case import Context

#: Seconds that a round waits for the proof of a mail that may have been sent; then it is left to the next round.
_PROOF = 10.0


@dataclass(frozen=True, slots=True)
class _Intake:
    """seen: all mails that came up to this instant have been read and handled; None: no such instant is known.
    complete: nothing must be tried again."""

    seen: datetime | None
    complete: bool


class Office:
    """All sites over one database; used by one thread."""

    def __init__(self, config: Config, store: Store, clock: Clock) -> None:
        """Raises ConfigError with every fault of rules, templates and calendars."""
        self.sites = open_sites(config)
        self.store, self.clock = store, clock
        self._steady = True
        self._prefixes = [site.config.ticket_prefix for site in self.sites]

    def once(self, jumped: float = 0.0) -> bool:
        """One round of every mailbox. False: something must be tried again.

        jumped: seconds by which the machine's clock was set since the last round. If it was set, no overdue deadline
        fires in this round.
        """
        self._steady = not jumped or self.clock.rehearsal
        if not self._steady:
            alarms.clock_was_set(self.store, self.sites, jumped, self.clock.now())
        complete = all([self._round(site) for site in self.sites])
        endings.look(self.store, self.sites, self.clock.now())
        ways = {way.name: way for site in self.sites if (way := site.alarms) is not None and way.name == ALARMS}
        for way in ways.values():
            complete = guarded(way.name, "smtp", functools.partial(self._send, way, None)) and complete
        return complete and not disk.is_full(self.store.folder)

    def _round(self, site: Site) -> bool:
        if disk.is_full(self.store.folder):
            return self._only_send(site)
        if not guarded(site.name, "restore", lambda: self._settle_restore(site)):
            return False
        # Unfinished work of an earlier run comes first: a deadline must know that its mail has been accepted.
        recovered = guarded(site.name, "recovery", lambda: self._recover(site))
        intake = self._fetch_and_handle(site)
        fired = guarded(site.name, "deadlines", lambda: self._fire(site))
        guarded(site.name, "balance", lambda: balance.watch(self.store, site, self.clock.now()))
        looked = guarded(site.name, "held mails", lambda: held.look(self.store, site, self.clock.now()))
        guarded(site.name, "similar cases", lambda: similar.catch_up(self.store, site))
        guarded(site.name, "old codes", lambda: codes.forget(self.store, self.clock.now()))
        if intake.seen is not None and outbox.awaits_look(self.store, site, self.clock.now(), intake.seen):
            # For `#batal` its arrival counts: the folder is looked at once more before a mail that it may take back
            # leaves.
            intake = self._fetch_and_handle(site)
        if disk.is_full(self.store.folder):
            return self._only_send(site)
        sent = guarded(site.name, "smtp", lambda: self._send(site, intake.seen))
        if outbox.to_prove(self.store, site, self.clock.now()):
            proved = guarded(site.name, "proof", lambda: self._prove(site, _PROOF))
            sent = guarded(site.name, "smtp", lambda: self._send(site, intake.seen)) and proved
        return recovered and intake.complete and fired and looked and sent

    def _settle_restore(self, site: Site) -> bool:
        if restored.pending(self.store, site.name) is None:
            return True
        with imap.connect(imap_endpoint(site)) as session:
            return renumbering.settle(self.store, site, session, self.clock)

    def _only_send(self, site: Site) -> bool:
        """There is no room to take mail in; on the server it is safe. Mails that are written already leave, and the
        alarm."""
        log.again(site.name, "disk", "the disk is full: no mail is taken until there is room")

        def tell() -> bool:
            alarms.no_room(self.store, [site], self.clock.now())
            return True

        if guarded(site.name, "alarm", tell):
            guarded(site.name, "recovery", lambda: self._recover(site))
            guarded(site.name, "smtp", lambda: self._send(site, None))
        return False

    def _recover(self, site: Site) -> bool:
        outbox.recover(self.store, site, self.clock.now())
        # One look: a mail that is proven already need not keep its ticket waiting.
        guarded(site.name, "proof", lambda: self._prove(site, 0.0))
        return self._settle_all(site)

    def _prove(self, site: Site, patience: float) -> bool:
        """Look up the mails that may have been sent. True: nothing is left to look for."""

        def wait(seconds: float) -> bool:
            time.sleep(seconds)
            return False

        try:
            return Search(self.store, site, self.clock).run(patience, wait)
        finally:
            self._settle_all(site)

    def _settle_all(self, site: Site) -> bool:
        return all([self._settle(site, outbox_id) for outbox_id in outbox.unsettled(self.store, site)])

    def _fire(self, site: Site) -> bool:
        return not self._steady or deadlines.run(self.store, site, self.clock.now()) >= 0

    # --- in ----------------------------------------------------------------------------------------

    def _fetch_and_handle(self, site: Site) -> _Intake:
        began = self.clock.now()
        looked = fetched = True
        for name in site.config.imap.watched:
            try:
                fetched = self._fetch(site, name) and fetched
            except imap.NoSuchFolder as error:  # it has no mail to wait for
                log.again(site.name, f"imap {name}", str(error))
                fetched = False
            except (TemporaryFailure, PermanentFailure) as error:
                if isinstance(error, TokenRefused):
                    self._no_token(site, error.server, error.reason, refused=True)
                log.again(site.name, f"imap {name}", str(error))
                looked, fetched = looked and name == site.config.imap.sent, False  # no deadline waits for sent mail
            except Damaged:
                raise
            except Exception as error:
                fault_of_ours(site.name, f"imap {name}", error)
                looked = False
        intake = Intake(self.store, site, self._prefixes)
        handled = guarded(site.name, "handling", lambda: intake.handle_waiting(self.clock.now()))
        looked = looked and handled and not journal.pending(self.store, site.name)
        # The marks are a courtesy: they keep nothing back.
        marked = guarded(site.name, "imap marks", lambda: self._mark(site))
        return _Intake(began if looked else None, looked and fetched and marked)

    def _fetch(self, site: Site, folder: str) -> bool:
        with imap.connect(imap_endpoint(site)) as session:
            state = session.select(folder, readonly=True)
            found = site.config.imap
            outages.certificate_seen(
                self.store, site.name, "imap", f"{found.host}:{found.port}", session.certificate_ends
            )
            return FolderReader(self.store, site, folder, self.clock).read(session, state)

    def _mark(self, site: Site) -> bool:
        folders = {str(row["folder"]) for row in journal.to_mark(self.store, site.name)}
        if not folders:
            return True
        with imap.connect(imap_endpoint(site)) as session:
            for folder in folders:
                FolderReader(self.store, site, folder, self.clock).mark(session, session.select(folder))
        return True

    # --- out ---------------------------------------------------------------------------------------

    def _send(self, site: Site, seen: datetime | None) -> bool:
        if not outbox.due(self.store, site, self.clock.now(), seen):
            return not outbox.retried(self.store, site)
        delivery = asyncio.run(self._deliver(site, seen))
        if delivery.rate_used:
            log.again(site.name, "outbox", "the configured rate is used up")
        if delivery.trouble is not None and delivery.trouble.token:
            self._no_token(site, delivery.trouble.token, delivery.trouble.text, refused=delivery.account_refused)
        elif delivery.account_refused and delivery.trouble is not None:
            now, smtp = self.clock.now(), site.config.smtp
            with self.store.immediate():
                alarms.once(
                    Context(self.store, site, now),
                    "smtp",
                    "refused",
                    server=f"{smtp.host}:{smtp.port}",
                    since=site.say(now),
                    said=delivery.trouble.text,
                )
        return delivery.complete and not outbox.retried(self.store, site)

    def _no_token(self, site: Site, server: str, said: str, *, refused: bool) -> None:
        """One alarm, for reading and sending. A token server that is only out of reach is tried in the next round."""
        if not refused:
            return
        now = self.clock.now()
        with self.store.immediate():
            alarms.once(
                Context(self.store, site, now),
                "token",
                "refused",
                server=server,
                account=f"{site.config.imap.username} ({site.name})",
                since=site.say(now),
                said=said,
            )

    async def _deliver(self, site: Site, seen: datetime | None) -> Delivery:
        way = account.of(site)
        settle, no_proof = functools.partial(self._settle, site), functools.partial(self._no_proof, site)
        async with submitter(way) as connection:
            return await Sender(self.store, way, self.clock, settle, no_proof).send_due(connection, seen, lambda: False)

    def _settle(self, site: Site, outbox_id: int) -> bool:
        return outcomes.settled(self.store, site, outbox_id, self.clock.now())

    def _no_proof(self, site: Site, answer: str) -> None:
        outcomes.no_proof(self.store, site, answer, self.clock.now())
