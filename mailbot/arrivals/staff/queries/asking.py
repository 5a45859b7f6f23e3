"""A question that came by mail, and what its answer shows in the receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from mailbot import letters
from mailbot.config.site import Site
from mailbot.model import Attachment, NamedAddress, Role, Ticket, Verdict
from mailbot.parsers.dates import months
from mailbot.parsers.incoming import IncomingMail
from mailbot.store.database import Store
from mailbot.tickets.case import Context

#: Characters of a subject in a list.
SUBJECT = 80


@dataclass(frozen=True, slots=True)
class Asked:
    """One mail that asks: who, and about which ticket if it answers a mail about one."""

    store: Store
    site: Site
    mail: IncomingMail
    ticket: Ticket | None
    now: datetime

    @property
    def recipient(self) -> NamedAddress:
        return NamedAddress(self.mail.sender.name, self.mail.sender.address)

    @property
    def officer(self) -> str:
        """Who makes a printed list, as it is signed: a member of staff who asks for it; "" where another one does."""
        sender = self.mail.sender
        person = self.site.config.person(sender.address) if sender.role in (Role.STAFF, Role.COORDINATOR) else None
        return person.name if person else ""

    def month(self, wanted_month: str) -> date:
        """The first day of the month that a report is asked for; of the mail's own where it names none."""
        wanted = months.read(wanted_month)
        return months.settle(wanted or months.Month(), self.site.local(self.mail.at).date())

    def href(self, line: str, ticket: Ticket | None = None) -> str:
        """A link that asks on."""
        proven = self.mail.sender.verdict is Verdict.PASS
        context = Context(self.store, self.site, self.now)
        return letters.question_href(context, self.recipient, line, ticket=ticket, proven=proven)

    def action(self, label: str, line: str, hint: str = "") -> dict[str, Any]:
        return {"label": label, "href": self.href(line), "command": line, "hint": hint or None}


@dataclass(slots=True)
class Answered:
    """What the receipt shows. month: the report of a month, as the templates have it. ticket: the one ticket that it is
    about, where the mail itself named none."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    sections: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    month: dict[str, Any] | None = None
    ticket: Ticket | None = None

    def line(self, command: str, result: str) -> None:
        self.lines.append({"command": command, "result": result})

    def attach(self, name: str, media_type: str, raw: bytes) -> None:
        self.files.append(Attachment(name, media_type, raw, hashlib.sha256(raw).hexdigest()))

    def section(
        self, title: str, entries: Sequence[dict[str, Any]], note: str | None = None, *, short: bool = False
    ) -> None:
        """short: its entries are a line each, without a link."""
        self.sections.append({"title": title, "note": note, "entries": list(entries), "short": short})
