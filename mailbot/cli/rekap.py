"""`mailbot rekap`: a month in the columns of the paper form."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from mailbot.cli.shared import config_of, data_of, for_people, print_json


@click.command()
@click.option("--month", metavar="YYYY-MM", default="", help='The month ("2026-11", "november"); otherwise this one.')
@click.option("--mailbox", "name", metavar="NAME", help="Of this mailbox; required if there are several.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json", "table"]),
    help="Otherwise a table on a terminal and JSON elsewhere.",
)
@click.option("--anonymous", is_flag=True, help="Without names, addresses and texts.")
@click.pass_obj
def rekap(path: Path, month: str, name: str | None, form: str | None, anonymous: bool) -> None:
    """The rekap of a month, as #rekap sends it: who asked what, and what was answered when by whom.

    Tickets count by the day on which they came. The CSV file is one for Excel: UTF-8 with a byte order mark, separated
    by semicolons; nothing in it is taken for a formula.
    """
    from mailbot.parsers.dates import months
    from mailbot.reports import recap
    from mailbot.reports.listing import words_of

    config = config_of(path)
    now = datetime.now(UTC)
    wanted = months.read(month)
    if wanted is None:
        raise click.BadParameter(f'{month!r} is no month; write it like "2026-11"', param_hint="--month")
    names = [each.name for each in config.mailboxes]
    if (name is None and len(names) > 1) or (name is not None and name not in names):
        raise click.BadParameter(f"name one of {', '.join(names)}", param_hint="--mailbox")
    mailbox = next(each for each in config.mailboxes if name in (None, each.name))
    first = months.settle(wanted, now.astimezone(config.zone).date())
    with data_of(config) as store:
        if store is None:
            if form in (None, "json") and not for_people(False):
                print_json(None)
            return
        asked = recap.Asked(mailbox, words_of(mailbox), config.zone, first, anonymous)
        found = recap.recap(store, asked, now)
    if form == "csv":
        sys.stdout.buffer.write(recap.as_csv(found))
    elif form == "table" or (form is None and for_people(False)):
        from mailbot.cli.terminal import Terminal

        Terminal(config.zone, now).recap(found)
    else:
        print_json(found)
