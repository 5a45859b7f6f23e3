"""The postman in a process of its own (`child`): it sends on one core while mails are handled on another.

The two talk in lines of JSON. The process gets its accounts, with their passwords, by its input only. It holds the data
folder's lock as long as it lives, so that no other mailbot sends beside it, and it ends when its input ends: with the
process that started it, whatever ended that process.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from mailbot.config.settings import Log
from mailbot.daemon.sending.settling import Settling
from mailbot.daemon.shared_state import Board
from mailbot.daemon.thread_base import Worker
from mailbot.delivery import account
from mailbot.errors import Damaged, TemporaryFailure
from mailbot.store import disk, turns
from mailbot.store.database import Store
from mailbot.store.outages import Outage

_MODULE = "mailbot.daemon.sending.child"
#: Seconds in which the process is up and says its first word.
_STARTING = 60.0
#: Seconds in which it ends when its input has ended: it may wait for the database so long.
_ENDING = 60.0


class SendingProcess(Worker, Settling):
    """Sends for each mailbox that rings. The thread of this worker starts the process, and hears what it says."""

    def __init__(
        self,
        board: Board,
        data: Path,
        written: Callable[[], Log],
        ring: Callable[[str], None],
        damaged: Callable[[Damaged], None],
    ) -> None:
        """written: how the log is written now."""
        Worker.__init__(self, "postman", damaged)
        Settling.__init__(self, board, ring)
        self._data, self._written = data, written
        self._talking = threading.Lock()
        self._into: int | None = None  # the process's input, once it has its settings
        self._outages: list[Outage] = []
        #: Whether a server may have a mail without a recorded answer, so that a stop should wait.
        self.at_dot = False
        self._keeps: tuple[int, ...] = ()
        self._line: turns.Turns | None = None

    def share(self, lock: int) -> None:
        """Before anybody opens the database: the process keeps the data folder's lock, too, and waits in one line with
        the threads of this one to write. Raises TemporaryFailure."""
        self._keeps, self._line = (lock,), turns.of(self._data)
        try:
            self._line.share(self._data)
        except OSError as error:
            raise TemporaryFailure(str(self._data), error.strerror or str(error)) from error

    # --- from other threads ------------------------------------------------------------------------

    def ring(self, mailbox: str) -> None:
        """This mailbox may have something to send."""
        seen = self._board.seen(mailbox)
        self._say(at_once=True, ring=mailbox, seen=seen and seen.isoformat())

    def reload(self) -> None:
        """The board has another configuration."""
        self._say(**self._told())

    def stop(self) -> None:
        super().stop()
        self._say(stop=True)

    def outages(self) -> list[Outage]:
        """What cannot send, as the operator is told."""
        return self._outages

    def _say(self, *, at_once: bool = False, **what: Any) -> None:
        """at_once: or not at all, so that nobody waits for a process that does not listen. Who is not rung now is rung
        by the daemon's look each second."""
        line = memoryview(json.dumps(what).encode() + b"\n")
        assert not at_once or len(line) <= select.PIPE_BUF  # the whole line, or nothing of it (pipe(7))
        with self._talking, suppress(OSError):  # it has ended: whoever hears it will know
            while self._into is not None and line:
                try:
                    line = line[os.write(self._into, line) :]
                except BlockingIOError:
                    if at_once:
                        return
                    select.select([], [self._into], [], _STARTING)

    def _told(self) -> dict[str, Any]:
        log = self._written()
        accounts = [account.plain(each) for each in self._board.accounts()]
        return {"accounts": accounts, "log": [log.format, log.level]}

    # --- the thread that hears it ---------------------------------------------------------------------

    def work(self) -> None:
        self.promise(_STARTING)
        with closing(Store.open(self._data)) as store:
            process = self._started()
            try:
                assert process.stdin is not None and process.stdout is not None
                process.stdin.write(
                    json.dumps({"data": str(self._data), "clock": self._board.clock.plain(), **self._told()}).encode()
                    + b"\n"
                )
                process.stdin.flush()
                os.set_blocking(process.stdin.fileno(), False)
                with self._talking:
                    self._into = process.stdin.fileno()
                if self.stopping:
                    self._say(stop=True)
                for line in process.stdout:
                    self._hear(store, json.loads(line))
            finally:
                with self._talking:
                    self._into = None
                code = _ended(process)
        self._outages, self.at_dot = [], False
        if not self.stopping:
            raise TemporaryFailure("sending process", f"it has ended ({code})")

    def _started(self) -> subprocess.Popen[bytes]:
        package = str(Path(__file__).parents[3])
        try:
            return subprocess.Popen(
                # -P: it imports nothing from the current folder.
                [sys.executable, "-P", "-m", _MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": package},
                pass_fds=self._keeps,
                start_new_session=True,  # Ctrl-C is for us, who tell it when to end
            )
        except OSError as error:
            raise TemporaryFailure("sending process", error.strerror or str(error)) from error

    def _hear(self, store: Store, said: dict[str, Any]) -> None:
        match said:
            case {"settled": [str(mailbox), int(outbox_id)]}:
                self.settled(store, mailbox, outbox_id)
            case {"no_proof": [str(mailbox), str(answer)]}:
                self.no_proof(store, mailbox, answer)
            case {"damaged": [str(what), str(reason)]}:
                raise Damaged(what, reason)
            case {"promise": float(seconds), "at_dot": bool(at_dot), "outages": list(outages)}:
                self.promise(seconds)
                self.at_dot, self._outages = at_dot, [Outage(**each) for each in outages]
            case {"full": True}:
                disk.ran_out(self._data)


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Its exit code. It has nothing to say any more; a process that would go on is ended."""
    assert process.stdin is not None and process.stdout is not None
    with suppress(OSError):
        process.stdin.close()
    process.stdout.close()
    try:
        return process.wait(_ENDING)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
