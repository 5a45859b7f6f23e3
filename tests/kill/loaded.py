"""Rounds of the program in processes of their own that need not load it first, so that thousands can be killed.

A process that has loaded the program, and does nothing else, forks for each round; what runs then is
`mailbot … once` from its first line, in a fresh process with a bare environment. The process that reads mails is forked
likewise instead of being started from nothing. `tests/kill/child.py` starts everything as a site does, which takes
five times as long.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests import ROOT
from tests.mailservers.process import Guard
from tests.world import configured, environment


@dataclass(frozen=True)
class Ended:
    """How a round ended: its exit code (negative: by that signal), what it wrote, and how many seconds it took."""

    code: int
    log: str
    seconds: float

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Loaded:
    """The process that forks. One round at a time."""

    def __init__(self, folder: Path) -> None:
        """folder: for what the rounds write to standard output and error."""
        self._log = folder / "round.log"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kill.loaded"],
            cwd=ROOT,
            env=environment(PYTHONDONTWRITEBYTECODE="1"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._guard = Guard(f"kill -s KILL -- -{self._process.pid}")
        assert self._heard() == {"ready": True}

    def close(self) -> None:
        self._guard.dismiss()
        self._process.kill()
        self._process.communicate()

    def round(
        self,
        arguments: Sequence[str],
        *,
        fault: str = "",
        synchronous: str = "FULL",
        stopped: Callable[[int], contextlib.AbstractContextManager[object]] | None = None,
        kill_after: float | None = None,
        timeout: float = 120,
    ) -> Ended:
        """`mailbot <arguments>`, however it ends.

        fault: as MAILBOT_FAULT. synchronous: another value of SQLite's pragma than the program's own. stopped: is given
        the process before its first step, and again ends with it (a tracer). kill_after: seconds.
        """
        told = {"MAILBOT_FAULT": fault} if fault else {}
        self._log.write_bytes(b"")
        self._say(
            arguments=list(arguments),
            environment=environment(**told),
            log=str(self._log),
            synchronous=synchronous,
            stop=stopped is not None,
        )
        pid = int(self._heard()["pid"])
        with contextlib.nullcontext() if stopped is None else stopped(pid):
            began = time.monotonic()
            if stopped is not None:
                os.kill(pid, signal.SIGCONT)
            # The kernel keeps the number until the fork's parent has waited for it: it is nobody else's.
            wait = timeout if kill_after is None else kill_after
            self._say(wait=wait)
            answer = self._heard()
        ended = Ended(int(answer["code"]), self._log.read_text(errors="replace"), time.monotonic() - began)
        assert kill_after is not None or not answer["late"], f"still there after {timeout:.0f} s\n{ended.log}"
        return ended

    def _say(self, **what: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        self._process.stdin.flush()

    def _heard(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process that forks has died"
        found: dict[str, Any] = json.loads(line)
        return found


# --- the process itself ----------------------------------------------------------------------------------


def _main() -> None:
    """Fork for each line of standard input, until it ends."""
    _load()
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    _answer(answers, ready=True)
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            answers.close()
            _become(asked)  # leaves by SystemExit, as the program does
        if asked["stop"]:
            os.waitpid(pid, os.WUNTRACED)
        _answer(answers, pid=pid)
        limit = float(json.loads(sys.stdin.buffer.readline())["wait"])
        status, late = _awaited(pid, limit)
        _answer(answers, code=os.waitstatus_to_exitcode(status), late=late)


def _answer(answers: Any, **what: Any) -> None:
    answers.write(json.dumps(what).encode() + b"\n")


def _awaited(pid: int, limit: float) -> tuple[int, bool]:
    """Its end, or after so many seconds its death."""
    descriptor = os.pidfd_open(pid)
    try:
        import select

        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        late = not poll.poll(limit * 1000)
        if late:
            os.kill(pid, signal.SIGKILL)
        return os.waitpid(pid, 0)[1], late
    finally:
        os.close(descriptor)


def _load() -> None:
    """All of the program; rules and templates are read and compiled once."""
    import functools
    import gc
    import importlib
    import pkgutil

    import mailbot
    from mailbot.rules import problems
    from mailbot.rules.lkpp import classify

    for found in pkgutil.walk_packages(mailbot.__path__, "mailbot."):
        if not found.name.startswith("mailbot.demo") and not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    from mailbot.config import settings, site
    from mailbot.fetch import reader_process
    from mailbot.templates import render

    reader_process._load_everything()
    for module, name in ((classify, "load_phrases"), (problems, "load"), (render, "Renderer")):
        setattr(module, name, functools.cache(getattr(module, name)))
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "config.yaml"
        written.write_text(yaml.safe_dump(configured(1, 1, "-", Path(folder))))
        for each in site.open_sites(settings.load(written)):
            each.renderer.check()
    gc.collect()
    gc.freeze()  # else the first collection of each child would copy all of that


def _become(asked: dict[str, Any]) -> None:
    """This process is the round from here on."""
    log = os.open(asked["log"], os.O_WRONLY | os.O_APPEND)
    null = os.open(os.devnull, os.O_RDONLY)
    for descriptor, to in ((null, 0), (log, 1), (log, 2)):
        os.dup2(descriptor, to)
        os.set_inheritable(to, True)
    os.close(log)
    os.close(null)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.setsid()
    from mailbot.cli import main
    from mailbot.fetch import reader

    vars(reader)["subprocess"] = _Forking
    if asked["synchronous"] != "FULL":
        _weaken(asked["synchronous"])
    if asked["stop"]:
        os.kill(os.getpid(), signal.SIGSTOP)
    sys.argv = ["mailbot", *asked["arguments"]]
    main.main(asked["arguments"], prog_name="mailbot")


def _weaken(synchronous: str) -> None:
    """What SQLite is told of durability is something else from here on."""
    import sqlite3

    from mailbot.store import database

    class Weak(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            return super().execute(sql.replace("synchronous = FULL", f"synchronous = {synchronous}"), *values)

    class Module:
        def __getattr__(self, name: str) -> Any:
            return getattr(sqlite3, name)

        @staticmethod
        def connect(*arguments: Any, **more: Any) -> sqlite3.Connection:
            return sqlite3.connect(*arguments, **more, factory=Weak)

    vars(database)["sqlite3"] = Module()


class _Forking:
    """Stands in for `subprocess` where the process that reads mails is started."""

    PIPE, DEVNULL, TimeoutExpired = subprocess.PIPE, subprocess.DEVNULL, subprocess.TimeoutExpired

    class Popen:
        def __init__(self, *_: Any, **__: Any) -> None:
            down, up = os.pipe2(os.O_CLOEXEC), os.pipe2(os.O_CLOEXEC)
            self.returncode: int | None = None
            self.pid = os.fork()
            if self.pid == 0:
                self._read_mails(down[0], up[1])
            os.close(down[0])
            os.close(up[1])
            self.stdin, self.stdout = os.fdopen(down[1], "wb", 0), os.fdopen(up[0], "rb", 0)

        @staticmethod
        def _read_mails(questions: int, answers: int) -> None:
            code = 1
            try:
                null = os.open(os.devnull, os.O_WRONLY)
                for descriptor, to in ((questions, 0), (answers, 1), (null, 2)):
                    os.dup2(descriptor, to)
                os.closerange(3, 256)
                os.setsid()
                from mailbot.fetch import reader_process

                reader_process.main()
                code = 0
            finally:
                os._exit(code)

        def poll(self) -> int | None:
            if self.returncode is None:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
            return self.returncode

        def wait(self, timeout: float | None = None) -> int:
            end = time.monotonic() + (timeout or 60)
            while self.poll() is None:
                if time.monotonic() > end:
                    raise subprocess.TimeoutExpired("reader", timeout or 60)
                time.sleep(0.002)
            assert self.returncode is not None
            return self.returncode

        def kill(self) -> None:
            if self.poll() is None:
                os.kill(self.pid, signal.SIGKILL)


if __name__ == "__main__":
    _main()
