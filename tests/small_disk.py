"""A small file system of its own for a data folder that is to run full."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.mailservers.process import Guard


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[Path]:
    """Skips the test where nothing can be mounted."""
    folder.mkdir()
    size = f"size={megabytes}m"
    if shutil.which("mount") is None:
        pytest.skip("no file system can be mounted here: no mount")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    guard = Guard(f"umount -l -- {folder}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    guard.dismiss()
