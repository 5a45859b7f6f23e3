"""Mails as the parties' mail programs write them: Gmail's way of replying for users, Outlook's for staff, a plain one
for LKPP. In all of them the answered mail stands below as their programs put it there."""

from __future__ import annotations

import email
import email.policy
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid
from html import escape

from mailbot.demo import record
from mailbot.demo.parties import ADDRESS, ORGANISATION, ZONE, Party
from mailbot.rules.worktime.dates import MONTHS, WEEKDAYS, format_date
from mailbot.sentences import Sentences

_POLICY = email.policy.SMTP.clone(max_line_length=200)
_Html = str
_SAID = Sentences(__file__)


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that goes with a mail."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Received:
    """A mail in somebody's mailbox."""

    raw: bytes = field(repr=False)
    message: EmailMessage = field(repr=False)

    @property
    def template(self) -> str:
        return str(self.message["X-Mailbot-Template"] or "")

    @property
    def ticket(self) -> str:
        return str(self.message["X-Mailbot-Ticket"] or "")

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return "" if part is None else str(part.get_content())

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        return "" if part is None else str(part.get_content())


def read(raw: bytes) -> Received:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return Received(raw, message)


def write(
    party: Party,
    text: str,
    at: datetime,
    *,
    subject: str = "",
    answers: Received | None = None,
    pictures: Sequence[Picture] = (),
) -> bytes:
    """A new mail to the helpdesk, or the reply to one that the party has received. `at`: when it is written."""
    local = at.astimezone(ZONE)
    message = EmailMessage(policy=_POLICY)
    message["From"] = formataddr((party.name, party.address))
    message["To"] = formataddr((ORGANISATION, ADDRESS))
    message["Subject"] = subject or _reply_subject(answers)
    message["Date"] = format_datetime(local)
    message["Message-ID"] = make_msgid(domain=party.domain)
    if answers is not None:
        answered = str(answers.message["Message-ID"])
        message["In-Reply-To"] = answered
        message["References"] = " ".join([*str(answers.message["References"] or "").split(), answered])
    plain, html = _BODIES[party.word](text, answers)
    message.set_content(plain)
    if html:
        message.add_alternative(html, subtype="html")
    for picture in pictures:
        message.add_attachment(picture.data, maintype="image", subtype="png", filename=picture.name)
    return bytes(message)


def _reply_subject(answers: Received | None) -> str:
    subject = answers.subject if answers else ""
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


# --- what a mail program puts below ----------------------------------------------------------------


def _gmail(text: str, answers: Received | None) -> tuple[str, _Html]:
    written = _paragraphs(text)
    if answers is None:
        return text, f'<div dir="ltr">{written}</div>'
    when = _date(answers)
    day = f"{WEEKDAYS[when.weekday()][:3]}, {when.day} {MONTHS[when.month - 1][:3]} {when.year}"
    head = _SAID("gmail", day=day, time=f"{when:%H.%M}", organisation=ORGANISATION, address=ADDRESS)
    quote = "\n".join(f"> {line}".rstrip() for line in answers.text.splitlines())
    below = f'<div class="gmail_attr">{escape(head)}<br></div><blockquote class="gmail_quote">{_inner(answers)}'
    return (
        f"{text}\n\n{head}\n\n{quote}\n",
        f'<div dir="ltr">{written}</div><br><div class="gmail_quote">{below}</blockquote></div>',
    )


def _outlook(text: str, answers: Received | None) -> tuple[str, _Html]:
    written = f"<div>{_paragraphs(text)}</div>"
    if answers is None:
        return text, written
    when = _date(answers)
    lines = {
        "Dari": f"{ORGANISATION} <{ADDRESS}>",
        "Dikirim": f"{format_date(when.date())} {when:%H.%M}",
        "Kepada": str(answers.message["To"]),
        "Subjek": answers.subject,
    }
    head = "\n".join(f"{label}: {value}" for label, value in lines.items())
    shown = "<br>".join(f"<b>{label}:</b> {escape(value)}" for label, value in lines.items())
    return (
        f"{text}\n\n________________________________\n{head}\n\n{answers.text}\n",
        f'{written}<hr style="width:98%"><div id="divRplyFwdMsg">{shown}</div>{_inner(answers)}',
    )


def _roundcube(text: str, answers: Received | None) -> tuple[str, _Html]:
    signed = f"{text}\n\n-- \nHelpdesk LKPP\nTraining and User Support, Direktorat e-Procurement\n"
    if answers is None:
        return signed, ""
    quote = "\n".join(f"> {line}".rstrip() for line in answers.text.splitlines())
    head = _SAID("roundcube", at=f"{_date(answers):%Y-%m-%d %H:%M}", organisation=ORGANISATION)
    return f"{signed}\n\n{head}\n{quote}\n", ""


_BODIES = {
    record.USER: _gmail,
    record.STAFF: _outlook,
    record.COORDINATOR: _outlook,
    record.HEAD: _outlook,
    record.LKPP: _roundcube,
}


def _date(answers: Received) -> datetime:
    found = answers.message["Date"].datetime
    assert isinstance(found, datetime)
    return found.astimezone(ZONE)


def _paragraphs(text: str) -> _Html:
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n")).replace("\n", "<br>\n")


def _inner(answers: Received) -> _Html:
    """The answered mail's HTML without its frame."""
    html = answers.html or f"<pre>{escape(answers.text)}</pre>"
    begin, end = html.find(">", html.lower().find("<body")) + 1, html.lower().rfind("</body>")
    return html[begin:end] if 0 < begin <= end else html


# --- pictures --------------------------------------------------------------------------------------


def screenshot(name: str, width: int = 480, height: int = 270) -> Picture:
    """A picture of a window with a red message in it, as PNG (ISO/IEC 15948)."""

    def pixel(x: int, y: int) -> bytes:
        if y < 28:
            return b"\x1f\x4e\x79"  # the window's title
        if 60 <= y < 110 and 40 <= x < width - 40:
            return b"\xc0\x39\x2b" if y < 64 or x < 46 else b"\xfd\xec\xea"  # the message
        if 140 <= y < 230 and (y - 140) % 30 < 18 and 40 <= x < (width - 40 if (y // 30) % 2 else width - 140):
            return b"\xdf\xe4\xea"  # the form below
        return b"\xff\xff\xff"

    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return Picture(name, b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
