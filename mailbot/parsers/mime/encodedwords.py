"""Encoded words in headers (RFC 2047), as the standard has them and as programs write them. Total and linear."""

from __future__ import annotations

import binascii
import re

from mailbot.parsers.mime.charsets import decode_bytes
from mailbot.parsers.mime.transfer import lenient_base64

_OPENING = re.compile(r"=\?([^?\s]{0,80})\?([bBqQ])\?")


def decode_words(value: str) -> str:
    """RFC 2047 encoded words decoded, also where they touch other text or stand in quotes.

    Words of one charset that follow each other are joined as bytes first: writers split a
    character between two words. The result may hold control characters: clean it for its sink.
    """
    if "=?" not in value:
        return value
    out: list[str] = []
    pending: list[bytes] = []
    charset = ""
    at = 0
    search = 0
    while (match := _OPENING.search(value, search)) is not None:
        # Unencoded "?" and blanks inside a word are wrong and common: the word ends at the first "?=".
        end = value.find("?=", match.end())
        if end < 0:
            break
        if (inner := value.find("=?", match.end(), end)) >= 0 and _OPENING.match(value, inner):
            search = inner  # this one never ends; the next begins inside it
            continue
        gap = value[at : match.start()]
        adjacent = at > 0 and not gap.strip()
        name = match[1].partition("*")[0].lower()
        payload = value[match.end() : end]
        if match[2] in "bB":
            data = lenient_base64(payload.encode("ascii", "replace"))
        else:
            data = binascii.a2b_qp(payload.replace(" ", "_").encode("utf-8", "replace"), header=True)
        if not (adjacent and name == charset):
            out.append(decode_bytes(b"".join(pending), charset))
            pending, charset = [], name
            if not adjacent:
                out.append(gap)
        pending.append(data)
        at = search = end + 2
    out.append(decode_bytes(b"".join(pending), charset))
    out.append(value[at:])
    return "".join(out)


def charsets_of(value: str) -> set[str]:
    """The charset labels of the encoded words in a header's value, lower-cased."""
    return {match[1].partition("*")[0].lower() for match in _OPENING.finditer(value)}
