"""`#daftar`: the open tickets by whose turn it is; in each group what is late on top, then by priority."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mailbot.arrivals.staff.queries import entries
from mailbot.arrivals.staff.queries.asking import Answered, Asked
from mailbot.model import Ball, Status
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
    listed = 0
    for turn, title in _SAID.table("groups").items():
        group = [line for line in chosen if line["ball"] == turn]
        shown = [entries.entry(asked, line) for line in group[: entries.MOST_LISTED - listed]]
        listed += len(shown)
        if shown:
            found.section(_SAID("group", title=title, count=len(group)), shown)
    if len(chosen) > listed:
        found.sections[-1]["entries"].append(entries.rest(len(chosen) - listed, _SAID("narrow_list")))
    for each, label in _SAID.table("shorter_lists").items():
        if each not in wanted and (lines if wanted else chosen):
            found.actions.append(asked.action(label, f"#daftar {each}"))


def _is_wanted(asked: Asked, line: dict[str, Any], wanted: Sequence[str]) -> bool:
    return (
        (questions.MINE not in wanted or _is_mine(asked, line))
        and (questions.LATE not in wanted or bool(line["late"]))
        and (questions.LKPP not in wanted or line["status"] in _WITH_LKPP)
    )


def _is_mine(asked: Asked, line: dict[str, Any]) -> bool:
    """What one handles, and what nobody does and waits for staff."""
    return line["handler"] == asked.mail.sender.address or (line["handler"] is None and line["ball"] == Ball.LPSE)
