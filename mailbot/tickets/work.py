"""One event's work in hand: what came in, what the table decided, and what was planned so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mailbot.config.site import Site
from mailbot.model import Attachment, Decision, Event, Message, Ticket
from mailbot.rules.sop.clocks import Running
from mailbot.store.database import Store
from mailbot.tickets import tickets


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
    """

    key: str
    text: str = ""
    shown: str = ""
    message: Message | None = None
    attachments: Sequence[Attachment] = ()
    authenticated: bool = False
    answerable: bool = True
    echo: bool = True  # whether an automatic answer may repeat anything the sender wrote
    has_secret: bool = False
    user_addressed: bool = False  # the mail itself already went to the ticket's user
    remark: str = ""
    meaning: tuple[str, str, str] | None = None
    bounced: tuple[str, str] | None = None  # (what did not arrive, the server's words)
    joins: Sequence[str] = ()  # tickets that a stranger's mail names: staff may merge it into one of them
    separate: bool = False  # whether the mail may be about something else than its ticket
    keeps: Sequence[Callable[[Work], None]] = ()  # texts and files of this event, stored in its transaction


@dataclass(frozen=True, slots=True)
class Planned:
    """A mail put into the outbox, for the receipt."""

    template: str
    recipient: str
    when: datetime


@dataclass(frozen=True, slots=True)
class HeldData:
    """What goes to LKPP at step 9. users: those of the files that the user himself has sent, which he may read of."""

    words: str
    files: Sequence[Attachment]
    users: Sequence[Attachment]
    journal_ids: Sequence[int]


@dataclass(slots=True)
class Work:
    """Everything an effect may need; lives inside one transaction."""

    store: Store
    site: Site
    now: datetime
    ticket: Ticket
    event: Event
    given: Given
    decision: Decision
    history_id: int = 0
    running: Running | None = None  # the clock whose stage is due
    folded: bool = False  # reminders of this pass go into one digest
    planned: list[Planned] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)  # for the history only: staff read it elsewhere in the same mail
    proposes: int | None = None  # a priority above the ticket's that staff may take over
    paste: str | None = None
    handled_by: str | None = None  # who had taken the ticket before this event
    settled: int | None = None  # journal id of the LKPP reply whose meaning staff have just said
    held_data: HeldData | None = None

    def reload(self) -> None:
        self.ticket = tickets.load(self.store, self.ticket.id)

    def change(self, **values: str | int | None) -> None:
        tickets.change(self.store, self.ticket.id, **values)
        self.reload()
