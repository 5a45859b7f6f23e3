"""Body + addresses + attachments → RFC 5322 bytes. The bytes are fixed before the first attempt and never change.

The bytes are written by hand, not with `email.message.EmailMessage`, in which a decoded Subject with a hidden
CRLF became a live header (CVE-2024-6923). Here each value is cleaned. Each header block is written from a list
of names, and its bytes are read again by the grammar of a field. Unless exactly that list comes back, the block is
refused (RFC 5322 section 2.2; RFC 2045–2047, 2231). All output is 7-bit, with lines far below 998 octets.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import struct
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.parser import BytesParser
from email.utils import format_datetime
from functools import lru_cache
from html import escape
from textwrap import wrap
from urllib.parse import quote

from mailbot.clean import clean, one_line, shorten
from mailbot.errors import PermanentFailure
from mailbot.model import Attachment, NamedAddress, Role
from mailbot.sentences import Sentences
from mailbot.templates.catalogue import MailKind
from mailbot.templates.render import Body

_SAID = Sentences(__file__)

SUPPRESS = "DR, RN, NRN, OOF, AutoReply"  # [MS-OXCMAIL] X-Auto-Response-Suppress
TITLE_LIMIT = 150  # characters of a subject after its tag
_NAME_LIMIT = 80  # characters of a display name
_FILE_NAME_LIMIT = 120
_REFERENCES_LAST = 10

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
# No `=?`: a reader that decodes too eagerly would find an encoded word in it.
_MESSAGE_ID = re.compile(r"<(?!.*=\?)[\x21-\x3b\x3d\x3f-\x7e]{1,250}>")
_OWN_ID = re.compile(r"<([0-9a-f]{32})@")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,180}[A-Za-z0-9])?")
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_TEMPLATE = re.compile(r"[a-z_]{1,64}")
_TYPE = re.compile(r"(?:application|audio|font|image|text|video)/[a-z0-9][a-z0-9.+_-]{0,80}")
_ACTIVE_NAME = re.compile(r"\.(?:[sx]?html?|mht(?:ml)?|svgz?|hta)$", re.IGNORECASE)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 !#$&()+,.=@\[\]_{}~-]+")
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")  # atoms and spaces: no quotes needed
_LINE = re.compile(r".*\n|.+")
_KEPT_LINE = 600  # characters: longer lines are a person's words, which no other mail has
_BASE64_LINE = re.compile(rb".{1,76}")
_LINE_BYTES, _LINES = 57, 512  # of a line of base64, and lines that are encoded at once: they stay near the processor
_MANY_LINES = struct.Struct("76s" * _LINES)
_VALUE = re.compile(r"[\x20-\x7e]+(?:\r\n [\x20-\x7e]+)*")
#: A field and its folds (RFC 5322 section 2.2): the name, and nothing that could end the field sooner.
_FIELD = re.compile(rb"([!-9;-~]+): [ -~]+\r\n(?: [ -~]+\r\n)*")

Headers = list[tuple[str, str]]


def new_message_id(domain: str, random: bytes) -> str:
    """`<32 hex digits@domain>` of 16 random bytes: the token that proves a reply (identity by reference)."""
    if len(random) != 16:
        raise ValueError("a Message-ID needs exactly 16 random bytes")
    if not _DOMAIN.fullmatch(domain):
        raise ValueError(f"not a domain: {domain!r}")
    return f"<{random.hex()}@{domain}>"


def subject_line(
    kind: MailKind, number: str | None, title: str, *, echo: bool = True, lkpp_number: str | None = None
) -> str:
    """The subject of a mail: the tag first, once, never shortened; one subject per ticket and party.

    To users and LKPP `[NUMBER] title` (to LKPP with its own number once known); to all others the kind
    stands between. echo=False (sender not authenticated): the kind instead of the sender's words.
    """
    tag = f"[{number}]" if number else ""
    title = one_line(title.replace(tag, " ") if tag else title)
    if not echo:
        words = kind.kind
    elif number and kind.audience in (Role.USER, Role.LKPP):
        words = title or _SAID("no_title")
    else:
        words = f"{kind.kind}: {title}" if title else kind.kind
    subject = f"{tag} {shorten(words, TITLE_LIMIT)}"
    if lkpp_number and kind.audience is Role.LKPP:
        subject = _SAID("with_lkpp_number", subject=subject, number=one_line(lkpp_number, 40))
    return subject.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a mail's header names. `date` is aware, in the zone that the Date header shall show. important: a list of
    mails shows it (RFC 2156 §5.3.4)."""

    sender: NamedAddress
    recipient: NamedAddress
    subject: str
    message_id: str
    date: datetime
    ticket_number: str | None = None
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    important: bool = False


