"""`mailbot replay`: what mailbot would do with mails that lie in files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATHS...")
@click.option(
    "--mailbox", metavar="NAME", help="The mailbox of the mails; otherwise To and Cc tell, or the first one is taken."
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON on a terminal too, one line a mail; elsewhere the output is always JSON.",
)
@click.pass_obj
def replay(path: Path, paths: tuple[Path, ...], mailbox: str | None, as_json: bool) -> None:
    """Say what would be done with mails: read, decided, answered; nothing is sent.

    PATHS are files of one mail each, mboxes, Maildirs, or folders of these. Each mail is handled as if it arrived now,
    one after the other, in a copy of the present data that is thrown away afterwards; no server is asked.
    """
    from mailbot import log
    from mailbot.arrivals.replay import Replay, copied
    from mailbot.config import settings as configuration
    from mailbot.fetch.mbox_files import mails

    config = configuration.load(path)
    log.configure(config.log.format, "error")
    if mailbox is not None and mailbox not in (each.name for each in config.mailboxes):
        raise click.BadParameter(
            f"{mailbox!r} is none of {', '.join(each.name for each in config.mailboxes)}", param_hint="--mailbox"
        )
    for_people = not as_json and sys.stdout.isatty()
    with copied(config) as store:
        found = Replay(config, store, datetime.now(UTC)).run(mails(paths), mailbox)
        if not for_people:
            for each in _shown(found):
                # ASCII only: mails may hold control characters that a terminal obeys.
                click.echo(json.dumps(each))
            return
        from mailbot.cli.terminal import Terminal

        terminal = Terminal(config.zone, datetime.now(UTC))
        for each in found:
            terminal.replayed(each)


def _shown(found: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """With a count on standard error while that is a terminal and the output is not."""
    counting = sys.stderr.isatty() and not sys.stdout.isatty()
    for number, each in enumerate(found, start=1):
        if counting and number % 10 == 0:
            click.echo(f"\r{number} mails", err=True, nl=False)
        yield each
    if counting:
        click.echo(err=True)
