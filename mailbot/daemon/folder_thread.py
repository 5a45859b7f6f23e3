"""Brings the news of one folder into the journal: by IDLE if the server offers it, and by a question every `imap.poll`,
whatever the server tells, or every few seconds where it tells late. Each folder has a thread and a connection of its
own. imapclient blocks, so a server that hangs keeps only its own folder waiting (docs/performance.md has the figures).
"""

from __future__ import annotations

import math
import random
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from mailbot import log
from mailbot.config.site import Site
from mailbot.daemon.backoff import ACCOUNT, PERSON, SERVER, Backoff
from mailbot.daemon.shared_state import Board
from mailbot.daemon.thread_base import Worker
from mailbot.errors import AccountFailure, Damaged, PermanentFailure, TemporaryFailure
from mailbot.fetch import renumbering
from mailbot.fetch.accounts import imap_endpoint
from mailbot.fetch.folder import FolderReader
from mailbot.servers import imap
from mailbot.servers.oauth2 import NoToken, TokenRefused
from mailbot.servers.wake import Wake
from mailbot.store import disk, journal, outages, restored
from mailbot.store.database import Store
from mailbot.store.outages import Outage

#: Seconds. If a server refuses the IDLE that it offers, or cannot mark mails, it is not asked again for so long.
_NOT_AGAIN_FOR = 600.0
#: Seconds. A connection that stood so long was good. After shorter ones the next is made later and later.
_GOOD = 10.0
#: Seconds. A server that pushes tells of a mail within one or two.
LATE = 5.0
#: Seconds: INTERNALDATE has no fractions.
_MARGIN = 2.0
#: Seconds after which a server that may tell late is asked whether it has mail, and questions a second to one server: a
#: hundredth of a core.
_OFTEN, _AT_MOST = 5.0, 40
#: Folders at one server. Where more of them wait for its word, Dovecot may have no inotify instance left (128 for one
#: system user, unless set otherwise) and tell up to 30 s late. A connection counts as late until it was in time once;
#: not where there are so many that a question would come hardly sooner.
CROWD, _TOO_MANY = 100, 600
_CURE = "it is asked often. Dovecot: raise fs.inotify.max_user_instances on its machine"
#: Seconds by which a look is late before it counts as one that will not come.
_HANGS = 60.0
#: Seconds. After a complete look the server is believed for so long, each time that it is asked and knows of no change:
#: one command instead of the whole look.
_BELIEVED = 600.0
#: After so many looks within so many seconds each look waits a moment: a server may tell of news without an end.
_MANY, _SECONDS, _MOMENT = 50, 5.0, 0.1


