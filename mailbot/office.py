"""One round of the whole office: fetch, handle, fire deadlines, send. `mailbot once` runs it; nothing here is lost
when it dies between any two lines, because every step begins with what the database says.

A mailbox that fails never disturbs another: each step of each mailbox has its own guard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial

from mailbot import deadlines, imap, journal, log, outbox, service
from mailbot.config import Config
from mailbot.desk import Desk, open_desks
from mailbot.endpoint import Endpoint
from mailbot.errors import Damaged, PermanentFailure, TemporaryFailure
from mailbot.fault import fault
from mailbot.intake import Intake
from mailbot.store import Store


@dataclass(frozen=True, slots=True)
class Clock:
    """The time: the wall's, or the one instant of a rehearsal, which is then also the arrival time of mails."""

    rehearsal: datetime | None = None

    def now(self) -> datetime:
        return self.rehearsal or datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Intake:
    """looked: every mail that is there has been read and handled. complete: and nothing must be tried again."""

    looked: bool
    complete: bool


class Office:
    """All desks over one database; used by one thread."""

    def __init__(self, config: Config, store: Store, clock: Clock) -> None:
        """Raises ConfigError with every fault of rules, templates and calendars."""
        self.desks = open_desks(config)
        self.store, self.clock = store, clock
        self._prefixes = [desk.config.ticket_prefix for desk in self.desks]

    def once(self) -> bool:
        """One round of every mailbox. False: something must be tried again."""
        return all([self._round(desk) for desk in self.desks])

    def _round(self, desk: Desk) -> bool:
        # What an earlier run left half done comes first: a deadline must know that its mail has been accepted.
        recovered = self._guard(desk, "recovery", lambda: self._recover(desk))
        intake = self._fetch_and_handle(desk)
        fired = self._guard(desk, "deadlines", lambda: deadlines.run(self.store, desk, self.clock.now()) >= 0)
        if intake.looked and outbox.undoable(self.store, desk, self.clock.now()):
            # `#batal` counts by its arrival: the folder is looked at once more before such a mail leaves.
            intake = self._fetch_and_handle(desk)
        if not intake.looked:
            # Somebody may have taken a mail back, and we cannot see it: what could be taken back waits.
            outbox.keep_back(self.store, outbox.undoable(self.store, desk, self.clock.now()), self.clock.now())
        sent = self._guard(desk, "smtp", lambda: self._send(desk))
        return recovered and intake.complete and fired and sent

    def _guard(self, desk: Desk, what: str, step: Callable[[], bool]) -> bool:
        """One step of one mailbox: whatever ends it but a damaged database, the others go on. False: try again."""
        try:
            return step()
        except (TemporaryFailure, PermanentFailure) as error:
            log.again(desk.name, what, str(error))
        except Damaged:
            raise
        except Exception as error:
            self._fault(desk, what, error)
        return False

    def _fault(self, desk: Desk, what: str, error: Exception) -> None:
        """A fault of ours: told with its place in the program; the other steps and mailboxes go on."""
        log.crashed(error)
        log.again(desk.name, what, f"a fault in mailbot itself: {type(error).__name__}")

    def _recover(self, desk: Desk) -> bool:
        outbox.recover(self.store, desk, self.clock.now())
        return all([self._settle(desk, outbox_id) for outbox_id in outbox.unsettled(self.store, desk)])

    # --- in ----------------------------------------------------------------------------------------

    def _fetch_and_handle(self, desk: Desk) -> _Intake:
        looked = fetched = True
        for name in desk.config.imap.folder:
            try:
                fetched = self._fetch(desk, name) and fetched
            except TemporaryFailure as error:
                log.again(desk.name, f"imap {name}", str(error))
                looked = False
            except PermanentFailure as error:  # a folder that does not exist has no mail to wait for
                log.again(desk.name, f"imap {name}", str(error))
                fetched = False
            except Damaged:
                raise
            except Exception as error:
                self._fault(desk, f"imap {name}", error)
                looked = False
        intake = Intake(self.store, desk, self._prefixes)
        handled = self._guard(desk, "handling", lambda: intake.handle_waiting(self.clock.now()))
        looked = looked and handled and not journal.pending(self.store, desk.name)
        # The marks are a courtesy: they keep nothing back.
        marked = self._guard(desk, "imap marks", lambda: self._mark(desk))
        return _Intake(looked, looked and fetched and marked)

    def _endpoint(self, desk: Desk) -> Endpoint:
        found = desk.config.imap
        return Endpoint(found.host, found.port, found.security, found.ca_file, found.username, found.password.reveal())

    def _fetch(self, desk: Desk, folder: str) -> bool:
        """Journal what is new in a folder; only UIDs count, never flags, which people change."""
        store, now = self.store, self.clock.now()
        with imap.connect(self._endpoint(desk)) as session:
            state = session.select(folder, readonly=True)
            since = self._since(desk, folder, state)
            last = self._begin(desk, folder, state, now)
            known = journal.known_uids(store, desk.name, folder, state.uidvalidity, last)
            uids = [uid for uid in session.uids_after(last) if uid not in known]
            complete = True
            for item in session.fetch(uids, desk.config.limits.message_size):
                if isinstance(item, imap.Unreadable):
                    # The mails behind it do not wait; the cursor does, so that it is asked for again.
                    log.again(desk.name, f"imap {folder}", f"uid {item.uid}: {item.reason}")
                    complete = False
                elif isinstance(item, imap.Fetched) and (since is None or item.internaldate >= since):
                    arrived = now if self.clock.rehearsal else min(item.internaldate, now)
                    journal.remember(
                        store,
                        mailbox=desk.name,
                        folder=folder,
                        uidvalidity=state.uidvalidity,
                        uid=item.uid,
                        raw=item.header if item.raw is None else item.raw,
                        size=item.size,
                        complete=item.raw is not None,
                        arrived_at=arrived,
                        now=now,
                        move=complete,
                    )
                    log.received(desk.name, folder, item.uid, item.size)
                elif complete:  # it has vanished, or is older than what we were asked to read
                    journal.move_cursor(store, desk.name, folder, state.uidvalidity, item.uid)
        return complete

    def _begin(self, desk: Desk, folder: str, state: imap.FolderState, now: datetime) -> int:
        """The UID after which to read. First start: from now on, or from `imap.since`; a new UIDVALIDITY: all of it,
        where the fingerprint tells what is known already."""
        store = self.store
        last = journal.last_uid(store, desk.name, folder, state.uidvalidity)
        if last is not None:
            return last
        fresh = journal.started(store, desk.name, folder) is None and desk.config.imap.since is None
        last = state.uidnext - 1 if fresh else 0
        journal.open_epoch(store, desk.name, folder, state.uidvalidity, last, now)
        return last

    def _since(self, desk: Desk, folder: str, state: imap.FolderState) -> datetime | None:
        """Mails that the server received earlier are not read; None: all are.

        Under a new UIDVALIDITY everything is looked at again, but not what lay there before the first start: nobody
        wants an acknowledgement for it now. A day of grace, since the server's clock is not ours.
        """
        if desk.config.imap.since is not None:
            return datetime.combine(desk.config.imap.since, time(), desk.zone)
        started = journal.started(self.store, desk.name, folder)
        # Asked of every round, not of the first one alone: the reading of the new epoch may have been cut short.
        again = journal.first_epoch(self.store, desk.name, folder) not in (None, state.uidvalidity)
        if started is None or not again or self.clock.rehearsal:
            return None
        return started - timedelta(days=1)

    def _mark(self, desk: Desk) -> bool:
        """Show other mail programs what mailbot has; after the commit, and only a courtesy."""
        waiting = journal.to_mark(self.store, desk.name)
        done = desk.config.imap.done
        if not waiting:
            return True
        if done.kind == "none":
            journal.marked(self.store, [int(row["id"]) for row in waiting])
            return True
        with imap.connect(self._endpoint(desk)) as session:
            for folder in {str(row["folder"]) for row in waiting}:
                state = session.select(folder)
                rows = [row for row in waiting if row["folder"] == folder]
                current = [int(row["uid"]) for row in rows if row["uidvalidity"] == state.uidvalidity]
                session.mark_done(current, done.kind, done.folder)
                fault("marked")
                journal.marked(self.store, [int(row["id"]) for row in rows])
        return True

    # --- out ---------------------------------------------------------------------------------------

    def _send(self, desk: Desk) -> bool:
        return outbox.Sender(self.store, desk, self.clock.now(), partial(self._settle, desk)).send_due()

    def _settle(self, desk: Desk, outbox_id: int) -> bool:
        """The server has accepted a mail, or refused it for good: the ticket learns of it, exactly once."""
        return self._guard(desk, f"outcome of mail {outbox_id}", lambda: self._outcome(desk, outbox_id))

    def _outcome(self, desk: Desk, outbox_id: int) -> bool:
        row = self.store.row("SELECT state, answer FROM outbox WHERE id = ?", outbox_id)
        now = self.clock.now()
        if row is not None and row["state"] == "accepted":
            service.accepted(self.store, desk, outbox_id, now)
        elif row is not None:
            service.undelivered(self.store, desk, outbox_id, f"o{outbox_id}.failed", str(row["answer"]), now, now)
        return True
