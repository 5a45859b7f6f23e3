"""The few headers by which a person knows a mail again, taken out of one that cannot be read as a whole. Pure."""

from __future__ import annotations

import re

_NAMES = (b"from", b"subject", b"date", b"message-id")
#: Bytes that are looked at, and that one header may have: a heading is no place for a bomb.
_LOOKED_AT, _LENGTH = 64 * 1024, 2000
_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_LINE = re.compile(rb"\r\n|\r|\n")
_HIGH = re.compile(rb"[\x81-\xff]")


def heading(raw: bytes) -> bytes:
    """The first Subject, Date and Message-ID of a mail and all of its From, each cut short, as a mail of their own
    without a body. Who writes two From lines is not shown as the first of them alone.

    Takes no longer for a larger mail. What comes back is small, and still anybody's: it is for `parse`.
    """
    start = raw[:_LOOKED_AT].lstrip(b"\r\n")
    end = _END.search(start)
    found: dict[bytes, bytes] = {}
    name = b""
    for line in _LINE.split(start[: end.start()] if end else start):
        if line[:1] in (b" ", b"\t"):  # the header above goes on (RFC 5322 §2.2.3)
            if name in found and len(found[name]) < _LENGTH:
                found[name] += b" " + line.strip()
            continue
        before, colon, value = line.partition(b":")
        name = before.strip().lower()
        if not colon or name not in _NAMES or (name in found and name != b"from"):
            name = b""
        elif name not in found:
            found[name] = value.strip()
        elif len(found[name]) < _LENGTH:
            found[name] += b", " + value.strip()
    lines = [b"%s: %s\r\n" % (name.title(), value[:_LENGTH]) for name, value in found.items()]
    together = b"".join(lines).replace(b"\0", b" ")
    if not _HIGH.search(together):  # IMAP servers write NUL as 0x80, which by itself is no text
        together = together.replace(b"\x80", b" ")
    return together + b"\r\n"
