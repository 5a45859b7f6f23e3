"""Only one mailbot works on a data folder: the second leaves at once and touches neither IMAP nor SMTP."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailbot.errors import MailbotError, TemporaryFailure


class AlreadyRunning(MailbotError):
    """Another mailbot holds this data folder."""


@contextmanager
def only_instance(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel lets go of it whatever way the process ends."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (folder / "lock").open("w")
    except OSError as error:
        raise TemporaryFailure(str(folder), error.strerror or str(error)) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"another mailbot is at work on {folder}") from error
        yield
