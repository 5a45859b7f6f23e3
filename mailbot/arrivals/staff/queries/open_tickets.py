"""`#daftar`: the open tickets, what is late on top, then by priority."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mailbot.arrivals.staff.queries import entries
from mailbot.arrivals.staff.queries.asking import Answered, Asked
from mailbot.model import Status
from mailbot.parsers.commands import questions
from mailbot.parsers.commands.command_lines import Command
from mailbot.reports import listing
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

_WITH_LKPP = (Status.ESCALATED.value, Status.AWAITING_DATA.value)


def answer(asked: Asked, command: Command, found: Answered) -> None:
    wanted = command.argument.split()
    lines = listing.worst_first(asked.store, asked.site, asked.now)
    chosen = [line for line in lines if _is_wanted(asked, line, wanted)]
    late = sum(1 for line in chosen if line["late"])
    what = " ".join([_SAID("open_tickets"), *(_SAID.table("such_tickets")[each] for each in wanted)])
    if late and questions.LATE not in wanted:
        told = _SAID("counted_with_late", count=len(chosen), tickets=what, late=late)
    else:
        told = _SAID("counted", count=len(chosen), tickets=what) if chosen else _SAID("none", tickets=what)
    found.line(f"#daftar {command.argument}".strip(), told)
    shown = [entries.entry(asked, line) for line in chosen[: entries.MOST_LISTED]]
    if len(chosen) > entries.MOST_LISTED:
        shown.append(entries.rest(len(chosen) - entries.MOST_LISTED, _SAID("narrow_list")))
    if shown:
        found.section(what[:1].upper() + what[1:], shown)
    for each, label in _SAID.table("shorter_lists").items():
        if each not in wanted and (lines if wanted else chosen):
            found.actions.append(asked.action(label, f"#daftar {each}"))


def _is_wanted(asked: Asked, line: dict[str, Any], wanted: Sequence[str]) -> bool:
    return (
        (questions.MINE not in wanted or line["handler"] == asked.mail.sender.address)
        and (questions.LATE not in wanted or bool(line["late"]))
        and (questions.LKPP not in wanted or line["status"] in _WITH_LKPP)
    )
