"""What a test may ask of a mail program, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Composed:
    """What a window for writing shows before anything is typed. to, copies: addresses, in lower case."""

    to: list[str]
    copies: list[str]
    subject: str
    body: str


class Client(Protocol):
    """A person at a mail program, who has logged in. One window is open at a time."""

    def open(self, message_id: str) -> None:
        """Show a mail of the inbox."""

    def follow(self, number: int) -> Composed:
        """Click on one of the shown mail's links, counted from 0 as they stand in it; the window that opens."""

    def reply(self) -> Composed:
        """Press the button that answers the shown mail; the window that opens."""

    def write(self, text: str, *, at_end: bool = False) -> None:
        """Type into that window: where the caret stands, or at the end of what is there."""

    def send(self) -> None:
        """Send what the window holds. The mail may still be on its way when this returns."""
