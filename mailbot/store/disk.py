"""Room on the disk: a reserve that is given up when there is none left, and whether that has happened.

A full disk must leave room to say so: to write the operator's alarm, to record what a mail server has answered, to
end in good order. The reserve is a file that holds nothing; without it there is no room for these, and so while it
cannot be made again no mail is taken from the servers, where it is safe.
"""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from pathlib import Path

#: Bytes; on a small file system a twentieth of it.
RESERVE = 16 * 2**20
_NAME = "reserve"
#: What the kernel says when nothing more can be written: no room, no quota, no longer file.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_full: set[Path] = set()
_lock = threading.Lock()


def no_room(error: OSError) -> bool:
    """Whether that is why a write has failed."""
    return error.errno in _NO_ROOM


def ran_out(folder: Path) -> None:
    """A write into the data folder has failed for want of room; from any thread."""
    with _lock:
        _full.add(folder.resolve())


def is_full(folder: Path) -> bool:
    """Whether a write has failed so, and there has been no room since."""
    if not _full:  # as nearly always, and asked several times a mail
        return False
    with _lock:
        return folder.resolve() in _full


def forget(folder: Path) -> None:
    """Another process has been told that the disk is full, and sees to it."""
    with _lock:
        _full.discard(folder.resolve())


def has_room(folder: Path) -> bool:
    """Make the reserve, if it is not there and as much would be left beside it; then the disk counts as full no more.
    False: there is no room for it, and from now on it counts as full."""
    path, wanted = folder / _NAME, _size(folder)
    try:
        made = path.exists()
        if not made and (made := _free(folder) >= 2 * wanted):
            _make(path, wanted)
    except OSError:
        release(folder)
        made = False
    with _lock:
        (_full.discard if made else _full.add)(folder.resolve())
    return made


def free(folder: Path) -> tuple[int, bool]:
    """Bytes that can still be written to the disk of `folder`, and whether they are enough for `has_room`; tries
    nothing. The folder need not be there yet."""
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    return _free(nearest), (folder / _NAME).exists() or _free(nearest) >= 2 * _size(nearest)


def used(folder: Path) -> int:
    """Bytes of the database and of the large mails beside it. Backups and what was put aside do not count."""
    total = 0
    for path in (*folder.glob("mailbot.sqlite*"), *(folder / "raw").glob("*")):
        with suppress(FileNotFoundError):  # a log that has just ended
            total += path.stat().st_size
    return total


def release(folder: Path) -> None:
    """Give the reserve up: its room is there for what must still be written."""
    with suppress(OSError):
        (folder / _NAME).unlink()


def can_write(folder: Path, size: int) -> None:
    """Try what a database of `size` bytes does when it grows. Raises OSError with the kernel's reason."""
    path = folder / f"{_NAME}.probe"
    probe = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(probe, b"\0" * 65536, size)
        os.fsync(probe)
    finally:
        os.close(probe)
        path.unlink(missing_ok=True)


def _make(path: Path, size: int) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(file, 0, size)
    finally:
        os.close(file)


def _size(folder: Path) -> int:
    found = os.statvfs(folder)
    return min(RESERVE, found.f_blocks * found.f_frsize // 20)


def _free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
