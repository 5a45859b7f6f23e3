"""Raw bytes → a tree of MIME parts, with every limit kept while scanning (RFC 2045, 2046, 5322).

Written here and not left to a library for three reasons: the general parsers take quadratic time on
hostile headers, recurse on nesting, and do not give a part's original bytes back. Every step below is
linear in the bytes; an enclosed message (message/rfc822) is never opened.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field

from mailbot.errors import ParseError
from mailbot.parsers.headers import Parameters, decode_header_bytes, lenient_base64, parameters, unfold


@dataclass(frozen=True, slots=True)
class Limits:
    """What a message may be before anybody tries to understand it. Sizes in bytes."""

    message_size: int = 25 * 1024 * 1024
    levels: int = 20  # multiparts in one another
    parts: int = 200
    header_lines: int = 1000  # fields in one block of headers
    header_line: int = 64 * 1024  # one field, unfolded
    headers_size: int = 2 * 1024 * 1024  # all blocks of headers together
    parameters: int = 100  # semicolons in one Content-Type or Content-Disposition


Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its headers (unfolded), its type, and either `children` or `body` (still encoded)."""

    headers: Headers
    content: Parameters  # Content-Type, its value always "type/subtype"
    disposition: Parameters
    body: bytes = field(default=b"", repr=False)
    children: tuple[Part, ...] = ()

    @property
    def content_type(self) -> str:
        return self.content.value

    def header(self, name: str) -> str:
        """The first value of a header, "" where there is none."""
        return next((v for n, v in self.headers if n.lower() == name), "")

    def data(self) -> bytes:
        """The body with its Content-Transfer-Encoding undone; as it stands where that is unknown."""
        encoding = self.header("content-transfer-encoding").partition(";")[0].strip().lower()
        if encoding == "base64":
            return lenient_base64(self.body)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(self.body)
        if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
            return _uudecode(self.body)
        return self.body


@dataclass(slots=True)
class Findings:
    """What the scan noticed. `ambiguous`: for staff, in Indonesian; `defects`: for the log."""

    ambiguous: list[str] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    parts: int = 0
    headers_size: int = 0

    def doubt(self, reason: str) -> None:
        if reason not in self.ambiguous:
            self.ambiguous.append(reason)

    def defect(self, name: str) -> None:
        if name not in self.defects:
            self.defects.append(name)


_LINE = re.compile(rb"([^\r\n]*)(\r\n|\r|\n|\Z)")
_FIELD = re.compile(rb"([!-9;-~]+)([ \t]*):")  # RFC 5322 §3.6.8; blanks before the colon: obs-optional
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+\Z")

# RFC 5322 §3.6 and RFC 2045 §3: at most one of each. With two, readers differ in which one counts.
_ONCE = frozenset(
    re.findall(
        r"\S+",
        "from sender reply-to to cc bcc subject date message-id in-reply-to references "
        "mime-version content-type content-transfer-encoding content-disposition content-id ",
    )
)


def split(raw: bytes, limits: Limits) -> tuple[Part, Findings]:
    """The message as a tree of parts. Raises ParseError when it is over a limit or holds no header."""
    if len(raw) > limits.message_size:
        raise ParseError(f"Surat terlalu besar: {len(raw)} bita, batasnya {limits.message_size} bita.")
    if not raw.strip(b"\r\n\t \x00"):
        raise ParseError("Surat ini kosong.")
    findings = Findings()
    start = 0
    if raw[:1] in (b"\r", b"\n"):
        # Some readers skip leading empty lines, for others the headers are over already.
        findings.doubt("Surat diawali baris kosong.")
        start = len(raw) - len(raw.lstrip(b"\r\n"))
    part = _part(raw, start, len(raw), 1, "text/plain", limits, findings)
    if not part.headers:
        raise ParseError("Surat ini tidak memiliki kepala surat (header).")
    return part, findings


def header_block(raw: bytes, limits: Limits) -> Headers:
    """Only the headers at the start of some bytes, such as a returned message. Raises ParseError."""
    return _headers(raw, 0, len(raw), limits, Findings(), top=False)[0]


def _part(raw: bytes, start: int, end: int, level: int, default: str, limits: Limits, findings: Findings) -> Part:
    headers, body = _headers(raw, start, end, limits, findings, top=level == 1)
    content = _structured(headers, "content-type", default, limits, findings)
    disposition = _structured(headers, "content-disposition", "", limits, findings)
    if not content.value.startswith("multipart/"):
        return Part(headers, content, disposition, raw[body:end])
    boundary = (content.get("boundary") or "").rstrip()
    if not boundary:
        findings.doubt("Bagian majemuk tanpa pembatas (boundary).")
        return Part(headers, content, disposition, raw[body:end])
    encoding = next((v for n, v in headers if n.lower() == "content-transfer-encoding"), "7bit")
    if encoding.strip().lower() not in ("7bit", "8bit", "binary", ""):
        # RFC 2045 §6.4 forbids it; some readers decode first and see other parts.
        findings.doubt("Bagian majemuk disandikan sebagai satu kesatuan.")
    ranges = _ranges(raw, body, end, boundary, limits, findings)
    if not ranges:
        findings.defect("StartBoundaryNotFound")
        findings.doubt("Pembatas (boundary) bagian majemuk tidak pernah muncul.")
        return Part(headers, content, disposition, raw[body:end])
    if level >= limits.levels:
        raise ParseError(f"Bagian surat bersarang lebih dari {limits.levels} tingkat.")
    inner = "message/rfc822" if content.value == "multipart/digest" else "text/plain"  # RFC 2046 §5.1.5
    children = tuple(_part(raw, a, b, level + 1, inner, limits, findings) for a, b in ranges)
    return Part(headers, content, disposition, b"", children)


