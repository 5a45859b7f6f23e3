"""The thread that looks for proof of one mailbox's uncertain mails, while the postman sends the others.

The thread starts when there is an uncertain mail, and ends when there is none any more. It has a connection of its own:
looking takes as long as the copy takes to appear, and only the uncertain mails shall wait for that.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from mailbot import log
from mailbot.daemon.backoff import ACCOUNT, PERSON, SERVER, Backoff
from mailbot.daemon.shared_state import Board
from mailbot.daemon.thread_base import Worker
from mailbot.delivery.proof import Search
from mailbot.errors import AccountFailure, Damaged, PermanentFailure, TemporaryFailure
from mailbot.servers import imap
from mailbot.servers.oauth2 import TokenRefused
from mailbot.store import outbox
from mailbot.store.database import Store

#: Seconds that one connection lasts beyond the time that a copy may take. Then the thread makes another connection and
#: reads the configuration anew.
_LONGER = 30.0


class Prover(Worker):
    """`found` is called with the mailbox after each search: a ticket may have to be told, or a mail to be sent."""

    def __init__(
        self,
        mailbox: str,
        board: Board,
        data: Path,
        found: Callable[[str], None],
        damaged: Callable[[Damaged], None],
    ) -> None:
        super().__init__(f"proof {mailbox}", damaged)
        self.mailbox = mailbox
        self._board, self._data, self._found = board, data, found
        self._session: imap.Session | None = None

    def hang_up(self) -> None:
        """Break off the wait, from any thread."""
        session = self._session
        if session is not None:
            session.hang_up()

    def work(self) -> None:
        rests = Backoff()
        search: Search | None = None
        with closing(Store.open(self._data)) as store:
            while not self.stopping:
                site = self._board.site(self.mailbox)
                if site is None or not outbox.to_prove(store, site, self._board.clock.now()):
                    self.stop()
                    return
                if search is None or search.site is not site:
                    search = Search(store, site, self._board.clock)
                wait = site.config.proof.wait if site.config.proof else 0.0
                try:
                    search.run(wait + _LONGER, self._left, self._opened)
                    rests.succeeded()
                except TokenRefused as error:
                    self._rest(str(error), rests.rest(SERVER))
                except AccountFailure as error:
                    self._rest(str(error), rests.rest(ACCOUNT))
                except TemporaryFailure as error:
                    self._rest(str(error), rests.rest(SERVER))
                except PermanentFailure as error:
                    self._rest(str(error), rests.rest(PERSON))
                finally:
                    self._session = None
                    self._found(self.mailbox)

    def _opened(self, session: imap.Session) -> None:
        self._session = session
        if self.stopping:
            session.hang_up()

    def _left(self, seconds: float) -> bool:
        self._stopping.wait(seconds)
        return self.stopping

    def _rest(self, reason: str, seconds: float) -> None:
        if not self.stopping:
            log.again(self.mailbox, "proof", reason)
            self._stopping.wait(seconds)
