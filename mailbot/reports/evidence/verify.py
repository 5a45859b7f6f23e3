"""Whether an evidence file is what was made: every file against its line, every line against the one before.

Nothing is unpacked: a file is read in pieces, never further than its line says, whatever its name.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailbot.errors import ParseError
from mailbot.reports.evidence import chain
from mailbot.reports.evidence.package import LIST

_PIECE = 1 << 20
#: Bytes of the list that are read: a line a mail, of a hundred thousand mails.
_LONGEST_LIST = 32 << 20
_ROOT = re.compile(r"bukti-[A-Za-z0-9-]+/")
#: What a file of ours is called; anything else might be unpacked to another place.
_NAME = re.compile(r"(?:[A-Za-z0-9-]+/)?[A-Za-z0-9][A-Za-z0-9._-]*")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Verified:
    """seal: of the list as it is. faults: in words, each with its file or line; none: it is whole."""

    number: str
    files: int
    seal: str
    faults: Sequence[str]


def verify(path: Path) -> Verified:
    """Raises ParseError where it is no evidence file at all, OSError."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _verified(archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, ValueError) as error:
        raise ParseError(f"{path} is no whole ZIP file: {error}") from error


def _verified(archive: zipfile.ZipFile) -> Verified:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    root = next((match[0] for name in names if (match := _ROOT.match(name))), "")
    list_of = next((entry for entry in entries if root and entry.filename == root + LIST), None)
    if list_of is None:
        raise ParseError(f"{archive.filename} holds no {LIST}: it is no evidence file, or that was removed")
    try:
        text = b"".join(_read(archive, list_of, _LONGEST_LIST)).decode("utf-8", "surrogateescape")
    except _Unreadable as error:
        raise ParseError(f"{archive.filename}: {LIST} cannot be read: {error}") from error
    found = chain.read(text)
    faults = [*(f"{LIST}: {fault}" for fault in found.faults)]
    if root != f"bukti-{found.number}/":
        faults.append(f"{LIST}: it is of ticket {found.number}, the folder of {root.strip('/')}")
    faults += _entries(archive, entries, root, found.files)
    return Verified(found.number, len(found.files), found.seal, faults)


def _entries(
    archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], root: str, listed: Sequence[chain.Listed]
) -> Iterator[str]:
    expected: Mapping[str, chain.Listed] = {one.path: one for one in listed}
    seen: list[str] = []
    for entry in entries:
        name = entry.filename.removeprefix(root)
        if not entry.filename.startswith(root) or not _NAME.fullmatch(name):
            yield f"{entry.filename!r}: added: no evidence file has such a name; do not unpack this file"
        elif name in seen:
            yield f"{name}: added: it is there twice"
        elif name == LIST:
            if entry is not entries[-1]:
                yield f"{LIST}: moved: it is not the last file"
        elif name not in expected:
            yield f"{name}: added: no line of {LIST} names it"
        else:
            if fault := _differs(archive, entry, expected[name]):
                yield f"{name}: changed: {fault}"
        seen.append(name)
    yield from (f"{one.path}: removed: it is not in the file" for one in listed if one.path not in seen)
    order = [name for name in dict.fromkeys(seen) if name in expected]
    if order != [one.path for one in listed if one.path in order]:
        yield "the files stand in another order than their lines"


def _differs(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, line: chain.Listed) -> str:
    digest, size = hashlib.sha256(), 0
    try:
        for piece in _read(archive, entry, line.size):
            digest.update(piece)
            size += len(piece)
    except _Unreadable as error:
        return str(error)
    if size != line.size:
        return f"{size} bytes, its line says {line.size}"
    return "" if digest.hexdigest() == line.sha256 else f"its SHA-256 is {digest.hexdigest()}"


class _Unreadable(Exception):
    pass


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    if entry.flag_bits & 0x1 or entry.compress_type not in _METHODS:
        raise _Unreadable("it is encrypted, or packed in another way than ours")
    left = most
    try:
        with archive.open(entry) as content:
            while piece := content.read(min(_PIECE, left + 1)):
                if len(piece) > left:
                    raise _Unreadable(f"it is longer than {most} bytes")
                left -= len(piece)
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _Unreadable(str(error)) from error
