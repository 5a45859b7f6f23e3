"""What a person reads in a file that is text: a note, a page, RTF, a calendar, an office document, and what of these is
packed in a ZIP.

By what a file holds before what it is called: programs and people name files as they like. Pictures, PDF and other
archives are not looked into.
"""

from __future__ import annotations

import html as entities
import io
import re
import struct
import zipfile
import zlib
from itertools import islice

from mailbot.parsers.mime import archives, enriched, html, ical, rtf
from mailbot.parsers.mime.charsets import declared_in_html, decode_bytes, known_charset

OTHER_FORMS = ("text/x-amp-html", "text/watch-html", "text/enriched", "text/richtext")
PAGES = ("text/html", "application/xhtml+xml", "text/x-amp-html", "text/watch-html")
RICH = ("text/rtf", "application/rtf", "application/x-rtf")
EVENTS = ("text/calendar", "application/ics")
#: An emoji that Gmail sends as a mail (developers.google.com/workspace/gmail/reactions/format): the text names it too.
REACTION = "text/vnd.google.email-reaction+json"
UNTYPED = "application/octet-stream"
#: Bytes of a file that are read.
MOST = 256 * 1024

_ENDINGS = {"htm": "text/html", "html": "text/html", "xhtml": "text/html", "txt": "text/plain", "ics": "text/calendar"}
_SAMPLE = 4096
#: Entries of a ZIP that are read, and that it may list at all. Those that are read bring `MOST` bytes at most together,
#: however much they unpack to.
_ENTRIES, _LISTED = 50, 2000
#: The parts of an office document that hold its words (ECMA-376): a text document's, a sheet's, slides.
_OFFICE = re.compile(
    r"word/(?:document|comments|header\d*|footer\d*)\.xml|xl/sharedStrings\.xml|ppt/slides/slide\d+\.xml"
)
_OPEN_DOCUMENT = "content.xml"  # ODF 1.3 part 2, §3.1
#: Where a paragraph or a cell of such a part ends.
_ENDS = re.compile(r"</(?:[wa]:p|si|text:p|text:h|table:table-cell)>|<(?:w:br|text:line-break|a:br)\b[^<>]{0,200}>")
_TAG = re.compile(r"<[^<>]{1,2000}>")
#: Bytes that no text has (RFC 5198 §2 leaves only these controls): nearly all other files have some at their head.
_NOT_TEXT = bytes(set(range(32)) - set(b"\t\n\r\f\x1b")) + b"\x7f"


def kind(name: str, content_type: str, data: bytes) -> str:
    """The type of a file that could be a form of a mail's body; "" of others."""
    head = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"{\\rtf"):
        return RICH[0]
    if ical.is_calendar(head):
        return EVENTS[0]
    if head.startswith((b"<!doctype html", b"<html")):
        return PAGES[0]
    if content_type in (*RICH, *EVENTS, REACTION, "text/rfc822-headers"):
        return ""
    if content_type.startswith("text/") or content_type in PAGES:
        return _ENDINGS.get(name.rpartition(".")[2].lower(), content_type)
    return _ENDINGS.get(name.rpartition(".")[2].lower(), "") if content_type == UNTYPED else ""


def words(
    name: str,
    content_type: str,
    data: bytes,
    charset: str | None = None,
    *,
    alone: bool = True,
    room: html.Room | None = None,
) -> str:
    """The text of its first `MOST` bytes, "" of a file that is none. charset: as its part declares it. alone: it is all
    that its mail says, or a file by itself: then a calendar's times are words, too. room: of pages. Total."""
    if data.startswith(b"PK\x03\x04"):
        return _packed(data)
    found = kind(name, content_type, data) or ("text/plain" if _looks_like_text(data) else "")
    data = data[:MOST]
    if not found:
        return ""
    if found in RICH:
        if room is not None:
            room.tokens = max(0, room.tokens - data.count(b"\\") // 2)  # Rich Text takes half a page's time
            return rtf.to_text(data) if room.tokens else ""
        return rtf.to_text(data)
    charset = charset if known_charset(charset) else None
    text = decode_bytes(data, charset or (declared_in_html(data) if found in PAGES else None))
    if found in PAGES:
        return html.to_text(text, room)
    if found in EVENTS:
        return ical.to_text(text) if alone else ical.words(text)
    return enriched.to_text(text) if found in OTHER_FORMS else text


def _looks_like_text(data: bytes) -> bool:
    sample = data[:_SAMPLE]
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, by its byte order mark
        return True
    return bool(sample.strip()) and sample.translate(None, _NOT_TEXT) == sample


def _packed(data: bytes) -> str:
    """The words of a ZIP's entries, one level deep. What is broken or encrypted has none."""
    found: list[str] = []
    left = MOST
    try:
        if sum(1 for _ in islice(archives.entries(data), _LISTED + 1)) > _LISTED:
            return ""  # `zipfile` makes an object of each
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            office = any(_OFFICE.fullmatch(entry.filename) or entry.filename == "mimetype" for entry in entries)
            for entry in entries[:_ENTRIES]:
                part = _OFFICE.fullmatch(entry.filename) or entry.filename == _OPEN_DOCUMENT
                if left <= 0 or entry.flag_bits & 1 or (office and not part):
                    continue
                inner = _inflated(data, entry, left)
                left -= len(inner)
                found.append(_of_part(inner) if office else _unpacked(entry.filename, inner))
    except (zipfile.BadZipFile, struct.error, zlib.error, OSError, ValueError, NotImplementedError):
        pass
    return "\n".join(text for text in found if text.strip())


def _inflated(data: bytes, entry: zipfile.ZipInfo, most: int) -> bytes:
    """The first bytes of an entry, without unpacking more of it (APPNOTE 4.3.7). Raises struct.error and zlib.error."""
    name, extra = struct.unpack_from("<HH", data, entry.header_offset + 26)
    start = entry.header_offset + 30 + name + extra
    packed = data[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        return packed[:most]
    return zlib.decompressobj(-15).decompress(packed, most) if entry.compress_type == zipfile.ZIP_DEFLATED else b""


def _unpacked(name: str, data: bytes) -> str:
    return "" if data.startswith(b"PK\x03\x04") else words(name, UNTYPED, data)


def _of_part(data: bytes) -> str:
    return entities.unescape(_TAG.sub("", _ENDS.sub("\n", data.decode("utf-8", "replace"))))
