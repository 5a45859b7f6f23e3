"""All that a mail shows to somebody who opens everything in it: with the standard library, nothing of mailbot's.

Files are opened by what they are and not by their names: pages, Rich Text, calendars, archives, winmail.dat, texts in
base64 or uuencoded, mails.
"""

from __future__ import annotations

import base64
import binascii
import email
import io
import re
import struct
import zipfile
from collections.abc import Iterator
from email.header import decode_header, make_header
from html import unescape
from urllib.parse import unquote

_DEEPEST = 6
_OTHER = re.compile(r"[\W_]+")
_TAG = re.compile(r"<[^>]*>")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{40,}\s{0,2})+[A-Za-z0-9+/]*={0,2}")
_UUENCODED = re.compile(r"^begin \d{3,4} [^\n]*\n(.*?)^end\r?$", re.MULTILINE | re.DOTALL)
_RTF_CODE = re.compile(
    r"\\u(-?\d+) ?\??|\\'([0-9a-f]{2})|\\(par|line|tab)\b ?|\\[a-z]+-?\d* ?|[{}]|\\(.)", re.IGNORECASE
)


def opened(raw: bytes) -> str:
    """Every text of a mail, with its headers, the names of its files and what stands in them."""
    return "\n".join(_mail(raw, 0))


def plain(raw: bytes) -> str:
    """What stands in a mail's plain text, as its reader sees it."""
    for part in email.message_from_bytes(raw).walk():
        data = part.get_payload(decode=True)
        if part.get_content_type() == "text/plain" and not part.get_filename() and isinstance(data, bytes):
            return data.decode(part.get_content_charset() or "utf-8", "replace")
    return ""


def originals(raw: bytes) -> str:
    """The mails that go along as files, opened."""
    if b".eml" not in raw:
        return ""
    parts = email.message_from_bytes(raw).walk()
    files = (part.get_payload(decode=True) for part in parts if str(part.get_filename() or "").endswith(".eml"))
    return "\n".join(text for data in files if isinstance(data, bytes) for text in _mail(data, 1))


def letters(text: str) -> str:
    """Letters and digits alone: neither line ends nor dashes nor invisible characters hide a word."""
    return _OTHER.sub("", text.casefold())


def _mail(raw: bytes, depth: int) -> Iterator[str]:
    for part in email.message_from_bytes(raw).walk():
        for name, value in part.items():
            yield f"{name}: {value}"
            if "=?" in str(value):
                yield str(make_header(decode_header(str(value))))
        name = str(part.get_filename() or "")
        yield name
        data = None if part.is_multipart() else part.get_payload(decode=True)
        if isinstance(data, bytes):
            yield from _data(data, depth, part.get_content_charset() or "utf-8")


def _data(data: bytes, depth: int, charset: str = "utf-8") -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if data.startswith(b"\x78\x9f\x3e\x22"):
        yield from _winmail(data, depth)
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name
                yield from _data(archive.read(name), depth + 1)
        return
    for text in _decoded(data, charset):
        yield from _text(text, depth)


def _decoded(data: bytes, charset: str) -> Iterator[str]:
    found = [charset] if charset not in ("utf-8", "us-ascii") else []
    try:
        yield data.decode("utf-8")
    except UnicodeDecodeError:
        found += ["latin-1"]
    if b"\0" in data[:4000]:
        found += ["utf-16-le", "utf-16-be"]
    for name in found:
        try:
            yield data.decode(name, "replace")
        except LookupError:
            continue


def _text(text: str, depth: int) -> Iterator[str]:
    yield text
    if "<" in text and ">" in text:
        yield unescape(_TAG.sub("", text))
    if "&" in text or "%" in text:
        yield unquote(unescape(text))
    if "{\\rtf" in text:
        yield _RTF_CODE.sub(_rtf, text)
    if "BEGIN:VCALENDAR" in text:
        yield re.sub(r"\\([nN,;\\])", lambda m: " " if m[1] in "nN" else m[1], re.sub(r"\r?\n[ \t]", "", text))
    if depth < _DEEPEST:
        for match in _BASE64.finditer(text):
            yield from _encoded(match[0], depth)
        for match in _UUENCODED.finditer(text):
            yield from _data(b"".join(_uu_lines(match[1])), depth + 1)
        if depth and re.match(r"(?:[A-Za-z-]+: [^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*)+\r?\n", text):
            yield from _mail(text.encode("utf-8", "surrogateescape"), depth + 1)


def _rtf(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1]) % 65536)
    if match[2]:
        return bytes.fromhex(match[2]).decode("cp1252", "replace")
    return "\n" if match[3] else (match[4] or "")


def _encoded(text: str, depth: int) -> Iterator[str]:
    try:
        data = base64.b64decode("".join(text.split()))
    except binascii.Error:
        return
    yield from _data(data, depth + 1)


def _uu_lines(text: str) -> Iterator[bytes]:
    for line in text.splitlines():
        try:
            yield binascii.a2b_uu(line)
        except binascii.Error:
            continue


def _winmail(data: bytes, depth: int) -> Iterator[str]:
    """MS-OXTNEF §2.1.3: attributes in a row; what is packed in them is found by its own marks."""
    at = 6
    while at + 9 <= len(data):
        (size,) = struct.unpack_from("<I", data, at + 5)
        value = data[at + 9 : at + 9 + size]
        for text in (
            value.decode("utf-16-le", "ignore"),
            value[1:].decode("utf-16-le", "ignore"),
            value.decode("latin-1"),
        ):
            yield from _text(text, depth + 1)
        if (start := value.find(b"LZFu")) >= 0:
            yield from _data(_uncompressed(value[start + 8 :]), depth + 1)
        at += 9 + size + 2


def _uncompressed(data: bytes) -> bytes:
    """MS-OXRTFCP §3.1.1.3, without its dictionary: only what refers to it is missing."""
    out, at = bytearray(b"\0" * 207), 0
    while at < len(data):
        flags, at = data[at], at + 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += data[at : at + 1]
                at += 1
                continue
            (reference,) = struct.unpack(">H", data[at : at + 2].ljust(2, b"\0"))
            at += 2
            place, length = reference >> 4, (reference & 15) + 2
            base = len(out) // 4096 * 4096 + place
            base -= 4096 if base >= len(out) else 0
            if base == len(out) - 4096 or place == len(out) % 4096:
                return bytes(out)
            for step in range(length):
                out.append(out[base + step] if 0 <= base + step < len(out) else 32)
    return bytes(out)
