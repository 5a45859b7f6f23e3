"""Only one mailbot works on a data folder: the second leaves at once and touches neither IMAP nor SMTP."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailbot.errors import MailbotError, TemporaryFailure


class AlreadyRunning(MailbotError):
    """Another mailbot holds this data folder."""


@contextmanager
def only_instance(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel lets go of it whatever way the process ends.

    Raises AlreadyRunning, or TemporaryFailure where the folder or its lock cannot be had.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Not opened with "w": that would wipe out the number of the process that holds it.
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise TemporaryFailure(str(folder), error.strerror or str(error)) from error
    with os.fdopen(lock, "r+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"another mailbot{_process(file.read(20))} is at work on {folder}") from error
        except OSError as error:
            raise TemporaryFailure(f"{folder}/lock", error.strerror or str(error)) from error
        try:
            file.truncate(0)
            file.write(str(os.getpid()).encode())
        except OSError as error:  # the lock holds all the same, but a full disk is no time to begin
            raise TemporaryFailure(f"{folder}/lock", error.strerror or str(error)) from error
        yield


def _process(noted: bytes) -> str:
    return f" (process {int(noted)})" if noted.isdigit() else ""
