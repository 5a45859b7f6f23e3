"""`mailbot phrases`: what this office has taught, for those who keep the rules."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from mailbot.cli import written
from mailbot.cli.shared import config_of, data_of


@click.group()
def phrases() -> None:
    """What staff say that replies mean, for those who write the phrases by which mailbot reads."""


@phrases.command()
@click.option("--mailbox", "name", metavar="NAME", help="Of this mailbox; required if there are several.")
@click.option(
    "--replies",
    "whose",
    type=click.Choice(["lkpp", "users"]),
    default="lkpp",
    show_default=True,
    help="Whose replies: Helpdesk LKPP's, or users'.",
)
@click.option(
    "--since",
    metavar="YYYY-MM-DD",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="Only those whose meaning was said on this day or later; otherwise all.",
)
@written.output_option
@click.pass_obj
def export(path: Path, name: str | None, whose: str, since: datetime | None, output: Path | None) -> None:
    """The replies whose meaning staff said, each with that meaning, as YAML.

    A list in the form of the labelled replies in mailbot's tests: "text" and "label" for LKPP's; "when", "means" and
    "text" for users'. A meaning that staff took back does not count; the last one does. Nothing is learnt by itself.

    Names, addresses, firms, long numbers and signatures are left out, as far as mailbot knows them. Read it before
    you give it away. May be called beside the daemon; a file is there with all of it or as it was before.
    """
    from mailbot.config.site import open_sites
    from mailbot.reports import staff_readings

    config = config_of(path)
    names = [each.name for each in config.mailboxes]
    if (name is None and len(names) > 1) or (name is not None and name not in names):
        raise click.BadParameter(f"name one of {', '.join(names)}", param_hint="--mailbox")
    site = next(each for each in open_sites(config) if name in (None, each.name))
    start = None if since is None else since.replace(tzinfo=config.zone).astimezone(UTC)
    with data_of(config) as store:
        if store is None:
            return
        rows = (
            staff_readings.lkpp(store, site.config, site.for_user_phrases, start)
            if whose == "lkpp"
            else staff_readings.users(store, site.config, start)
        )
    written.put(staff_readings.as_yaml(rows, staff_readings.HEADS[whose]), output, binary=False)
