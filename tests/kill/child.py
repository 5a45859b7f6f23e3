"""The program as a child process, as a site's timer starts it: a bare environment, and a death if asked for. `start`
begins from nothing; where only the round counts, not how it was begun, it is forked (`preloaded`)."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests import ROOT, preloaded
from tests.world import Letter, World, environment


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code (negative: by that signal) and what it wrote to standard error."""

    code: int
    log: str

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


def _arguments(config: Path, now: datetime | None) -> list[str]:
    rehearsal = [] if now is None else ["--now", now.isoformat()]
    return ["-c", str(config), "once", *rehearsal]


def _armed(fault: str) -> dict[str, str]:
    return {"MAILBOT_FAULT": fault} if fault else {}


def start(
    config: Path, now: datetime | None, *, fault: str = "", prepare: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    """Begin one round. `fault`: "point:n", where it is to die. `prepare`: runs in the child before the program."""
    return subprocess.Popen(
        [sys.executable, "-m", "mailbot", *_arguments(config, now)],
        cwd=ROOT,
        env=environment(**_armed(fault)),
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=prepare,
    )


def finish(process: subprocess.Popen[str], timeout: float = 60) -> Ended:
    """Wait for its end."""
    with process:
        try:
            _, log = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return Ended(process.returncode, log)


class Office(World):
    """The office as a site runs it: every round is a new process, which may be killed."""

    def once(self) -> bool:
        self.run()
        self.servers.settle()
        return True

    def run(self) -> None:
        """A round that nothing disturbs does all there is to do."""
        ended = self.round()
        assert ended.code == 0, ended

    def die(self, fault: str) -> None:
        """A round that dies at "point:n". That it gets there belongs to the test."""
        ended = self.round(fault=fault)
        assert ended.killed, f"{fault} was never reached: {ended}"

    def round(self, *, fault: str = "", prepare: Callable[[], None] | None = None, real_time: bool = False) -> Ended:
        """Any round, however it ends."""
        now = None if real_time else self.now
        if prepare is not None:
            return finish(start(self.config_file, now, fault=fault, prepare=prepare))
        done = preloaded.run(_arguments(self.config_file, now), cwd=ROOT, timeout=60, **_armed(fault))
        return Ended(done.returncode, done.stderr)

    def letter(self, who: str, template: str, about: str) -> Letter:
        """The newest mail of that kind about that matter in somebody's mailbox."""
        found = [one for one in self.letters(who) if one.template == template and about in one.subject]
        assert found, f"{who} has no {template} about {about}"
        return found[-1]
