"""What a command may need beyond its block in `commands.yaml` and the row of its event: parts that its module fills in.

`Doing` lists them in the order in which a mail of staff comes to them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mailbot.arrivals.staff.contents import StaffMail
from mailbot.model import Event, Ticket
from mailbot.parsers.commands.command_lines import Command
from mailbot.tickets.work import Given, Work


@dataclass(frozen=True, slots=True)
class Asked:
    """What happens to the ticket: the event of the table, its argument and its text. inside: the text and its files
    stay within the LPSE, though the command's own would leave."""

    event: str
    argument: str = ""
    text: str = ""
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Doing:
    """The parts of a command that are its own; None: as every command has it.

    step_up: why this mail needs a code, "" where it does not. lacking: the sentence for a missing text, and what could
    be written. complete: the command with what it leaves to be found out. check: raises NotCarriedOut or Held; its last
    argument are all commands of the mail. do: all of it, of a command about no ticket at hand; its last argument is the
    key of its mails in the outbox. event: what happens to the ticket. happen: the event's way where it is more than
    one ticket's. result: the receipt's sentence, None for that of the file; what the event remarked follows it. lines:
    what the receipt shows below it. blank: what a link to write it anew brings with it.
    """

    step_up: Callable[[StaffMail], str] | None = None
    lacking: Callable[[StaffMail], tuple[str, Sequence[tuple[str, str]]]] | None = None
    complete: Callable[[StaffMail, Command], Command] | None = None
    check: Callable[[StaffMail, Command, Sequence[Command]], None] | None = None
    do: Callable[[StaffMail, Command, str], Work | str] | None = None
    event: Callable[[StaffMail, Command, Ticket], Asked] | None = None
    happen: Callable[[StaffMail, Ticket, Command, Event, Given], Work] | None = None
    result: Callable[[Command, Work], str | None] | None = None
    lines: Callable[[Work], list[dict[str, Any]]] | None = None
    blank: str = ""
