"""The daemon as a site's init system starts it: a child process that is killed, stopped and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from tests import ROOT
from tests.mailservers.process import Guard
from tests.world import environment

#: Seconds. A daemon that is asked to stop has gone by then; one that is started is ready by then, whatever the load.
STOPS_WITHIN, READY_WITHIN = 10.0, 90.0


class Rehearsal:
    """The time that a rehearsing daemon is told at its start, so that it goes on where its predecessor died."""

    def __init__(self, start: datetime, speed: float) -> None:
        self.speed = speed
        self._anchor = (start, time.monotonic())

    def now(self) -> datetime:
        start, since = self._anchor
        return start + timedelta(seconds=(time.monotonic() - since) * self.speed)


class Program:
    """`mailbot run` on one configuration. Never outlives the tests; its log goes to a file."""

    def __init__(self, config: Path, rehearsal: Rehearsal | None = None) -> None:
        self.log_file = config.with_name("run.log")
        self._config, self._rehearsal = config, rehearsal
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None

    def _command(self) -> list[str]:
        command = [sys.executable, "-m", "mailbot", "-c", str(self._config), "run"]
        if self._rehearsal is not None:
            now = self._rehearsal.now().isoformat(timespec="seconds")
            command += ["--now", now, "--speed", str(self._rehearsal.speed)]
        return command

    def start(self, notify: str = "") -> None:
        """notify: the path of the socket to which it says that it is ready."""
        assert self._process is None, "it runs already"
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                cwd=ROOT,
                env=environment(**({"NOTIFY_SOCKET": notify} if notify else {})),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._guard = Guard(f"kill -s KILL -- -{self._process.pid}")

    def start_and_wait(self) -> None:
        """Until it is ready, as systemd waits for a unit of Type=notify."""
        path = self._config.with_name("notify")
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
            notices.bind(str(path))
            notices.settimeout(0.5)
            self.start(str(path))
            end = time.monotonic() + READY_WITHIN
            while time.monotonic() < end:
                self.check()
                with suppress(TimeoutError):
                    if b"READY=1" in notices.recv(4096).split(b"\n"):
                        return
        raise AssertionError(f"not ready after {READY_WITHIN:.0f} s\n{self.log()}")

    def check(self) -> None:
        """It runs: nothing but a signal of ours may end it."""
        assert self._process is not None, "it was never started"
        assert self._process.poll() is None, f"the daemon ended by itself: {self._process.returncode}\n{self.log()}"

    def kill(self) -> None:
        """SIGKILL, to that process alone."""
        self.check()
        self._end(signal.SIGKILL, 5)

    def stop(self) -> int:
        """SIGTERM; its exit code. AssertionError if it takes too long."""
        self.check()
        return self._end(signal.SIGTERM, STOPS_WITHIN)

    def close(self) -> None:
        """After the test, however that ended."""
        if self._process is not None:
            self._end(signal.SIGKILL, 5)

    def _end(self, how: signal.Signals, within: float) -> int:
        process, self._process = self._process, None
        assert process is not None
        process.send_signal(how)
        try:
            return process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"still there {within:.0f} s after {how.name}\n{self.log()}") from None
        finally:
            if self._guard is not None:
                self._guard.dismiss()
                self._guard = None

    def log(self) -> str:
        """The end of what it wrote, for the message of a failing test."""
        return self.log_file.read_text(errors="replace")[-4000:] if self.log_file.exists() else ""


def once(config: Path, now: datetime | None) -> bool:
    """A round of `mailbot once`; False: something must be tried again later."""
    rehearsal = [] if now is None else ["--now", now.isoformat(timespec="seconds")]
    command = [sys.executable, "-m", "mailbot", "-c", str(config), "once", *rehearsal]
    ended = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert ended.returncode in (0, os.EX_TEMPFAIL), ended.stderr
    return ended.returncode == 0
