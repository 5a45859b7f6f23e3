"""A mail of the demo as a mail client would show it: head, text, HTML alternative, attachments, source.

The mails are the demo's own, but they are read as if anybody had written them: whatever cannot be read is left out or
shown raw, and nothing here raises.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage, Message
from zoneinfo import ZoneInfo

from mailbot.clean import clean, one_line
from mailbot.rules.worktime.dates import format_instant
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)
#: So many lines of an encoded file or of HTML are shown in the source; the whole mail lies beside the page.
SOURCE_LINES = 8
_SOURCE_CHARACTERS = 60_000
_TEXT_CHARACTERS = 60_000
_HTML_CHARACTERS = 400_000

_COLOURED = re.compile(r"color|background", re.IGNORECASE)

# The first thing in the frame's document: whatever the mail's own HTML says, nothing is loaded and nothing runs.
_FRAME_HEAD = (
    '<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">"
    # What a mail client does with a mail that chooses no font; :where() yields to whatever the mail does choose.
    "<style>:where(body){margin:16px;font:15px/1.5 'Segoe UI','Noto Sans','Liberation Sans',Arial,sans-serif}</style>"
)


@dataclass(frozen=True, slots=True)
class Attached:
    """`kind`: "PNG", "PDF" … for the sign before the name; `size` in words."""

    name: str
    kind: str
    size: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What the window of a mail client shows. `html` is a whole document for a frame, "" if the mail has none."""

    sender: str
    sender_address: str
    recipient: str
    subject: str
    date: str
    template: str
    text: str
    html: str
    source: str
    attachments: tuple[Attached, ...]


def opened(raw: bytes, zone: ZoneInfo) -> Opened:
    """Read a mail from its bytes."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    name, address = _mailbox(message, "From")
    to_name, to_address = _mailbox(message, "To")
    html = _body(message, "html")
    return Opened(
        sender=name or address,
        sender_address=address,
        recipient=f"{to_name} <{to_address}>" if to_name and to_address else to_name or to_address,
        subject=_header(message, "Subject"),
        date=_date(message, zone),
        template=_header(message, "X-Mailbot-Template"),
        text=clean(_body(message, "plain")).strip("\n")[:_TEXT_CHARACTERS],
        html=_framed(html[:_HTML_CHARACTERS]) if html else "",
        source=_source(raw, message),
        attachments=tuple(_attachments(message)),
    )


def size_words(size: int) -> str:
    """As "812 B", "38 kB", "1,4 MB"."""
    if size < 1000:
        return f"{size} B"
    if size < 999_500:
        return f"{round(size / 1000)} kB"
    return f"{size / 1_000_000:.1f} MB".replace(".", ",")


def _framed(html: str) -> str:
    # Dark screens: words that chose no colour may have the page's; all others expect to stand on white.
    dark = "" if _COLOURED.search(html) else "<style>:root{color-scheme:light dark}</style>"
    return f"{_FRAME_HEAD}{dark}{html}"


# The standard library's parser is lenient, but reading a broken header or body out of it can fail in many ways
# (LookupError, ValueError, AttributeError, IndexError …); such a part is worth nothing to the reader.


def _header(message: Message, name: str) -> str:
    with contextlib.suppress(Exception):
        return one_line(str(message.get(name, "")))
    return ""


def _mailbox(message: EmailMessage, name: str) -> tuple[str, str]:
    """(name, address) of the first mailbox of a header; the whole header as a name if it is none."""
    with contextlib.suppress(Exception):
        first = message[name].addresses[0]
        return one_line(first.display_name), one_line(first.addr_spec)
    return _header(message, name), ""


def _date(message: EmailMessage, zone: ZoneInfo) -> str:
    with contextlib.suppress(Exception):
        at = message["Date"].datetime
        if isinstance(at, datetime) and at.tzinfo is not None:
            return format_instant(at, zone)
    return _header(message, "Date")


def _body(message: EmailMessage, kind: str) -> str:
    part = None
    with contextlib.suppress(Exception):
        part = message.get_body((kind,))
    if part is None:
        return ""
    with contextlib.suppress(Exception):
        return str(part.get_content())
    with contextlib.suppress(Exception):  # an unknown charset
        data = part.get_payload(decode=True)
        return data.decode("utf-8", "replace") if isinstance(data, bytes) else ""
    return ""


def _attachments(message: EmailMessage) -> Iterator[Attached]:
    parts: list[Message] = []
    with contextlib.suppress(Exception):
        parts = list(message.iter_attachments())
    for part in parts:
        name, size = "", 0
        with contextlib.suppress(Exception):
            name = one_line(part.get_filename() or "", 120)
        with contextlib.suppress(Exception):
            data = part.get_payload(decode=True)
            size = len(data) if isinstance(data, bytes) else 0
        ending = name.rpartition(".")[2] if "." in name else ""
        kind = ending.upper() if ending.isascii() and ending.isalnum() and len(ending) <= 4 else "FILE"
        yield Attached(name or _SAID("nameless"), kind, size_words(size))


def _source(raw: bytes, message: EmailMessage) -> str:
    """The mail as it went over the wire; files and HTML only by their first lines."""
    boundaries = set()
    with contextlib.suppress(Exception):
        boundaries = {f"--{found}" for part in message.walk() if (found := part.get_boundary())}
    shown: list[str] = []
    left_out = 0

    def mark() -> None:
        if left_out:
            shown.append(_SAID("left_out", count=left_out))

    head, long_part, lines = True, False, 0
    part_head: list[str] = []
    for line in clean(raw.decode("utf-8", "replace")).split("\n"):
        if line.rstrip().removesuffix("--") in boundaries or line.rstrip() in boundaries:
            mark()
            head, long_part, lines, left_out, part_head = True, False, 0, 0, []
        elif head and not line:
            head, long_part = False, _is_long(part_head)
        elif head:
            part_head.append(line.lower())
        else:
            lines += 1
            if long_part and lines > SOURCE_LINES:
                left_out += 1
                continue
        shown.append(line)
    mark()
    text = "\n".join(shown).strip("\n")
    return text if len(text) <= _SOURCE_CHARACTERS else text[:_SOURCE_CHARACTERS] + "\n[…]"


def _is_long(head: list[str]) -> bool:
    """Whether a part holds what nobody reads as it stands: HTML in transfer encoding, or a file."""
    return any(
        line.startswith(("content-type: text/html", "content-transfer-encoding: base64", "content-disposition: attach"))
        for line in head
    )
