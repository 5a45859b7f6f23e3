"""What people of the LPSE ask by mail (`#status`, `#daftar`, `#cari`, `#rekap`, `#bantuan`, …): a module each.
Nothing here changes a ticket, and nothing of it is for users or LKPP: the answers go into a receipt.
"""

from collections.abc import Callable, Mapping

from mailbot.arrivals.staff.queries import (
    archive,
    fields,
    guestbook,
    help,
    open_tickets,
    quarantine,
    recap,
    report,
    search,
    status,
)
from mailbot.arrivals.staff.queries.asking import Answered, Asked
from mailbot.parsers.commands.command_lines import Command

__all__ = ["ANSWERS", "Asked", "answer"]

#: Canonical question → how its answer is found.
ANSWERS: Mapping[str, Callable[[Asked, Command, Answered], None]] = {
    "archive": archive.answer,
    "guestbook": guestbook.answer,
    "help": help.answer,
    "list": open_tickets.answer,
    "quarantine": quarantine.answer,
    "recap": recap.answer,
    "report": report.answer,
    "search": search.answer,
    "set": fields.answer,
    "status": status.answer,
}


def answer(asked: Asked, command: Command) -> Answered:
    """The answer to one question."""
    found = Answered()
    ANSWERS[command.name](asked, command, found)
    return found
