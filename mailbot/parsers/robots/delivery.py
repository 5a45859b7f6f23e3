"""What a delivery report says of each recipient, and of which mail.

Each stage is for what the one before leaves open: the fields of RFC 3464; the layout that servers have in common where
they write words only (`delivery_text`); a library that knows many old servers one by one (`detectors`), which is good
at these and guesses at others; and whom the mail that comes back was for. A report can be forged: callers match the
Message-ID against the mails they sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from mailbot.errors import ParseError
from mailbot.model import Message
from mailbot.parsers.mime.headers import clean_text, decode_bytes, decode_words, one_line
from mailbot.parsers.mime.structure import Headers, Limits, header_block
from mailbot.parsers.robots import delivery_text, detectors, json_reports
from mailbot.parsers.robots.bounces import RECEIPTS, REPORTS, report_reason, told_as_json
from mailbot.parsers.robots.delivery_text import GENERIC, code_in, written_code

Outcome = Literal["hard", "soft", "delayed", "arrived"]


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """One recipient of a delivery report (RFC 3464 §2.3)."""

    recipient: str  # lower-cased address, "" where the report names none
    status: str  # RFC 3463 code such as "5.1.1"; class alone known: "5.0.0"; unknown: ""
    action: str  # failed | delayed | delivered | relayed | expanded
    diagnostic: str = ""  # what the other server said, one line
    original_message_id: str | None = None  # of the mail that the report is about

    @property
    def outcome(self) -> Outcome:
        """hard: failed, and trying the same address again does not help (RFC 3463 class 5); soft: given up after a
        trouble that may pass (class 4, and a full mailbox, which §3.3 calls persistent but transient, whatever class a
        server gives it); delayed: the server is still trying; arrived: here or at the next server."""
        if self.action == "delayed":
            return "delayed"
        if self.action == "failed":
            return "soft" if self.status.startswith("4") or self.status.endswith(".2.2") else "hard"
        return "arrived"

    @property
    def hard(self) -> bool:
        """Failed for good: trying the same address again does not help."""
        return self.outcome == "hard"

    @property
    def final(self) -> bool:
        """The mail did not arrive and nobody tries any more."""
        return self.action == "failed"


_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_RETURNED = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/global-headers",
    "message/rfc822-headers",
    "text/rfc822",
    "message/partial",
)
_ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
_MOST = 100  # recipients of one report


def delivery_status(message: Message) -> tuple[DeliveryStatus, ...]:
    """What a delivery report says of each recipient; empty for a mail that is none.

    The mail that it is about is known by its Message-ID: from the returned message or its headers, else from the
    report's text, its In-Reply-To or its References.
    """
    fields = [_own_fields(a.data) for a in message.attachments if a.content_type in REPORTS]
    if not any(fields) and report_reason(message) is None:
        return ()
    if not any(fields) and (told := [one for one in told_as_json(message) if one.kind != "complaint"]):
        return tuple({one.address: _of_json(one) for one in reversed(told)}.values())[::-1]
    returned = _returned(message)
    original = _original_message_id(message, returned)
    found = [status for block in fields for status in _recipients(block)]
    text = delivery_text.report_part(message.text)
    if not any(_address(status.recipient) for status in found):
        found = _without_addresses(message, found, text, returned)
    elif all(status.recipient and GENERIC.match(status.status) for status in found):
        found = [_refined(status, delivery_text.reason_of(text, status.recipient)) for status in found]
    unique: dict[str, DeliveryStatus] = {}
    for status in found[:_MOST]:
        unique.setdefault(status.recipient, replace(status, original_message_id=original))
    return tuple(unique.values())


def _of_json(told: json_reports.Told) -> DeliveryStatus:
    action = "delayed" if told.kind == "delay" else "failed"
    reason = one_line(told.reason)
    code = told.code or code_in(reason, action) or {"failed": "5.0.0", "delayed": "4.0.0"}[action]
    return DeliveryStatus(told.address, code, action, reason, told.identifier or None)


def _without_addresses(
    message: Message, reported: list[DeliveryStatus], text: str, returned: Headers
) -> list[DeliveryStatus]:
    """The report's own fields name no address: its header, the library, its words, and last the returned mail."""
    in_text = [status for status in _recipients(_blocks(text)) if "@" in status.recipient]
    if in_text:
        return in_text
    delayed = delivery_text.speaks_of_delay(message.subject, text)
    named = [a for a in map(_address, (message.header("X-Failed-Recipients") or "")[:20_000].split(",")) if a]
    about = delivery_text.recipients(text, _not_recipients(message, returned), _addressees(returned))
    if not named and not about.certain:
        temporary, permanent = detectors.failures(message, text)
        delayed = delayed or (bool(temporary) and not permanent)
        ours = _not_recipients(message, returned)
        named = [address for address in (*permanent, *temporary) if address not in ours]
    addresses = named or list(about.addresses)
    known = reported[0] if len(reported) == 1 else None
    action = known.action if known else "delayed" if delayed else "failed"
    if not addresses:
        addresses = [""]
    found = []
    for address in addresses:
        reason = delivery_text.reason_of(text, address, alone=len(addresses) == 1)
        code = code_in(reason, action) or code_in(f"{message.subject}\n{text[:4000]}", action)
        if known is not None:
            found.append(_refined(replace(known, recipient=address), reason))
        else:
            code = code or {"failed": "5.0.0", "delayed": "4.0.0"}[action]
            found.append(DeliveryStatus(address, code, action, one_line(reason)[:500]))
    return found


