"""The header block of a message or part: its fields, unfolded and decoded to text (RFC 5322 §2.2, RFC 6532).

What has to do with the text of headers is offered here too, so that readers of headers import one module.
"""

from __future__ import annotations

import inspect
import re
from email.utils import getaddresses

from mailbot.errors import ParseError
from mailbot.parsers.mime.characters import clean_text, has_control, normalise, one_line
from mailbot.parsers.mime.charsets import decode_bytes, decode_header_bytes, known_charset
from mailbot.parsers.mime.encodedwords import decode_words
from mailbot.parsers.mime.limits import Findings, Limits
from mailbot.parsers.mime.parameters import Parameters, parameters
from mailbot.parsers.mime.transfer import lenient_base64
from mailbot.sentences import Sentences

__all__ = [
    "Headers",
    "Parameters",
    "addresses",
    "clean_text",
    "decode_bytes",
    "decode_header_bytes",
    "decode_words",
    "first",
    "has_control",
    "header_block",
    "known_charset",
    "lenient_base64",
    "normalise",
    "one_line",
    "parameters",
    "scan",
    "unfold",
]

Headers = tuple[tuple[str, str], ...]

_SAID = Sentences(__file__)

_LINE = re.compile(rb"([^\r\n]*)(\r\n|\r|\n|\Z)")
_FIELD = re.compile(rb"([!-9;-~]+)([ \t]*):")  # RFC 5322 §3.6.8; blanks before the colon: obs-optional
# A field on one line with nothing odd about it, as nearly all are.
_WHOLE_FIELD = re.compile(rb"([!-9;-~]++):([^\r\n]*+)\r?\n(?![ \t])")
# Folded lines that say something, many at once: of bare CR and lines of blanks there is more to say.
_FOLDED = re.compile(rb"(?:[ \t]{1,200}[^\s][^\r\n]*(?:\r\n|\n)){1,400}")
_ENVELOPE = re.compile(rb">?From ")  # the separator line of an mbox, which some deliverers leave there

# RFC 5322 §3.6 and RFC 2045 §3: at most one of each. With two, readers differ in which one counts.
_ONCE = frozenset(
    re.findall(
        r"\S+",
        "from sender reply-to to cc bcc subject date message-id in-reply-to references mime-version content-type "
        "content-transfer-encoding content-disposition content-id",
    )
)
#: Fields by which a header block is known to go on behind a line that is no field.
_KNOWN = _ONCE | frozenset(
    re.findall(
        r"\S+",
        "received return-path dkim-signature authentication-results user-agent content-language content-class "
        "thread-index thread-topic importance precedence auto-submitted list-id list-unsubscribe delivered-to "
        "x-mailer x-priority final-recipient original-recipient action status remote-mta diagnostic-code "
        "last-attempt-date reporting-mta",
    )
)
_REACH = 10  # lines behind a broken one in which the header must go on
# Fields with a grammar of their own, where bytes that are no UTF-8 have no place.
_STRUCTURED = frozenset(
    re.findall(
        r"\S+",
        "sender date message-id in-reply-to references mime-version content-type content-transfer-encoding "
        "content-disposition content-id",
    )
)
# ASCII written in more bytes than it needs: some decoders see a "<" or "@" there (RFC 3629 §3, §10).
_OVERLONG = re.compile(rb"[\xc0\xc1][\x80-\xbf]|\xe0[\x80-\x9f][\x80-\xbf]|\xf0[\x80-\x8f][\x80-\xbf]{2}")
_FOLDED_BOUNDARY = re.compile(rb"""boundary\s{0,9}=\s{0,9}"[^"\n]*\n""", re.I)
_FILE_NAME = re.compile(rb"""name\s{0,9}=\s{0,9}(?:"[^"]*"|[^;]*)""", re.I)
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
# What a careless reader of text takes for the end of a line, and the next word for a field's name.
_OTHER_LINE_ENDS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def unfold(value: str) -> str:
    """A header value on one line (RFC 5322 §2.2.3: only the line break goes, the blank stays)."""
    return value.replace("\r", "").replace("\n", "").strip(" \t")


def first(headers: Headers, name: str, default: str = "") -> str:
    """The first value of a header (its name lower-cased)."""
    for written, value in headers:
        if len(written) == len(name) and written.lower() == name:
            return value
    return default


# Security updates of 2024 (3.11.10, 3.12.6, 3.13, Debian's 3.11.2) made the library strict: it gives nothing at all for
# "budi@dinas.example (Budi, ST)", because of the comma. Whether a mail is believed must not depend on the update.
_LENIENT = {"strict": False} if "strict" in inspect.signature(getaddresses).parameters else {}


def addresses(value: str) -> list[tuple[str, str]]:
    """(name, address) as the standard library reads a header, on every Python alike; also of what is no address."""
    return getaddresses([value], **_LENIENT)


def header_block(raw: bytes, limits: Limits) -> Headers:
    """Only the headers at the start of some bytes, such as a returned message. Raises ParseError."""
    return scan(raw, 0, len(raw), limits, Findings(), top=False)[0]


