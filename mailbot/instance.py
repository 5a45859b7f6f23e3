"""Only one mailbot works on a data folder: the second leaves at once and touches neither IMAP nor SMTP.

The lock's file tells whoever asks who holds it: process, since when, and in one line how it fares.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mailbot.errors import MailbotError, TemporaryFailure

#: Bytes of the lock's file that are read.
_MOST = 4000
#: Seconds after which a lock that is held is tried once more: `holder` holds it for an instant too.
_INSTANT = 0.05


class AlreadyRunning(MailbotError):
    """Another mailbot holds this data folder."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A mailbot at work. process, since: None where its file does not say. state: its last `note`, or ""."""

    process: int | None
    since: datetime | None  # UTC
    state: str


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
            _lock(lock)
        except BlockingIOError as error:
            process = _read(file.read(_MOST)).process
            named = f" (process {process})" if process is not None else ""
            raise AlreadyRunning(f"another mailbot{named} is at work on {folder}") from error
        except OSError as error:
            raise TemporaryFailure(f"{folder}/lock", error.strerror or str(error)) from error
        try:
            file.truncate(0)
            file.write(f"{os.getpid()}\n{datetime.now(UTC).isoformat()}\n".encode())
        except OSError as error:  # the lock holds all the same, but a full disk is no time to begin
            raise TemporaryFailure(f"{folder}/lock", error.strerror or str(error)) from error
        yield


def note(folder: Path, state: str) -> None:
    """For the holder: how it fares, in one line, for those who ask. Not worth a failure: a full disk keeps it back."""
    with suppress(OSError), open(folder / "lock", "r+b", buffering=0) as file:
        head = file.read(_MOST).split(b"\n")[:2]
        text = b"\n".join([*head, " ".join(state.split()).encode()[: _MOST // 2], b""])
        file.seek(0)
        file.truncate(file.write(text))


def holder(folder: Path) -> Holder | None:
    """Who works on the folder at this moment; None: nobody. Changes nothing. Raises OSError."""
    try:
        lock = os.open(folder / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(lock, "rb", buffering=0) as file:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(file.read(_MOST))
        return None


def _lock(file: int) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(_INSTANT)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _read(noted: bytes) -> Holder:
    """What the lock's file says, also half written or by an earlier version."""
    process, since, state, *_ = [*noted.decode("utf-8", "replace").split("\n"), "", "", ""]
    began = None
    with suppress(ValueError):
        began = datetime.fromisoformat(since)
    known = process.isascii() and process.isdigit()
    return Holder(int(process) if known else None, began if began and began.tzinfo else None, state)
