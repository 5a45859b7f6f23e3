"""The process that sends: `process` starts it, and says what its lines mean.

It loads what sending needs and nothing else: neither templates nor rules nor what reads the configuration.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from mailbot import clock, log
from mailbot.clock import Clock
from mailbot.daemon.sending.postman import PATIENCE, Postman
from mailbot.daemon.thread_base import Worker
from mailbot.delivery import account
from mailbot.delivery.account import SubmissionAccount
from mailbot.errors import Damaged
from mailbot.store import disk, turns
from mailbot.store.database import Store

#: Seconds between two promises.
_OFTEN = 0.2


class _Post:
    """What the other process has told last."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._accounts: Mapping[str, SubmissionAccount] = {}
        self._seen: dict[str, datetime] = {}

    def accounts(self) -> Sequence[SubmissionAccount]:
        return list(self._accounts.values())

    def account(self, mailbox: str) -> SubmissionAccount | None:
        return self._accounts.get(mailbox)

    def seen(self, mailbox: str) -> datetime | None:
        return self._seen.get(mailbox)

    def replace(self, accounts: Sequence[Mapping[str, Any]]) -> None:
        """How far mailboxes were seen is told anew."""
        found = [account.read(each) for each in accounts]
        self._accounts, self._seen = {each.name: each for each in found}, {}

    def saw(self, mailbox: str, at: str | None) -> None:
        if at is not None:
            self._seen[mailbox] = datetime.fromisoformat(at)


class _Sending(Worker):
    """The postman's thread; its ears are the other process."""

    def __init__(self, post: _Post, data: Path) -> None:
        super().__init__("postman", self._broken)
        self._data, self._talking = data, threading.Lock()
        self._promised = 0.0
        self.postman = Postman(post, data, self)

    def work(self) -> None:
        self.postman.work()

    def stop(self) -> None:
        super().stop()
        self.postman.stop()

    def settled(self, _store: Store, mailbox: str, outbox_id: int) -> bool:
        self._say(settled=[mailbox, outbox_id])
        return True

    def no_proof(self, _store: Store, mailbox: str, answer: str) -> None:
        self._say(no_proof=[mailbox, answer])

    def promise(self, seconds: float) -> None:
        if seconds > PATIENCE or time.monotonic() - self._promised > _OFTEN:
            self._promised = time.monotonic()
            outages = [asdict(each) for each in self.postman.outages()]
            self._say(promise=seconds, at_dot=self.postman.at_dot, outages=outages)
            if disk.is_full(self._data):  # the other process deals with it
                disk.forget(self._data)
                self._say(full=True)

    def _broken(self, error: Damaged) -> None:
        self._say(damaged=[error.what, error.reason])

    def _say(self, **what: Any) -> None:
        line = json.dumps(what).encode() + b"\n"
        with self._talking:
            while line:
                line = line[os.write(sys.stdout.fileno(), line) :]


def main() -> None:
    """Send until the input says so, or ends."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # meant for the process that started this one
        signal.signal(ignored, signal.SIG_IGN)
    first = json.loads(sys.stdin.buffer.readline())
    data, post = Path(first["data"]), _Post(clock.read(first["clock"]))
    line = turns.of(data)
    line.share(data)
    _take(first, post)
    sending = _Sending(post, data)
    sending.start()
    for said in map(json.loads, sys.stdin.buffer):
        if "accounts" in said:
            _take(said, post)
        elif "ring" in said:
            post.saw(said["ring"], said["seen"])
            sending.postman.ring(said["ring"])
        elif "stop" in said:
            sending.stop()
            threading.Thread(target=_end_with, args=(sending,), daemon=True).start()
    os._exit(1)  # nobody is there any more who would hear how it ends


def _take(said: Mapping[str, Any], post: _Post) -> None:
    log.configure(*said["log"])
    post.replace(said["accounts"])


def _end_with(sending: _Sending) -> None:
    while not sending.join(60.0):
        continue
    os._exit(0)


if __name__ == "__main__":
    main()
