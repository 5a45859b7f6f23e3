"""By what a person is known in texts and mails: addresses, full names, telephone numbers, NIK, NPWP. Pure.

A mail is looked through as people read it: every part decoded, encoded words and entities read, tables and office
documents unpacked.
"""

from __future__ import annotations

import email
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.header import decode_header
from html import unescape
from urllib.parse import quote

#: A name counts elsewhere only if it says who: two words, so many letters.
_WORDS, _LETTERS = 2, 6
#: Digits of a number that says who.
_DIGITS = 9
#: Octets of one file of an archive that are read, and files of one.
_UNPACKED, _MEMBERS = 16 << 20, 500


@dataclass(frozen=True, slots=True)
class Traces:
    """addresses, names, numbers: as they are known. tickets: numbers by which lists name the person's tickets."""

    addresses: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]
    tickets: frozenset[str]

    @property
    def told(self) -> list[str]:
        """What is looked for outside of the person's own tickets: a name of one word would name half of the users."""
        return sorted((*self.addresses, *filter(_says_who, self.names), *filter(_number, self.numbers)))

    def pattern(self, *, tickets: bool = False) -> re.Pattern[str]:
        """Whatever names the person. tickets: or one of the person's tickets."""
        found = [
            *(form for one in self.addresses for form in _address(one)),
            *(form for one in self.names if _says_who(one) for form in _name(one)),
            *(form for one in self.numbers if (form := _number(one))),
            *(re.escape(one) for one in self.tickets if tickets),
        ]
        return re.compile("|".join(found) or "(?!)", re.IGNORECASE)


def of(addresses: Iterable[str], names: Iterable[str], numbers: Iterable[str], tickets: Iterable[str]) -> Traces:
    return Traces(_tidy(addresses), _tidy(names), _tidy(numbers), frozenset(tickets))


def _tidy(found: Iterable[str]) -> frozenset[str]:
    return frozenset(" ".join(one.split()) for one in found if one.strip())


def _says_who(name: str) -> bool:
    return len(name.split()) >= _WORDS and sum(map(str.isalpha, name)) >= _LETTERS


def _address(address: str) -> Iterator[str]:
    written = re.escape(address)
    escaped = re.escape(quote(address, safe=""))
    yield rf"(?<![\w.+-]){written}(?![\w-])"
    yield rf"(?<![\w.+-]){escaped}(?![\w-])"


def _name(name: str) -> Iterator[str]:
    for form in {name, json.dumps(name)[1:-1]}:  # as JSON within the database has it
        yield r"(?<!\w)" + r"[\s+]+".join(map(re.escape, form.split())) + r"(?!\w)"


def _number(number: str) -> str:
    """Its digits however they are parted; a telephone number with or without the country."""
    digits = re.sub(r"\D", "", number)
    if len(digits) < _DIGITS:
        return ""
    if len(digits) < 15:
        digits = re.sub(r"^(?:62|0)", "", digits)
        return r"(?<!\d)(?:\+?62[ .()-]{0,2}|0)?" + r"[ .()-]{0,2}".join(digits) + r"(?!\d)"
    return r"(?<!\d)" + r"[ .-]?".join(digits) + r"(?!\d)"


# --- what people read in a mail -------------------------------------------------------------------


def readings(raw: bytes) -> Iterator[str]:
    """A mail's bytes as text, and everything in it that is packed or encoded. Total."""
    yield _text(raw)
    try:
        message = email.message_from_bytes(raw)
        parts = list(message.walk())
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        return
    for part in parts:
        for _, value in part.raw_items():
            yield unescape(_header(str(value)))
        if part.is_multipart():
            continue
        try:
            payload = part.get_payload(decode=True)
        except (ValueError, LookupError, TypeError, AttributeError):
            continue
        if isinstance(payload, bytes):
            yield from _content(payload)


def _content(data: bytes) -> Iterator[str]:
    text = _text(data)
    yield text
    if "&" in text:
        yield unescape(text)
    if b"\0" in data[:200]:
        yield data.decode("utf-16", "replace")
    if data.startswith(b"PK"):
        yield from _members(data)


def _members(data: bytes) -> Iterator[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist()[:_MEMBERS]:
                if entry.flag_bits & 0x1 == 0:
                    with archive.open(entry) as content:
                        yield re.sub(r"<[^>]*>", "", unescape(_text(content.read(_UNPACKED))))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        return


def _header(value: str) -> str:
    try:
        return "".join(
            part.decode(charset or "utf-8", "replace") if isinstance(part, bytes) else part
            for part, charset in decode_header(value)
        )
    except (ValueError, LookupError):
        return value


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
