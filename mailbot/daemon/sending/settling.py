"""What comes of the mails that were sent, wherever that was: tickets and operators are told."""

from __future__ import annotations

from collections.abc import Callable

from mailbot.config.site import ALARMS
from mailbot.daemon.shared_state import Board
from mailbot.delivery import outcomes
from mailbot.store.database import Store


class Settling:
    """`ring` is called with the mailbox whose clerk has to tell a ticket."""

    def __init__(self, board: Board, ring: Callable[[str], None]) -> None:
        self._board, self._ring = board, ring

    def settled(self, store: Store, mailbox: str, outbox_id: int) -> bool:
        """The server has decided on a mail. False: try again."""
        site = self._board.sender(mailbox)
        if mailbox == ALARMS and site is not None:  # no ticket hangs on it
            return outcomes.settled(store, site, outbox_id, self._board.clock.now())
        self._ring(mailbox)
        return True

    def no_proof(self, store: Store, mailbox: str, answer: str) -> None:
        """The server refuses the address that gets the copy for the proof, in these words."""
        if (site := self._board.sender(mailbox)) is not None:
            outcomes.no_proof(store, site, answer, self._board.clock.now())
