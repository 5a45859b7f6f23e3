"""NUL characters where no mail has them (RFC 5322 §4.1): some readers stop there, and see another mail.

Dovecot never hands out a NUL: RFC 3501 forbids it, and 0x80 goes over the wire in its place. A 0x80 in ASCII or
UTF-8 text is no character either, so it is known for what it was; in charsets where it is one nothing can be told.
"""

from __future__ import annotations

import re

from mailbot.errors import ParseError
from mailbot.parsers.mime.charsets import known_charset
from mailbot.parsers.mime.parameters import Parameters
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

_HIGH = re.compile(rb"[\x81-\xff]")
_EURO = re.compile(rb"\x80[ \t]?[0-9]|[0-9][ \t]?\x80")  # 0x80 is the euro sign of windows-1252
_UTF8 = (None, "ascii", "utf-8", "utf-8-sig")  # codecs; None: no label, or one that says nothing
_PLAIN = ("", "7bit", "8bit", "binary")
_ALWAYS = 64  # occurrences of 0x80 that are looked at


def refuse_nul(
    raw: bytes, places: tuple[int, int, int], content: Parameters, disposition: Parameters, encoding: str
) -> None:
    """Raise ParseError for NUL in a part's headers or in its text. `places`: headers, body and end in `raw`.

    Text in UTF-16 and UTF-32 is full of them, and files may hold any byte.
    """
    start, body, end = places
    codec = known_charset(content.get("charset"))
    if raw.find(b"\x00", start, body) >= 0 or (codec in _UTF8 and _was_nul(raw, start, body)):
        raise ParseError(_SAID("nul"))
    is_file = disposition.value == "attachment" or disposition.get("filename") or content.get("name")
    if is_file or encoding not in _PLAIN or content.value not in ("text/plain", "text/html"):
        return
    if codec is not None and codec.startswith(("utf-16", "utf-32")):
        return
    if raw.find(b"\x00", body, end) >= 0 or (codec in _UTF8 and _was_nul(raw, body, end)):
        raise ParseError(_SAID("nul"))


def _was_nul(raw: bytes, start: int, end: int) -> bool:
    """0x80 as the only byte above 0x7f, and not as a price in euro."""
    found = raw.find(b"\x80", start, end)
    if found < 0 or _HIGH.search(raw, start, end):
        return False
    for _ in range(_ALWAYS):
        if not _EURO.search(raw, max(start, found - 2), min(end, found + 3)):
            return True
        found = raw.find(b"\x80", found + 1, end)
        if found < 0:
            break
    return False