def build(kind: MailKind, head: Head, body: Body, attachments: Sequence[Attachment] = ()) -> bytes:
    """The mail's bytes (CRLF).

    Foreign Message-IDs that break RFC 5322's grammar are left out of In-Reply-To and References.
    Raises PermanentFailure for an address, Message-ID or ticket number that may not stand in a header, and
    if the finished header block does not read back as it was written.
    """
    if head.date.tzinfo is None:
        raise ValueError("date must be aware")
    message_id, ticket_number = head.message_id, head.ticket_number
    headers: Headers = [
        ("From", _mailbox(kind, head.sender)),
        ("To", _mailbox(kind, head.recipient)),
        ("Subject", _subject(one_line(head.subject, TITLE_LIMIT + 150), ticket_number)),
        ("Date", format_datetime(head.date)),
        ("Message-ID", _matching(_MESSAGE_ID, message_id, kind, "Message-ID")),
    ]
    if head.in_reply_to and _MESSAGE_ID.fullmatch(head.in_reply_to):
        headers.append(("In-Reply-To", head.in_reply_to))
    if known := _trimmed(head.references):
        headers.append(("References", "\r\n ".join(known)))
    if kind.auto_submitted:
        headers += [("Auto-Submitted", kind.auto_submitted), ("X-Auto-Response-Suppress", SUPPRESS)]
    if own := _OWN_ID.match(message_id):  # where a provider puts a Message-ID of its own in place of ours
        headers.append(("X-Mailbot-Id", own[1]))
    if head.important:
        headers.append(("Importance", "high"))
    headers.append(("X-Mailbot-Template", _matching(_TEMPLATE, kind.name, kind, "template name")))
    if ticket_number:
        headers.append(("X-Mailbot-Ticket", _matching(_NUMBER, ticket_number, kind, "ticket number")))
    headers.append(("MIME-Version", "1.0"))

    seed = hashlib.sha256(message_id.encode()).hexdigest()[:32]
    alternative = _multipart(
        "alternative",
        f"=_a{seed}",
        [_text(kind, "plain", body.text), _text(kind, "html", body.html)],
    )
    if not attachments:
        content_type, content = alternative
        return b"".join((_block(kind, [*headers, content_type]), *content))
    inner_type, inner = alternative
    parts = [[_block(kind, [inner_type]), *inner], *(_file(kind, attachment) for attachment in attachments)]
    content_type, content = _multipart("mixed", f"=_m{seed}", parts)
    return b"".join((_block(kind, [*headers, content_type]), *content))


def without_files(kind: MailKind, raw: bytes, message_id: str, date: datetime) -> bytes | None:
    """A mail of `build`, made anew under another Message-ID. Each attachment becomes a line with name, size and
    SHA-256.

    None: the mail has no attachments. Raises PermanentFailure for a Message-ID that may not stand in a header.
    """
    mail = BytesParser().parsebytes(raw)
    if mail.get_content_type() != "multipart/mixed":
        return None
    alternative, *files = _parts(mail)
    plain, html = (_decoded(part).decode() for part in _parts(alternative))
    lines = [
        _SAID("file", file=_name_of(file), size=len(data), digest=hashlib.sha256(data).hexdigest())
        for file, data in ((file, _decoded(file)) for file in files)
    ]
    left_out = _SAID("left_out")
    shown = "".join(f"<li>{escape(line)}</li>" for line in lines)
    end = html.rfind("</body>")
    end = len(html) if end < 0 else end
    words = Body(
        text=f"{plain.rstrip()}\n\n{left_out}\n" + "".join(f"- {line}\n" for line in lines),
        html=f"{html[:end]}<p>{escape(left_out)}</p><ul>{shown}</ul>{html[end:]}",
    )
    new = {"Date": format_datetime(date), "Message-ID": _matching(_MESSAGE_ID, message_id, kind, "Message-ID")}
    if own := _OWN_ID.match(message_id):
        new["X-Mailbot-Id"] = own[1]
    headers = [(name, new.get(name, value)) for name, value in _header_lines(raw) if name != "Content-Type"]
    seed = hashlib.sha256(message_id.encode()).hexdigest()[:32]
    parts = [_text(kind, "plain", words.text), _text(kind, "html", words.html)]
    content_type, content = _multipart("alternative", f"=_a{seed}", parts)
    return b"".join((_block(kind, [*headers, content_type]), *content))


