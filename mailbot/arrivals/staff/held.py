"""What a mail of staff asks for is held: nothing is carried out, and its writer is asked with `staff_confirm`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.errors import NotCarriedOut
from mailbot.parsers.commands.command_lines import Command


@dataclass(frozen=True, slots=True)
class Colleague:
    """Who acted in between, and what they wrote."""

    name: str
    text: str


class Held(Exception):
    """held: the commands that wait. colleague: who came in between, where somebody did. idle: nothing would be lost if
    nobody sent it ("ok", an absence note): it is asked about once."""

    def __init__(
        self, reason: str, held: Sequence[Command], colleague: Colleague | None = None, *, idle: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason, self.held, self.colleague, self.idle = reason, held, colleague, idle


class Superseded(NotCarriedOut):
    """Something newer has taken its place, and stands among the ticket's next steps: what was meant is not offered."""


class WhichMail(NotCarriedOut):
    """What several mails have set going waits, and `#batal` does not say which of it is meant. waiting: the label of
    its link and the journal's entry, of each."""

    def __init__(self, sentence: str, listed: Sequence[tuple[str, str]], waiting: Sequence[tuple[str, int]]) -> None:
        super().__init__(sentence, listed)
        self.waiting = tuple(waiting)


class WhichBreach(NotCarriedOut):
    """Several penyimpangan are open, and `#alasan` does not say of which it tells. choices: the label of a link, what
    may be typed instead, and what it carries out, of each."""

    def __init__(
        self,
        sentence: str,
        listed: Sequence[tuple[str, str]],
        choices: Sequence[tuple[str, str, Sequence[Command]]],
    ) -> None:
        super().__init__(sentence, listed)
        self.choices = tuple(choices)
