"""Links that open a ready reply."""

from __future__ import annotations

import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from mailbot.clean import one_line
from mailbot.config.site import Site
from mailbot.model import NamedAddress, Ticket
from mailbot.parsers.commands.command_lines import CODE_LENGTH
from mailbot.parsers.commands.vocabulary import VOCABULARY, on_entry
from mailbot.parsers.commands.wide_signs import widened
from mailbot.parsers.mime.subject import tagged
from mailbot.sentences import Sentences
from mailbot.store import codes, journal
from mailbot.tickets.case import Case, Context

_SAID = Sentences(__file__)

#: A link is good for so long, and only while the ticket's status lasts.
_LINK_DAYS = 30


def new_code(at: datetime) -> str:
    """Characters of base32 (RFC 4648 section 6): five for the second, then fifteen of 5 random bits each.

    So the codes of one mail stand side by side in the database's index. Else each of them changes a page of its own
    there, and among millions of codes these pages are on disk, not in memory (RFC 9562 section 6.11 does the same).
    """
    second = int(at.timestamp()) % 2**25  # of a year and some
    together = b32encode((second << 15).to_bytes(5))[:5]
    return (together + b32encode(secrets.token_bytes(10)))[:CODE_LENGTH].decode()


def grouped(code: str) -> str:
    """A code as the line that a mail holds."""
    return "Kode: " + "-".join(code[start : start + 5] for start in range(0, len(code), 5))


def canonical(word: str) -> str:
    """The command language's own name for "#word": what a code is bound to."""
    name = word.split()[0].lstrip("#")  # "#ubah prioritas 1": what stands behind it is the reader's to change
    return next(spec.name for spec in VOCABULARY if spec.word == name)


def tells_user(word: str) -> bool:
    """Whether the text of "#word" is LKPP's, for the user."""
    return next(spec.reported for spec in VOCABULARY if spec.word == word.lstrip("#"))


def keeps_files(word: str) -> bool:
    """Whether files stay with staff though the text of "#word" leaves."""
    return next(spec.keeps_files for spec in VOCABULARY if spec.word == word.lstrip("#"))


def assignment(site: Site, but: str) -> str:
    """The command that hands a ticket over; with the name, where there is only one other colleague among staff."""
    others = [person for person in site.config.staff if person.address != but]
    if len(others) != 1:
        return "#tugaskan"
    same = [person for person in site.config.people() if person.name.split()[:1] == others[0].name.split()[:1]]
    return f"#tugaskan {others[0].name if len(same) == 1 else others[0].address}"


#: What may stand unencoded in an address (RFC 6068 section 2); an apostrophe might end an attribute.
_IN_ADDRESS = "@!$*+:"


def href(address: str, subject: str, body: str) -> str:
    """A link that opens a new mail (RFC 6068). Lines of the body are parted by %0D%0A (section 5), blanks are %20; and
    nothing stands in it that a mail program could read otherwise than its writer (`wide_signs`)."""
    return _opening(address, subject) + _in_body(body)


def _opening(address: str, subject: str) -> str:
    return f"mailto:{quote(address, safe=_IN_ADDRESS)}?subject={_encoded(one_line(subject))}&body="


