"""`mailbot rekap`: a month in the columns of the paper form."""

from __future__ import annotations

from pathlib import Path

import click

from mailbot.cli import written
from mailbot.cli.month import asked_for, format_option, table_options
from mailbot.cli.shared import data_of, for_people, print_json


@click.command()
@table_options
@format_option("csv", "xlsx", "json", "table")
@written.output_option
@click.option("--anonymous", is_flag=True, help="Without names, addresses and texts.")
@click.pass_obj
def rekap(
    path: Path,
    month: str,
    name: str | None,
    form: str | None,
    channel: str | None,
    output: Path | None,
    anonymous: bool,
) -> None:
    """The rekap of a month, as #rekap sends it: who asked what, and what was answered when by whom.

    Mails count by the day on which they came, calls and visits by the day of their form. XLSX is the paper to print and
    sign, a worksheet for each channel; longer texts are cut in it, and it says where. CSV has all of every text, a line
    each, for Excel: UTF-8 with a byte order mark, separated by semicolons. Nothing in either is taken for a formula.
    """
    from mailbot.reports import recap
    from mailbot.reports.listing import words_of

    if output is not None and form not in ("csv", "xlsx"):
        raise click.UsageError("--output is for --format xlsx and --format csv")
    written.refuse_terminal(output, binary=form == "xlsx")
    wanted = asked_for(path, month, name)
    config, mailbox, now = wanted.config, wanted.mailbox, wanted.now
    with data_of(config) as store:
        if store is None:
            if form in (None, "json") and not for_people(False):
                print_json(None)
            return
        asked = recap.Asked(mailbox, words_of(mailbox), config.zone, wanted.first, anonymous, channel)
        found = recap.recap(store, asked, now)
    if form == "xlsx":
        from mailbot.reports import recap_xlsx

        written.put(recap_xlsx.of(found, asked, now), output, binary=True)
    elif form == "csv":
        written.put(recap.as_csv(found), output, binary=False)
    elif form == "table" or (form is None and for_people(False)):
        from mailbot.cli.terminal import Terminal

        Terminal(config.zone, now).recap(found)
    else:
        print_json(found)
