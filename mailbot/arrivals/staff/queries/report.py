"""`#laporan`: the figures of a month with their charts, as the head gets them on its own each month."""

from __future__ import annotations

from mailbot.arrivals.staff.queries.asking import Answered, Asked
from mailbot.parsers.commands import questions
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.dates import months
from mailbot.reports.monthly import report
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)


def answer(asked: Asked, command: Command, found: Answered) -> None:
    site, wanted = asked.site, questions.report(command.argument)
    first = asked.month(wanted.month)
    month, before = months.words(first), months.settle(months.Month(back=1), first)
    found.actions.append(asked.action(_SAID("report", month=months.words(before)), f"#laporan {before:%m-%Y}"))
    if first > site.local(asked.mail.at).date():
        found.line("#laporan", _SAID("not_begun", month=month))
        return
    made = report.of_month(asked.store, site, first, asked.now)
    if made.figures.is_empty:
        found.line("#laporan", _SAID("nothing", month=month))
        return
    found.month = made.values
    found.line("#laporan", _SAID("all_channels" if wanted.channel else "reported", month=month))
