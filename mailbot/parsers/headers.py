"""Header text: unfolding, encoded words, parameters, charsets, and cleaning for one line or many.

Everything here is total (any input gives a value) and takes time linear in its input.
"""

from __future__ import annotations

import binascii
import codecs
import re
import unicodedata
from dataclasses import dataclass, field
from encodings.aliases import aliases
from functools import cache
from urllib.parse import unquote_to_bytes

# Charset names that mail carries and Python lacks.
_ALIASES = {
    "windows-874": "cp874",
    "x-windows-874": "cp874",
    "x-gbk": "gbk",
    "gb2312": "gb18030",  # labelled gb2312, written in its supersets
    "iso-gb2312": "gb18030",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "iso-8859-8-i": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "cp-850": "cp850",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
}

# Only codecs that turn bytes into text in one way and in linear time. Not utf-7 (it hides markup and
# commands in ASCII), not punycode or unicode_escape (Python's own, no charsets).
_ALLOWED = re.compile(
    r"(?:utf-(?:8(?:-sig)?|(?:16|32)(?:-[bl]e)?)|iso2022_(?:jp|kr)\w*|iso8859-\d+|cp125\d"
    r"|cp(?:437|850|852|858|866|874|932|949|950)|koi8-[rtu]|gbk|gb18030|big5(?:hkscs)?"
    r"|euc_\w+|shift_jis\w*|mac-\w+|tis-620)\Z"
)
# Asking Python for a codec by an unknown name tries an import and remembers the failure for ever.
_NAMES = frozenset(aliases) | frozenset(aliases.values()) | {"koi8_u", "koi8_t", "cp874"}

# C0, DEL and C1 controls; explicit bidi controls, which make text read otherwise than it is stored
# (UAX #9); the byte order mark; and lone surrogates, which no UTF-8 sink takes.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_DROPPED = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f{_BIDI}\ud800-\udfff\ufff9-\ufffb]+")
_LINE_ENDS = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029{_BIDI}\ud800-\udfff\ufff9-\ufffb]")
_SPACES = re.compile(r"\s+")

_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]*)\?=")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*(?:"|\\?\Z)|[^;]*)', re.S)
_CONTINUED = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?\Z")


def unfold(value: str) -> str:
    """A header value on one line (RFC 5322 §2.2.3: only the line break goes, the blank stays)."""
    return re.sub(r"\r\n|[\r\n]", "", value).strip(" \t")


def has_control(text: str) -> bool:
    """Whether the text holds characters that have no place in a header (tabs are folding, and pass)."""
    return _CONTROL.search(text.replace("\t", " ")) is not None


def one_line(text: str) -> str:
    """Text fit for one line: NFC, no control or bidi characters, blanks collapsed."""
    return _SPACES.sub(" ", _CONTROL.sub(" ", _nfc(text))).strip()


def clean_text(text: str) -> str:
    """Text of many lines: NFC, lines end in \\n, no control or bidi characters but tab and newline."""
    return _nfc(_DROPPED.sub("", _LINE_ENDS.sub("\n", text)))


@cache
def _combining_runs() -> re.Pattern[str]:
    marks = "".join(chr(c) for c in range(0x300, 0x1F000) if unicodedata.combining(chr(c)))
    return re.compile(f"([{re.escape(marks)}]{{30}})(?=[{re.escape(marks)}])")


def normalise(text: str, form: str) -> str:
    """Unicode normalisation in linear time ("NFC" or "NFKC").

    Sorting a long run of combining marks is quadratic in CPython; UAX #15 §13 (Stream-Safe Text
    Format) breaks such runs after 30 marks with U+034F.
    """
    if text.isascii():
        return text
    safe = _combining_runs().sub("\\1\u034f", text)
    return unicodedata.normalize("NFKC" if form == "NFKC" else "NFC", safe)


def _nfc(text: str) -> str:
    return normalise(text, "NFC")


def known_charset(name: str | None) -> str | None:
    """The Python codec for a charset label, or None for one that is missing, unknown or not allowed."""
    if not name:
        return None
    words = name.replace('"', " ").replace("'", " ").lower().split()
    if not words:
        return None
    label = words[0].partition("*")[0]  # "us-ascii …"; RFC 2231 §5 language suffix
    label = _ALIASES.get(label, label)
    if label.replace("-", "_") not in _NAMES:
        return None
    codec = codecs.lookup(label).name
    if codec in ("ascii", "iso8859-1"):
        return codec
    return codec if _ALLOWED.match(codec) else None


