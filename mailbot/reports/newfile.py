"""A file for people that is there as a whole or not at all, and never in the place of another one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from mailbot.store.database import sync_folder


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Written under another name beside `path`, for the owner's eyes only; it gets its name once all of it is on disk.
    Raises FileExistsError where there is one of that name, before and after, and OSError."""
    if path.exists() or path.is_symlink():
        raise FileExistsError(17, "exists already", str(path))
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}")
    try:
        with open(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _name(temporary, path)
        sync_folder(path.parent)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _name(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)  # unlike a rename it never replaces
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if path.exists():
            raise FileExistsError(17, "exists already", str(path)) from None
        temporary.rename(path)
