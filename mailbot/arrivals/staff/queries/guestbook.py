"""`#bukutamu`: who came to the counter."""

from __future__ import annotations

from mailbot.arrivals.staff.queries.asking import Answered, Asked
from mailbot.parsers.commands.command_lines import Command
from mailbot.reports import guestbook


def answer(asked: Asked, command: Command, found: Answered) -> None:
    today = asked.site.local(asked.mail.at).date()
    found.lines += guestbook.lines(asked.store, asked.site, command.argument, today)
