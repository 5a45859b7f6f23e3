"""The postman in a thread: where the program is a guest in another one, which sets its clock (the demo, the tests)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mailbot.daemon.sending.postman import Postman
from mailbot.daemon.sending.settling import Settling
from mailbot.daemon.shared_state import Board
from mailbot.daemon.thread_base import Worker
from mailbot.errors import Damaged
from mailbot.store.outages import Outage


class SendingThread(Worker, Settling):
    """Sends for each mailbox that rings."""

    def __init__(
        self, board: Board, data: Path, ring: Callable[[str], None], damaged: Callable[[Damaged], None]
    ) -> None:
        Worker.__init__(self, "postman", damaged)
        Settling.__init__(self, board, ring)
        self._postman = Postman(board, data, self)

    def ring(self, mailbox: str) -> None:
        """This mailbox may have something to send."""
        self._postman.ring(mailbox)

    def reload(self) -> None:
        """The board has another configuration."""

    def stop(self) -> None:
        super().stop()
        self._postman.stop()

    @property
    def at_dot(self) -> bool:
        """Whether a server may have a mail without a recorded answer, so that a stop should wait."""
        return self._postman.at_dot

    def outages(self) -> list[Outage]:
        """What cannot send, as the operator is told."""
        return self._postman.outages()

    def work(self) -> None:
        self._postman.work()
