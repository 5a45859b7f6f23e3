"""`mailbot retention`: what is due for destruction, and the record of processing."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from mailbot.cli.shared import config_of, data_of, for_people, print_json


@click.command()
@click.option("--mailbox", "name", metavar="NAME", help="Only of this mailbox; CSV is of one.")
@click.option(
    "--on", "day", metavar="YYYY-MM-DD", type=click.DateTime(["%Y-%m-%d"]), help="As of this day; otherwise of today."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json", "table"]),
    help="Otherwise a table on a terminal and JSON elsewhere.",
)
@click.option("--processing", is_flag=True, help="Instead: print the record of processing (Markdown, in Indonesian).")
@click.pass_obj
def retention(path: Path, name: str | None, day: datetime | None, form: str | None, processing: bool) -> None:
    """List the tickets that are past their retention ("usul musnah"), for the archivist.

    The years stand in the configuration (retention.active_years, retention.inactive_years) and count from the day on
    which a ticket was closed. Nothing is deleted, by this command or any other by itself.

    With --processing the record that UU 27/2022 art. 31 asks for is printed: whose data, which, why, who gets them, how
    long they are kept, and each evidence file, export and removal that was made, by whom and when. It names no user.
    """
    config = config_of(path)
    now = datetime.now(UTC)
    if processing:
        if name is not None or day is not None or form is not None:
            raise click.UsageError("--processing takes no other option")
        from mailbot.reports import processing as record

        with data_of(config) as store:
            click.echo(record.page(store, config, now), nl=False)
        return
    from mailbot.reports import retention as report

    boxes = [box for box in config.mailboxes if name in (None, box.name)]
    if not boxes:
        known = ", ".join(box.name for box in config.mailboxes)
        raise click.BadParameter(f"{name!r} is none of: {known}", param_hint="--mailbox")
    if form == "csv" and len(boxes) > 1:
        raise click.UsageError("which mailbox? Give --mailbox for a CSV file")
    today = now.astimezone(config.zone).date() if day is None else day.date()
    with data_of(config) as store:
        found = [] if store is None else [report.due(store, config, box, today) for box in boxes]
    if form == "csv":
        sys.stdout.buffer.write(b"".join(map(report.as_csv, found)))
    elif form == "table" or (form is None and for_people(False)):
        from mailbot.cli.terminal import Terminal

        Terminal(config.zone, now).retention(found)
    else:
        print_json(found)
