"""`mailbot arsip`: the Daftar Arsip of a month."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mailbot.cli.month import asked_for, format_option, table_options
from mailbot.cli.shared import data_of, for_people, print_json


@click.command()
@table_options
@format_option("csv", "json", "table")
@click.option("--anonymous", is_flag=True, help="Without names.")
@click.pass_obj
def arsip(path: Path, month: str, name: str | None, form: str | None, channel: str | None, anonymous: bool) -> None:
    """The Daftar Arsip of a month, as #arsip sends it: each form number, its day, whose it is, and where it is kept.

    A call or visit counts by the day of its form, a mail by the day on which it came.
    """
    from mailbot.reports import archive

    wanted = asked_for(path, month, name)
    with data_of(wanted.config) as store:
        if store is None:
            if form in (None, "json") and not for_people(False):
                print_json(None)
            return
        found = archive.archive(
            store, wanted.mailbox, wanted.config.zone, wanted.first, anonymous=anonymous, channel=channel
        )
    if form == "csv":
        sys.stdout.buffer.write(archive.as_csv(found))
    elif form == "table" or (form is None and for_people(False)):
        from mailbot.cli.terminal import Terminal

        Terminal(wanted.config.zone, wanted.now).archive(found)
    else:
        print_json(found)
