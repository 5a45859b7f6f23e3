"""What a ZIP says of itself in its directory, without unpacking any of it (APPNOTE 4.3.12, 4.3.14, 4.3.16). Pure.

Read here and not by `zipfile`, which builds an object for each of a million entries.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mailbot.model import Attachment
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

#: More entries than this are not looked at: nobody sends them to a helpdesk.
MOST_ENTRIES = 10_000
#: Bytes that files may become in all when unpacked, and times their size as sent, before they are a trap.
_LARGEST, _TIMES = 1_000_000_000, 100
#: So many archives, and nothing else, in an archive are one of those that unfold without end (42.zip holds 16).
_NESTED = 8

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_ZIP64 = struct.Struct("<HH")
_ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar", ".tgz", ".zst", ".jar", ".lzh", ".arj")


class Entry(NamedTuple):
    """One file of a ZIP as its directory declares it; sizes in bytes."""

    name: str
    encrypted: bool
    size: int


class Broken(ValueError):
    """There is no directory, or one that contradicts itself."""


def is_zip(data: bytes) -> bool:
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def entries(data: bytes) -> Iterator[Entry]:
    """What the directory lists. Raises Broken; `MOST_ENTRIES` and one at most."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - _END.size - 0xFFFF))
    if end < 0 or len(data) - end < _END.size:
        raise Broken("no end of a directory")
    _, _, _, _, _, length, _, _ = _END.unpack_from(data, end)
    # Before the end record, or before its ZIP64 form: wherever the first entry begins, if one is there.
    at = end - length if length != 0xFFFFFFFF else -1
    if not 0 <= at <= end or (length and data[at : at + 4] != b"PK\x01\x02"):
        at = data.find(b"PK\x01\x02")
        if at < 0:
            raise Broken("no directory")
    for _ in range(MOST_ENTRIES + 1):
        if data[at : at + 4] != b"PK\x01\x02":
            return
        if at + _ENTRY.size > len(data):
            raise Broken("an entry is cut off")
        found = _ENTRY.unpack_from(data, at)
        flags, size, name, extra, comment = found[3], found[9], found[10], found[11], found[12]
        start = at + _ENTRY.size
        if size == 0xFFFFFFFF:
            size = _large(data[start + name : start + name + extra]) or size
        # Unpackers written in C stop at a NUL.
        written = data[start : start + name].partition(b"\0")[0]
        text = written.decode("utf-8" if flags & 0x800 else "cp437", "replace")
        yield Entry(text, bool(flags & 1), size)
        at = start + name + extra + comment


def _large(extra: bytes) -> int | None:
    """The size in the ZIP64 field (4.5.3), where it comes first."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = _ZIP64.unpack_from(extra, at)
        if kind == 1 and length >= 8 and at + 12 <= len(extra):
            return int.from_bytes(extra[at + 4 : at + 12], "little")
        at += 4 + length
    return None


def trap(files: Iterable[Attachment]) -> str | None:
    """Why one of these files would fill whoever's disk unpacks it, in Indonesian; None: none would."""
    for file in files:
        if is_zip(file.data) and (why := _trap(file.name, file.data)) is not None:
            return why
    return None


def _trap(name: str, data: bytes) -> str | None:
    total = count = archives = 0
    try:
        for entry in entries(data):
            count += 1
            total += entry.size
            archives += entry.name.lower().endswith(_ARCHIVES)
    except Broken:
        return None  # nobody can unpack it, and who tries anyway (`letters.dangerous`) is warned
    if count > MOST_ENTRIES:
        return _SAID("too_many", name=name, most=MOST_ENTRIES)
    if total > _LARGEST and total > _TIMES * len(data):
        return _SAID("too_large", name=name, size=total // 1_000_000_000)
    if archives >= _NESTED and archives == count:
        return _SAID("only_archives", name=name, count=count)
    return None
