"""A mail as it was understood, once: what it says and what it quotes, who wrote it, where it belongs.

What stands behind (`arrivals/from_…`, `arrivals/staff`, `restraint`, `procedure`, `letters`) takes nothing apart again:
`tests/project/test_understood.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mailbot.model import Attachment, Message, Sender
from mailbot.parsers.forms.form import Field
from mailbot.parsers.identity import Grant
from mailbot.parsers.reply.quoted import NewText
from mailbot.parsers.reply.users_words import UsersWords
from mailbot.parsers.robots.automatic import Automatic
from mailbot.parsers.thread import Found, Reference
from mailbot.parsers.webform import Form
from mailbot.rules.lkpp.classify import Reading
from mailbot.rules.topic import Topic


@dataclass(frozen=True, slots=True)
class LkppMail:
    """What a mail of Helpdesk LKPP says. grant: whether it is theirs. words: their new words, never the quote, which is
    our own escalation. reading: what these mean. number: LKPP's own ticket number, where they name one.
    spoken: a machine has sent a person's words."""

    grant: Grant
    words: str
    reading: Reading
    number: str | None
    spoken: bool


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """`at` is the server's INTERNALDATE: every clock that this mail starts, starts there.

    new: its text taken apart: the writer's own, the quoted, and the doubt. files: those that travel with its words.
    machine: which machine wrote it, None: a person, or staff want it read as a person's. lkpp: of LKPP's mail only.
    words: of a user's mail only, with the mails compared that he may quote. quiet: why no automatic mail may answer it.
    fields: what `new` says of its writer; topic: what its words are about. None: not known yet.
    form: the web form that has sent it; then the From of `message` is the user whom it names.
    confirmed: a listed person has sent the code that was asked for this mail; `at` is when that came.
    again: it is looked at again, because this entry of the journal, a `#batal`, has put its ticket back.
    """

    journal_id: int
    folder: str
    at: datetime
    message: Message
    new: NewText
    files: tuple[Attachment, ...]
    sender: Sender
    refs: tuple[Reference, ...]
    found: Found
    machine: Automatic | None
    confirmed: bool = False
    form: Form | None = None
    lkpp: LkppMail | None = None
    words: UsersWords | None = None
    quiet: str | None = None
    fields: Mapping[str, Field] | None = None
    topic: Topic | None = None
    again: int | None = None

    @property
    def key(self) -> str:
        return f"j{self.journal_id}" if self.again is None else f"j{self.journal_id}+{self.again}"

    @property
    def answers(self) -> Reference | None:
        """The mail of ours that it answers: the deepest one that was issued to this very address."""
        ours = (ref for ref in reversed(self.refs) if ref.ours and ref.recipient == self.sender.address)
        return next(ours, None)
