"""Raw bytes → model.Message. The only importer of mailparser (addresses, their defects, dates).

Headers and structure come from mime.py: mail-parser opens enclosed messages and would give a forwarded
mail's words as the sender's own, loses delivery reports, and fails on some broken multiparts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime

import mailparser

from mailbot.errors import ParseError
from mailbot.model import Attachment, Mailbox, Message
from mailbot.parsers import html
from mailbot.parsers.headers import (
    clean_text,
    decode_bytes,
    decode_words,
    has_control,
    known_charset,
    one_line,
)
from mailbot.parsers.mime import Findings, Headers, Limits, Part, split

__all__ = ["Limits", "clean_name", "fingerprint", "parse"]

_ID = re.compile(r"<[!-;=?-~]+>")  # RFC 5322 §3.6.4, read generously; ASCII only
_ADDRESSES = 64 * 1024  # characters of addresses in To, in Cc, in Reply-To
_NAME_LENGTH = 120  # characters; with four bytes each still below what any file system takes

# What file systems and shells give a meaning to (Windows has the longest list).
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?=\.|\Z)", re.I)

_EXTENSIONS = {
    "application/ms-tnef": ".dat",
    "application/msword": ".doc",
    "application/pdf": ".pdf",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/zip": ".zip",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "audio/mpeg": ".mp3",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
    "video/mp4": ".mp4",
}


def parse(raw: bytes, limits: Limits | None = None) -> Message:
    """One mail as a Message. Its text is the writer's own: an enclosed message stays shut, as a file.

    Raises ParseError, and nothing else, when the bytes are over a limit or hold no mail at all.
    """
    try:
        return _parse(raw, limits or Limits())
    except ParseError:
        raise
    except Exception as error:
        # Whatever a stranger's bytes may trigger: a person looks at this mail, and the next one is read.
        raise ParseError(f"Susunan surat tidak dapat dipahami ({type(error).__name__}).") from error


def _parse(raw: bytes, limits: Limits) -> Message:
    root, findings = split(raw, limits)
    headers = root.headers
    content = _Content()
    if root.content_type in ("text/plain", "text/html") and root.disposition.value != "attachment":
        # The only part of a mail is what its writer says, though some programs give it a file name.
        (content.html if root.content_type == "text/html" else content.texts).append(_text(root, content, findings))
    else:
        _collect(root, content, findings, related=False)
    text = "\n\n".join(content.texts)
    from_html = False
    if not text.strip() and content.html:
        text = "\n\n".join(html.to_text(source) for source in content.html)
        from_html = True
    text = clean_text(text)
    addresses = _addresses(headers, findings)
    subject = one_line(decode_words(_first(headers, "subject")))
    message_ids = _ID.findall(_first(headers, "message-id"))
    if _first(headers, "message-id") and len(message_ids) != 1:
        findings.defect("InvalidMessageId")
    _doubt_from(headers, findings)
    return Message(
        headers=headers,
        subject=subject,
        from_=addresses["from"],
        to=addresses["to"],
        cc=addresses["cc"],
        reply_to=addresses["reply-to"],
        message_id=message_ids[0] if message_ids else None,
        in_reply_to=tuple(_ID.findall(_first(headers, "in-reply-to"))),
        references=tuple(dict.fromkeys(_ID.findall(_first(headers, "references")))),
        date=_date(_first(headers, "date"), findings),
        text=text,
        text_from_html=from_html,
        attachments=tuple(content.attachments),
        defects=tuple(findings.defects),
        ambiguous=tuple(findings.ambiguous),
        fingerprint=fingerprint(
            _first(headers, "message-id"),
            _first(headers, "date"),
            _first(headers, "from"),
            subject,
            content.bodies,
            [a.sha256 for a in content.attachments],
        ),
    )


def fingerprint(
    message_id: str, date: str, from_: str, subject: str, bodies: Iterable[str], attachments: Iterable[str]
) -> str:
    """SHA-256 (hex) of what makes two copies the same mail, whichever way each of them came.

    Trace headers, encodings and line ends are left out; blanks are taken together. A Message-ID alone
    would not do: a stranger may use it again to have a genuine mail taken for a copy.
    """
    digest = hashlib.sha256()
    for group in ((message_id,), (date,), (from_,), (subject,), bodies, attachments):
        members = [" ".join(member.split()).encode("utf-8", "surrogatepass") for member in group]
        digest.update(b"%d;" % len(members))
        for member in members:
            digest.update(b"%d:" % len(member))  # lengths, so that no two sequences read the same
            digest.update(member)
    return digest.hexdigest()


def clean_name(name: str, fallback: str) -> str:
    """An attachment's name fit for a file system and a screen: no path, no controls, nothing reserved."""
    name = one_line(name).replace("\\", "/").rsplit("/", 1)[-1]
    name = _FORBIDDEN.sub("_", name).strip(" .\u200b")
    if not name.strip("_"):
        return fallback
    if _RESERVED.match(name):
        name = f"_{name}"
    if len(name) > _NAME_LENGTH:
        stem, dot, extension = name.rpartition(".")
        tail = f".{extension}" if dot and 0 < len(extension) <= 10 else ""
        name = (stem if tail else name)[: _NAME_LENGTH - len(tail)].rstrip(" .") + tail
    return name


