"""Raw bytes → a tree of MIME parts, with every limit kept while scanning (RFC 2045, 2046, 5322).

Written here and not left to a library for three reasons: the general parsers take quadratic time on
hostile headers, recurse on nesting, and do not give a part's original bytes back. Every step below is
linear in the bytes; an enclosed message (message/rfc822) is never opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mailbot.errors import ParseError
from mailbot.parsers.mime import transfer
from mailbot.parsers.mime.headers import Headers, Parameters, first, header_block, parameters, scan
from mailbot.parsers.mime.limits import Findings, Limits
from mailbot.parsers.mime.nul import refuse_nul
from mailbot.sentences import Sentences

__all__ = ["Findings", "Headers", "Limits", "Part", "header_block", "split"]

_SAID = Sentences(__file__)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its headers (unfolded), its type, and either `children` or `body`, a view of the bytes as sent."""

    headers: Headers
    content: Parameters  # Content-Type, its value always "type/subtype"
    disposition: Parameters
    body: memoryview = field(default=memoryview(b""), repr=False)
    children: tuple[Part, ...] = ()

    @property
    def content_type(self) -> str:
        return self.content.value

    @property
    def encoding(self) -> str:
        """The Content-Transfer-Encoding as one lower-cased token, "" where there is none."""
        return _encoding(self.headers)

    def header(self, name: str) -> str:
        """The first value of a header, "" where there is none."""
        return first(self.headers, name.lower())

    def data(self) -> bytes:
        """The body with its Content-Transfer-Encoding undone; as it stands where that is unknown."""
        return transfer.decoded(self.body, self.encoding)


_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+\Z")
_SOME_MULTIPART = re.compile(r"multipart(?:/[*?]?)?")
_CONTENT = re.compile(rb"[^\r\n]")
_WORDS = re.compile(rb"[^\r\n\t \x00]")
_REST = re.compile(rb"(--)?[ \t]*(\r\n|\r|\n|\Z)")
_LOOKALIKES = 10_000
# What no boundary may hold (RFC 2046 §5.1.1, but for characters that only lack in its list).
_ODD_BOUNDARY = re.compile(r"[^ !#-\[\]-~]")


def split(raw: bytes, limits: Limits) -> tuple[Part, Findings]:
    """The message as a tree of parts. Raises ParseError when it is over a limit or holds no header."""
    if len(raw) > limits.message_size:
        raise ParseError(_SAID("too_large", size=len(raw), most=limits.message_size))
    findings = Findings()
    start = _first_line(raw)
    if start == len(raw):
        raise ParseError(_SAID("empty"))
    if start:
        # Some readers skip leading empty lines, for others the headers are over already.
        findings.doubt(_SAID("empty_line_first"))
    part = _part(raw, start, len(raw), 1, "text/plain", limits, findings)
    if not part.headers:
        raise ParseError(_SAID("no_header"))
    charset = _charset(part) if part.children else None
    if charset is not None and any(not value.isascii() for _, value in part.headers):
        # A header in 8 bits without a label of its own has the charset of the words (RFC 6532 knows UTF-8 only).
        part = replace(part, headers=scan(raw, start, len(raw), limits, Findings(), top=True, charset=charset)[0])
    return part, findings


def _charset(part: Part) -> str | None:
    """The charset of the first text of a mail that names one."""
    if part.content_type.startswith("text/"):
        return part.content.get("charset")
    return next(filter(None, map(_charset, part.children)), None)


def _first_line(raw: bytes) -> int:
    """Where the first line that is not empty begins; the end where there is nothing but blanks and NUL."""
    found = _CONTENT.search(raw)
    return len(raw) if found is None or _WORDS.search(raw) is None else found.start()


def _part(raw: bytes, start: int, end: int, level: int, default: str, limits: Limits, findings: Findings) -> Part:
    headers, body = scan(raw, start, end, limits, findings, top=level == 1)
    content = _structured(headers, "content-type", default, limits, findings)
    disposition = _structured(headers, "content-disposition", "", limits, findings)
    encoding = _encoding(headers)
    view = memoryview(raw)[body:end]
    refuse_nul(raw, (start, body, end), content, disposition, encoding)
    if not content.value.startswith("multipart/"):
        _doubt_encoding(headers, encoding, findings)
        return Part(headers, content, disposition, view)
    written = content.get("boundary") or ""
    boundary = written.rstrip()
    _doubt_boundary(content, boundary, findings)
    if boundary != written:  # not every reader takes the blanks off (RFC 2046 §5.1.1)
        findings.doubt(_SAID("odd_boundary"))
    if _CONTENT.search(raw, body, end) is None:
        return Part(headers, content, disposition, view)  # nothing there that could be read in two ways
    if not boundary:
        findings.doubt(_SAID("no_boundary"))
        return Part(headers, content, disposition, view)
    if encoding not in ("7bit", "8bit", "binary", ""):
        # RFC 2045 §6.4 forbids it; some readers decode first and see other parts.
        findings.doubt(_SAID("encoded_whole"))
    ranges = _ranges(raw, body, end, boundary, limits, findings)
    if not ranges:
        findings.defect("StartBoundaryNotFound")
        findings.doubt(_SAID("boundary_not_found"))
        return Part(headers, content, disposition, view)
    if level >= limits.levels:
        raise ParseError(_SAID("too_deep", most=limits.levels))
    inner = "message/rfc822" if content.value == "multipart/digest" else "text/plain"  # RFC 2046 §5.1.5
    children = tuple(_part(raw, a, b, level + 1, inner, limits, findings) for a, b in ranges)
    if any(boundary == child.content.get("boundary") and _holds_parts(child.content_type) for child in children):
        findings.doubt(_SAID("same_boundary"))
    return Part(headers, content, disposition, memoryview(b""), children)