def scan(
    raw: bytes, start: int, end: int, limits: Limits, findings: Findings, *, top: bool, charset: str | None = None
) -> tuple[Headers, int]:
    """The header fields from `start`, unfolded, and where the body begins. `top`: these are the mail's own. charset: of
    8-bit values, where the fields name none.

    Raises ParseError when they are over a limit.
    """
    # A hostile block has a million such lines: their sentences are asked for once.
    bare_cr, blank_line, mbox_line = _SAID("bare_cr"), _SAID("blank_line"), _SAID("mbox_line")
    fields: list[tuple[bytes, bytes]] = []
    folded: dict[int, list[bytes]] = {}  # the other lines of a field, by its number
    position = start
    length = 0
    blank = False  # a line of blanks only: the end of the headers to some, folding to others
    while position < end:
        if not blank and (whole := _WHOLE_FIELD.match(raw, position, end)) is not None:
            name, value = whole.groups()
            fields.append((name, value))
            length = len(name) + 1 + len(value)
            _keep_limits(limits, findings, len(fields), length, length + 1)
            position = whole.end()
            continue
        match = _LINE.match(raw, position, end)
        assert match is not None  # the pattern matches the empty string
        line = match.group(1)
        if not line:
            position = match.end()
            break
        if match.group(2) == b"\r":
            findings.doubt(bare_cr)
        if blank and top:
            findings.doubt(blank_line)
        if fields and (several := _FOLDED.match(raw, position, end)) is not None:
            blank = False
            lines = several[0].splitlines()
            folded.setdefault(len(fields), []).extend(lines)
            size = sum(map(len, lines))
            length += size
            position = several.end()
            _keep_limits(limits, findings, len(fields), length, size + len(lines))
            continue
        if line[:1] in b" \t" and fields:
            blank = not line.strip(b" \t")
            folded.setdefault(len(fields), []).append(line)
            length += len(line)
        elif (found := _FIELD.match(line)) is not None:
            blank = False
            if found.group(2):
                findings.doubt(_SAID("blank_before_colon"))
            fields.append((found.group(1), line[found.end() :]))
            length = len(line)
        elif _ENVELOPE.match(line):
            if position != start:
                findings.doubt(mbox_line)
        else:
            # Neither a field nor a folded one: the separating empty line is missing, or a program has broken a line.
            findings.doubt(_SAID("broken_off" if top else "part_broken_off"))
            if not fields or not _goes_on(raw, match.end(), end, fields):
                findings.defect("MissingHeaderBodySeparator")
                break
            findings.defect("BrokenHeaderLine")
            if fields[-1][0].lower() == b"subject":
                folded.setdefault(len(fields), []).append(b" " + line)
                length += len(line)
        position = match.end()
        _keep_limits(limits, findings, len(fields), length, len(line) + 1)
    for number, lines in folded.items():
        name, value = fields[number - 1]
        if name.lower() == b"content-type" and _FOLDED_BOUNDARY.search(b"\n".join([value, *lines])):
            findings.doubt(_SAID("folded_boundary"))
        fields[number - 1] = name, b"".join([value, *lines])
    return _named(fields, findings, charset), position


def _keep_limits(limits: Limits, findings: Findings, fields: int, field: int, size: int) -> None:
    """size: of the lines that were read last. Raises ParseError where there are too many fields, or too long ones."""
    findings.headers_size += size
    if fields > limits.header_lines:
        raise ParseError(_SAID("too_many_lines", most=limits.header_lines))
    if field > limits.header_line:
        raise ParseError(_SAID("line_too_long", most=limits.header_line))
    if findings.headers_size > limits.headers_size:
        raise ParseError(_SAID("too_long", most=limits.headers_size))


def _goes_on(raw: bytes, position: int, end: int, fields: list[tuple[bytes, bytes]]) -> bool:
    """Whether the header block goes on behind a broken line: up to its empty line there are known fields, and none
    that may stand there once and stood above. Else these are the words of a mail whose empty line is missing: a quoted
    "From: …" stands there soon enough."""
    seen = {name.lower().decode("ascii") for name, _ in fields}
    known = 0
    for _ in range(_REACH):
        match = _LINE.match(raw, position, end)
        assert match is not None  # the pattern matches the empty string
        position, line = match.end(), match.group(1)
        if not line or position >= end:
            break
        if (found := _FIELD.match(line)) is None:
            continue
        name = found.group(1).lower().decode("ascii")
        if name in _ONCE and name in seen:
            return False
        seen.add(name)
        known += name in _KNOWN
    return known > 0


def _named(fields: list[tuple[bytes, bytes]], findings: Findings, charset: str | None) -> Headers:
    joined = [(name.decode("ascii"), value) for name, value in fields]
    label = charset
    for name, value in joined:
        if len(name) == len("content-type") and name.lower() == "content-type" and value.count(b";") < 50:
            label = parameters(value.decode("latin-1")).get("charset") or charset
            break
    seen: set[str] = set()
    headers: list[tuple[str, str]] = []
    for name, value in joined:
        lower = name.lower()
        if lower in _ONCE:
            if lower in seen:
                findings.doubt(_SAID("twice", name=name[:40]))
            seen.add(lower)
        text = unfold(decode_header_bytes(value, label))
        if not value.isascii():
            _doubt_bytes(name, value, findings)
        if not text.isprintable() and _OTHER_LINE_ENDS.search(text):
            findings.doubt(_SAID("odd_line_end", name=name[:40]))
        headers.append((name, text))
    return tuple(headers)


def _doubt_bytes(name: str, value: bytes, findings: Findings) -> None:
    """8-bit bytes: UTF-8 is the rule now (RFC 6532), and a name in windows-1252 is only careless."""
    lower = name.lower()
    if lower in ("content-type", "content-disposition"):
        value = _FILE_NAME.sub(b"", value)  # of a file's name nothing depends
    try:
        value.decode("utf-8")
        return
    except UnicodeDecodeError:
        pass
    text = value.decode("utf-8", "surrogateescape")
    if (
        lower in _STRUCTURED
        or (lower in _ONCE and _OVERLONG.search(value))
        or (lower == "from" and any(map(_NOT_UTF8.search, re.findall("<([^<>]*)>", text) or [text])))
    ):
        findings.doubt(_SAID("not_utf8", name=name[:40]))