def _in_body(body: str) -> str:
    return _encoded(body.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").replace("\0", ""))


def fits(text: str) -> bool:
    """Whether a text may stand in a link's body, percent-encoded and beside a subject."""
    return len(_encoded(text)) <= _MOST_TEXT


#: Outlook for Windows cuts a link of more than some 2,000 characters. A text and a subject may take so many of them,
#: percent-encoded; an address, a code and commands take the rest.
_MOST_TEXT, _MOST_SUBJECT = 1_350, 350
_SUBJECTS = (120, 80, 60, 40, 30, 0)  # characters, until one fits: a sign of another alphabet takes up to twelve


def _encoded(text: str) -> str:
    return quote(widened(text), safe="", errors="replace")


def mailto(site: Site, ticket: Ticket, body: str) -> str:
    """A link that opens a new mail to us with the ticket's tag and this body."""
    return _opening_of_ticket(site.config.address, ticket.number, ticket.subject) + _in_body(body)


@lru_cache(maxsize=16)  # each link in a mail has the same
def _opening_of_ticket(address: str, number: str, title: str) -> str:
    subjects = (tagged(number, title, limit) for limit in _SUBJECTS)
    return _opening(address, next(one for one in subjects if len(_encoded(one)) <= _MOST_SUBJECT))


@dataclass(frozen=True, slots=True)
class Stored:
    """What a link's code stands for beside its command: the words that stand above it, the mails whose files go with
    them (journal ids), and what was held, which the link sends or drops (`tickets.unsent`)."""

    words: str = ""
    mails: tuple[int, ...] = ()
    unsent: int | None = None


def link(
    case: Case,
    recipient: NamedAddress,
    label: str,
    command: str,
    *,
    after: str = "",
    hint: str = "",
    about: str = "",
    stored: Stored | None = None,
) -> dict[str, Any]:
    """An action for staff on a ticket: the code binds it to addressee, ticket and command (several: a line each); good
    once. about: what else it is bound to, the journal id of LKPP's reply whose meaning the command says."""
    ticket = case.ticket
    name = "+".join(map(canonical, command.split("\r\n")))
    bound: dict[str, str | int | None] = {"ticket_id": ticket.id, "command": name, "status": ticket.status.value}
    if about:
        bound["argument"] = about
    if stored is not None:
        bound |= {"words": stored.words, "mails": " ".join(map(str, stored.mails)), "unsent": stored.unsent}
    body = f"{_code(case, recipient, **bound)}\r\n\r\n{command}\r\n{after}"
    return {
        "label": label,
        "href": mailto(case.site, ticket, body),
        "command": command.replace("\r\n", ", "),
        "hint": hint or None,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """A link that carries out what a person has written: what `link` takes beside case and reader."""

    label: str
    command: str
    after: str = ""
    hint: str = ""
    about: str = ""
    stored: Stored = Stored()


def sending(case: Case, recipient: NamedAddress, send: Send) -> dict[str, Any]:
    """The link."""
    label, command, stored = send.label, send.command, send.stored
    return link(case, recipient, label, command, after=send.after, hint=send.hint, about=send.about, stored=stored)


def question_href(
    context: Context, recipient: NamedAddress, line: str, *, ticket: Ticket | None = None, proven: bool
) -> str:
    """A link that asks something ("#status", "#daftar saya").

    proven: whether the border server vouches for this reader's mails; then nothing more is needed, and the link is good
    for ever. Else it holds a code, bound to the reader, the ticket and the question, whatever becomes of the status.
    """
    site, body = context.site, f"{line}\r\n"
    if not proven:
        about = None if ticket is None else ticket.id
        code = _code(context, recipient, ticket_id=about, command=canonical(line), status="")
        body = f"{code}\r\n\r\n{body}"
    if ticket is not None:
        return mailto(site, ticket, body)
    subject = f"[{site.config.ticket_prefix}] {line}"
    return href(site.config.address, subject, body)


def _code(context: Context, recipient: NamedAddress, **bound: str | int | None) -> str:
    """A new code's line in a link's mail; good for its addressee and what it is bound to."""
    code = new_code(context.now)
    until = context.now + timedelta(days=_LINK_DAYS)
    codes.add(
        context.store, context.site.name, recipient.address, code, issued_at=context.now, expires_at=until, **bound
    )
    return grouped(code)


def reply_hint(label: str) -> dict[str, Any]:
    """An action without a link: what a plain reply does."""
    return {"label": label, "href": None, "command": None, "hint": None}


def user_link(case: Case, label: str, word: str, below: str = "") -> dict[str, Any]:
    """An action for a user: a ready answer, and below it what is to be filled in."""
    body = f"{word}\r\n\r\n{below} " if below else word
    return {"label": label, "href": mailto(case.site, case.ticket, body), "command": word, "hint": None}


def code_mailto(site: Site, subject: str, line: str) -> str:
    """A link that opens a new mail to us with nothing but a code in it."""
    return href(site.config.address, subject, f"{line}\r\n")


def new_mail_link(context: Context, recipient: NamedAddress, subject: str, send: Send, *, name: str) -> dict[str, Any]:
    """An action for staff that is about no ticket yet: the code binds it to addressee and command (name: the canonical
    one), and to what it goes on with (`send.about`)."""
    bound: dict[str, str | int | None] = {"command": name, "status": ""}
    if send.about:
        stored = send.stored
        bound |= {"argument": send.about, "words": stored.words, "mails": " ".join(map(str, stored.mails))}
    body = f"{_code(context, recipient, **bound)}\r\n\r\n{send.command}\r\n{send.after}"
    link_to = href(context.site.config.address, subject, body)
    return {"label": send.label, "href": link_to, "command": send.command, "hint": send.hint}


def entry_link(
    context: Context, entry: int, recipient: NamedAddress, label: str, command: str, *, hint: str
) -> dict[str, Any]:
    """An action for staff on an entry of the quarantine ("#buang 17"): the code binds it to addressee, entry, command
    and the state in which the entry is."""
    site, spec = context.site, on_entry(command.split()[0])
    assert spec is not None
    bound = {"argument": str(entry), "command": spec.name, "status": journal.state(context.store, entry)}
    subject = _SAID("about_entry", prefix=site.config.ticket_prefix, number=entry)
    body = f"{_code(context, recipient, **bound)}\r\n\r\n{command}\r\n"
    return {"label": label, "href": href(site.config.address, subject, body), "command": command.strip(), "hint": hint}
