"""Raw bytes → model.Message: the structure, the text and the headers of one mail put together."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial

from mailbot.errors import ParseError
from mailbot.model import Message
from mailbot.parsers.mime.addresses import mailboxes
from mailbot.parsers.mime.characters import single_blanks
from mailbot.parsers.mime.charsets import is_utf7
from mailbot.parsers.mime.content import read_content
from mailbot.parsers.mime.encodedwords import charsets_of
from mailbot.parsers.mime.filenames import clean_name
from mailbot.parsers.mime.files.looked_into import MOST_LEVELS, looked_into
from mailbot.parsers.mime.headers import Headers, decode_words, first, one_line
from mailbot.parsers.mime.limits import Findings, Limits
from mailbot.parsers.mime.structure import split
from mailbot.sentences import Sentences

__all__ = ["Limits", "clean_name", "fingerprint", "parse"]

_SAID = Sentences(__file__)

_ID = re.compile(r"<[!-;=?-~]+>")  # RFC 5322 §3.6.4, read generously; ASCII only
_BARE_ID = re.compile(r"[!-;=?A-~]+@[!-;=?A-~]+\Z")  # without its brackets
_CHUNK = 1024 * 1024

# No mail is older, and none can be read that late.
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def parse(raw: bytes, limits: Limits | None = None) -> Message:
    """One mail as a Message. Its text is the writer's own: an enclosed message stays shut, as a file.

    Raises ParseError, and nothing else, when the bytes are over a limit or hold no mail at all.
    """
    return _read(raw, limits or Limits(), MOST_LEVELS)


def _read(raw: bytes, limits: Limits, levels: int) -> Message:
    """levels: mails within mails that are still opened, to know what stands in them."""
    try:
        return _parse(raw, limits, levels)
    except ParseError:
        raise
    except Exception as error:
        raise not_understood(error) from error


def not_understood(error: Exception) -> ParseError:
    """Whatever a stranger's bytes may trigger: a person looks at this mail, and the next one is read."""
    return ParseError(_SAID("not_understood", error=type(error).__name__))


def _parse(raw: bytes, limits: Limits, levels: int) -> Message:
    root, findings = split(raw, limits)
    headers = root.headers
    content = read_content(root, findings, limits)
    addresses = mailboxes(headers, findings)
    subject = one_line(decode_words(first(headers, "subject")))
    _doubt_words(headers, findings)
    read = partial(_read, limits=limits, levels=levels - 1) if levels else None
    return Message(
        headers=headers,
        subject=subject,
        from_=addresses["from"],
        to=addresses["to"],
        cc=addresses["cc"],
        reply_to=addresses["reply-to"],
        message_id=_message_id(first(headers, "message-id"), findings),
        in_reply_to=tuple(_ID.findall(first(headers, "in-reply-to"))),
        references=tuple(dict.fromkeys(_ID.findall(first(headers, "references")))),
        date=_date(first(headers, "date"), findings),
        text=content.text,
        text_from_html=content.text_from_html,
        attachments=looked_into(content.attachments, read),
        defects=tuple(findings.defects),
        ambiguous=tuple(findings.ambiguous),
        fingerprint=fingerprint(
            first(headers, "message-id"),
            first(headers, "date"),
            first(headers, "from"),
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
    for group in ((message_id,), (date,), (from_,), (subject,), tuple(bodies), tuple(attachments)):
        digest.update(b"%d;" % len(group))
        for member in group:
            words = list(_words(member))
            digest.update(b"%d:" % sum(map(len, words)))  # lengths, so that no two sequences read the same
            for piece in words:
                digest.update(piece)
    return digest.hexdigest()


def _words(text: str) -> Iterator[bytes]:
    """The words of a text with one blank between each two, in pieces: a long text is copied several times."""
    begun = open_word = False
    for at in range(0, len(text), _CHUNK):
        chunk = text[at : at + _CHUNK]
        words = single_blanks(chunk).strip(" ").encode("utf-8", "surrogatepass")
        if not words:
            open_word = False
            continue
        if begun and not (open_word and not chunk[0].isspace()):
            yield b" "
        yield words
        begun, open_word = True, not chunk[-1].isspace()


# --- headers -----------------------------------------------------------------------------------

_READ_AS_TEXT = ("subject", "to", "cc", "reply-to", "sender", "message-id", "in-reply-to", "references")
_BREAKS = re.compile("[\x00\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def _doubt_words(headers: Headers, findings: Findings) -> None:
    """Encoded words that hide the end of a line, and charsets that hide anything."""
    for name, value in headers:
        lower = name.lower()
        if lower not in _READ_AS_TEXT and lower != "from":
            continue
        if _BREAKS.search(decode_words(value).strip()):
            findings.doubt(_SAID("hidden_line_end", name=name[:40]))
        if any(map(is_utf7, charsets_of(value))):
            findings.doubt(_SAID("utf7", name=name[:40]))


def _message_id(value: str, findings: Findings) -> str | None:
    found = _ID.findall(value)
    if value and len(found) != 1:
        findings.defect("InvalidMessageId")
    if len(found) > 1:
        findings.doubt(_SAID("several_ids"))
    if not found and _BARE_ID.match(value):
        return f"<{value}>"
    return found[0] if found else None


def _date(value: str, findings: Findings) -> datetime | None:
    """What the writer's clock said; None where it says nothing, or was never set (1970)."""
    if not value:
        return None
    try:
        parsed = parsedate_to_datetime(value)
        date = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        findings.defect("InvalidDate")
        return None
    if not _EARLIEST <= date < _LATEST:
        findings.defect("ImplausibleDate")
        return None
    return date
