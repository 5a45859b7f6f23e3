"""Seven functions of bytes that strangers choose. Each reads them as the program would and raises when something came
out that must not: an exception of another kind, a promise broken, or a second gone by.

`tests/parsers/test_fuzz.py` runs them on seeds and blind mutations; `make fuzz` lets atheris look by coverage.
"""

from __future__ import annotations

import hashlib
import imaplib
import re
import socket
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from unittest.mock import patch

from mailbot.errors import MailbotError, ParseError
from mailbot.model import Message, Role, Verdict
from mailbot.parsers.commands import command_lines, vocabulary
from mailbot.parsers.identity import may_command, results, sender
from mailbot.parsers.mime import subject
from mailbot.parsers.mime.headers import addresses, clean_text
from mailbot.parsers.mime.message import Limits, parse
from mailbot.parsers.reply import quoted
from mailbot.parsers.robots.automatic import automatic, no_answer_reason
from mailbot.parsers.robots.delivery import delivery_status
from mailbot.servers import imap
from mailbot.servers.endpoint import Endpoint
from tests import quick

#: Seconds that reading a megabyte may take; on a shared machine a second is soon gone, so that it is looked at twice.
SECOND = 1.0
LARGEST = 1024 * 1024
OWN = "lpse@batangkab.test"
STAFF = "sari@batangkab.test"
LKPP = "helpdesk-lpse@lkpp.test"
BORDER = "mx.batangkab.test"
PREFIXES = ("LPSE-BTG", "LPSE", "UKPBJ-2")


class Broken(AssertionError):
    """A promise that these bytes broke."""


def promise(kept: bool, what: str) -> None:
    if not kept:
        raise Broken(what)


def _parsed(data: bytes) -> Message | None:
    try:
        return parse(data)
    except ParseError as refused:
        promise(bool(refused.reason), "a mail is refused without a reason")
        return None


def message(data: bytes) -> None:
    """Any bytes give a message within the limits or a reason; its words fit every sink."""
    found = _parsed(data)
    if found is None:
        return
    promise("\n" not in found.subject and _clean(found.subject), "control characters in a subject")
    promise(_clean(found.text.replace("\n", "").replace("\t", "")), "control characters in a text")
    promise(len(found.attachments) <= Limits().parts * 2, "more files than parts")
    for file in found.attachments:
        promise(file.sha256 == hashlib.sha256(file.data).hexdigest(), "another hash than the bytes have")
        promise(0 < len(file.name.encode()) < 255 and not set(file.name) & set('/\\:*?"<>|'), "a name no disk takes")
    promise(len(found.fingerprint) == 64, "no fingerprint")
    for identifier in (found.message_id, *found.in_reply_to, *found.references):
        promise(identifier is None or (identifier.isascii() and not re.search(r"\s", identifier)), "a loose Message-ID")
    automatic(found, [OWN])
    no_answer_reason(found, [OWN], automatic(found, [OWN]))
    for status in delivery_status(found):
        promise(
            not re.search(r"[\r\n]", status.recipient + status.status + status.diagnostic), "a report of many lines"
        )


def _clean(text: str) -> bool:
    return not any(unicodedata.category(char) in ("Cc", "Cs") for char in text)


def from_header(data: bytes) -> None:
    """Nobody is taken for a listed person unless every reader sees that one address in From."""
    found = _parsed(b"From: " + data.replace(b"\n\n", b"\n ") + b"\r\nTo: lpse@batangkab.test\r\n\r\nhalo\r\n")
    if found is None:
        return
    who = sender(found, {STAFF: (Role.STAFF, "Sari")}, [LKPP], [OWN], BORDER)
    if who.role is Role.USER or found.ambiguous:
        promise(not may_command(who, "token", True, ["answer"]).allowed, "a command for nobody listed")
        return
    values = found.header_all("From")
    promise(len(values) == 1, "a role by one of two From lines")
    promise(who.address in (STAFF, LKPP, OWN), "a role for an address that is not listed")
    promise(who.address.encode() in data.lower(), "a role for an address that does not stand there as it is")
    for _, address in addresses(values[0]):
        if "@" in address:
            promise(address.lower() == who.address, f"another reader sees {address!r}")


def authentication_results(data: bytes) -> None:
    """What a stranger can put into the border's own header, or below it, never makes a pass."""
    text = data.decode("utf-8", "surrogateescape")
    line = re.sub(r"[\r\n]+", "\r\n ", text)
    smuggled = line.replace("\\", "").replace('"', "").replace("(", "").replace(")", "")
    for headers in (
        f"Authentication-Results: {BORDER}; dmarc=fail (p=none {smuggled}) header.from=batangkab.test\r\n",
        f'Authentication-Results: {BORDER}; spf=pass smtp.mailfrom="{smuggled}"; dmarc=fail header.from=x.test\r\n',
        f"Authentication-Results: {BORDER}; dmarc=fail header.from=x.test\r\nAuthentication-Results: {line}\r\n",
        f"Received: from a by mx.luar.test with ESMTP\r\nAuthentication-Results: {line}\r\n",
    ):
        raw = f"{headers}From: Sari <{STAFF}>\r\n\r\nhalo\r\n".encode("utf-8", "surrogateescape")
        found = _parsed(raw)
        if found is None:
            continue
        verdict, reason = results(found, BORDER, "batangkab.test", ["batangkab.test"])
        promise(verdict is not Verdict.PASS and bool(reason), f"passed by {headers[:80]!r}")


