"""The program, started in a moment: each run is a process of its own, forked from one that has imported the libraries.

Most of the CPU that a round of `mailbot once` takes goes into imports, and a story plays many. A run begins where these
end and knows nothing of the runs before it: the process that is forked has only imports behind it. That the program
starts from nothing as well is shown by tests/cli/test_cli.py, tests/daemon/test_round.py and
tests/project/test_docs.py.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests import ROOT
from tests.world import environment

#: What `mailbot once` imports; the last when it first looks at a calendar, and dearer than all others.
_LOADED = (
    *("mailbot.cli.main", "mailbot.log", "mailbot.daemon.round", "mailbot.store.instance", "mailbot.store.database"),
    "holidays.countries",
)


@dataclass(frozen=True)
class Done:
    """How a run ended: its exit code (negative: by that signal) and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def run(arguments: Sequence[str], *, cwd: Path, timeout: float, **variables: str) -> Done:
    """`mailbot ARGUMENTS` in a bare environment with these variables. Raises TimeoutError when it goes on longer."""
    with tempfile.TemporaryDirectory(prefix="mailbot-") as written:
        out, err = Path(written, "out"), Path(written, "err")
        asked = {
            "arguments": list(arguments),
            "cwd": str(cwd),
            "variables": variables,
            "out": str(out),
            "err": str(err),
        }
        code = _loaded().ask(asked, timeout)
        return Done(code, out.read_text(), err.read_text())


class _Loaded:
    """The process that has the libraries in memory, and forks."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # so that it and what it has forked can be ended together
        )
        atexit.register(self.close)

    def ask(self, asked: dict[str, Any], timeout: float) -> int:
        """The exit code of one run."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
            self._process.stdin.flush()
            if not select.select([self._process.stdout], [], [], timeout)[0]:
                raise TimeoutError(f"mailbot {asked['arguments']} goes on after {timeout} s")
            return int(self._process.stdout.readline())
        except BaseException:  # pytest's own time limit too: whoever asks next would be given this run's answer
            self.close()
            raise

    def close(self) -> None:
        _loaded.cache_clear()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@cache
def _loaded() -> _Loaded:
    return _Loaded()


def _main() -> None:
    for name in _LOADED:
        importlib.import_module(name)
    while question := sys.stdin.buffer.readline():
        child = os.fork()
        if not child:
            _become_the_program(json.loads(question))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become_the_program(asked: dict[str, Any]) -> None:
    """Ends as it does, by SystemExit: the interpreter's own end belongs to a run."""
    from mailbot.cli.main import main

    for descriptor, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, asked["out"], os.O_WRONLY | os.O_CREAT),
        (2, asked["err"], os.O_WRONLY | os.O_CREAT),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.chdir(asked["cwd"])
    os.environ.update(asked["variables"])
    main(asked["arguments"], prog_name="mailbot")


if __name__ == "__main__":
    _main()
