"""Structured MIME headers: `type; name=value; name*0*=…` (RFC 2045 §5.1, RFC 2231, RFC 6266). Total and linear."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from mailbot.parsers.mime.charsets import decode_bytes

_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*(?:"|\\?\Z)|[^;]*)', re.S)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)
_CONTINUED = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?\Z")
_LOOSE = re.compile(r'[\s"\\(),]')
_PAIR = re.compile(r'\\(["\\])')  # of quoted pairs (RFC 5322 §3.2.1) only these: "C:\surat" means its backslash


@dataclass(frozen=True, slots=True)
class Parameters:
    """A structured MIME header: `value` before the first semicolon, lower-cased, and its parameters."""

    value: str
    items: dict[str, str] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()  # given twice, and not the same: readers differ in which one they take
    extended: frozenset[str] = frozenset()  # written as RFC 2231 has it, which not every reader knows
    loose: frozenset[str] = frozenset()  # without quotation marks, though it has blanks or quotes in it
    unclosed: bool = False  # a quotation mark without its end, or words behind it

    def get(self, name: str) -> str | None:
        return self.items.get(name)


def parameters(value: str) -> Parameters:
    """Reads a header's value, the first of two equal names winning."""
    head = value.partition(";")[0].partition("(")[0].strip().lower()  # "text/plain (a comment)"
    if (words := head.split(None, 1)) and len(words) == 2 and "=" in words[1]:
        # "text/plain charset=utf-8": the semicolon was forgotten
        head = words[0]
        value = ";" + value.lstrip()[len(head) :]
    elif "=" in head and "/" not in head.partition("=")[0]:
        head, value = "", ";" + value  # "filename=x": what stands before the semicolon was forgotten
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    repeated: set[str] = set()
    loose: set[str] = set()
    unclosed = False
    for match in _PARAMETER.finditer(value):
        raw_name, raw = match.group(1).lower(), match.group(2).strip()
        text = raw
        if raw[:1] == '"':
            text = _PAIR.sub(r"\1", raw[1:].removesuffix('"'))
            behind = value[match.end() : match.end() + 200].partition(";")[0]
            unclosed = unclosed or _QUOTED.fullmatch(raw) is None or bool(behind.strip())
        elif _LOOSE.search(raw):
            loose.add(raw_name)
        parts = _CONTINUED.match(raw_name)
        if parts is None or (parts[2] is None and parts[3] is None):
            if plain.setdefault(raw_name, text).lower() != text.lower():
                repeated.add(raw_name)
            continue
        section = pieces.setdefault(parts[1], {})
        index = int(parts[2] or 0)
        if section.setdefault(index, (text, parts[3] is not None))[0] != text:
            repeated.add(parts[1])
    for name, section in pieces.items():
        plain[name] = _joined(section)  # RFC 2231 is the more exact of two spellings (RFC 6266 §4.3)
    return Parameters(_first_word(head), plain, frozenset(repeated), frozenset(pieces), frozenset(loose), unclosed)


def _first_word(head: str) -> str:
    """ "text/html utf-8" is a page, whatever the second word was meant to say."""
    return head.split(None, 1)[0] if head else ""


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
