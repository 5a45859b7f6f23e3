"""One round of the whole office: fetch, handle, fire deadlines, send. `mailbot once` runs it; nothing here is lost
when it dies between any two lines, because every step begins with what the database says.

A mailbox that fails never disturbs another: each step of each mailbox has its own guard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import partial

from mailbot import deadlines, imap, journal, log, outbox, service
from mailbot.config import Config
from mailbot.desk import Desk, open_desks
from mailbot.endpoint import Endpoint
from mailbot.errors import PermanentFailure, TemporaryFailure
from mailbot.fault import fault
from mailbot.intake import Intake
from mailbot.store import Store


@dataclass(frozen=True, slots=True)
class Clock:
    """The time: the wall's, or the one instant of a rehearsal, which is then also the arrival time of mails."""

    rehearsal: datetime | None = None

    def now(self) -> datetime:
        return self.rehearsal or datetime.now(UTC)


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
        outbox.recover(self.store, desk, self.clock.now())
        fetched = self._fetch_and_handle(desk)
        fired = self._guard(desk, "deadlines", lambda: deadlines.run(self.store, desk, self.clock.now()) >= 0)
        if fetched and outbox.undoable_due(self.store, desk, self.clock.now()):
            # `#batal` counts by its arrival: the folder is looked at once more before such a mail leaves.
            fetched = self._fetch_and_handle(desk)
        if not fetched and outbox.undoable_due(self.store, desk, self.clock.now()):
            self._keep_back(desk)
        sent = self._guard(desk, "smtp", lambda: self._send(desk))
        return fetched and fired and sent

    def _guard(self, desk: Desk, what: str, step: Callable[[], bool]) -> bool:
        try:
            return step()
        except (TemporaryFailure, PermanentFailure) as error:
            log.again(desk.name, what, str(error))
            return False

    # --- in ----------------------------------------------------------------------------------------

    def _fetch_and_handle(self, desk: Desk) -> bool:
        folders = desk.config.imap.folder
        fetched = all([self._guard(desk, f"imap {name}", partial(self._fetch, desk, name)) for name in folders])
        intake = Intake(self.store, desk, self._prefixes)
        handled = self._guard(desk, "handling", lambda: intake.handle_waiting(self.clock.now()))
        marked = self._guard(desk, "imap marks", lambda: self._mark(desk))
        return fetched and handled and marked

    def _endpoint(self, desk: Desk) -> Endpoint:
        found = desk.config.imap
        return Endpoint(found.host, found.port, found.security, found.ca_file, found.username, found.password.reveal())

    def _fetch(self, desk: Desk, folder: str) -> bool:
        """Journal what is new in a folder; only UIDs count, never flags, which people change."""
        store, now = self.store, self.clock.now()
        with imap.connect(self._endpoint(desk)) as session:
            state = session.select(folder, readonly=True)
            last = self._begin(desk, folder, state, now)
            uids = session.uids_after(last)
            for item in session.fetch(uids, desk.config.limits.message_size):
                if isinstance(item, imap.Fetched):
                    arrived = now if self.clock.rehearsal else min(item.internaldate, now)
                    if self._too_old(desk, item.internaldate):
                        journal.move_cursor(store, desk.name, folder, state.uidvalidity, item.uid)
                        continue
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
                    )
                    log.received(desk.name, folder, item.uid, item.size)
                elif isinstance(item, imap.Unreadable):
                    raise TemporaryFailure(f"imap {folder}", f"uid {item.uid}: {item.reason}")
                else:
                    journal.move_cursor(store, desk.name, folder, state.uidvalidity, item.uid)
        return True

    def _begin(self, desk: Desk, folder: str, state: imap.FolderState, now: datetime) -> int:
        """The UID after which to read. First start: from now on, or from `imap.since`; a new UIDVALIDITY: all of it,
        where the fingerprint tells what is known already (F15)."""
        store = self.store
        last = journal.last_uid(store, desk.name, folder, state.uidvalidity)
        if last is not None:
            return last
        fresh = not journal.known_folder(store, desk.name, folder) and desk.config.imap.since is None
        last = state.uidnext - 1 if fresh else 0
        journal.open_epoch(store, desk.name, folder, state.uidvalidity, last, now)
        return last

    def _too_old(self, desk: Desk, arrived: datetime) -> bool:
        since = desk.config.imap.since
        return since is not None and arrived < datetime.combine(since, time(), desk.zone)

    def _mark(self, desk: Desk) -> bool:
        """Show other mail programs what mailbot has; after the commit, and only a courtesy (F4, F5)."""
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

    def _keep_back(self, desk: Desk) -> None:
        """The folder cannot be looked at: what could still be taken back waits for the next round."""
        with self.store.immediate():
            for row in outbox.due(self.store, desk, self.clock.now()):
                if row["undo_by"] is not None:
                    self.store.execute(
                        "UPDATE outbox SET next_try_at = ? WHERE id = ?",
                        outbox.later(self.clock.now()),
                        row["id"],
                    )

    def _send(self, desk: Desk) -> bool:
        store, clock = self.store, self.clock
        for outbox_id in outbox.unhandled(store, desk):
            service.accepted(store, desk, outbox_id, clock.now())

        def accepted(outbox_id: int) -> None:
            service.accepted(store, desk, outbox_id, clock.now())

        def refused(outbox_id: int, answer: str) -> None:
            service.undelivered(store, desk, outbox_id, f"o{outbox_id}.failed", answer, clock.now(), clock.now())

        return outbox.Sender(store, desk, clock.now(), accepted, refused).send_due()
