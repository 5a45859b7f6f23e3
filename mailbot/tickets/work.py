"""One event's work in hand: what came in, what is to be kept of it, what the table decided, what was planned so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from mailbot.model import Attachment, Decision, Event, Message, Role, Ticket
from mailbot.parsers.forms.form import Field
from mailbot.rules.nearest_problem import Nearest
from mailbot.rules.priority import Proposed
from mailbot.rules.problems import About
from mailbot.rules.sop.clocks import Running
from mailbot.store import latecomers
from mailbot.tickets import tickets
from mailbot.tickets.case import Case
from mailbot.tickets.consultations import Recorded


@dataclass(frozen=True, slots=True)
class Reading:
    """A mail's proposals. forwarded: read out of a mail that it forwards, because its own words said nothing. nearest:
    what it comes nearest to where it was not recognised."""

    about: About
    priority: Proposed
    forwarded: bool = False
    nearest: Nearest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What an event's mail leaves with its ticket: stored in the event's transaction, before any mail asks for it.

    threaded_by: why the mail belongs to the ticket, for the log. texts: with their readers each. files, readers: the
    ledger of the mail's files, and who may see them. fields: of the Formulir Konsultasi. remarks: for staff.
    claims: the journal's entry belongs to the ticket from now on (its files and thread are looked up by it).
    reading: what the mail is about. believed: False for a mail so proven forged that it may change no proposal.
    split_from: the ticket from which this mail is taken (`#pisah`); mail_left: this is that ticket.
    takes_over: the ticket that becomes a part of this one (`#gabung`).
    before: earlier mails that belong to the ticket with this one, and their files (a form that was completed).
    """

    threaded_by: str = ""
    texts: Sequence[tickets.Text] = ()
    files: Sequence[Attachment] = ()
    readers: Sequence[Role] = ()
    fields: Mapping[str, Field] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    consultation: Recorded | None = None
    claims: bool = False
    reading: Reading | None = None
    believed: bool = True
    split_from: int | None = None
    mail_left: bool = False
    takes_over: Ticket | None = None
    before: Sequence[tuple[int, Sequence[Attachment]]] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What an event brings with it.

    key: makes every mail of this event unique in the outbox ("j17.0": journal entry 17, first command).
    text: the words that may be passed on (new text only, or a command's text).
    shown: the words for those who would rather see too much (staff); secrets are masked in both.
    message: the parsed mail. attachments: its files that are no signature pictures.
    authenticated: whether the border server vouches for the writer.
    remark: what staff should know first, in Indonesian.
    meaning: how LKPP's words were read: (label, sentence, rule).
    for_user: what of LKPP's words the user may read.
    others: tickets that LKPP's mail names beside its own.
    again: the mail is looked at again after `#batal`; its words and files lie with the ticket since it came.
    dangers: what is dangerous in its files, in words.
    """

    key: str
    text: str = ""
    shown: str = ""
    message: Message | None = None
    attachments: Sequence[Attachment] = ()
    authenticated: bool = False
    denied: bool = False  # the border server says something, and does not vouch for the writer
    answerable: bool = True
    echo: bool = True  # whether an automatic answer may repeat anything the sender wrote
    has_secret: bool = False
    user_addressed: bool = False  # the mail itself already went to the ticket's user
    remark: str = ""
    meaning: tuple[str, str, str] | None = None
    for_user: str = ""
    others: Sequence[int] = ()
    bounced: tuple[str, str] | None = None  # (what did not arrive, the server's words)
    joins: Sequence[str] = ()  # tickets that a stranger's mail names: staff may merge it into one of them
    separate: bool = False  # whether the mail may be about something else than its ticket
    kept: Kept = Kept()
    again: bool = False
    dangers: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A mail put into the outbox, for the receipt, and for the notice of what goes by itself. text, files: the words
    of a person in it, and the names of its files. held: it waits for more than its time."""

    template: str
    recipient: str
    when: datetime
    text: str = ""
    files: Sequence[str] = ()
    held: bool = False


@dataclass(frozen=True, slots=True)
class DataForLkpp:
    """What goes to LKPP at step 9. users: those of the files that the user himself has sent, which he may read of."""

    words: str
    files: Sequence[Attachment]
    users: Sequence[Attachment]
    journal_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Known:
    """What nearly every mail of an event asks of its ticket, and which nothing changes any more when they are written:
    read once. unsure: the event's mail is one of so many old ones that a person must decide (`latecomers`)."""

    fields: Mapping[str, str]
    proposals: Mapping[str, tuple[str, str]]
    unsure: bool


@dataclass(slots=True)
class Work(Case):
    """Everything an effect may need; lives inside one transaction."""

    event: Event
    given: Given
    decision: Decision
    history_id: int = 0
    running: Running | None = None  # the clock whose stage is due
    folded: bool = False  # reminders of this pass go into one digest
    opened: bool = False  # the ticket begins with this event
    planned: list[Planned] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)  # for the history only: staff read it elsewhere in the same mail
    proposes: int | None = None  # a priority above the ticket's that staff may take over
    paste: str | None = None
    since: datetime | None = None  # from when the clocks of this event count, if not from its arrival
    handled_by: str | None = None  # who had taken the ticket before this event
    settled: int | None = None  # journal id of the LKPP reply whose meaning staff have just said
    held_data: DataForLkpp | None = None
    approves: str | None = None  # the colleague whose request for an escalation this event grants
    known: Known | None = None  # from when on only the event's mails are written

    def fields(self) -> Mapping[str, str]:
        return tickets.fields(self.store, self.ticket.id) if self.known is None else self.known.fields

    def proposals(self) -> Mapping[str, tuple[str, str]]:
        return tickets.proposals(self.store, self.ticket.id) if self.known is None else self.known.proposals

    def unsure(self) -> bool:
        """Whether nobody knows yet how many old mails came together with the one in hand (`latecomers`)."""
        if self.known is not None:
            return self.known.unsure
        return self.event.journal_id is not None and latecomers.is_unsure(self.store, self.event.journal_id)

    def decided(self) -> None:
        """Everything is stored: what follows are the event's mails."""
        self.known = Known(self.fields(), self.proposals(), self.unsure())

    def remark(self, text: str) -> None:
        """What staff read of this event, and its line in the history tells."""
        self.remarks.append(text)
        tickets.note(self.store, self.history_id, "; ".join((*self.noted, *self.remarks)))

    def end_clocks(self, *names: str) -> None:
        tickets.end_clocks(self.store, self.ticket.id, names, self.event.at)
        self.ticket = replace(self.ticket, clocks=self.ticket.clocks.difference(names))

    def reload(self) -> None:
        """After what has changed the ticket elsewhere than by `change`: its clocks."""
        self.ticket = tickets.load(self.store, self.ticket.id)

    def change(self, **values: str | int | None) -> None:
        self.ticket = tickets.change(self.store, self.ticket, **values)
