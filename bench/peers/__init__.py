"""Other helpdesks from PyPI, beside mailbot in the same run: each reads the same mailbox and writes to the same sink.

Each lives in a virtual environment of its own, which is kept (`PEER_VENV`, else a folder beside the system's temporary
files, and the helpdesk's name).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_VENVS = Path(os.environ.get("PEER_VENV") or Path(tempfile.gettempdir()) / "mailbot-bench-peer")


def programs(package: str) -> Path:
    """The folder of a package's programs. The first call on a machine installs it, which needs PyPI."""
    venv = _VENVS / package
    if not (venv / "bin" / "pip").exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([str(venv / "bin" / "pip"), "install", "-q", package], check=True)
    return venv / "bin"


def called(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[float, float]:
    """(seconds, seconds of CPU) of a process, its start included."""
    before, start = os.times(), time.monotonic()
    subprocess.run(command, check=True, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    seconds, after = time.monotonic() - start, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, cpu