def subject_and_ids(data: bytes) -> None:
    """A subject gives canonical numbers; the one that we write has exactly one tag, in front, whole."""
    text = data.decode("utf-8", "replace")
    for number in subject.find_numbers(text, PREFIXES):
        promise(re.fullmatch(r"(?:LPSE-BTG|LPSE|UKPBJ-2)-20\d\d-\d{6}", number) is not None, f"odd number {number!r}")
    base = subject.base_subject(text, PREFIXES)
    nested = text.lower().count("[fw") > 9  # nobody's mail program; taken off so often only
    promise(nested or subject.base_subject(base, PREFIXES) == base, "a base subject that has a base subject")
    promise(not subject.find_numbers(base, PREFIXES), "a number left in the base subject")
    written = subject.tagged("LPSE-BTG-2026-000123", text, 120, prefixes=PREFIXES)
    promise(written.startswith("[LPSE-BTG-2026-000123]") and len(written) <= 120 and _clean(written), "a tag broken")
    promise(subject.find_numbers(written, PREFIXES) == ("LPSE-BTG-2026-000123",), "two tags in one subject")
    _parsed(b"Message-ID: " + data[:4000] + b"\r\nReferences: " + data[:4000] + b"\r\n\r\nhalo\r\n")


def command_language(data: bytes) -> None:
    """A text gives known commands or one fault, never both; what is carried out stands in it."""
    text = clean_text(data.decode("utf-8", "replace"))
    found = command_lines.read(text)
    names = {spec.name for spec in vocabulary.VOCABULARY}
    promise(not (found.fault and found.commands), "commands beside a fault")
    for command in found.commands:
        promise(command.name in names, f"unknown command {command.name!r}")
        promise(_only_letters(command.word) in _only_letters(text), "a command that nobody wrote")
    promise(found.fault is None or bool(found.fault.sentence), "a fault without a sentence")


def _only_letters(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


def reply(data: bytes) -> None:
    """No line of a mail is lost between new text, quotation and signature, and nothing is made up."""
    text = data.decode("utf-8", "replace")
    found = quoted.new_text(text)
    promise(_letters(found.text) <= _letters(text), "letters that nobody wrote")
    parts = _letters(found.text) + _letters(found.quoted) + _letters(found.signature) + _letters(found.below)
    promise(parts >= _letters(text), "letters that are in no part")


def _letters(text: str) -> int:
    return sum(char.isalnum() for char in text)


# --- a server's answers ---------------------------------------------------------------------------

_TAG = imaplib.Int2AP(4096).decode()
#: The commands of one look, in order, and what a healthy server says before its OK.
_HEALTHY = (
    b"* CAPABILITY IMAP4rev1 IDLE\r\n",
    b"",
    b"* FLAGS (\\Seen)\r\n* 2 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 12] .\r\n",
    b"",
    b"* SEARCH 10 11\r\n",
    b'* 1 FETCH (UID 10 RFC822.SIZE 4 INTERNALDATE "21-Nov-2026 08:00:00 +0700" FLAGS ())\r\n',
    b"* 1 FETCH (UID 10 BODY[] {4}\r\nabcd)\r\n",
    *[b""] * 8,
)


def server_answers(data: bytes) -> None:
    """Whatever an IMAP server says, reading a folder ends, with mails or with one of our two kinds of failure."""
    spoken = data[:60_000].split(b"\x00")
    script = b"* OK ready\r\n"
    for number, healthy in enumerate(_HEALTHY):
        said = spoken[number] if number < len(spoken) and spoken[number] else healthy
        script += said + f"{_TAG}{number} OK done\r\n".encode()
    with _server(script) as port, patch.object(imaplib.random, "randint", lambda *_: 4096):  # type: ignore[attr-defined]
        endpoint = Endpoint("127.0.0.1", port, "none", username="lpse", password="rahasia")
        try:
            with imap.connect(endpoint, connect_timeout=2, read_timeout=2) as session:
                session.select("INBOX", readonly=True)
                for item in session.fetch(session.uids_after(0)[:50], 100_000):
                    if isinstance(item, imap.Fetched):
                        promise(item.internaldate.tzinfo is not None, "an INTERNALDATE without its zone")
                        promise(item.internaldate.astimezone(UTC) < datetime.max.replace(tzinfo=UTC), "no instant")
        except MailbotError as failure:
            promise("rahasia" not in str(failure), "the password in a failure")


@contextmanager
def _server(script: bytes) -> Iterator[int]:
    """A port at which one connection is answered with these bytes and closed."""
    import threading

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            try:
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(script)
                    connection.shutdown(socket.SHUT_WR)
                    connection.settimeout(2)
                    while connection.recv(65536):
                        pass
            except OSError:
                pass

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            thread.join(3)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "message": message,
    "from": from_header,
    "results": authentication_results,
    "subject": subject_and_ids,
    "commands": command_language,
    "reply": reply,
    "imap": server_answers,
}


def run(name: str, data: bytes) -> None:
    """One input, within its time (twice, before a busy machine is taken for a slow function)."""
    for last in (False, True):
        started = time.process_time()
        TARGETS[name](data[:LARGEST])
        took = time.process_time() - started
        if took <= SECOND or took <= SECOND * quick.slowness():
            return
        promise(not last, f"{name}: {took:.1f} s for {len(data)} bytes")
