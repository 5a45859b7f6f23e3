"""Reads one folder of one mailbox into the journal: each new mail by its UID, once and for good.

The raw bytes are durable before anything of them is understood. From then on the flags on the server are a courtesy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

from mailbot import log
from mailbot.clock import Clock
from mailbot.config.site import Site
from mailbot.fetch.latecomers import UNSURE, Latecomers
from mailbot.killpoint import kill_point
from mailbot.servers import imap
from mailbot.store import folders, journal
from mailbot.store.database import Store


class FolderReader:
    """Reads and marks one folder over sessions that its callers open. Belongs to the thread of its store. news: called
    each time that mails are in the journal, before the next ones are fetched."""

    def __init__(
        self, store: Store, site: Site, folder: str, clock: Clock, news: Callable[[], None] = lambda: None
    ) -> None:
        self.store, self.site, self.folder, self.clock, self._news = store, site, folder, clock, news
        #: The folder of sent mail is only read: its older mails are no news for anybody, and nothing is marked.
        self._sent = folder == site.config.imap.sent
        #: When the server received the last mail that was read; None: none was.
        self.received: datetime | None = None

    def read(self, session: imap.Session, state: imap.FolderState) -> bool:
        """Journal the new mails of the selected folder. Only UIDs count, never flags, which people change.

        False: the server does not hand out a mail that is there; the next reading asks for this mail again.
        Raises TemporaryFailure.
        """
        store, mailbox, folder, epoch = self.store, self.site.name, self.folder, state.uidvalidity
        since = self._since(state)
        last = self._begin(state)
        counted = folders.counted_uid(store, mailbox, folder, epoch)
        known = journal.known_uids(store, mailbox, folder, epoch, min(last, counted))
        found = session.uids_after(min(last, counted))
        uids = [uid for uid in found if uid > last and uid not in known]
        late = Latecomers(store, mailbox, folder, self.clock)
        if not self._sent and late.expects(len(uids)):
            late.expect(date for date in session.received(uids) if since is None or date >= since)
        complete = True
        for together in session.fetch_together(uids, self.site.config.limits.message_size):
            new: list[imap.Fetched] = []
            for item in together:
                if isinstance(item, imap.Fetched) and (since is None or item.internaldate >= since):
                    new.append(item)
                    continue
                self._journal(epoch, new, late, move=complete)  # before the cursor passes them
                new = []
                if isinstance(item, imap.Unreadable):
                    # The mails behind it do not wait. The cursor does: the next reading asks for this mail again.
                    log.again(mailbox, f"imap {folder}", f"uid {item.uid}: {item.reason}")
                    complete = False
                elif isinstance(item, imap.Vanished):
                    log.vanished(mailbox, folder, item.uid)
                    folders.vanished(store, mailbox, folder, epoch, item.uid, move=complete)
                elif complete:  # it is older than what we were asked to read
                    folders.move_cursor(store, mailbox, folder, epoch, item.uid)
            self._journal(epoch, new, late, move=complete)
        self._count({*found, *known}, state, counted, news=bool(uids))
        return complete

    def _journal(self, epoch: int, new: Sequence[imap.Fetched], late: Latecomers, *, move: bool) -> None:
        """Record what came together, in one transaction."""
        if not new:
            return
        mails = [self._fetched(epoch, item, "" if self._sent else late.name(item.internaldate)) for item in new]
        entries = journal.remember(self.store, mails, self.clock.now(), move=move)
        for mail, entry in zip(mails, entries, strict=True):
            log.received(self.site.name, self.folder, mail.uid, mail.size, entry)
        self.received = new[-1].internaldate
        self._news()

    def _fetched(self, epoch: int, item: imap.Fetched, latecomer: str) -> journal.Fetched:
        return journal.Fetched(
            mailbox=self.site.name,
            folder=self.folder,
            uidvalidity=epoch,
            uid=item.uid,
            raw=item.header if item.raw is None else item.raw,
            size=item.size,
            complete=item.raw is not None,
            # Nobody could know of an archive's mails before: their deadlines run from now on.
            arrived_at=self.clock.now() if latecomer == UNSURE else self.clock.arrival(item.internaldate),
            latecomer=latecomer,
            marks=not self._sent,
        )

    def _count(self, seen: set[int], state: imap.FolderState, counted: int, *, news: bool) -> None:
        """The end of a look. If a UID was given out and no look has shown its mail, a person or a rule removed the mail
        before any look (RFC 9051 §2.3.1.1: UIDs rise, and are never used again)."""
        up_to = max(counted, state.uidnext - 1, *seen, 0)
        unseen = up_to - counted - sum(uid > counted for uid in seen)
        if unseen:
            log.unseen(self.site.name, self.folder, unseen)
        folders.looked(
            self.store,
            self.site.name,
            self.folder,
            state.uidvalidity,
            self.clock.now(),
            up_to=up_to,
            unseen=unseen,
            news=news,
        )

    def _begin(self, state: imap.FolderState) -> int:
        """The UID after which to read. At the first start: the last UID in the folder, or 0 with `imap.since`. Under a
        new UIDVALIDITY: 0, because the fingerprint tells which mails are known already."""
        store, mailbox, folder = self.store, self.site.name, self.folder
        last = folders.last_uid(store, mailbox, folder, state.uidvalidity)
        if last is not None:
            return last
        from_now = self._sent or self.site.config.imap.since is None
        fresh = folders.started(store, mailbox, folder) is None and from_now
        last = state.uidnext - 1 if fresh else 0
        now, counted = self.clock.now(), max(0, state.uidnext - 1)
        folders.open_epoch(store, mailbox, folder, state.uidvalidity, last, now, counted=counted)
        return last

    def _since(self, state: imap.FolderState) -> datetime | None:
        """The instant before which the server received the mails that are not read; None: all mails are read.

        Under a new UIDVALIDITY every mail is looked at again, but not the mails from before the first start: their
        senders want no acknowledgement now. There is a day of grace, since the server's clock is not ours.
        """
        since = self.site.config.imap.since
        if since is not None and not self._sent:
            return datetime.combine(since, time(), self.site.zone)
        started = folders.started(self.store, self.site.name, self.folder)
        # Every reading asks this, not only the first: the first reading of a new epoch may have been cut short.
        again = folders.first_epoch(self.store, self.site.name, self.folder) not in (None, state.uidvalidity)
        if started is None or not again or self.clock.rehearsal:
            return None
        return started - timedelta(days=1)

    def mark(self, session: imap.Session, state: imap.FolderState) -> bool:
        """Show other mail programs which mails mailbot has. Call it after the commit; the mark is only a courtesy.

        The folder must be selected for writing. False: the server keeps no such mark.
        Raises PermanentFailure where a person must look (a folder to move to that does not exist), TemporaryFailure.
        """
        rows = [row for row in journal.to_mark(self.store, self.site.name) if row["folder"] == self.folder]
        if not rows:
            return True
        done = self.site.config.imap.done
        current = [int(row["uid"]) for row in rows if row["uidvalidity"] == state.uidvalidity]
        kept = session.mark_done(current, done.kind, done.folder)
        kill_point("marked")
        journal.marked(self.store, [int(row["id"]) for row in rows])
        return kept