def _refined(status: DeliveryStatus, reason: str) -> DeliveryStatus:
    """What a report's fields leave open ("5.0.0", or nothing) its text may say."""
    if status.action not in ("failed", "delayed"):
        return status
    code = written_code(reason) or code_in(reason, status.action)
    better = code and (not status.status or (code[0] == status.status[0] and GENERIC.match(status.status)))
    return replace(
        status, status=code if better else status.status, diagnostic=status.diagnostic or one_line(reason)[:500]
    )


def _own_fields(data: bytes) -> list[Headers]:
    return list(_blocks(clean_text(decode_bytes(data[:200_000], None))))


def _recipients(blocks: Iterable[Headers]) -> Iterator[DeliveryStatus]:
    """RFC 3464 §2.1: a block on the message, then one on each recipient."""
    for fields in _one_each(blocks):
        final, asked = _field(fields, "final-recipient"), _field(fields, "original-recipient")
        actual = _field(fields, "x-actual-recipient")
        known = [address for address in map(_address, (final, asked, actual)) if address]
        # A name inside the other house ("user@server") tells nobody anything: what was asked for does.
        whole = [address for address in known if "." in address.rpartition("@")[2]]
        recipient = next(iter(whole or known), "") or _bare(_typed(final) or _typed(asked))
        written = _keyword(_field(fields, "action"))
        if not recipient and not written:
            continue
        diagnostic = one_line(decode_words(_typed(_field(fields, "diagnostic-code"))))[:500]
        remark = diagnostic or one_line(_field(fields, "x-supplementary-info"))[:500]
        action = "failed" if written in ("fail", "failure", "error") else written
        code = _status(_field(fields, "status"))
        if not code:
            code = code_in(remark, action)
        elif GENERIC.match(code) and (exact := written_code(remark))[:1] == code[:1]:
            code = exact
        if action not in _ACTIONS:
            action = {"5": "failed", "4": "delayed", "2": "delivered"}.get(code[:1], "failed")
        if not code:
            code = {"failed": "5.0.0", "delayed": "4.0.0", "delivered": "2.0.0"}.get(action, "")
        yield DeliveryStatus(recipient, code, action, remark)


def _one_each(blocks: Iterable[Headers]) -> Iterator[Headers]:
    """Blocks of one recipient each. Some servers write several recipients into one block, each with its fields behind
    it, or all of them above the fields that they have in common; some write an empty line between any two fields."""
    begun: list[tuple[str, str]] = []
    for fields in blocks:
        said = {name.lower() for name, _ in fields}
        goes_on = begun and "final-recipient" not in said and not said & {name.lower() for name, _ in begun}
        if begun and not goes_on:
            yield from _apart(tuple(begun))
            begun = []
        begun += fields
    if begun:
        yield from _apart(tuple(begun))


def _apart(fields: Headers) -> Iterator[Headers]:
    """A block for each of its recipients; one that has no fields of its own has those that follow."""
    starts = [at for at, (name, _) in enumerate(fields) if name.lower() == "final-recipient"]
    if len(starts) < 2:
        yield fields
        return
    ends = [*starts[1:], len(fields)]
    if any(
        name.lower() == "original-recipient" for name, _ in fields[: starts[0]]
    ):  # written above its Final-Recipient
        starts, ends = _moved_up(fields, starts)
    shared: list[Headers] = []
    for start, end in zip(starts, ends, strict=True):
        block = fields[start:end]
        if not {"action", "status"} & {name.lower() for name, _ in block} and end < len(fields):
            shared.append(block)
            continue
        common = tuple(field for field in block if field[0].lower() not in ("final-recipient", "original-recipient"))
        yield from ((*one, *common) for one in shared)
        shared = []
        yield block