def decode_bytes(data: bytes, charset: str | None) -> str:
    """Bytes as text. The label is believed if it fits; else UTF-8, else windows-1252. Never raises."""
    codec = known_charset(charset)
    if codec == "iso8859-1":
        codec = "cp1252"  # what everybody who says Latin-1 means (WHATWG Encoding)
    if codec == "ascii":
        codec = None  # read as UTF-8: the same where the label is true, better where it is not
    for candidate in (codec, "utf-8"):
        if candidate is None:
            continue
        try:
            return data.decode(candidate)
        except UnicodeError:
            continue
    return data.decode(codec or "cp1252", "replace")


def decode_header_bytes(data: bytes, charset: str | None = None) -> str:
    """Raw header bytes as text: 8-bit bytes are UTF-8 (RFC 6532), else the body's charset."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return decode_bytes(data, charset)


def lenient_base64(data: bytes) -> bytes:
    """Base64 as mail carries it: foreign characters skipped, padding mended (RFC 2045 §6.8)."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        pass
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def decode_words(value: str) -> str:
    """RFC 2047 encoded words decoded, also where they touch other text or stand in quotes.

    Words of one charset that follow each other are joined as bytes first: writers split a
    character between two words. The result may hold control characters: clean it for its sink.
    """
    out: list[str] = []
    pending: list[bytes] = []
    charset = ""
    at = 0
    for match in _WORD.finditer(value):
        gap = value[at : match.start()]
        adjacent = at > 0 and not gap.strip()
        name, encoding, payload = match.groups()
        name = name.partition("*")[0].lower()
        if encoding in "bB":
            data = lenient_base64(payload.encode("ascii", "replace"))
        else:
            data = binascii.a2b_qp(payload.replace(" ", "_").encode("utf-8", "replace"), header=True)
        if not (adjacent and name == charset):
            out.append(decode_bytes(b"".join(pending), charset))
            pending, charset = [], name
            if not adjacent:
                out.append(gap)
        pending.append(data)
        at = match.end()
    out.append(decode_bytes(b"".join(pending), charset))
    out.append(value[at:])
    return "".join(out)


@dataclass(frozen=True, slots=True)
class Parameters:
    """A structured MIME header: `value` before the first semicolon, lower-cased, and its parameters."""

    value: str
    items: dict[str, str] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()  # names given twice: readers differ in which one they take

    def get(self, name: str) -> str | None:
        return self.items.get(name)


def parameters(value: str) -> Parameters:
    """Reads `type; name=value; name*0*=…` (RFC 2045 §5.1, RFC 2231), the first of two equal names winning."""
    head = value.partition(";")[0].strip().lower()
    if (words := head.split(None, 1)) and len(words) == 2 and "=" in words[1]:
        # "text/plain charset=utf-8": the semicolon was forgotten
        head = words[0]
        value = ";" + value.lstrip()[len(head) :]
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    repeated: set[str] = set()
    for match in _PARAMETER.finditer(value):
        raw_name, raw = match.group(1).lower(), match.group(2).strip()
        text = re.sub(r"\\(.)", r"\1", raw[1:].removesuffix('"'), flags=re.S) if raw[:1] == '"' else raw
        parts = _CONTINUED.match(raw_name)
        if parts is None or (parts[2] is None and parts[3] is None):
            if raw_name in plain:
                repeated.add(raw_name)
            plain.setdefault(raw_name, text)
            continue
        section = pieces.setdefault(parts[1], {})
        index = int(parts[2] or 0)
        if index in section:
            repeated.add(parts[1])
        section.setdefault(index, (text, parts[3] is not None))
    for name, section in pieces.items():
        plain[name] = _joined(section)  # RFC 2231 is the more exact of two spellings (RFC 6266 §4.3)
    return Parameters(head, plain, frozenset(repeated))


def _joined(section: dict[int, tuple[str, bool]]) -> str:
    """RFC 2231 §4.1: pieces in order; only starred ones are percent-encoded, the charset is the first's."""
    charset = ""
    data = b""
    for number, index in enumerate(sorted(section)):
        text, encoded = section[index]
        if encoded:
            if number == 0 and text.count("'") >= 2:
                charset, _, text = text.split("'", 2)
            data += unquote_to_bytes(text)
        else:
            data += text.encode("utf-8", "replace")
    return decode_bytes(data, charset)
