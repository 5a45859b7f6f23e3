"""A mail in hand: parsed, its sender known as far as can be, its ticket found or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailbot.model import Message, Sender
from mailbot.parsers.robots.automatic import Automatic
from mailbot.parsers.thread import Found, Reference
from mailbot.parsers.webform import Form


@dataclass(frozen=True, slots=True)
class Mail:
    """`at` is the server's INTERNALDATE: every clock that this mail starts, starts there.

    form: the web form that has sent it; then the From of `message` is the user whom it names.
    confirmed: a listed person has sent the code that was asked for this mail; `at` is when that came.
    """

    journal_id: int
    folder: str
    at: datetime
    message: Message
    sender: Sender
    refs: tuple[Reference, ...]
    found: Found
    machine: Automatic | None
    confirmed: bool = False
    form: Form | None = None

    @property
    def key(self) -> str:
        return f"j{self.journal_id}"

    @property
    def answers(self) -> Reference | None:
        """The mail of ours that it answers: the deepest one that was issued to this very address."""
        ours = (ref for ref in reversed(self.refs) if ref.ours and ref.recipient == self.sender.address)
        return next(ours, None)