class Watcher(Worker):
    """Watches one folder of one mailbox. `news` is called, with the mailbox, after each look that was asked for, and
    while there are mails to handle."""

    def __init__(
        self,
        mailbox: str,
        folder: str,
        board: Board,
        data: Path,
        news: Callable[[str], None],
        damaged: Callable[[Damaged], None],
    ) -> None:
        super().__init__(f"watch {mailbox} {folder}", damaged)
        self.mailbox, self.folder = mailbox, folder
        self._board, self._data, self._news = board, data, news
        self._wake = Wake()
        self._asked = True  # whether somebody waits for the next look
        self._rests = Backoff()
        self._session: imap.Session | None = None
        self._standing: float | None = None  # since the connection's first look, monotonic
        self._looks: deque[float] = deque(maxlen=_MANY)  # when the last ones were, monotonic
        self._complete = False  # whether the last look brought all that there is, as far as the server tells
        self._changed = False  # whether the server has told of a change since that look
        #: Of the last wait: when it ended, the seconds since all was known before, and whether the server ended it.
        self._told, self._waited, self._spoken = datetime.min.replace(tzinfo=UTC), 0.0, False
        self._in_time = False  # whether the server has told of a mail in time, over this connection
        self._no_push_until = self._no_marks_until = 0.0  # monotonic
        #: Whether a first look has been tried.
        self.tried = False
        #: Whether the server tells of news by itself.
        self.push = False
        #: Why the folder cannot be looked at; "" while it can.
        self.trouble = ""
        self._looked = time.monotonic()
        #: Whether the server refuses the account, or does not know the folder.
        self.refused = self.gone = False
        self._token_server = ""  # which gives us no token

    @property
    def outage(self) -> Outage | None:
        """That the folder is not read, as the operator is told."""
        site, trouble = self._site(), self.trouble
        if site is None or not (trouble or self.silent_for > _HANGS):
            return None
        how = "refused" if self.refused else "gone" if self.gone else "silent"
        if trouble and self._token_server:  # one outage, for however many folders and for sending
            return Outage(self.mailbox, "token", site.config.imap.username, how, self._token_server, trouble)
        return Outage(self.mailbox, "imap", self.folder, how, site.config.imap.server, trouble)

    @property
    def silent_for(self) -> float:
        """Seconds by which the next finished look is late, whatever the reason; 0: it is not late."""
        site = self._site()
        return max(0.0, time.monotonic() - self._looked - (site.config.imap.poll if site else 0.0))

    def look(self) -> None:
        """Ask for a look now; from any thread."""
        self._asked = True
        self._wake.ring()

    def mark(self) -> None:
        """Ask for the marks of handled mails, unless the server keeps none; from any thread."""
        if time.monotonic() >= self._no_marks_until:
            self._wake.ring()

    def stop(self) -> None:
        super().stop()
        self._wake.ring()

    def hang_up(self) -> None:
        """Break off the wait of a watcher that does not end by itself."""
        session = self._session
        if session is not None:
            session.hang_up()

    def work(self) -> None:
        with closing(Store.open(self._data)) as store:
            while not self.stopping:
                site = self._site()
                if site is None:
                    self.stop()
                    return
                rest = self._connection(store, site)
                self._session, self.tried = None, True
                self._rest(rest, site)

    def _site(self) -> Site | None:
        """The site as of now; None when this folder is not to be watched any more."""
        site = self._board.site(self.mailbox)
        return site if site is not None and self.folder in site.config.imap.watched else None

    # --- one connection ----------------------------------------------------------------------------

    def _connection(self, store: Store, site: Site) -> float:
        """One connection from login to its end, whatever ends it. Returns the seconds to rest afterwards."""
        self._standing, self._in_time, self._asked, self._changed = None, False, True, False
        try:
            with imap.connect(imap_endpoint(site), opened=self._opened) as session:
                if self.folder == site.config.imap.folder[0]:  # one is enough
                    renumbering.settle(store, site, session, self._board.clock)
                found = site.config.imap
                unmarked = found.done.kind == "none" or self.folder == found.sent
                state = session.select(self.folder, readonly=unmarked)
                outages.certificate_seen(store, self.mailbox, "imap", found.server, session.certificate_ends)
                self.push = self._wants_push(site) and session.offers_push()
                log.watching(self.mailbox, self.folder, push=self.push)
                while self._look(store, site, session, state):
                    self._wait(session, site)
                    now = self._site()
                    if self.stopping or now is None or now.config.imap != site.config.imap:
                        break
                    site = now
            return 0.0
        except imap.PushRefused as error:
            self._no_push_until = time.monotonic() + _NOT_AGAIN_FOR
            return self._failed(error, SERVER)
        except (NoToken, TokenRefused) as error:
            self.refused = isinstance(error, TokenRefused)
            # Of a login that is revoked the token server is not asked again and again (`servers.tokens`).
            return self._failed(error, SERVER, token_server=error.server)
        except AccountFailure as error:
            self.refused = True
            return self._failed(error, ACCOUNT)
        except TemporaryFailure as error:
            return self._failed(error, SERVER)
        except PermanentFailure as error:
            if isinstance(error, imap.NoSuchFolder):  # it has no mail to wait for: it keeps nothing back
                self._board.looked(self.mailbox, self.folder, self._board.begin())
                self._news(self.mailbox)
            return self._failed(error, PERSON)
        except Damaged:
            raise
        except Exception as error:
            self.tried, self.trouble = True, f"a fault in mailbot itself: {type(error).__name__}"
            raise

    def _opened(self, session: imap.Session) -> None:
        self._session = session
        if self.stopping:
            session.hang_up()

    def _look(self, store: Store, site: Site, session: imap.Session, state: imap.FolderState) -> bool:
        """Journal the new mails, mark the handled ones. False: the connection is of no more use."""
        self._complete = False
        if disk.is_full(self._data):  # the mails are safe where they are
            self.tried, self.trouble = True, "the disk is full, no mail is taken"
            return True
        if restored.pending(store, site.name) is not None:  # another watcher is at it
            self.tried = True
            return True
        asked, self._asked = self._asked, False
        look = self._board.begin()
        news = partial(self._news, self.mailbox)  # the first mail of many does not wait for the last
        reader = FolderReader(store, site, self.folder, self._board.clock, news)
        # A server may tell of a mail sooner than its SEARCH finds the mail.
        self._complete = reader.read(session, state) and (reader.received is not None or not self._changed)
        self._judge_push(site, reader.received)
        self._board.looked(self.mailbox, self.folder, look)
        self._standing = self._standing or look.tick
        self.tried, self.trouble, self.refused, self.gone, self._looked = True, "", False, False, time.monotonic()
        if asked or reader.received is not None or not self._nothing_waits(store):
            self._news(self.mailbox)
        if time.monotonic() < self._no_marks_until:
            return True
        try:
            reader.mark(session, state)
        except PermanentFailure as error:
            log.again(self.mailbox, f"imap marks {self.folder}", str(error))
            self._no_marks_until = time.monotonic() + _NOT_AGAIN_FOR
            return False
        return True

    def _nothing_waits(self, store: Store) -> bool:
        """Whether all mails up to the last look have been handled. If so, this is known from now on, and the clerk need
        not be asked: hundreds of mailboxes to which nothing comes cost him nothing."""
        looked_at = self._board.looked_at(self.mailbox)
        if looked_at is None or journal.pending(store, self.mailbox):
            return False
        self._board.handled(self.mailbox, looked_at)
        return True

    def _wait(self, session: imap.Session, site: Site) -> None:
        """Until the next look: when there is news, somebody rings, or it is time. Meanwhile the server is asked."""
        known = time.monotonic()  # when all was known the last time
        self._looks.append(known)
        if len(self._looks) == _MANY and self._looks[-1] - self._looks[0] < _SECONDS:
            self._stopping.wait(_MOMENT)
        poll = site.config.imap.poll
        believed = known + (max(_BELIEVED, poll) if self._complete else poll) * _chance()
        while True:
            often = min(min(poll, self._ask_every(site)) * _chance(), believed - time.monotonic())
            ended = session.wait_for_news(self._wake.fileno(), often, push=self.push and self._wants_push(site))
            self._told, self._waited = datetime.now(UTC), time.monotonic() - known
            self._changed = ended in ("server", "answer")
            if ended or time.monotonic() >= believed or disk.is_full(self._data):
                break
            asked = self._board.begin()
            if session.has_news():
                self._changed = True
                break
            # All that had come by then is in the journal. Of what waits there the main thread tells the clerk.
            self._board.looked(self.mailbox, self.folder, asked)
            self._looked = known = asked.tick
        self._spoken = ended == "server"
        self._wake.silence()

    def _ask_every(self, site: Site) -> float:
        """Seconds after which the server's silence is not trusted."""
        server = site.config.imap.server
        folders = self._board.folders_at(server)
        doubtful = self._board.tells_late(server) or (CROWD < folders <= _TOO_MANY and not self._in_time)
        return max(_OFTEN, folders / _AT_MOST) if doubtful else math.inf

    def _judge_push(self, site: Site, received: datetime | None) -> None:
        """Whether the server has told in time of the mail that came while we waited for its word."""
        if received is None or self._standing is None or not self.push:
            return
        server = site.config.imap.server
        late = self._board.lateness(server, (self._told - received).total_seconds())
        if late < LATE:
            self._in_time = self._in_time or self._spoken
        # What seems to be older than the wait was moved into the folder, or a clock was set.
        elif late <= self._waited + _MARGIN and self._board.late(server):
            log.again(self.mailbox, f"imap {self.folder}", f"{server} tells late of new mail (IDLE): {_CURE}")

    def _wants_push(self, site: Site) -> bool:
        return site.config.imap.idle and time.monotonic() >= self._no_push_until

    # --- failures ----------------------------------------------------------------------------------

    def _failed(
        self, error: TemporaryFailure | PermanentFailure, steps: tuple[float, ...], token_server: str = ""
    ) -> float:
        if self.stopping:
            return 0.0
        if self._standing is not None and time.monotonic() - self._standing > _GOOD:
            self._rests.succeeded()
        self.gone, self._token_server = isinstance(error, imap.NoSuchFolder), token_server
        self.trouble = error.reason
        log.again(self.mailbox, f"imap {self.folder}", str(error))
        return self._rests.rest(steps)

    def _rest(self, seconds: float, site: Site) -> None:
        """Rest. A stop or a new configuration ends the rest."""
        end = time.monotonic() + seconds
        while not self.stopping and (left := end - time.monotonic()) > 0:
            self._wake.wait(left)
            now = self._site()
            if now is None or now.config.imap != site.config.imap:
                return


def _chance() -> float:
    """A factor by which no two mailboxes do the same at the same moment."""
    return random.uniform(0.9, 1.0)