# --- structure ---------------------------------------------------------------------------------


@dataclass(slots=True)
class _Content:
    texts: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)  # all text, of every alternative: for the fingerprint


def _collect(part: Part, content: _Content, findings: Findings, *, related: bool) -> None:
    kind = part.content_type
    if part.children:
        if kind == "multipart/alternative":
            _collect_alternative(part, content, findings, related=related)
        else:
            for child in part.children:
                _collect(child, content, findings, related=related or kind == "multipart/related")
        return
    if kind.startswith("multipart/"):
        # Its boundary never appears: what stands there is shown, so that no word is lost.
        content.texts.append(_text(part, content, findings))
    elif kind in ("text/plain", "text/html") and not _is_attached(part):
        if kind == "text/plain":
            content.texts.append(_text(part, content, findings))
        elif any(text.strip() for text in content.texts):
            # Text and HTML side by side, not as alternatives: the HTML goes along as a file.
            _attach(part, content, related=related)
        else:
            content.html.append(_text(part, content, findings))
    else:
        if kind in ("message/partial", "message/external-body"):
            # RFC 2046 §5.2.2, §5.2.3: never put together, never fetched.
            findings.doubt(f"Surat memuat bagian {kind}, yang isinya tidak ada di dalam surat ini.")
        _attach(part, content, related=related)


def _collect_alternative(part: Part, content: _Content, findings: Findings, *, related: bool) -> None:
    """RFC 2046 §5.1.4: the same words several times. Plain text first, HTML where that is empty."""
    options = []
    for child in part.children:
        option = _Content()
        _collect(child, option, findings, related=related)
        options.append(option)
        content.bodies.extend(option.bodies)
    plain = next((o for o in options if any(text.strip() for text in o.texts)), None)
    if plain is not None:
        content.texts.extend(plain.texts)
    else:
        rich = next((o for o in options if o.html), None)
        if rich is not None:
            content.html.extend(rich.html)
    for option in options:
        content.attachments.extend(option.attachments)


def _is_attached(part: Part) -> bool:
    if part.disposition.value == "attachment":
        return True
    return bool(part.disposition.get("filename") or part.content.get("name"))


def _text(part: Part, content: _Content, findings: Findings) -> str:
    charset = part.content.get("charset")
    if charset and known_charset(charset) is None:
        findings.defect("UnknownCharset")
    text = decode_bytes(part.data(), charset)
    if part.content_type == "text/plain" and (part.content.get("format") or "").lower() == "flowed":
        text = _reflow(text, delsp=(part.content.get("delsp") or "").lower() == "yes")
    content.bodies.append(text)
    return text


def _reflow(text: str, *, delsp: bool) -> str:
    """RFC 3676 §4: lines that end in a blank go on in the next line of the same quote depth."""
    paragraphs: list[tuple[int, list[str]]] = []
    flowing = False
    for line in text.replace("\r\n", "\n").split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")  # §4.4 space-stuffing
        soft = bare.endswith(" ") and bare != "-- "  # §4.3: the signature line is never flowed
        piece = bare[:-1] if soft and delsp else bare
        if flowing and paragraphs[-1][0] == depth and bare != "-- ":
            paragraphs[-1][1].append(piece)
        else:
            paragraphs.append((depth, [piece]))
        flowing = soft
    return "\n".join(f"{'>' * depth}{' ' if depth else ''}{''.join(p)}" for depth, p in paragraphs)


