"""A mail in hand: parsed, its sender known as far as can be, its ticket found or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailbot.model import Message, Sender
from mailbot.parsers.automatic import Automatic
from mailbot.thread import Found, Reference


@dataclass(frozen=True, slots=True)
class Mail:
    """`at` is the server's INTERNALDATE: every clock that this mail starts, starts there.

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

    @property
    def key(self) -> str:
        return f"j{self.journal_id}"
