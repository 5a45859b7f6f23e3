"""`#bukutamu`: who came to the counter; of a month also as a sheet to print and sign and as a CSV file."""

from __future__ import annotations

from mailbot.arrivals.staff.queries.asking import Answered, Asked
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.dates import moment
from mailbot.reports import csvfile, guestbook, guestbook_files, sheet
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)


def answer(asked: Asked, command: Command, found: Answered) -> None:
    today = asked.site.local(asked.mail.at).date()
    found.lines += guestbook.lines(asked.store, asked.site, command.argument, today)
    span = moment.read_span(command.argument, today)
    if span is None or span[0] == span[1] or span[0] > today:
        return
    store, site, first = asked.store, asked.site, span[0]
    visits = guestbook_files.visits(store, site, first)
    printed = guestbook_files.file_name(site, first, sheet.SUFFIX)
    raw = guestbook_files.as_xlsx(visits, site, first, asked.now, officer=asked.officer)
    found.attach(printed, sheet.MEDIA_TYPE, raw)
    if visits:
        name = guestbook_files.file_name(site, first, csvfile.SUFFIX)
        found.attach(name, csvfile.MEDIA_TYPE, guestbook_files.as_csv(visits))
    found.line(_SAID("file"), _SAID("printed", file=printed))