def _attach(part: Part, content: _Content, *, related: bool) -> None:
    kind = part.content_type
    data = part.data()
    number = len(content.attachments) + 1
    fallback = f"lampiran-{number}{_EXTENSIONS.get(kind, '.bin')}"
    if kind in ("message/rfc822", "message/global"):
        fallback = f"surat-{number}.eml"
    # RFC 2183 §2.3 over RFC 2045; encoded words in either are wrong and common (RFC 2047 §5).
    given = part.disposition.get("filename") or part.content.get("name") or ""
    name = clean_name(decode_words(given), fallback)
    if kind in ("message/rfc822", "message/global") and not name.lower().endswith(".eml"):
        name += ".eml"
    inline = (
        related
        and kind.startswith("image/")
        and bool(part.header("content-id"))
        and part.disposition.value != "attachment"
    )
    content.attachments.append(Attachment(name, kind, data, hashlib.sha256(data).hexdigest(), inline))


# --- headers -----------------------------------------------------------------------------------


def _first(headers: Headers, name: str) -> str:
    return next((value for n, value in headers if n.lower() == name), "")


def _addresses(headers: Headers, findings: Findings) -> dict[str, tuple[Mailbox, ...]]:
    """The mailboxes of From, To, Cc and Reply-To. Two From headers are ambiguous: the first one counts."""
    values = {}
    for name in ("to", "cc", "reply-to"):
        # Repeated headers are wrong but shown: together they get no more room than one may have.
        joined = ", ".join(v for n, v in headers if n.lower() == name and v)
        values[name] = joined if len(joined) <= _ADDRESSES else joined[:_ADDRESSES].rpartition(",")[0]
    values["from"] = _first(headers, "from")
    # Header text only, on lines of its own: nothing else of the mail reaches the library.
    source = "".join(f"{name}: {_printable(value)}\r\n" for name, value in values.items() if value)
    pairs: dict[str, list[tuple[str, str]]]
    try:
        parsed = mailparser.parse_from_string(source + "\r\n")
        pairs = {"from": parsed.from_, "to": parsed.to, "cc": parsed.cc, "reply-to": parsed.reply_to}
        for defect in parsed.address_header_defects:
            findings.defect(f"AddressHeaderDefect: {defect['header']}: {defect['reason']}")
            if defect["header"] == "from" and not _harmless(defect):
                findings.doubt("Pengirim (From) dapat dibaca lebih dari satu cara.")
    except Exception:
        findings.defect("AddressParserFailed")
        findings.doubt("Pengirim (From) tidak dapat dibaca dengan pasti.")
        pairs = {name: getaddresses([_printable(value)]) for name, value in values.items()}
    return {name: tuple(_mailboxes(found)) for name, found in pairs.items()}


def _harmless(defect: dict[str, object]) -> bool:
    """`a@b <a@b>` without quotes: wrong, common, and every reader finds the same address."""
    candidates = defect.get("candidates")
    if not defect.get("recovered") or not isinstance(candidates, list) or len(candidates) != 1:
        return False
    candidate = candidates[0]
    name = str(candidate["display_name"]).strip(" \"'").lower()
    return "@" not in name or name == str(candidate["address"]).lower()


def _mailboxes(pairs: Iterable[tuple[str, str]]) -> Iterable[Mailbox]:
    for name, address in pairs:
        address = address.strip()
        if address and not has_control(address) and not re.search(r"\s", address):
            yield Mailbox(one_line(decode_words(name)), address)


def _printable(value: str) -> str:
    return "".join(c if c.isprintable() else " " for c in value)


def _doubt_from(headers: Headers, findings: Findings) -> None:
    value = _first(headers, "from")
    if has_control(value) or has_control(decode_words(value)):
        # "=?utf-8?b?…AA==?=": readers cut the name there and show what is left (Mailsploit).
        findings.doubt("Pengirim (From) memuat karakter kendali.")
    for address in re.findall(r"<([^<>]*)>", value):
        if "=?" in address:
            findings.doubt("Alamat pengirim (From) memuat kata tersandi.")


def _date(value: str, findings: Findings) -> datetime | None:
    if not value:
        return None
    try:
        parsed = parsedate_to_datetime(value)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        findings.defect("InvalidDate")
        return None