def _holds_parts(kind: str) -> bool:
    return kind.startswith(("multipart/", "message/"))


def _ranges(
    raw: bytes, start: int, end: int, boundary: str, limits: Limits, findings: Findings
) -> list[tuple[int, int]]:
    """Where the parts between the boundaries begin and end (RFC 2046 §5.1.1)."""
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    ranges: list[tuple[int, int]] = []
    opened: int | None = None
    closed = False
    for line, after, closing in _delimiters(raw, start, end, mark, findings):
        if closed:
            findings.doubt(_SAID("goes_on"))
            break
        if line == opened:
            # Nothing between two boundaries is no part (the grammar of RFC 2046 §5.1.1 asks for a line at least).
            if closing:
                findings.doubt(_SAID("closed_empty"))
        elif opened is not None:
            ranges.append((opened, max(opened, _before_break(raw, line))))
        if closing:
            if opened is None:
                return []
            closed = True
            opened = None
            continue
        findings.parts += 1
        if findings.parts > limits.parts:
            raise ParseError(_SAID("too_many_parts", most=limits.parts))
        opened = after
    if opened is not None:
        findings.defect("CloseBoundaryNotFound")
        ranges.append((opened, end))
    return ranges


def _delimiters(raw: bytes, start: int, end: int, mark: bytes, findings: Findings) -> Iterator[tuple[int, int, bool]]:
    """The lines that are boundaries: where they begin, where the next line does, and whether they close."""
    for line in _lines_with(raw, start, end, mark):
        rest = _REST.match(raw, line + len(mark), end)
        if rest is not None:
            yield line, rest.end(), rest[1] is not None
            continue
        # RFC 2046 §5.1.1 has readers compare beginnings only, and most of them compare whole lines.
        findings.lookalikes += 1
        if findings.lookalikes > _LOOKALIKES:
            raise ParseError(_SAID("too_many_lookalikes"))
        findings.doubt(_SAID("boundary_in_boundary"))


def _lines_with(raw: bytes, start: int, end: int, mark: bytes) -> Iterator[int]:
    """Where lines begin with `mark`, in order. bytes.find does the walking: a pattern would be slower by far."""
    if raw.startswith(mark, start, end):
        yield start
    after_lf = raw.find(b"\n" + mark, start, end)
    after_cr = raw.find(b"\r" + mark, start, end)
    while after_lf >= 0 or after_cr >= 0:
        if after_cr < 0 or 0 <= after_lf < after_cr:
            yield after_lf + 1
            after_lf = raw.find(b"\n" + mark, after_lf + 1, end)
        else:
            yield after_cr + 1
            after_cr = raw.find(b"\r" + mark, after_cr + 1, end)


def _before_break(raw: bytes, position: int) -> int:
    """The line break before a boundary belongs to the boundary (RFC 2046 §5.1.1)."""
    if raw[position - 2 : position] == b"\r\n":
        return position - 2
    return position - 1 if raw[position - 1 : position] in (b"\r", b"\n") else position


# --- the headers of a part ---------------------------------------------------------------------


def _structured(headers: Headers, name: str, default: str, limits: Limits, findings: Findings) -> Parameters:
    value = first(headers, name, default)
    if value.count(";") > limits.parameters:
        raise ParseError(_SAID("too_many_parameters", name=name, most=limits.parameters))
    read = parameters(value)
    for repeated in sorted(read.repeated):
        findings.doubt(_SAID("parameter_twice", parameter=repeated[:40], name=name))
    if name == "content-type" and read.unclosed:
        findings.doubt(_SAID("quote_not_closed"))
    if name == "content-type" and not _TYPE.match(read.value):
        if value:
            findings.defect("InvalidContentType")
            if "multipart" in value.lower() or "message" in value.lower():
                findings.doubt(_SAID("doubtful_type"))
            if _SOME_MULTIPART.fullmatch(read.value) and read.get("boundary"):
                # Scripts copy the type from a table of media types; RFC 2046 §5.1.3: an unknown multipart is "mixed".
                return replace(read, value="multipart/mixed")
        return Parameters("text/plain", read.items, read.repeated)  # RFC 2045 §5.2
    if name == "content-type" and value.partition(";")[0].strip().lower() != read.value and _holds_parts(read.value):
        # A comment, or a semicolon that was forgotten: not every reader finds the boundary behind it.
        findings.doubt(_SAID("doubtful_type"))
    return read


def _encoding(headers: Headers) -> str:
    value = first(headers, "content-transfer-encoding")
    return value.partition(";")[0].partition("(")[0].strip(" \t\"'").lower()


def _doubt_encoding(headers: Headers, encoding: str, findings: Findings) -> None:
    if encoding not in transfer.KNOWN:
        findings.defect("UnknownTransferEncoding")
        if any(known in encoding for known in ("base64", "quoted", "printable", "uu")):
            # "base64 7bit": there are readers who look at the first word, or for the word anywhere.
            findings.doubt(_SAID("odd_encoding"))
    elif encoding not in ("", "7bit", "8bit", "binary"):
        written = first(headers, "content-transfer-encoding").lower()
        if written != encoding:
            findings.doubt(_SAID("odd_encoding"))


def _doubt_boundary(content: Parameters, boundary: str, findings: Findings) -> None:
    if "boundary" in content.extended:
        findings.doubt(_SAID("oddly_written_boundary"))
    if _ODD_BOUNDARY.search(boundary) or "boundary" in content.loose or len(boundary) > 200:
        findings.doubt(_SAID("odd_boundary"))
