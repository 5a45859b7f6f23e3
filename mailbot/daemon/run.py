"""`mailbot run`: watchers fetch, the clerk handles, the postman sends, all at the same time in threads of their own.
The main thread looks each second what is due, tells systemd how things are, and sees all threads out at the end.

`schedule` says how often to look. What is due stands in the database. `schedule` reckons by the wall's clock and would
wait too long if that clock were set back; then the plan is made anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

import schedule

from mailbot import killpoint, log
from mailbot.clock import Clock
from mailbot.config import settings as configuration
from mailbot.config.settings import Config
from mailbot.config.site import open_sites
from mailbot.daemon import copies, endings, heartbeat
from mailbot.daemon.folder_thread import Watcher
from mailbot.daemon.notify import Notifier
from mailbot.daemon.outages import Outages
from mailbot.daemon.proof_thread import Prover
from mailbot.daemon.sending.process import SendingProcess
from mailbot.daemon.shared_state import Board
from mailbot.daemon.thread_base import Worker
from mailbot.daemon.ticket_thread import Clerk
from mailbot.errors import ConfigError, Damaged, MailbotError
from mailbot.letters import alarms
from mailbot.procedure import worklists
from mailbot.servers.wake import Wake
from mailbot.store import agenda, disk, instance, outbox
from mailbot.store.database import Store
from mailbot.store.instance import AlreadyRunning, Owner, only_instance, owned
from mailbot.store.outages import Outage

if TYPE_CHECKING:
    from mailbot.daemon.sending.thread import SendingThread

#: Seconds. The longest interval of the plan. A job that seems further away means that the clock was set back.
_LONGEST = 60
#: Seconds after which the daemon counts as ready even if a server has not been reached yet.
_READY_AFTER = 30.0
#: Seconds between two looks at what stands still.
OUTAGES_EVERY = 10
#: Mailboxes that have a turn of the clerk's each minute, whatever waits. The turns of all 700 took a quarter of what an
#: idle daemon takes.
_IN_TURN = 140
#: Troubles named in the one line for systemd.
_TOLD = 3
_REFUSED = "the new configuration was refused (see the log), the old one counts"
#: Seconds that all threads together get at a stop. A thread that still waits for a server then is cut off or left
#: behind.
_STOP_WITHIN = 8.0


class Daemon:
    """All mailboxes of one configuration, until `stop`."""

    def __init__(self, config: Config, clock: Clock, notifier: Notifier, *, apart: bool = False) -> None:
        """apart: mails are sent by a process of their own; not where somebody sets the clock. Raises ConfigError with
        every fault of rules, templates and calendars."""
        self.config, self.clock, self._notifier = config, clock, notifier
        self._board = Board(open_sites(config), clock)
        self._wake = Wake()
        self._stopping = self._reloading = False
        #: Whether a look at each folder has been tried, and whether all threads have ended.
        self.ready = self.stopped = False
        self._fatal: Damaged | AlreadyRunning | None = None
        self.watchers: list[Watcher] = []
        self._provers: dict[str, Prover] = {}
        self._clerk = Clerk(self._board, config.data, self._outgoing, self._damaged)
        self._postman: SendingProcess | SendingThread
        if apart:
            ring, log_as = self._clerk.ring, lambda: self.config.log
            self._postman = SendingProcess(self._board, config.data, log_as, ring, self._damaged)
        else:
            from mailbot.daemon.sending.thread import SendingThread  # here, as a process loads it otherwise

            self._postman = SendingThread(self._board, config.data, self._clerk.ring, self._damaged)
        self._outages = Outages()
        self._heartbeat = heartbeat.Heartbeat()
        #: The one line of `systemctl status`.
        self.state = ""
        self._refusal = ""  # that a new configuration was not taken
        self._full = False  # that the disk is, and all have been told
        self._tended = 0  # how many mailboxes have had their turn

    # --- from anywhere, signal handlers too --------------------------------------------------------

    def stop(self) -> None:
        """Finish what is in hand and end."""
        self._stopping = True
        self._wake.ring()

    def reload(self) -> None:
        """Read the configuration again. If all of it is in order, it counts from the next piece of work on."""
        self._reloading = True
        self._wake.ring()

    # --- from the workers' threads -----------------------------------------------------------------

    def _outgoing(self, mailbox: str) -> None:
        self._postman.ring(mailbox)

    def _proven(self, mailbox: str) -> None:
        self._clerk.ring(mailbox)
        self._postman.ring(mailbox)

    def _damaged(self, error: Damaged | AlreadyRunning) -> None:
        self._fatal = error
        self.stop()

    # --- the main thread ---------------------------------------------------------------------------

    def run(self) -> None:
        """Work until `stop`. Raises AlreadyRunning, TemporaryFailure if the data folder cannot be used, and Damaged if
        the database cannot be trusted (any more)."""
        with only_instance(self.config.data) as lock:
            if isinstance(self._postman, SendingProcess):
                self._postman.share(lock)
            self._work()
        if self._fatal is not None:
            raise self._fatal

    def _work(self) -> None:
        with closing(Store.open(self.config.data)) as store, owned(store) as owner:
            self._board.steadiness.jumped(owner.jumped)
            log.daemon("started", mailboxes=len(self._board.sites()))
            self._clerk.start()
            self._postman.start()
            self._guarded(self._watch)
            self._ring_all()
            began = time.monotonic()
            plan = self._plan(store, owner)
            while not self._stopping:
                if not self.ready:
                    self._begin(late=time.monotonic() > began + _READY_AFTER)
                if self._reloading and self.ready:
                    self._reload()
                plan.run_pending()
                idle = plan.idle_seconds
                if idle is None or idle > _LONGEST:
                    plan = self._plan(store, owner)
                    self._look_everywhere()  # how far a mailbox is known was reckoned by the other clock
                self._wake.wait(min(idle or 0.0, 0.2 if not self.ready else 1.0))
            self._leave()

    def _plan(self, store: Store, owner: Owner) -> schedule.Scheduler:
        """The plan: which job runs how often. Each job guards itself: an error would stop the jobs behind it."""
        plan = schedule.Scheduler()

        def every(seconds: int, job: Callable[[], None]) -> None:
            plan.every(seconds).seconds.do(self._guarded, job)

        every(1, lambda: self._look_at_clock(store))
        every(1, lambda: self._look_what_is_due(store))
        every(1, self._show_life)
        every(1, self._look_where_nobody_tells)
        every(2, lambda: self._look_at_disk(store))
        every(5, lambda: self._mark(store))
        every(5, owner.renew)
        every(10, self._tell_state)
        every(10, lambda: self._look_for_lists(store))
        every(OUTAGES_EVERY, lambda: self._tell_operators(store))
        every(_LONGEST, lambda: endings.look(store, self._board.sites(), self.clock.now()))
        every(heartbeat.EVERY, lambda: self._heartbeat.beat(self.config.heartbeat if self.serves_all else None))
        every(10, self._watch)  # a thread that could not be begun
        every(_LONGEST, lambda: self._tend(store))
        return plan

    def _guarded(self, job: Callable[[], None]) -> None:
        try:
            job()
        except (Damaged, AlreadyRunning) as error:
            self._damaged(error)
        except MailbotError as error:
            log.again("-", "the look at what is due", str(error))
        except Exception as error:
            log.crashed(error)

    # --- jobs --------------------------------------------------------------------------------------

    def _look_what_is_due(self, store: Store) -> None:
        """Wake the threads that have something to do. Deadlines, and mails that could be taken back, wait for a look at
        the folder, so that no mail that came in time is overlooked."""
        now = self.clock.now()
        for mailbox in agenda.to_handle(store, now):
            self._clerk.ring(mailbox)
        look = self._not_looked_at(agenda.with_deadlines(store, now), now)
        for mailbox in agenda.to_send(store, now):
            site, looked = self._board.site(mailbox), self._board.looked_at(mailbox)
            if site is not None and outbox.awaits_look(store, site, now, looked.at if looked else None):
                look.add(mailbox)
            self._postman.ring(mailbox)
        for mailbox in agenda.to_prove(store, now):
            self._prove(mailbox)
        self._look(look)

    def _look_for_lists(self, store: Store) -> None:
        """Wake the clerk of each mailbox whose work list is to be written. Not each second: the calendars of hundreds
        of mailboxes cost more than all the other looks together."""
        now = self.clock.now()
        due = {site.name: worklists.due(store, site, now) for site in self._board.sites()}
        self._look(self._not_looked_at({name: listed.at for name, listed in due.items() if listed}, now))

    def _not_looked_at(self, wanted: Mapping[str, datetime], now: datetime) -> set[str]:
        """Rings the clerk of each mailbox where something was due at a moment; returns those whose folder must be
        looked at first."""
        look = set()
        for mailbox, due in wanted.items():
            site, looked = self._board.site(mailbox), self._board.looked_at(mailbox)
            if site is not None and site.calendar.in_service(now):
                self._clerk.ring(mailbox)  # should the folder be out of reach
                # A look from before the office opened is not enough: what is due is done as of the last look.
                if looked is None or looked.at < due or not site.calendar.in_service(looked.at):
                    look.add(mailbox)
        return look

    def _look(self, mailboxes: set[str]) -> None:
        for watcher in self.watchers:
            if watcher.mailbox in mailboxes:
                watcher.look()

    def _prove(self, mailbox: str) -> None:
        """Start a thread that looks for the proof of this mailbox's uncertain mails, if there is none."""
        busy = self._provers.get(mailbox)
        if self._board.site(mailbox) is not None and (busy is None or busy.join(0.0)):
            self._provers[mailbox] = Prover(mailbox, self._board, self.config.data, self._proven, self._damaged)
            self._provers[mailbox].start()

    def _mark(self, store: Store) -> None:
        wanted = agenda.to_mark(store)
        for watcher in self.watchers:
            if (watcher.mailbox, watcher.folder) in wanted:
                watcher.mark()

    def _tend(self, store: Store) -> None:
        """Wakes the clerk for what has no deadline of its own: where something waits, and, mailbox after mailbox, for
        reports that go by the calendar."""
        sites = self._board.sites()
        self._tended = self._tended % max(1, len(sites))
        turn = {site.name for site in (sites + sites)[self._tended : self._tended + min(_IN_TURN, len(sites))]}
        self._tended += len(turn)
        for mailbox in turn | agenda.to_tend(store, self.clock.now()):
            self._clerk.ring(mailbox)

    def _ring_all(self) -> None:
        for site in self._board.sites():
            self._clerk.ring(site.name)

    def _look_at_clock(self, store: Store) -> None:
        self._board.steadiness.steady()
        if jump := self._board.steadiness.take_jump():
            alarms.clock_was_set(store, self._board.sites(), jump, self.clock.now())
            self._look_everywhere()  # how far a mailbox is known was reckoned by the other clock

    def _look_where_nobody_tells(self) -> None:
        if self._board.take_newly_late():
            self._look_everywhere()

    def _look_at_disk(self, store: Store) -> None:
        """Tells of a full disk while the reserve lasts. When the reserve can be made again, everything goes on."""
        if not disk.is_full(self.config.data):
            return
        if not self._full:
            alarms.no_room(store, self._board.sites(), self.clock.now())
            self._full = True
            for site in self._board.sites():
                self._postman.ring(site.name)
        elif disk.has_room(self.config.data):
            self._full = False
            log.daemon("room", reason="there is room on the disk again")
            self._look_everywhere()
            self._ring_all()

    def _show_life(self) -> None:
        """Feeds the watchdog only while the threads through which everything goes keep their promises. A watcher that
        waits for its server is no reason to kill the daemon, which serves the other mailboxes."""
        if self._clerk.alive and self._postman.alive:
            self._notifier.alive()

    @property
    def serves_all(self) -> bool:
        """Whether every mailbox is read and sends, and the threads through which everything goes keep their
        promises."""
        return (
            self.ready
            and self._clerk.alive
            and self._postman.alive
            and not disk.is_full(self.config.data)
            and all(watcher.tried and watcher.outage is None for watcher in self.watchers)
            and not self._postman.outages()
        )

    def _tell_operators(self, store: Store) -> None:
        """Keeps what stands still, and tells the operators."""
        found = [outage for watcher in self.watchers if (outage := watcher.outage) is not None]
        found += self._postman.outages()
        if self._refusal:
            found.append(Outage("", "reload", "", "refused", "", self._refusal))
        if (late := copies.outage(store, self.clock.now())) is not None:
            found.append(late)
        self._outages.look(store, self._board.sites(), found, self.clock.now())

    def _tell_state(self, *, ready: bool = False) -> None:
        state = self._state_line()
        if ready:
            self._notifier.ready(state)
        elif self.ready and state != self.state:
            self._notifier.status(state)
        if state != self.state:
            instance.note(self.config.data, state)  # for `mailbot status`
        self.state = state

    def _state_line(self) -> str:
        watched = [watcher for watcher in self.watchers if watcher.tried and not watcher.trouble]
        pushed = sum(watcher.push for watcher in watched)
        parts = [_REFUSED] if self._refusal else []
        parts += ["THE DISK IS FULL, no mail is taken"] if disk.is_full(self.config.data) else []
        parts += [f"{len(watched)} of {len(self.watchers)} folders watched, {pushed} by push"]
        troubled = [f"{each.mailbox} {each.folder}: {each.trouble}" for each in self.watchers if each.trouble]
        troubled += [f"{each.mailbox} cannot send: {each.said}" for each in self._postman.outages()]
        parts += troubled[:_TOLD]
        if len(troubled) > _TOLD:
            parts.append(f"and {len(troubled) - _TOLD} more, see the log")
        return "; ".join(parts)

    # --- beginning, changing, ending ---------------------------------------------------------------

    def _watch(self) -> None:
        """Sees to it that each configured folder has a watcher, and no other folder has one."""
        wanted = {(site.name, folder) for site in self._board.sites() for folder in site.config.imap.watched}
        for watcher in self.watchers:
            if (watcher.mailbox, watcher.folder) not in wanted:
                watcher.stop()
        self.watchers = [watcher for watcher in self.watchers if not watcher.stopping and not watcher.join(0.0)]
        for mailbox, folder in sorted(wanted - {(watcher.mailbox, watcher.folder) for watcher in self.watchers}):
            watcher = Watcher(mailbox, folder, self._board, self.config.data, self._clerk.ring, self._damaged)
            watcher.start()
            self.watchers.append(watcher)

    def _begin(self, late: bool) -> None:
        """Ready once a look at each folder has been tried, so that the start shows at once which server is out of
        reach."""
        if late or all(watcher.tried for watcher in self.watchers):
            self.ready = True
            self._tell_state(ready=True)
            log.daemon("ready")

    def _reload(self) -> None:
        self._reloading = False
        self._notifier.reloading()
        try:
            config = configuration.load(self.config.path)
            sites = open_sites(config)
            if config.data != self.config.data:
                raise ConfigError([f"{config.path}: data: cannot be changed while mailbot runs; restart it"])
            if (self.clock.rehearsal or killpoint.armed()) and not config.all_loopback():
                raise ConfigError([f"{config.path}: a rehearsal needs every server on a loopback address (127.0.0.1)"])
        except Exception as error:  # whatever is wrong with it, what runs goes on
            if not isinstance(error, ConfigError):
                log.crashed(error)
            faults = error.faults if isinstance(error, ConfigError) else [f"{type(error).__name__}, a fault in mailbot"]
            for line in faults:
                log.daemon("kept", reason=line)
            self._refusal = "; ".join(faults)
            self._tell_state(ready=True)
            return
        self._refusal = ""
        log.configure(config.log.format, config.log.level)
        self.config = config
        self._board.replace(sites)
        self._postman.reload()
        self._guarded(self._watch)
        self._look_everywhere()
        self._tell_state(ready=True)
        log.daemon("reloaded", mailboxes=len(sites))

    def _look_everywhere(self) -> None:
        for watcher in self.watchers:
            watcher.look()

    def _leave(self) -> None:
        """All threads finish what they have in hand, at the same time."""
        self._notifier.stopping("finishing what is in hand")
        log.daemon("stopping")
        provers = list(self._provers.values())
        workers: list[Worker] = [self._clerk, self._postman, *provers, *self.watchers]
        for worker in workers:
            worker.stop()
        end = time.monotonic() + _STOP_WITHIN
        self._join(self.watchers, time.monotonic() + 2.0)
        for busy in provers:
            busy.hang_up()
        for watcher in self.watchers:
            watcher.hang_up()
        self._join([self._clerk, *provers, *self.watchers], end)
        while not self._postman.join(max(0.2, end - time.monotonic())) and self._postman.at_dot:
            # A server has a mail and has not answered yet. If the program ended now, it would send the mail once more.
            self._notifier.extend(30.0)
            self._notifier.stopping("waiting for a mail server's last answer")
        left = [worker.name for worker in workers if not worker.join(0.0)]
        log.daemon("stopped", left_behind=left or None)
        self.stopped = True

    @staticmethod
    def _join(workers: list[Watcher] | list[Worker], end: float) -> None:
        for worker in workers:
            worker.join(end - time.monotonic())
