"""`#arsip`: the month's Daftar Arsip as a CSV file."""

from __future__ import annotations

from mailbot.arrivals.staff.queries.asking import Answered, Asked
from mailbot.parsers.commands import questions
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.dates import months
from mailbot.reports import archive, csvfile, recap
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)


def answer(asked: Asked, command: Command, found: Answered) -> None:
    site, wanted = asked.site, questions.report(command.argument)
    first = asked.month(wanted.month)
    month = recap.title(first, wanted.channel)
    before = months.settle(months.Month(back=1), first)
    found.actions.append(asked.action(_SAID("archive", month=months.words(before)), f"#arsip {before:%m-%Y}"))
    told = archive.archive(
        asked.store, site.config, site.zone, first, anonymous=wanted.anonymous, channel=wanted.channel
    )
    if not told["rows"]:
        found.line("#arsip", _SAID("nothing", month=month))
        return
    raw = archive.as_csv(told)
    name = archive.file_name(site.config.ticket_prefix, told)
    found.attach(name, csvfile.MEDIA_TYPE, raw)
    found.line("#arsip", _SAID("archived", month=month, count=len(told["rows"]), file=name))