def _moved_up(fields: Headers, starts: list[int]) -> tuple[list[int], list[int]]:
    """The same where each Original-Recipient stands above its Final-Recipient."""
    moved = [at - 1 if at and fields[at - 1][0].lower() == "original-recipient" else at for at in starts]
    return moved, [*moved[1:], len(fields)]


def _returned(message: Message) -> Headers:
    """The headers of the mail that came back, as far as the report encloses them."""
    for attachment in message.attachments:
        if attachment.content_type in _RETURNED:
            try:
                headers = header_block(attachment.data[:200_000].lstrip(b"\r\n \t"), Limits())
            except ParseError:
                continue
            if headers:
                return headers
    return delivery_text.returned_headers(message.text)


def _original_message_id(message: Message, returned: Headers) -> str | None:
    if found := _ID.search(_field(returned, "message-id")):
        return found[0]
    reports = [a for a in message.attachments if a.content_type in (*REPORTS, *RECEIPTS)]
    for fields in (block for report in reports for block in _own_fields(report.data)):
        for name in ("original-message-id", "x-original-message-id", "message-id"):
            if found := _ID.search(_field(fields, name)):
                return found[0]
    quoted = re.search(
        r"(?im)^[> \t|*]{0,8}(?:original-)?message[- ]id\*?:[ \t]{0,8}\n?[> \t]{0,8}(<[!-;=?-~]{1,900}>)",
        message.text[:200_000],
    )
    if quoted:
        return quoted[1]
    if message.in_reply_to:
        return message.in_reply_to[0]
    return message.references[-1] if message.references else None


def _addressees(returned: Headers) -> tuple[str, ...]:
    """To, Cc and Bcc of the mail that came back."""
    written = " ".join(value for name, value in returned if name.lower() in ("to", "cc", "bcc", "x-original-to"))
    return delivery_text.addresses_in(decode_words(written[:20_000]))


def _not_recipients(message: Message, returned: Headers) -> frozenset[str]:
    """Whom the report comes from, whom it is for, and who wrote the mail that came back."""
    writers = " ".join(value for name, value in returned if name.lower() in ("from", "return-path", "sender"))
    boxes = (*message.from_, *message.to, *message.cc, *message.reply_to)
    known = {box.address.lower() for box in boxes} | set(delivery_text.addresses_in(writers[:2000]))
    return frozenset(known - set(_addressees(returned)))


_FIELD_LINE = re.compile(
    r"[ \t>]{0,8}((?:final|original)-recipient|action|status|diagnostic-code|remote-mta)[ \t]*:", re.I
)


def _blocks(text: str) -> Iterator[Headers]:
    """Blocks of fields with empty lines between; in a text, from a line that names such a field."""
    for block in re.split(r"\n[ \t]*\n", text[:200_000])[:300]:
        lines = block.strip("\n").split("\n")
        start = next((n for n, line in enumerate(lines) if _FIELD_LINE.match(line)), None)
        if start is None:
            continue
        try:
            yield header_block("\n".join(_unindented(lines[start:])).encode("utf-8"), Limits())
        except ParseError:
            continue


def _unindented(lines: list[str]) -> list[str]:
    """Fields that a text shows indented or quoted; what is neither a field nor its continuation ends them."""
    return [line.lstrip(" \t>") if _FIELD_LINE.match(line) else line for line in lines]


def _status(value: str) -> str:
    found = re.search(r"(?<![0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])", value[:500])
    return found[1] if found else ""


def _field(headers: Headers, name: str) -> str:
    return next((value for n, value in headers if n.lower() == name), "")


def _keyword(value: str) -> str:
    return re.split(r"[\s;(,]", value.strip().lower(), maxsplit=1)[0]


def _typed(value: str) -> str:
    """The value behind "rfc822;" or "smtp;" (RFC 3464 §2.1.2)."""
    kind, semicolon, rest = value.partition(";")
    return (rest if semicolon and re.fullmatch(r"\s*[A-Za-z0-9-]+\s*", kind) else value).strip()


def _bare(value: str) -> str:
    inner = re.search(r"<([^<>]*)>", value[:2000])
    return one_line(inner[1] if inner else value[:2000]).lower()


def _address(value: str) -> str:
    """The address in a field, without RFC 5321's old source routes ("@a,@b:user@c"); "" where there is none."""
    found = delivery_text.addresses_in(re.sub(r"@[^\s:@]{1,255}:", "", _typed(value)[:2000]))
    return found[0] if found else ""
