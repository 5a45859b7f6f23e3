"""winmail.dat unpacked: the text and the files that Outlook puts into application/ms-tnef (MS-OXTNEF).

A reader of our own: small, and bounded on hostile input. It never allocates by what the input says of itself, takes
each byte at most once a level, and gives what was found before whatever is broken.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailbot.parsers.mime import rtf
from mailbot.parsers.mime.charsets import declared_in_html, decode_bytes

_SIGNATURE = b"\x78\x9f\x3e\x22"
_ATTRIBUTES = 5_000
_PROPERTIES = 5_000
_FILES = 200
_TEXT = 4 * 1024 * 1024  # bytes of one text

# MS-OXTNEF §2.1.3.2: the identifiers of attributes, without their types
_BODY, _RENDERING, _TITLE, _DATA, _PROPS, _FILE_PROPS, _CODEPAGE = (
    0x800C,
    0x9002,
    0x8010,
    0x800F,
    0x9003,
    0x9005,
    0x9007,
)
_OF_MESSAGE, _OF_FILE = 1, 2

# MS-OXPROPS
_PR_BODY, _PR_RTF, _PR_HTML, _PR_INTERNET_CPID = 0x1000, 0x1009, 0x1013, 0x3FDE
_PR_DISPLAY_NAME, _PR_FILE_DATA, _PR_FILE_NAME, _PR_LONG_NAME = 0x3001, 0x3701, 0x3704, 0x3707
_PR_MIME, _PR_CONTENT_ID = 0x370E, 0x3712

_STRING8, _UNICODE, _OBJECT, _BINARY, _MULTIPLE = 0x1E, 0x1F, 0x0D, 0x102, 0x1000
_FIXED = {
    0x02: 4,
    0x03: 4,
    0x04: 4,
    0x05: 8,
    0x06: 8,
    0x07: 8,
    0x0A: 4,
    0x0B: 4,
    0x14: 8,
    0x40: 8,
    0x48: 16,
}
_GUID = 16
_EMBEDDED = "application/ms-tnef"  # an Outlook item within the item


@dataclass(frozen=True, slots=True)
class File:
    """A file that was packed; its name and type as written there, "" where nothing is."""

    name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a winmail.dat holds. At most one of the texts is needed: they say the same."""

    text: str = ""
    html: str = ""
    files: tuple[File, ...] = ()
    complete: bool = True  # False: the bytes broke off, or made no sense from some point on


@dataclass(slots=True)
class _Draft:
    name: str = ""
    long_name: str = ""
    title: str = ""
    content_type: str = ""
    data: bytes | None = None


class _Broken(Exception):
    pass


def is_tnef(data: bytes) -> bool:
    """Whether bytes begin as a winmail.dat does."""
    return data.startswith(_SIGNATURE)


def unpack(data: bytes) -> Unpacked:
    """The text and the files of a winmail.dat. Never raises; an enclosed Outlook item stays shut, as a file."""
    texts: dict[str, str] = {}
    drafts: list[_Draft] = []
    codepage = "cp1252"
    complete = is_tnef(data)
    try:
        for level, name, value in _attributes(memoryview(data)):
            if name == _CODEPAGE and len(value) >= 4:
                codepage = f"cp{int.from_bytes(value[:4], 'little')}"
            elif level == _OF_MESSAGE and name == _BODY:
                texts.setdefault("text", _string(value, codepage))
            elif level == _OF_MESSAGE and name == _PROPS:
                _read_message(value, codepage, texts)
            elif level == _OF_FILE:
                # A rendering begins each file; one without it is wrong, and happens.
                if name == _RENDERING or not drafts:
                    if len(drafts) >= _FILES:
                        raise _Broken
                    drafts.append(_Draft())
                _read_file(name, value, codepage, drafts[-1])
    except (_Broken, struct.error):
        complete = False
    files = tuple(
        File(draft.long_name or draft.title or draft.name, draft.content_type, draft.data)
        for draft in drafts
        if draft.data is not None
    )
    return Unpacked(texts.get("text") or texts.get("rtf", ""), texts.get("html", ""), files, complete)


