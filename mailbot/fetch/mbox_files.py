"""Mails that lie in files: one mail each, mboxes (RFC 4155), Maildirs, and folders of any of these.

A file is read a piece at a time and never held as a whole; where a mail lies is kept, its bytes are read when it is its
turn. What is no mail, and what may not be read, is named with its reason and keeps nothing else back.
"""

from __future__ import annotations

import email.utils
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Literal

#: Why something was not read, and whether it should have been.
Why = Literal["rights", "fault", "link", "special", "empty", "outlook", "message_file", "packed", "no_mail", "folders"]
BROKEN: frozenset[Why] = frozenset({"rights", "fault"})

#: Bytes of a mail in which its header is looked for: longer ones are refused by `limits` anyway.
HEAD = 64 * 1024
_LINE = 64 * 1024
#: RFC 4155 has `From ADDRESS Mon Jan  2 15:04:05 2026`; programs add a zone, or have "-" for the address.
_ENVELOPE = re.compile(rb"From .*\d:\d\d.*\b(19|20)\d\d\b")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_MAGIC: tuple[tuple[bytes, Why], ...] = (
    (b"!BDN", "outlook"),
    (b"\xd0\xcf\x11\xe0", "message_file"),
    *(
        (magic, "packed")
        for magic in (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"Rar!", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd")
    ),
)


@dataclass(frozen=True, slots=True)
class NotRead:
    """detail: what the system says."""

    source: str
    why: Why
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """One mail: the bytes from `begin` to `end` of a file. source: as a person finds it. at: when it arrived, as far as
    it says so itself; in_mbox: lines "From " in it are quoted."""

    source: str
    path: Path
    begin: int
    end: int
    at: datetime
    in_mbox: bool

    @property
    def size(self) -> int:
        return self.end - self.begin

    def read(self, at_most: int = -1) -> bytes:
        """Its bytes, or the first of them. Raises OSError."""
        with self.path.open("rb") as file:
            file.seek(self.begin)
            raw = file.read(self.size if at_most < 0 else min(self.size, at_most))
        return _QUOTED_FROM.sub(rb"\1", raw) if self.in_mbox else raw


def stored(paths: Iterable[Path], now: datetime) -> Iterator[Stored | NotRead]:
    """Every mail in the order of names, and what was not read. A link is followed where it is named in `paths`, and
    nowhere below: it may lead in a circle, or out of the archive. now: no mail arrived after it."""
    for path in paths:
        yield from _at(path, now)


def _at(path: Path, now: datetime) -> Iterator[Stored | NotRead]:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            names = sorted(each.name for each in os.scandir(path))
        elif not stat.S_ISREG(mode):
            yield NotRead(str(path), "special")
            return
        else:
            yield from _file(path, now)
            return
    except OSError as error:
        yield _failed(path, error)
        return
    if {"cur", "new"} <= set(names):
        for part in ("cur", "new"):
            yield from _folder(path / part, now)
        if further := [name for name in names if name.startswith(".") and (path / name / "cur").is_dir()]:
            yield NotRead(str(path), "folders", ", ".join(further))
        return
    yield from _below(path, names, now)


def _folder(path: Path, now: datetime) -> Iterator[Stored | NotRead]:
    try:
        names = sorted(each.name for each in os.scandir(path))
    except OSError as error:
        yield _failed(path, error)
        return
    yield from _below(path, names, now)


def _below(path: Path, names: Iterable[str], now: datetime) -> Iterator[Stored | NotRead]:
    for name in names:
        if name.startswith("."):
            continue
        if (path / name).is_symlink():
            yield NotRead(str(path / name), "link")
        else:
            yield from _at(path / name, now)


def _failed(path: Path, error: OSError) -> NotRead:
    why: Why = "rights" if isinstance(error, PermissionError) else "fault"
    return NotRead(str(path), why, error.strerror or type(error).__name__)


def _file(path: Path, now: datetime) -> Iterator[Stored | NotRead]:
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        changed = datetime.fromtimestamp(int(status.st_mtime), UTC)
        beginning = file.read(512)
        if why := _is_no_mail(beginning):
            yield NotRead(str(path), why)
            return
        file.seek(0)
        if not beginning.startswith(b"From "):
            yield Stored(str(path), path, 0, status.st_size, _arrival(file.read(HEAD), now) or changed, in_mbox=False)
            return
        for number, (begin, end, head) in enumerate(_mails_of(file), start=1):
            at = _arrival(head, now) or changed
            yield Stored(f"{path}:{number}", path, begin, end, at, in_mbox=True)


def _is_no_mail(beginning: bytes) -> Why | None:
    if not beginning.strip():
        return "empty"
    for magic, why in _MAGIC:
        if beginning.startswith(magic):
            return why
    return None if beginning.startswith(b"From ") or _FIELD.match(beginning.lstrip()) else "no_mail"


def _mails_of(file: IO[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """(begin, end, head) of each mail of an mbox. A mail begins behind an envelope line at the top or below an empty
    line; "From here on …" within a text is none."""
    begin, head, position, empty, fresh = -1, bytearray(), 0, True, True
    while line := file.readline(_LINE):
        if fresh and empty and line.startswith(b"From ") and (begin < 0 or _ENVELOPE.match(line)):
            if begin >= 0:
                yield begin, position, bytes(head)
            begin, head = position + len(line), bytearray()
        elif len(head) < HEAD:
            head += line
        position += len(line)
        empty = fresh and not line.strip(b"\r\n")
        fresh = line.endswith(b"\n")
    if begin >= 0:
        yield begin, position, bytes(head)


# --- when a mail arrived ------------------------------------------------------------------------------

_RECEIVED = re.compile(rb"^received:((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_DATE = re.compile(rb"^date:((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_HEADER = re.compile(rb"\r?\n\r?\n")


def _arrival(head: bytes, now: datetime) -> datetime | None:
    """The time at which the topmost `Received` says that the mail's own server took it (RFC 5321 §4.4); a mail that no
    server took has its `Date` (RFC 5322 §3.6.1). None: neither is there or makes sense."""
    header = _HEADER.split(head, maxsplit=1)[0]
    for found in (_RECEIVED.search(header), _DATE.search(header)):
        if found is not None and (at := _instant(found[1].rpartition(b";")[2], now)) is not None:
            return at
    return None


def _instant(raw: bytes, now: datetime) -> datetime | None:
    try:
        at = email.utils.parsedate_to_datetime(" ".join(raw.decode("ascii", "replace").split()))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    try:
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None
    return at if at.year >= 1990 and at <= now + timedelta(days=1) else None