def _parts(message: Message) -> list[Message]:
    found = message.get_payload()
    return [part for part in found if isinstance(part, Message)] if isinstance(found, list) else []


def _decoded(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _name_of(part: Message) -> str:
    return one_line(part.get_filename() or "lampiran", _FILE_NAME_LIMIT)


def _header_lines(raw: bytes) -> Headers:
    """The header fields as they stand, folds and all."""
    block = raw[: raw.find(b"\r\n\r\n")].decode("ascii")
    fields = re.split(r"\r\n(?![ \t])", block)
    return [(name, value.removeprefix(" ")) for name, _, value in (field.partition(":") for field in fields)]


# --- headers --------------------------------------------------------------------------------


def _block(kind: MailKind, headers: Headers) -> bytes:
    """A header block with its empty line, checked by reading it again. Raises PermanentFailure."""
    try:
        return _checked(tuple(headers))
    except ValueError as error:
        raise PermanentFailure(kind.name, str(error)) from error


@lru_cache(maxsize=64)  # those of the parts are the same in each mail
def _checked(headers: tuple[tuple[str, str], ...]) -> bytes:
    for name, value in headers:
        if not _VALUE.fullmatch(value):
            raise ValueError(f"header {name} has a value that may not be sent")
    raw = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("ascii")
    again, wanted = _names(raw), [name for name, _ in headers]
    if again != wanted:
        raise ValueError(f"headers read back as {again}, not as {wanted}")
    return raw + b"\r\n"


def _names(block: bytes) -> list[str]:
    """The names of the fields that a reader of RFC 5322 finds; a block that is no such fields has none."""
    found: list[str] = []
    at = 0
    while field := _FIELD.match(block, at):
        found.append(field[1].decode("ascii"))
        at = field.end()
    return found if at == len(block) else []


def _matching(pattern: re.Pattern[str], value: str, kind: MailKind, what: str) -> str:
    if not pattern.fullmatch(value):
        raise PermanentFailure(kind.name, f"not a {what}: {shorten(value, 80)!r}")
    return value


def _mailbox(kind: MailKind, mailbox: NamedAddress) -> str:
    address = _matching(_ADDRESS, mailbox.address, kind, "deliverable address")
    name = one_line(mailbox.name, _NAME_LIMIT)
    if not name:
        return address
    if not name.isascii() or "=?" in name:
        phrase = _encoded_words(name)
    elif _PHRASE.fullmatch(name):
        phrase = name
    else:
        phrase = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{phrase}\r\n <{address}>"


def _subject(subject: str, ticket_number: str | None) -> str:
    """RFC 2047 for what is not ASCII; the tag stays literal on the first line (RFC 5322 section 2.2.3)."""
    tag = f"[{ticket_number}]"
    words = subject.removeprefix(tag).strip() if ticket_number else subject
    lead = tag if words != subject else ""
    if not words:
        return lead or _SAID("no_subject")
    if not words.isascii() or "=?" in words:
        encoded = _encoded_words(words)
        return f"{lead}\r\n {encoded}" if lead else encoded
    lines = wrap(f"{lead} {words}".strip(), 66, break_long_words=False, break_on_hyphens=False)
    return "\r\n ".join(lines)


def _encoded_words(text: str) -> str:
    """RFC 2047 section 2: each encoded word at most 75 characters and of whole characters."""
    chunks, size = [""], 0
    for character in text:
        length = len(character.encode())
        if size + length > 45:  # 45 octets are 60 of base64
            chunks.append("")
            size = 0
        chunks[-1] += character
        size += length
    return "\r\n ".join(f"=?utf-8?b?{b64encode(chunk.encode()).decode()}?=" for chunk in chunks)


def _trimmed(references: Sequence[str]) -> list[str]:
    """The first (the thread's root) and the last ten, each once, in their order."""
    known = list(dict.fromkeys(found for found in references if _MESSAGE_ID.fullmatch(found)))
    return known if len(known) <= _REFERENCES_LAST + 1 else [known[0], *known[-_REFERENCES_LAST:]]


# --- parts ----------------------------------------------------------------------------------

#: Bytes that stand one behind the other: a file of megabytes is put together once, with all the rest.
_Pieces = list[bytes]


def _multipart(subtype: str, boundary: str, parts: Sequence[_Pieces]) -> tuple[tuple[str, str], _Pieces]:
    """The Content-Type, and the parts between boundaries.

    `=_` occurs in no base64 and in no quoted-printable text (RFC 2045 section 6.7), so that the
    boundary cannot be met inside a part.
    """
    line = f"--{boundary}".encode()
    content = [piece for part in parts for piece in (line, b"\r\n", *part, b"\r\n")]
    content += [line, b"--\r\n"]
    return ("Content-Type", f'multipart/{subtype};\r\n boundary="{boundary}"'), content


def _text(kind: MailKind, subtype: str, text: str) -> _Pieces:
    headers = [
        ("Content-Type", f"text/{subtype}; charset=utf-8"),
        ("Content-Transfer-Encoding", "quoted-printable"),
    ]
    lines = [_kept_line(line) if len(line) <= _KEPT_LINE else _encoded_line(line) for line in _LINE.findall(text)]
    return [_block(kind, headers), *lines]


def _encoded_line(line: str) -> bytes:
    """A line with its end in quoted-printable, whose lines do not depend on one another (RFC 2045 section 6.7)."""
    return binascii.b2a_qp(clean(line).encode(), istext=True).replace(b"\n", b"\r\n")


_kept_line = lru_cache(maxsize=1024)(_encoded_line)  # most lines are the same in each mail


def _file(kind: MailKind, attachment: Attachment) -> _Pieces:
    name = file_name(attachment)
    headers = [
        ("Content-Type", _content_type(attachment)),
        ("Content-Disposition", f"attachment;\r\n {_file_name_parameter(name)}"),
        ("Content-Transfer-Encoding", "base64"),
    ]
    return [_block(kind, headers), *_in_base64(attachment.data)]


def _in_base64(data: bytes) -> _Pieces:
    """Lines with their ends (RFC 2045 section 6.8), of a file of megabytes many at once."""
    many = _LINE_BYTES * _LINES
    last = max(0, len(data) - 1) // many * many
    pieces: _Pieces = []
    for start in range(0, last, many):
        encoded = binascii.b2a_base64(data[start : start + many], newline=False)
        pieces += (b"\r\n".join(_MANY_LINES.unpack(encoded)), b"\r\n")
    rest = binascii.b2a_base64(data[last:], newline=False)
    return [*pieces, b"\r\n".join(_BASE64_LINE.findall(rest)), b"\r\n"]


def _content_type(attachment: Attachment) -> str:
    """The type if it is harmless. A type that a reader might run or show as a page becomes that of a mere file."""
    found = attachment.content_type.strip().lower()
    active = found.endswith(("xml", "html", "script")) or "xml" in found.partition("/")[2].split("+")
    if not _TYPE.fullmatch(found) or active or _ACTIVE_NAME.search(attachment.name):
        return "application/octet-stream"
    if found.startswith("text/") and found not in ("text/plain", "text/csv"):
        return "application/octet-stream"
    return found


def file_name(attachment: Attachment) -> str:
    """The name as it is sent: no paths, no hidden characters; pages and drawings that can carry
    scripts get `.txt` behind it, so that a double click does not run them. Never empty."""
    name = one_line(attachment.name).replace("/", "_").replace("\\", "_")
    name = re.sub(r'[<>:"|?*]', "_", name).strip(". ")
    stem, dot, extension = name.rpartition(".")
    if len(name) > _FILE_NAME_LIMIT:
        name = (
            f"{stem[: _FILE_NAME_LIMIT - 20]}.{extension}" if dot and len(extension) < 20 else name[:_FILE_NAME_LIMIT]
        )
    return f"{name}.txt" if _ACTIVE_NAME.search(name) else name or "lampiran"


def _file_name_parameter(name: str) -> str:
    """RFC 2231 sections 3 and 4; plain ASCII names stay readable for old readers."""
    if _PLAIN_NAME.fullmatch(name) and len(name) <= 60:
        return f'filename="{name}"'
    encoded = quote(name, safe="!#$&+-.^_`{}~")
    if len(encoded) <= 60:
        return f"filename*=utf-8''{encoded}"
    pieces: list[str] = [""]
    for unit in re.findall(r"%[0-9A-F]{2}|.", encoded):
        if len(pieces[-1]) + len(unit) > 60:
            pieces.append("")
        pieces[-1] += unit
    first, *rest = pieces
    lines = [f"filename*0*=utf-8''{first}", *(f"filename*{n}*={piece}" for n, piece in enumerate(rest, 1))]
    return ";\r\n ".join(lines)
