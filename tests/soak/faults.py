"""kill -9 of the daemon and of both mail servers, over and over, until told to stop."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.mailservers import MailServers
from tests.mailservers.api import Server
from tests.soak.process import Program


@dataclass(frozen=True)
class Pace:
    """Seconds between two kills of a server, between two of the daemon, and the longest absence of a server."""

    servers: float
    daemon: float
    away: float


class Storm:
    """A thread that kills and restarts. Each kill comes up to a fifth early or late, so that the three never march in
    step with each other or with the mails."""

    def __init__(self, servers: MailServers, program: Program, pace: Pace, seed: int) -> None:
        self.kills: Counter[str] = Counter()
        self._servers, self._program, self._pace = servers, program, pace
        self._random = random.Random(seed)
        self._over = threading.Event()
        self._failure: BaseException | None = None
        self._order = itertools.count()
        self._plan: list[tuple[float, int, Callable[[], None]]] = []
        self._thread = threading.Thread(target=self._run, name="storm")

    def __enter__(self) -> Storm:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def stop(self) -> None:
        """Everything runs again when this returns. Raises what went wrong: a daemon that ended by itself, say."""
        self._over.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def check(self) -> None:
        """It still kills."""
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._after(self._pace.servers, lambda: self._server("dovecot", self._servers.imap))
            self._after(self._pace.servers, lambda: self._server("postfix", self._servers.smtp))
            self._after(self._pace.daemon, self._daemon)
            while not self._over.wait(max(0.0, self._plan[0][0] - time.monotonic())):
                heapq.heappop(self._plan)[2]()
        except BaseException as error:  # told to the test by `stop`
            self._failure = error
        finally:
            for server in (self._servers.imap, self._servers.smtp):
                if not server.running:
                    server.restart()

    def _after(self, seconds: float, job: Callable[[], None]) -> None:
        at = time.monotonic() + seconds * self._random.uniform(0.8, 1.2)
        heapq.heappush(self._plan, (at, next(self._order), job))

    def _server(self, name: str, server: Server) -> None:
        """Dead for a while, during which everything else goes on, and also dies."""
        server.kill()
        self.kills[name] += 1
        self._after(self._pace.away * self._random.random(), server.restart)
        self._after(self._pace.servers, lambda: self._server(name, server))

    def _daemon(self) -> None:
        self._program.kill()
        self.kills["daemon"] += 1
        self._program.start()
        self._after(self._pace.daemon, self._daemon)
