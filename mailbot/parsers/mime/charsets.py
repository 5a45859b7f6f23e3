"""Bytes → text, whatever the label says: true, wrong, misspelt, unknown or missing. Total and linear."""

from __future__ import annotations

import codecs
import re
from encodings.aliases import aliases
from functools import lru_cache

from mailbot import wordfile

_ALIASES = dict(wordfile.read(__file__, "charsets.txt")["aliases"].rows)
_WINDOWS = re.compile(r"(?:windows|win|cp|ms|ibm|microsoft-cp|ms-cp|ansi)-?(\d{3,5}[a-z]?)\Z")
_ISO = re.compile(r"iso-?8859-?(\d{1,2})(-[ie])?\Z")

# Only codecs that turn bytes into text in one way and in linear time. Not utf-7 (it hides markup and
# commands in ASCII), not hz (the same), not punycode or unicode_escape (Python's own, no charsets).
_ALLOWED = re.compile(
    r"(?:utf-(?:8(?:-sig)?|(?:16|32)(?:-[bl]e)?)|iso2022_(?:jp|kr)\w*|iso8859-\d+|cp125\d"
    r"|cp(?:437|720|737|775|850|852|855|857|858|86[0-6]|869|874|932|949|950)|koi8-[rtu]|gbk|gb18030|big5(?:hkscs)?"
    r"|euc_\w+|shift_jis\w*|mac-\w+|tis-620|johab|ptcp154|kz1048)\Z"
)
# Asking Python for a codec by an unknown name tries an import and remembers the failure for ever.
_NAMES = frozenset(aliases) | frozenset(aliases.values()) | {"koi8_u", "koi8_t", "cp874", "cp720", "cp737", "cp856"}

# Where the codec of that name is narrower than what is written under the name.
_WIDER = {
    "iso2022_jp": ("iso2022_jp_ext", "iso2022_jp_2004"),
    "cp950": ("big5hkscs",),
    "cp932": ("shift_jis_2004",),
    "euc_jp": ("euc_jis_2004",),
}

_META = re.compile(rb"""<meta[^>]{0,300}?\bcharset\s{0,5}=\s{0,5}["']?\s{0,5}([A-Za-z0-9_.:-]{1,40})""", re.I)
_XML = re.compile(rb"""\A\s{0,20}<\?xml[^>]{0,200}?\bencoding\s{0,5}=\s{0,5}["']([A-Za-z0-9_.:-]{1,40})""", re.I)
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]")
_ESCAPES = re.compile(rb"\x1b(\$[@B]|\$\(D|\([BHIJ])")
_NO_PAIRS = re.compile(rb"([^\x21-\x7e]+)")
# What "surrogateescape" makes of a byte that is no UTF-8 → its character in windows-1252.
_ESCAPED = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}


@lru_cache(maxsize=64)
def known_charset(name: str | None) -> str | None:
    """The Python codec for a charset label, or None for one that is missing, unknown or not allowed."""
    words = (name or "").replace('"', " ").replace("'", " ").replace(",", " ").lower().split()
    if not words or len(words[0]) > 100:
        return None
    label = words[0].partition("*")[0].replace("_", "-")  # "us-ascii …"; RFC 2231 §5 language suffix
    if label == "utf" and words[1:2] == ["8"]:
        label = "utf-8"
    for form in (label, label.removeprefix("x-x-").removeprefix("x-").removeprefix("cs")):
        codec = _codec(form)
        if codec is not None:
            return codec
    return None


def _codec(label: str) -> str | None:
    if (windows := _WINDOWS.match(label)) is not None:
        label = f"cp{windows[1]}"
    elif (iso := _ISO.match(label)) is not None:
        label = f"iso-8859-{int(iso[1])}{iso[2] or ''}"
    label = _ALIASES.get(label, label)
    if label.replace("-", "_") not in _NAMES:
        return None
    try:
        codec = codecs.lookup(label).name
    except LookupError:  # "mbcs" has an alias and no codec here
        return None
    if codec in ("ascii", "iso8859-1"):
        return codec
    return codec if _ALLOWED.match(codec) else None


def is_utf7(name: str | None) -> bool:
    """Whether a label asks for UTF-7, which some readers still decode."""
    return "utf7" in (name or "").lower().replace("-", "").replace("_", "")


