"""`mailbot report`: the report of a month, as the head of unit gets it by mail."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mailbot.cli import written
from mailbot.cli.month import asked_for, month_options
from mailbot.cli.shared import as_json_option, data_of, for_people, print_json


@click.command()
@month_options
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the report there as one HTML page.",
)
@as_json_option
@click.pass_obj
def report(path: Path, month: str, name: str | None, output: Path | None, as_json: bool) -> None:
    """The report of a month, as #laporan shows it: volumes, times against the Tabel Prioritas, penyimpangan, LKPP,
    satisfaction, and what is open.

    The page (--output) is one file that loads nothing and prints on A4. The head and the coordinators get the same by
    mail on the first working day of each month.
    """
    from mailbot.config.site import open_sites
    from mailbot.parsers.dates import months
    from mailbot.reports.monthly import page, plain
    from mailbot.reports.monthly.report import of_month

    wanted = asked_for(path, month, name)
    config, now = wanted.config, wanted.now
    if wanted.first > now.astimezone(config.zone).date():
        raise click.BadParameter(f"{wanted.first:%Y-%m} has not begun", param_hint="--month")
    site = next(site for site in open_sites(config) if site.name == wanted.mailbox.name)
    with data_of(config) as store:
        if store is None:
            sys.exit(1)
        made = of_month(store, site, wanted.first, now)
    if output is not None:
        if made.figures.is_empty:
            raise click.ClickException(
                f"no ticket came, was solved or stood open in {wanted.first:%Y-%m}: nothing is written"
            )
        written.whole(output, page.page(made.shown, wanted.mailbox.organisation, site.say(now)).encode())
    if as_json or (output is None and not for_people(as_json)):
        head = {"mailbox": site.name, "organisation": wanted.mailbox.organisation}
        print_json({**head, **plain.as_json(made.figures)})
    elif output is None:
        from mailbot.cli.terminal import Terminal

        Terminal(config.zone, now).report(made.shown, wanted.mailbox.organisation)
    else:
        click.echo(f"{output}: the report of {months.words(wanted.first)}", err=True)
