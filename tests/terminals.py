"""A program on a pseudo-terminal, for tests of what it writes to one."""

from __future__ import annotations

import os
import pty
import subprocess
import threading
from collections.abc import Mapping, Sequence

import pytest

from tests import ROOT


def missing() -> str:
    """Why there can be no pseudo-terminal here, or ""."""
    try:
        ends = pty.openpty()
    except OSError as error:
        return f"pseudo-terminals are missing (/dev/pts is not mounted? {error})"
    for end in ends:
        os.close(end)
    return ""


def shown(command: Sequence[str], environment: Mapping[str, str], *, ends: int = 0) -> str:
    """All that a command writes to a terminal, which must end with that exit code; run from the top of the tree.

    Skips the test where there can be no terminal.
    """
    if why := missing():
        pytest.skip(why)
    ours, its = pty.openpty()
    child = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=its, stdout=its, stderr=its)
    os.close(its)
    pieces: list[bytes] = []

    def read() -> None:
        try:
            while piece := os.read(ours, 65536):
                pieces.append(piece)
        except OSError:  # the other side is closed
            pass

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        code = child.wait(30)
    finally:
        child.kill()
        reader.join(10)
        os.close(ours)
    assert code == ends, b"".join(pieces)
    return b"".join(pieces).decode()
