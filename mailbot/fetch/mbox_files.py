"""Mails that lie in files: one mail each, mboxes (RFC 4155), Maildirs, and folders of any of these."""

from __future__ import annotations

import mailbox
from collections.abc import Iterable, Iterator
from pathlib import Path


def mails(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """(where it lies, its bytes) of every mail, in the order of names. Raises OSError."""
    for path in paths:
        if not path.is_dir():
            yield from _file(path)
        elif (path / "cur").is_dir() and (path / "new").is_dir():
            yield from _maildir(path)
        else:
            yield from mails(sorted(each for each in path.iterdir() if not each.name.startswith(".")))


def _file(path: Path) -> Iterator[tuple[str, bytes]]:
    with path.open("rb") as file:
        if file.read(5) != b"From ":
            file.seek(0)
            yield str(path), file.read()
            return
    box = mailbox.mbox(path, create=False)
    try:
        for number, key in enumerate(box.iterkeys(), start=1):
            yield f"{path}:{number}", box.get_bytes(key)
    finally:
        box.close()


def _maildir(path: Path) -> Iterator[tuple[str, bytes]]:
    for part in ("cur", "new"):
        for each in sorted((path / part).iterdir()):
            yield str(each), each.read_bytes()
