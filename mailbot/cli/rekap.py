"""`mailbot rekap`: a month in the columns of the paper form."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mailbot.cli.month import asked_for, table_options
from mailbot.cli.shared import data_of, for_people, print_json


@click.command()
@table_options
@click.option("--anonymous", is_flag=True, help="Without names, addresses and texts.")
@click.pass_obj
def rekap(path: Path, month: str, name: str | None, form: str | None, channel: str | None, anonymous: bool) -> None:
    """The rekap of a month, as #rekap sends it: who asked what, and what was answered when by whom.

    Mails count by the day on which they came, calls and visits by the day of their form. The CSV file is one for Excel:
    UTF-8 with a byte order mark, separated by semicolons; nothing in it is taken for a formula.
    """
    from mailbot.reports import recap
    from mailbot.reports.listing import words_of

    wanted = asked_for(path, month, name)
    config, mailbox, now = wanted.config, wanted.mailbox, wanted.now
    with data_of(config) as store:
        if store is None:
            if form in (None, "json") and not for_people(False):
                print_json(None)
            return
        asked = recap.Asked(mailbox, words_of(mailbox), config.zone, wanted.first, anonymous, channel)
        found = recap.recap(store, asked, now)
    if form == "csv":
        sys.stdout.buffer.write(recap.as_csv(found))
    elif form == "table" or (form is None and for_people(False)):
        from mailbot.cli.terminal import Terminal

        Terminal(config.zone, now).recap(found)
    else:
        print_json(found)
