"""The office with the daemon at work, in a thread of this process, for tests that write and wait."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from mailbot.clock import Clock, RehearsalClock
from mailbot.daemon.notify import Notifier
from mailbot.daemon.run import Daemon
from tests.mailservers import MailServers
from tests.mailservers.process import wait_until
from tests.world import WIB, Letter, World

PATIENCE = 20.0  # seconds that a test waits for what must happen


class RunningOffice(World):
    """The daemon reads and sends; the test moves its clock, which stands still otherwise."""

    def __init__(self, servers: MailServers, folder: Path, **changes: Any) -> None:
        self.clock: Clock = RehearsalClock(datetime(2026, 12, 21, 8, 0, tzinfo=WIB))
        self.daemon: Daemon | None = None
        self.notifier = Notifier()
        self.error: Exception | None = None
        super().__init__(servers, folder, **changes)

    def set(self, when: str) -> None:
        """The daemon's clock: local time "2026-12-23 09:00"."""
        self.at(when)
        assert isinstance(self.clock, RehearsalClock)
        self.clock.set(self.now)

    def change(self, **top: Any) -> dict[str, Any]:
        """Rewrite the configuration file; keys of the first mailbox, or all of `mailboxes`."""
        written: dict[str, Any] = yaml.safe_load(self.config_file.read_text())
        written.update({key: value for key, value in top.items() if key in ("mailboxes", "data")})
        written["mailboxes"][0].update({key: value for key, value in top.items() if key not in ("mailboxes", "data")})
        plain: dict[str, Any] = json.loads(json.dumps(written))  # else what stands twice becomes an alias
        self.config_file.write_text(yaml.safe_dump(plain))
        return plain

    @contextmanager
    def running(self) -> Iterator[Daemon]:
        """The daemon, ready; stopped at the end."""
        self.daemon = daemon = Daemon(self.config, self.clock, self.notifier)
        thread = threading.Thread(target=self._run, args=(daemon,), name="daemon")
        thread.start()
        try:
            wait_until(lambda: daemon.ready or not thread.is_alive(), PATIENCE, "the daemon does not get ready")
            yield daemon
        finally:
            daemon.stop()
            thread.join(PATIENCE)
            assert not thread.is_alive(), "the daemon does not end"

    def _run(self, daemon: Daemon) -> None:
        try:
            daemon.run()
        except Exception as error:
            self.error = error

    def wait(self, who: str, count: int = 1, template: str | None = None, timeout: float = PATIENCE) -> list[Letter]:
        """The mails of a party as soon as there are so many of them."""

        def found() -> list[Letter]:
            return [one for one in self.letters(who) if template in (None, one.template)]

        try:
            wait_until(lambda: len(found()) >= count, timeout, "")
        except TimeoutError:
            kinds = [one.template for one in self.letters(who)]
            raise AssertionError(f"{who} has {kinds}, {count} of {template or 'any'} were expected") from None
        return found()
