"""`mailbot run` as a child process that a bench measures."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.world import environment

ROOT = Path(__file__).resolve().parent.parent
_PATIENCE = 120  # seconds for closing what is open: 700 mailboxes take their time


@contextlib.contextmanager
def running(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The daemon on `config.yaml` of the folder; its log stands there, too."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mailbot", "--config", str(folder / "config.yaml"), "run"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(_PATIENCE)
