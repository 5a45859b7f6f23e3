"""Only one mailbot works on a data folder: the second leaves at once and touches neither IMAP nor SMTP.

The lock's file tells whoever asks who holds it: process, since when, and in one line how it fares. The kernel's lock
does for one machine and its containers. Some file systems keep locks from other machines: for these the database holds
who works on it, renewed while he does.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mailbot.clock import DRIFT, ticks
from mailbot.errors import MailbotError, TemporaryFailure

if TYPE_CHECKING:
    from mailbot.store.database import Row, Store

#: Bytes of the lock's file that are read.
_MOST = 4000
#: Seconds after which a lock that is held is tried once more: `holder` holds it for an instant too.
_INSTANT = 0.05
#: Seconds for which an owner counts as at work without a further word, and after which he gives one.
LEASE, RENEW = 60.0, 20.0
_UNKNOWN = "?"


class AlreadyRunning(MailbotError):
    """Another mailbot holds this data folder."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A mailbot at work. process, since: None where its file does not say. state: its last `note`, or ""."""

    process: int | None
    since: datetime | None  # UTC
    state: str


@contextmanager
def only_instance(folder: Path) -> Iterator[int]:
    """Hold the folder's lock; the kernel lets go of it whatever way the process ends, and those to which it hands the
    lock's descriptor on.

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
        yield lock


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


# --- in the database ----------------------------------------------------------------------------


class Owner:
    """The one at work, as the database knows him. One thread's."""

    def __init__(self, store: Store) -> None:
        """Become it. Raises AlreadyRunning if another machine's mailbot was heard of within a minute."""
        self._store, self._name, self._boot = store, secrets.token_hex(8), _boot()
        with store.immediate():
            last = store.row("SELECT * FROM owner")
            wall = time.time()
            # On this machine the lock is held by us: whoever stands here has ended, whatever way.
            elsewhere = last is not None and not last["ended"] and last["boot"] != self._boot
            if last is not None and elsewhere and abs(wall - float(last["wall"])) < LEASE:
                raise AlreadyRunning(f"another mailbot (process {last['process']}) is at work on {store.folder}")
            #: Seconds by which the wall's clock was set since somebody was last at work here, as far as is known.
            self.jumped = 0.0 if last is None else self._drift(wall - float(last["wall"]), last)
            self._write()
        self._renewed = ticks()

    def _drift(self, passed: float, last: Row) -> float:
        """passed: seconds by the wall's clock. Across a restart of the machine only a clock that goes back shows."""
        known = self._boot == last["boot"] and not self._boot.startswith(_UNKNOWN)
        drift = passed - (ticks() - float(last["ticks"])) if known else min(passed, 0.0)
        return drift if abs(drift) > DRIFT else 0.0

    def renew(self) -> None:
        """Say so again, every now and then. Raises AlreadyRunning if somebody else has taken over."""
        if ticks() - self._renewed < RENEW:
            return
        with self._store.immediate():
            if self._store.value("SELECT name FROM owner") != self._name:
                raise AlreadyRunning(f"another mailbot has taken over {self._store.folder}")
            self._write()
        self._renewed = ticks()

    def leave(self) -> None:
        """The end, in good order."""
        with self._store.immediate():
            self._store.execute("UPDATE owner SET ended = 1, wall = ?, ticks = ? WHERE name = ?", *_now(), self._name)

    def _write(self) -> None:
        self._store.execute(
            "INSERT OR REPLACE INTO owner (one, name, boot, process, wall, ticks) VALUES (1, ?, ?, ?, ?, ?)",
            self._name,
            self._boot,
            os.getpid(),
            *_now(),
        )


@contextmanager
def owned(store: Store) -> Iterator[Owner]:
    """Own the database, beside the folder's lock. Raises AlreadyRunning, TemporaryFailure."""
    owner = Owner(store)
    try:
        yield owner
    finally:
        with suppress(MailbotError):  # the lease ends by itself
            owner.leave()


def _now() -> tuple[float, float]:
    return time.time(), ticks()


def _boot() -> str:
    """This run of this machine's kernel; containers share it. Where it is hidden from us, the machine alone."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return _UNKNOWN + os.uname().nodename
