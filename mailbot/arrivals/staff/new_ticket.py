"""`#baru`: a ticket for somebody who wrote to one of the LPSE's people, out of the mail that they forward.

What is forwarded are the user's words; what the officer writes above it is his note. Without a forwarded mail (a
request by chat, say) his text is the user's matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from mailbot.config.site import Site
from mailbot.errors import ParseError
from mailbot.fetch import originals, reader
from mailbot.letters import proposals
from mailbot.masking import mask
from mailbot.model import Attachment, Event, Message, NamedAddress, Role
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.forms import form
from mailbot.parsers.identity import mailbox
from mailbot.parsers.incoming import Mail
from mailbot.parsers.mime.subject import base_subject
from mailbot.parsers.reply.quote_heads import label
from mailbot.parsers.reply.quoted import NewText
from mailbot.procedure import service
from mailbot.procedure.effects.shared import INSIDE
from mailbot.store.database import Store
from mailbot.tickets import tickets
from mailbot.tickets.case import Context
from mailbot.tickets.work import Given, Kept, Reading, Work

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


def fault(site: Site, address: str) -> str:
    """Why this address can be no ticket's user, as a sentence; "" where it can."""
    strict, _ = mailbox(address)
    if not strict or strict != address:
        return f"“{address}” bukan satu alamat e-mail yang jelas."
    if not site.config.is_users(address):
        return f"{address} adalah alamat LPSE, petugas, formulir web, atau LKPP, sehingga bukan alamat pengguna."
    return ""


def open_for(store: Store, site: Site, mail: Mail, command: Command, found: Forwarded, key: str, now: datetime) -> Work:
    """The ticket, with the user's words and files and the officer's note, inside his mail's transaction."""
    text, note = (found.text, command.text) if found.text else (command.text, "")
    shown, secret = mask(text)
    subject, _ = mask(base_subject(mail.message.subject, [site.config.ticket_prefix]))
    same = found.writer is not None and found.writer.address == command.argument
    name = form.sender_name(found.writer.name, command.argument) if same and found.writer is not None else None
    files = originals.passed_on(mail.message, from_user=True)
    reading = proposals.read(site, subject, shown)
    who = mail.sender.name or mail.sender.address
    event = Event(
        kind="user.new",
        at=mail.at,
        role=Role.USER,
        address=command.argument,
        name=name.value if name else "",
        text=shown,
        journal_id=mail.journal_id,
        rule=f"#{command.word}",
    )
    given = Given(
        key=key,
        text=shown,
        shown=shown,
        message=mail.message,
        attachments=files,
        echo=False,
        has_secret=secret,
        remark=" ".join(filter(None, (f"Dibuka oleh {who} dengan #baru.", note and f"Catatan: {mask(note)[0]}"))),
        kept=_kept(mail, command.argument, shown, note, name, reading),
    )
    opening = service.Opening(subject=subject or "Tanpa perihal", priority=reading.priority.level)
    return service.open_ticket(Context(store, site, now), event, given, opening)


def _kept(mail: Mail, user: str, shown: str, note: str, name: form.Field | None, reading: Reading) -> Kept:
    """The user's words and files, readable to him, and the officer's note, which is not. user: his address."""
    readers, by = (Role.USER, *INSIDE), mail.sender
    texts = [tickets.Text(role=Role.USER, address=user, kind="mail", audience=readers, body=shown)]
    if note:
        texts.append(tickets.Text(role=by.role, address=by.address, kind="note", audience=INSIDE, body=note))
    fields = form.read_form(shown, signature="", quoted="", ours=False)
    if name is not None:
        fields.setdefault("name", name)
    return Kept(texts=texts, files=mail.message.attachments, readers=readers, fields=fields, reading=reading)
