"""`mailbot person`: what concerns one address, whoever it is: who gets no automatic mail, and who gets it again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from mailbot.cli.shared import as_json_option, config_of, data_of, for_people, print_json


@click.group()
def person() -> None:
    """Addresses: which of them get no automatic mail, and why.

    Staff silence a sender with #buang and end it with #buka; robots are found out by what they do. All of it works
    beside the daemon.
    """


@person.command()
@as_json_option
@click.pass_obj
def silenced(path: Path, as_json: bool) -> None:
    """Who gets no automatic mail: address, since when, until when, why, and because of which ticket.

    Why: "discarded" (#buang of a proven mail), "unproven" (#buang of a mail that anybody may have written: only mails
    without proof get no answer), "robot" (it answered five automatic mails in a row).
    """
    from mailbot.reports import silences as report

    config = config_of(path)
    now = datetime.now(UTC)
    with data_of(config) as store:
        found = [] if store is None else report.listed(store, config, now)
    if not for_people(as_json):
        print_json(found)
        return
    from mailbot.cli.terminal import Terminal

    Terminal(config.zone, now).silenced(found)


@person.command()
@click.argument("address", metavar="ADDRESS")
@click.pass_obj
def unsilence(path: Path, address: str) -> None:
    """Let an address get automatic mail again, in all mailboxes. What was held for it meanwhile stays held."""
    from mailbot.store import silences

    config = config_of(path)
    wanted = address.strip().lower()
    with data_of(config) as store:
        ended = []
        if store is not None:
            with store.immediate():
                ended = [each.name for each in config.mailboxes if silences.lift(store, each.name, wanted)]
        if not ended:
            raise click.ClickException(f'{address!r} is not silenced; "mailbot person silenced" lists who is')
    click.echo(f"{wanted} gets automatic mail again ({', '.join(ended)})")
