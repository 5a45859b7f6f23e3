"""The mail of a user that one of the LPSE's people forwards to us, and whose it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailbot.config.site import Site
from mailbot.errors import ParseError
from mailbot.fetch import originals, reader
from mailbot.model import Attachment, Message, NamedAddress
from mailbot.parsers.identity import mailbox
from mailbot.parsers.reply.quote_heads import label
from mailbot.parsers.reply.quoted import NewText
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

#: Lines in which the header block of a forwarded mail is looked for.
_BLOCK = 40
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}")
_FORWARDED = ("message/rfc822", "message/global")


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What an officer passes on. writer: whom its header block names, None where that is not one address."""

    text: str = ""
    writer: NamedAddress | None = None


def forwarded(site: Site, message: Message, new: NewText) -> Forwarded:
    """The forwarded mail in a mail of staff, in its text or as its one attached mail; empty where there is none."""
    if new.quoted.strip():
        return _in_text(new.quoted)
    attached = [file for file in message.attachments if file.content_type.lower() in _FORWARDED]
    if len(attached) == 1:
        return _in_file(site, attached[0])
    return Forwarded()


def _in_text(text: str) -> Forwarded:
    lines = [re.sub(r"^[> \t]{1,20}", "", line) for line in text.split("\n")]
    last = -1
    values: list[str] = []
    for number, line in enumerate(lines[:_BLOCK]):
        what = label(line)
        if what is not None:
            last = number
        if what == "from" and not values:
            values = [line[:500], *(lines[number + 1 : number + 2] if "@" not in line else [])]
    if not values:
        return Forwarded(text.strip())
    end = last + 1
    while end < min(len(lines), last + 8) and lines[end].strip():  # recipients that go on over several lines
        end += 1
    start = end if end < len(lines) and not lines[end].strip() else last + 1
    return Forwarded("\n".join(lines[start:]).strip(), _writer(" ".join(values)))


def _writer(value: str) -> NamedAddress | None:
    """Out of "Dari: Budi <budi@…>": the one address, and the name before it."""
    found = {each[0].rstrip(".!'").lower() for each in _ADDRESS.finditer(value)}
    if len(found) != 1:
        return None
    [address] = found
    before = re.split(r"[<\[(]|\S+@", value.partition(":")[2], maxsplit=1)[0]
    return NamedAddress(before.strip(" \t*_\"'"), address)


def _in_file(site: Site, file: Attachment) -> Forwarded:
    try:
        found = reader.parse(file.data, originals.limits_of(site.config))
    except ParseError:
        return Forwarded()
    [writer] = found.from_ if len(found.from_) == 1 else [None]
    return Forwarded(found.text, writer and NamedAddress(writer.name, writer.address.lower()))


def no_user(site: Site, address: str) -> str:
    """Why this address can be no ticket's user, as a sentence; "" where it can."""
    strict, _ = mailbox(address)
    if not strict or strict != address:
        return _SAID("no_address", address=address)
    if not site.config.is_users(address):
        return _SAID("no_users_address", address=address)
    return ""