def _ranges(
    raw: bytes, start: int, end: int, boundary: str, limits: Limits, findings: Findings
) -> list[tuple[int, int]]:
    """Where the parts between the boundaries begin and end (RFC 2046 §5.1.1)."""
    mark = re.escape(b"--" + boundary.encode("utf-8", "surrogateescape"))
    # The literal comes first so that the search runs at memchr speed; then: at the start of a line?
    delimiter = re.compile(mark + rb"(?<![^\r\n]" + mark + rb")(--)?[ \t]*(\r\n|\r|\n|\Z)")
    ranges: list[tuple[int, int]] = []
    opened: int | None = None
    for match in delimiter.finditer(raw, start, end):
        if opened is not None:
            ranges.append((opened, max(opened, _before_break(raw, match.start()))))
        if match.group(1):
            return ranges
        findings.parts += 1
        if findings.parts > limits.parts:
            raise ParseError(f"Surat terdiri atas lebih dari {limits.parts} bagian.")
        opened = match.end()
    if opened is not None:
        findings.defect("CloseBoundaryNotFound")
        ranges.append((opened, end))
    return ranges


def _before_break(raw: bytes, position: int) -> int:
    """The line break before a boundary belongs to the boundary (RFC 2046 §5.1.1)."""
    if raw[position - 2 : position] == b"\r\n":
        return position - 2
    return position - 1 if raw[position - 1 : position] in (b"\r", b"\n") else position


def _headers(raw: bytes, start: int, end: int, limits: Limits, findings: Findings, *, top: bool) -> tuple[Headers, int]:
    """The header fields from `start`, unfolded, and where the body begins."""
    fields: list[tuple[bytes, list[bytes]]] = []
    position = start
    length = 0
    while position < end:
        match = _LINE.match(raw, position, end)
        assert match is not None  # the pattern matches the empty string
        line = match.group(1)
        if not line:
            position = match.end()
            break
        if match.group(2) == b"\r":
            findings.doubt("Kepala surat memuat tanda CR tanpa LF.")
        if line[:1] in b" \t" and fields:
            fields[-1][1].append(line)
            length += len(line)
        elif (found := _FIELD.match(line)) is not None:
            if found.group(2):
                findings.doubt("Kepala surat memuat spasi sebelum titik dua.")
            fields.append((found.group(1), [line[found.end() :]]))
            length = len(line)
            if len(fields) > limits.header_lines:
                raise ParseError(f"Kepala surat lebih dari {limits.header_lines} baris.")
        elif not (position == start and line.startswith(b"From ")) and not line.startswith(b">From "):
            # Neither a field nor a folded one: the separating empty line is missing (mbox lines aside).
            findings.defect("MissingHeaderBodySeparator")
            if top:
                findings.doubt("Kepala surat terputus oleh baris yang bukan kepala surat.")
            break
        if length > limits.header_line:
            raise ParseError(f"Satu baris kepala surat lebih panjang dari {limits.header_line} bita.")
        position = match.end()
        findings.headers_size += len(line) + 1
        if findings.headers_size > limits.headers_size:
            raise ParseError(f"Kepala surat seluruhnya lebih dari {limits.headers_size} bita.")
    return _named(fields, findings), position


def _named(fields: list[tuple[bytes, list[bytes]]], findings: Findings) -> Headers:
    joined = [(name.decode("ascii"), b"".join(lines)) for name, lines in fields]
    label: str | None = None
    for name, value in joined:
        if name.lower() == "content-type" and value.count(b";") < 50:
            label = parameters(value.decode("latin-1")).get("charset")
            break
    seen: set[str] = set()
    headers: list[tuple[str, str]] = []
    for name, value in joined:
        lower = name.lower()
        if lower in _ONCE:
            if lower in seen:
                findings.doubt(f"Kepala surat {name[:40]} muncul lebih dari satu kali.")
            seen.add(lower)
        if b"\x00" in value:
            findings.doubt("Kepala surat memuat karakter NUL.")
        headers.append((name, unfold(decode_header_bytes(value, label))))
    return tuple(headers)


def _structured(headers: Headers, name: str, default: str, limits: Limits, findings: Findings) -> Parameters:
    value = next((v for n, v in headers if n.lower() == name), default)
    if value.count(";") > limits.parameters:
        raise ParseError(f"Kepala surat {name} memuat lebih dari {limits.parameters} parameter.")
    read = parameters(value)
    for repeated in sorted(read.repeated):
        findings.doubt(f"Parameter {repeated[:40]} pada {name} muncul lebih dari satu kali.")
    if name == "content-type" and not _TYPE.match(read.value):
        if value:
            findings.defect("InvalidContentType")
        return Parameters("text/plain", read.items, read.repeated)  # RFC 2045 §5.2
    return read


def _uudecode(body: bytes) -> bytes:
    lines = body.splitlines()
    begin = next((i for i, line in enumerate(lines) if line.startswith(b"begin ")), None)
    if begin is None:
        return body
    out: list[bytes] = []
    for line in lines[begin + 1 :]:
        if line.strip() in (b"end", b"`", b""):
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            return body
    return b"".join(out)