def decode_bytes(data: bytes, charset: str | None) -> str:
    """Bytes as text. The label is believed if it fits; else UTF-8, else windows-1252. Never raises."""
    codec = known_charset(charset)
    if codec in (None, "ascii"):
        codec = _guessed(data)  # of ASCII too: as UTF-8 it is the same where the label is true, better where not
    if codec in ("iso8859-1", "cp1252"):
        # Labels that programs put on everything. Bytes that are UTF-8 to the end are hardly ever anything else; and
        # who says Latin-1 means windows-1252 (WHATWG Encoding).
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode("cp1252", "replace")
    if codec is not None and codec.startswith(("utf-16", "utf-32")):
        return _wide(data, codec)
    for candidate in (codec, *_WIDER.get(codec or "", ()), "utf-8"):
        if candidate is None:
            continue
        if candidate == "utf-8" and codec == "iso2022_jp" and _ISO_2022_JP.search(data):
            return _jis(data)
        try:
            return data.decode(candidate)
        except UnicodeError:
            continue
    if codec is None or codec in ("utf-8", "utf-8-sig"):
        return _utf8_or_1252(data)
    return data.decode(codec, "replace")


def decode_header_bytes(data: bytes, charset: str | None = None) -> str:
    """Raw header bytes as text: 8-bit bytes are UTF-8 (RFC 6532), else the body's charset."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return decode_bytes(data, charset)


def declared_in_html(data: bytes) -> str | None:
    """The charset that a page names itself: `<meta charset>` or an XML declaration in its first 2 KB (WHATWG HTML
    §13.2.3.2). What could be read there is ASCII with a gap, so a claim to be UTF-16 is not true."""
    found = _META.search(data, 0, 2048) or _XML.match(data[:512])
    if found is None:
        return None
    name = found[1].decode("ascii")
    codec = known_charset(name)
    return None if codec is None else "utf-8" if codec.startswith(("utf-16", "utf-32")) else name


def _guessed(data: bytes) -> str | None:
    """What bytes without a (known) label say of themselves: a byte order mark, or the escapes of ISO-2022-JP."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and len(data) % 2 == 0:
        return "utf-16"
    if _ISO_2022_JP.search(data, 0, 4096) and data.isascii():
        return "iso2022_jp"
    return None


def _wide(data: bytes, codec: str) -> str:
    """UTF-16 and UTF-32; without a mark and without "be" or "le" the zeros tell the order of the bytes."""
    if data.isascii() and 0 not in data:
        return data.decode("ascii")  # the label is wrong: no text in these forms looks like that
    if codec == "utf-16" and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codec = "utf-16-be" if data[0::2].count(0) > data[1::2].count(0) else "utf-16-le"
    elif codec == "utf-32" and not data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        codec = "utf-32-be" if data[:1] == b"\0" else "utf-32-le"
    try:
        return data.decode(codec)
    except UnicodeError:
        return _utf8_or_1252(data) if 0 not in data else data.decode(codec, "replace")


def _jis(data: bytes) -> str:
    """ISO-2022-JP with what Windows writes in it (code page 50220): NEC's and IBM's characters in the rows that
    JIS X 0208 leaves empty, for which Python has no codec; one "①" must not make all the letters unreadable."""
    words: list[str] = []
    escape = b"(B"
    for number, piece in enumerate(_ESCAPES.split(data)):
        if number % 2:
            escape = piece
        elif escape == b"(I":
            words.append(
                bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in piece).decode("cp932", "replace")
            )
        elif escape.startswith(b"$"):
            words.extend(
                part.decode("latin-1") if at % 2 else _pairs(part, escape)
                for at, part in enumerate(_NO_PAIRS.split(piece))
            )
        else:
            words.append(_utf8_or_1252(piece))
    return "".join(words)


def _pairs(data: bytes, escape: bytes) -> str:
    """Characters of two bytes of seven bits, as Shift_JIS or EUC writes the same ones."""
    codec, moved = ("euc_jp" if escape == b"$(D" else "cp932"), bytearray()
    for first, second in zip(data[0::2], data[1::2], strict=False):
        if codec == "euc_jp":
            moved += bytes((0x8F, first | 0x80, second | 0x80))
            continue
        row, odd = divmod(first - 0x21, 2)
        moved.append((0x81 if row < 31 else 0xC1) + row)
        moved.append(second + (0x7E if odd else 0x20 if second >= 0x60 else 0x1F))
    return moved.decode(codec, "replace") + "\ufffd" * (len(data) % 2)


def _utf8_or_1252(data: bytes) -> str:
    """UTF-8 where it is UTF-8, windows-1252 where it is not: what is left when the label is of no use.

    Both in one text are common (a quoted mail, a footer added on the way). Bytes cut off at the end are no letters.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        head = data[: error.start]
        if error.end == len(data) and error.reason == "unexpected end of data" and not head.isascii():
            return head.decode("utf-8") + "\ufffd"
    return data.decode("utf-8", "surrogateescape").translate(_ESCAPED)