def _attributes(data: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Level, identifier and value of each attribute (MS-OXTNEF §2.1.3.1). Checksums are not looked at: many err."""
    if not is_tnef(bytes(data[:4])):
        return
    position = 6
    for _ in range(_ATTRIBUTES):
        if position >= len(data):
            return
        if data[position] not in (_OF_MESSAGE, _OF_FILE):
            raise _Broken  # rubbish behind the end
        level, name, _, length = struct.unpack_from("<BHHI", data, position)
        position += 9
        if length > len(data) - position:
            raise _Broken
        yield level, name, data[position : position + length]
        position += length + 2
    raise _Broken


def _read_message(value: memoryview, codepage: str, texts: dict[str, str]) -> None:
    html: bytes | str | None = None
    cpid = ""
    for name, kind, content in _properties(value):
        if name == _PR_BODY and kind in (_STRING8, _UNICODE):
            texts["text"] = _string(content, codepage, wide=kind == _UNICODE)
        elif name == _PR_HTML and "html" not in texts:
            html = _string(content, codepage, wide=True) if kind == _UNICODE else bytes(content[:_TEXT])
        elif name == _PR_RTF and kind == _BINARY and "rtf" not in texts:
            texts["rtf"] = rtf.to_text(rtf.decompress(bytes(content[:_TEXT])))
        elif name == _PR_INTERNET_CPID and len(content) >= 4:
            cpid = f"cp{int.from_bytes(content[:4], 'little')}"
    if isinstance(html, bytes):
        html = decode_bytes(html.rstrip(b"\0"), declared_in_html(html) or cpid)
    if html:
        texts["html"] = html


def _read_file(name: int, value: memoryview, codepage: str, draft: _Draft) -> None:
    if name == _TITLE:
        draft.title = _string(value, codepage)
    elif name == _DATA:
        draft.data = bytes(value)
    elif name == _FILE_PROPS:
        for prop, kind, content in _properties(value):
            text = kind in (_STRING8, _UNICODE)
            if prop == _PR_FILE_DATA and kind == _OBJECT:
                draft.data = bytes(content[_GUID:])
                if is_tnef(draft.data):
                    draft.content_type = _EMBEDDED
            elif prop == _PR_FILE_DATA and kind == _BINARY:
                draft.data = bytes(content)
            elif prop == _PR_LONG_NAME and text:
                draft.long_name = _string(content, codepage, wide=kind == _UNICODE)
            elif prop in (_PR_FILE_NAME, _PR_DISPLAY_NAME) and text:
                draft.name = draft.name or _string(content, codepage, wide=kind == _UNICODE)
            elif prop == _PR_MIME and text and draft.content_type != _EMBEDDED:
                draft.content_type = _string(content, codepage, wide=kind == _UNICODE)


def _properties(value: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Identifier, type and value of each property (MS-OXTNEF §2.1.3.4); of several values the first."""
    (count,) = struct.unpack_from("<I", value, 0)
    position = 4
    for _ in range(min(count, _PROPERTIES)):
        kind, name = struct.unpack_from("<HH", value, position)
        position += 4
        if name >= 0x8000:
            position = _behind_name(value, position)
        multiple, kind = bool(kind & _MULTIPLE), kind & ~_MULTIPLE
        fixed = _FIXED.get(kind)
        values = 1
        if multiple or fixed is None:
            (values,) = struct.unpack_from("<I", value, position)
            position += 4
        if fixed is None and kind not in (_STRING8, _UNICODE, _OBJECT, _BINARY):
            raise _Broken  # its length is anybody's guess
        for number in range(values):
            length = fixed
            if length is None:
                (length,) = struct.unpack_from("<I", value, position)
                position += 4
            if length > len(value) - position:
                raise _Broken
            if number == 0:
                yield name, kind, value[position : position + length]
            position += length + -length % 4


def _behind_name(value: memoryview, position: int) -> int:
    (by_text,) = struct.unpack_from("<I", value, position + _GUID)
    position += _GUID + 4
    if not by_text:
        return position + 4
    (length,) = struct.unpack_from("<I", value, position)
    if length > len(value) - position:
        raise _Broken
    return position + 4 + int(length) + -int(length) % 4


def _string(value: memoryview, codepage: str, *, wide: bool = False) -> str:
    data = bytes(value[:_TEXT])
    text = data.decode("utf-16-le", "replace") if wide else decode_bytes(data, codepage)
    return text.partition("\0")[0]
