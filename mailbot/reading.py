"""One folder of one mailbox, read into the journal: what is new by UID, once and for good.

The raw bytes are durable before anything of them is understood; from then on the flags on the server are a courtesy.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from mailbot import imap, journal, log
from mailbot.clock import Clock
from mailbot.desk import Desk
from mailbot.endpoint import Endpoint
from mailbot.fault import fault
from mailbot.store import Store


def endpoint_of(desk: Desk) -> Endpoint:
    """The account that is read."""
    found = desk.config.imap
    return Endpoint(found.host, found.port, found.security, found.ca_file, found.username, found.password.reveal())


class FolderReader:
    """Reads and marks one folder over sessions that others open. Belongs to the thread of its store."""

    def __init__(self, store: Store, desk: Desk, folder: str, clock: Clock) -> None:
        self.store, self.desk, self.folder, self.clock = store, desk, folder, clock

    def read(self, session: imap.Session, state: imap.FolderState) -> bool:
        """Journal what is new in the selected folder; only UIDs count, never flags, which people change.

        False: a mail is there that the server does not hand out; it is asked for again at the next reading.
        Raises TemporaryFailure.
        """
        store, mailbox, folder, epoch = self.store, self.desk.name, self.folder, state.uidvalidity
        since = self._since(state)
        last = self._begin(state)
        known = journal.known_uids(store, mailbox, folder, epoch, last)
        uids = [uid for uid in session.uids_after(last) if uid not in known]
        complete = True
        for item in session.fetch(uids, self.desk.config.limits.message_size):
            if isinstance(item, imap.Unreadable):
                # The mails behind it do not wait; the cursor does, so that it is asked for again.
                log.again(mailbox, f"imap {folder}", f"uid {item.uid}: {item.reason}")
                complete = False
            elif isinstance(item, imap.Fetched) and (since is None or item.internaldate >= since):
                entry = journal.remember(
                    store,
                    mailbox=mailbox,
                    folder=folder,
                    uidvalidity=epoch,
                    uid=item.uid,
                    raw=item.header if item.raw is None else item.raw,
                    size=item.size,
                    complete=item.raw is not None,
                    arrived_at=self.clock.arrival(item.internaldate),
                    now=self.clock.now(),
                    move=complete,
                )
                log.received(mailbox, folder, item.uid, item.size, entry)
            elif complete:  # it has vanished, or is older than what we were asked to read
                journal.move_cursor(store, mailbox, folder, epoch, item.uid)
        return complete

    def _begin(self, state: imap.FolderState) -> int:
        """The UID after which to read. First start: from now on, or from `imap.since`; a new UIDVALIDITY: all of it,
        where the fingerprint tells what is known already."""
        store, mailbox, folder = self.store, self.desk.name, self.folder
        last = journal.last_uid(store, mailbox, folder, state.uidvalidity)
        if last is not None:
            return last
        fresh = journal.started(store, mailbox, folder) is None and self.desk.config.imap.since is None
        last = state.uidnext - 1 if fresh else 0
        journal.open_epoch(store, mailbox, folder, state.uidvalidity, last, self.clock.now())
        return last

    def _since(self, state: imap.FolderState) -> datetime | None:
        """Mails that the server received earlier are not read; None: all are.

        Under a new UIDVALIDITY everything is looked at again, but not what lay there before the first start: nobody
        wants an acknowledgement for it now. A day of grace, since the server's clock is not ours.
        """
        since = self.desk.config.imap.since
        if since is not None:
            return datetime.combine(since, time(), self.desk.zone)
        started = journal.started(self.store, self.desk.name, self.folder)
        # Asked of every reading, not of the first one alone: that of a new epoch may have been cut short.
        again = journal.first_epoch(self.store, self.desk.name, self.folder) not in (None, state.uidvalidity)
        if started is None or not again or self.clock.rehearsal:
            return None
        return started - timedelta(days=1)

    def mark(self, session: imap.Session, state: imap.FolderState) -> bool:
        """Show other mail programs what mailbot has; after the commit, and only a courtesy.

        The folder must be selected for writing. False: the server keeps no such mark.
        Raises PermanentFailure where a person must look (a folder to move to that does not exist), TemporaryFailure.
        """
        rows = [row for row in journal.to_mark(self.store, self.desk.name) if row["folder"] == self.folder]
        if not rows:
            return True
        done = self.desk.config.imap.done
        current = [int(row["uid"]) for row in rows if row["uidvalidity"] == state.uidvalidity]
        kept = session.mark_done(current, done.kind, done.folder)
        fault("marked")
        journal.marked(self.store, [int(row["id"]) for row in rows])
        return kept
