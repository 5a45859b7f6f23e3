"""The one thread in which tickets change: it handles the journal, settles sent mails, and fires deadlines.

Mailboxes take turns, a few mails each, so that a flood in one keeps the others waiting for seconds at most.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from mailbot.arrivals.intake import Intake
from mailbot.config.site import Site
from mailbot.daemon.backoff import SERVER, Backoff
from mailbot.daemon.shared_state import Board
from mailbot.daemon.thread_base import Worker
from mailbot.daemon.turn_queue import Bell
from mailbot.delivery import outcomes
from mailbot.errors import Damaged, TemporaryFailure
from mailbot.fetch import reader
from mailbot.fetch.slow_mails import Lanes
from mailbot.procedure import balance, deadlines
from mailbot.procedure.guard import guarded
from mailbot.restraint import held
from mailbot.store import codes, disk, journal, outbox, restored
from mailbot.store.database import Store
from mailbot.tickets import similar

#: Mails of one mailbox in a turn.
_AT_MOST = 20
#: Seconds that one mail or one deadline may take.
_PATIENCE = 90.0
#: If a mailbox could not be looked at for so many seconds (beyond `imap.poll`), its deadlines fire all the same.
BLIND = 15 * 60.0


class Clerk(Worker):
    """Serves each mailbox that rings. `outgoing` is called with the mailbox after each mail, and after each turn that
    lets anything more leave."""

    def __init__(
        self, board: Board, data: Path, outgoing: Callable[[str], None], damaged: Callable[[Damaged], None]
    ) -> None:
        super().__init__("clerk", damaged)
        self._board, self._data, self._outgoing = board, data, outgoing
        self._bell = Bell()
        self._rests: dict[tuple[str, str], Backoff] = {}
        self._resting: dict[tuple[str, str], float] = {}  # until then, monotonic
        self._reading = Lanes(self._bell.ring)

    def ring(self, mailbox: str) -> None:
        """This mailbox may have something to do."""
        self._bell.ring(mailbox)

    def stop(self) -> None:
        super().stop()
        self._bell.ring("")

    def work(self) -> None:
        with suppress(TemporaryFailure):  # the first mail tries again
            reader.start()
        with closing(Store.open(self._data)) as store:
            store.widen()
            try:
                while self._go_on():
                    site = self._board.site(self._bell.next(timeout=5.0) or "")
                    if site is not None and not self.stopping:
                        self._turn(store, site)
            finally:
                self._give_up(store)

    def _give_up(self, store: Store) -> None:
        """Mails that are being read at the end have not failed: three restarts send no mail to quarantine."""
        for entry in self._reading.close():
            with suppress(TemporaryFailure):
                journal.uncount_attempt(store, entry)

    def _go_on(self) -> bool:
        """Called between two pieces of work. Renews the promise, and tells whether to begin another piece."""
        self.promise(_PATIENCE)
        return not self.stopping

    def _turn(self, store: Store, site: Site) -> None:
        if disk.is_full(self._data):  # the room that is left is for mails that are under way
            self._outgoing(site.name)
            return
        if restored.pending(store, site.name) is not None:  # the mailbox's watcher is reading, and rings afterwards
            return
        written, seen = store.changes, self._board.seen(site.name)
        # Asked before anything is handled: mails that are fetched meanwhile may not be handled in this turn.
        looked_at = self._board.looked_at(site.name)
        self._step(site, "handling", lambda: self._handle(store, site))
        self._step(site, "outcomes", lambda: self._settle(store, site))
        if looked_at is not None and not journal.pending(store, site.name):
            self._board.handled(site.name, looked_at)
        # Mails come before deadlines: if an answer has arrived in time, nobody is reminded of it.
        self._step(site, "deadlines", lambda: self._fire(store, site))
        self._step(site, "balance", lambda: balance.watch(store, site, self._board.clock.now()))
        self._step(site, "held mails", lambda: held.look(store, site, self._board.clock.now()))
        self._step(site, "similar cases", lambda: similar.catch_up(store, site))
        self._step(site, "old codes", lambda: codes.forget(store, self._board.clock.now()))
        if store.changes != written or self._board.seen(site.name) != seen:
            self._outgoing(site.name)

    def _step(self, site: Site, what: str, step: Callable[[], bool]) -> None:
        """One step of one mailbox, unless it rests after a failure."""
        key = (site.name, what)
        if not self._go_on() or time.monotonic() < self._resting.get(key, 0.0):
            return
        rests = self._rests.setdefault(key, Backoff())
        if guarded(site.name, what, step):
            rests.succeeded()
        else:
            self._resting[key] = time.monotonic() + rests.rest(SERVER)

    def _handle(self, store: Store, site: Site) -> bool:
        prefixes = [each.config.ticket_prefix for each in self._board.sites()]
        intake = Intake(store, site, prefixes, self._reading)
        begun = 0

        def go_on() -> bool:
            nonlocal begun
            begun += 1
            self._outgoing(site.name)  # the first acknowledgement of a flood does not wait for the last
            return self._go_on()

        intake.handle_waiting(self._board.clock.now(), at_most=_AT_MOST, go_on=go_on)
        if begun == _AT_MOST:  # there may be more
            self.ring(site.name)  # behind the others
        return True

    def _settle(self, store: Store, site: Site) -> bool:
        now = self._board.clock.now()
        waiting = outbox.unsettled(store, site)
        return all([outcomes.settled(store, site, outbox_id, now) for outbox_id in waiting if self._go_on()])

    def _fire(self, store: Store, site: Site) -> bool:
        now = self._board.clock.now()
        until = self._known_until(site, now)
        # Reminders go out in service hours: this must hold now, too, not only at the instant up to which the mailbox is
        # known.
        if until is None or not site.calendar.in_service(now) or not self._board.steadiness.steady():
            return True
        return deadlines.run(store, site, until, go_on=self._go_on) >= 0

    def _known_until(self, site: Site, now: datetime) -> datetime | None:
        """The instant up to which deadlines may fire: all mails up to then have been handled. None: not known yet.

        A mailbox that stays out of reach must not silence its reminders: then this instant is the present.
        """
        if self._board.blind_for(site.name) > site.config.imap.poll + BLIND:
            return now
        seen = self._board.seen(site.name)
        return None if seen is None else min(seen, now)
