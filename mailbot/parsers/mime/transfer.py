"""Content-Transfer-Encoding undone (RFC 2045 §6), and files written into a text as uuencode. Total and linear."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_FOREIGN = bytes(set(range(256)) - set(_ALPHABET))
_SEAM = re.compile(rb"=[^A-Za-z0-9+/=]*[A-Za-z0-9+/]")
_SEAMS = 200_000  # more pieces than anybody encodes one by one

_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,300})\r?$", re.M)
_LINE = re.compile(rb"([^\r\n]*)(?:\r\n|\n|\r|\Z)")
_UU_LINE = re.compile(rb"[\x20-\x60]{1,90}\Z")

#: What a Content-Transfer-Encoding may be.
KNOWN = frozenset(
    ("", "7bit", "8bit", "binary", "base64", "quoted-printable", "x-uuencode", "uuencode", "uue", "x-uue")
)


def decoded(body: bytes | memoryview, encoding: str) -> bytes:
    """A body with its encoding undone; as it stands where that is unknown. `encoding`: lower-cased token."""
    if encoding == "base64":
        return lenient_base64(body)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        data = bytes(body)
        found = next(uuencoded(data, strict=False), None)
        return data if found is None else found.data
    return bytes(body)


def lenient_base64(data: bytes | memoryview) -> bytes:
    """Base64 as mail carries it: foreign characters skipped, padding mended (RFC 2045 §6.8).

    Padding in the middle is the seam of texts that were encoded one by one: all of them count.
    """
    seams = has_seam(data)
    if not seams:
        try:
            return binascii.a2b_base64(data)
        except binascii.Error:
            pass
    kept = bytes(data).translate(None, _FOREIGN)  # a pattern would make a list with an entry for each line
    pieces = kept.split(b"=") if seams and kept.count(b"=") < _SEAMS else [kept.partition(b"=")[0]]
    return b"".join(_quads(piece) for piece in pieces)


def _quads(piece: bytes) -> bytes:
    if len(piece) % 4 == 1:
        piece = piece[:-1]
    return binascii.a2b_base64(piece + b"=" * (-len(piece) % 4))


def has_seam(data: bytes | memoryview) -> bool:
    """Whether base64 goes on behind its padding: some readers stop there."""
    return _SEAM.search(data) is not None


# --- uuencode ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Uuencoded:
    """A file written into a text (POSIX uuencode): where its block stands, and what it holds."""

    start: int
    end: int
    name: str
    data: bytes = field(repr=False)


def uuencoded(text: bytes, *, strict: bool = True) -> Iterator[Uuencoded]:
    """The files in a text, from `begin 644 name` to `end`.

    Strict: every line is exactly as long as it says and the end is there; anything else is a person's words, which
    stay where they are. Lenient (a part that is labelled so): what there is.
    """
    for begin in _BEGIN.finditer(text):
        out: list[bytes] = []
        position = begin.end() + 1
        complete = False
        while (line := _LINE.match(text, position)) is not None and line.end() > position:
            content = line[1]
            position = line.end()
            if content in (b"end", b"`", b"", b" "):
                complete = content == b"end" or text.startswith(b"end", position)
                if complete and content != b"end":
                    last = _LINE.match(text, position)
                    position = last.end() if last else position
                break
            if not _UU_LINE.match(content) or not _fits(content, strict=strict):
                break
            try:
                out.append(binascii.a2b_uu(content))
            except binascii.Error:
                break
        if out and (complete or not strict):
            name = begin[1].decode("utf-8", "replace").strip()
            yield Uuencoded(begin.start(), position, name, b"".join(out))


def _fits(line: bytes, *, strict: bool) -> bool:
    """The first character tells the number of bytes; some writers add a checksum, some drop blanks at the end."""
    expected = -(-((line[0] - 32) & 63) // 3) * 4
    return expected - 3 <= len(line) - 1 <= expected + 1 if strict else True
