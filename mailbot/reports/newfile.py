"""A file for people that is there as a whole or not at all, and never in the place of another one; and a ZIP for it in
which the same data make the same bytes."""

from __future__ import annotations

import hashlib
import os
import secrets
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from mailbot.store.database import sync_folder

#: The earliest time that a ZIP can say: when it was made is no part of it.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
#: Bytes that are read at a time.
_PIECE = 1 << 20
#: From so many bytes on a file may need the wide form of its entry.
_WIDE = 1 << 30


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


def pieces_of(content: IO[bytes]) -> Iterator[bytes]:
    while piece := content.read(_PIECE):
        yield piece


class Packed:
    """A ZIP, written piece by piece; folder: all of it lies below that one."""

    def __init__(self, file: IO[bytes], folder: str = "") -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._folder = folder

    def __enter__(self) -> Packed:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def add(self, name: str, pieces: Iterable[bytes], expected: int = 0) -> tuple[str, int]:
        """One file; its SHA-256 and size. expected: about how large it will be."""
        entry = zipfile.ZipInfo(f"{self._folder}/{name}" if self._folder else name, _NO_TIME)
        entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o100600 << 16
        digest, size = hashlib.sha256(), 0
        with self._archive.open(entry, "w", force_zip64=expected > _WIDE) as into:
            for piece in pieces:
                into.write(piece)
                digest.update(piece)
                size += len(piece)
        return digest.hexdigest(), size
