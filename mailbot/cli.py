"""The command line; each command a few lines over a function that tests call too.

Exit codes are those of sysexits.h: 0 all done, 75 something must be tried again, 78 bad configuration.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from mailbot import __version__, fault, log
from mailbot import config as configuration
from mailbot.config import Config
from mailbot.desk import Desk, open_desks
from mailbot.errors import ConfigError, PermanentFailure, TemporaryFailure
from mailbot.instance import AlreadyRunning, only_instance
from mailbot.office import Clock, Office
from mailbot.reports import listing, sop
from mailbot.rules import table
from mailbot.store import Store

EX_IOERR, EX_TEMPFAIL, EX_CONFIG = 74, 75, 78


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option(
    "-c",
    "--config",
    "path",
    default="config.yaml",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The configuration file.",
)
@click.pass_context
def main(context: click.Context, path: Path) -> None:
    """An LPSE's helpdesk by e-mail, after SOP-LPSE.BTG-015."""
    context.obj = path


def _config(path: Path) -> Config:
    config = configuration.load(path)
    log.configure(config.log.format, config.log.level)
    return config


@contextmanager
def _failures() -> Iterator[None]:
    """Every failure is a clear line and an exit code; never a traceback for what the site can mend."""
    try:
        yield
    except ConfigError as error:
        for line in error.faults:
            click.echo(line, err=True)
        sys.exit(EX_CONFIG)
    except (TemporaryFailure, AlreadyRunning) as error:
        click.echo(f"mailbot: {error}", err=True)
        sys.exit(EX_TEMPFAIL)
    except PermanentFailure as error:
        click.echo(f"mailbot: {error}", err=True)
        sys.exit(EX_IOERR)


def _instant(config: Config, text: str) -> datetime:
    """A time of the site's zone ("2026-12-23 09:00"), or one with its own offset; UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not a time like 2026-12-23T09:00") from error
    return (found if found.tzinfo else found.replace(tzinfo=config.zone)).astimezone(UTC)


@main.command()
@click.option("--now", "moment", metavar="TIME", help="Rehearse at this time; loopback servers only.")
@click.pass_obj
def once(path: Path, moment: str | None) -> None:
    """Fetch, handle, fire deadlines, send, and exit."""
    with _failures():
        config = _config(path)
        if moment is not None and not config.all_loopback():
            raise ConfigError(["--now: refused, because not every server is on a loopback address"])
        fault.arm(os.environ.get("MAILBOT_FAULT"), all_loopback=config.all_loopback())
        clock = Clock(None if moment is None else _instant(config, moment))
        with only_instance(config.data):
            store = Store.open(config.data)
            try:
                complete = Office(config, store, clock).once()
            finally:
                store.close()
    sys.exit(0 if complete else EX_TEMPFAIL)


@main.command()
@click.pass_obj
def check(path: Path) -> None:
    """Check configuration, templates, rules and calendar; connects to nothing."""
    with _failures():
        config = configuration.load(path)
        desks = open_desks(config)
        for line in [*config.warnings, *listing.warnings(desks, datetime.now(UTC))]:
            click.echo(f"warning: {line}", err=True)
        names = ", ".join(desk.name for desk in desks)
        click.echo(f"{path}: in order ({len(desks)} mailboxes: {names})")


@main.command(name="sop")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "html"]), default="text", show_default=True)
@click.option("--matrix", is_flag=True, help="Print status × event instead.")
def print_sop(form: str, matrix: bool) -> None:
    """Print SOP-LPSE.BTG-015 from the very table that the program runs on."""
    with _failures():
        found = table.load()
        if matrix:
            click.echo(sop.matrix_markdown(found) if form == "markdown" else sop.matrix(found), nl=False)
        else:
            click.echo({"text": sop.text, "markdown": sop.markdown, "html": sop.html}[form](found), nl=False)


def _listing(
    path: Path, make: Callable[[Store, tuple[Desk, ...]], Any], show: Callable[[Any], None], as_json: bool
) -> None:
    """A list is a table on a terminal, JSON elsewhere or when asked for."""
    with _failures():
        config = configuration.load(path)
        desks = open_desks(config)
        store = Store.open(config.data)
        try:
            found = make(store, desks)
        finally:
            store.close()
    if as_json or not sys.stdout.isatty():
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        show(found)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON (the default where output is no terminal).")
@click.pass_obj
def status(path: Path, as_json: bool) -> None:
    """What waits where: tickets by status, deadlines, outbox, quarantine."""
    now = datetime.now(UTC)
    _listing(path, lambda store, desks: listing.status(store, desks, now), listing.show_status, as_json)


@main.command()
@click.option("--all", "everything", is_flag=True, help="Closed tickets too.")
@click.option("--json", "as_json", is_flag=True, help="As JSON (the default where output is no terminal).")
@click.pass_obj
def tickets(path: Path, everything: bool, as_json: bool) -> None:
    """The tickets, the next limit first."""
    _listing(path, lambda store, desks: listing.tickets(store, desks, everything), listing.show_tickets, as_json)


@main.command()
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="As JSON (the default where output is no terminal).")
@click.pass_obj
def ticket(path: Path, number: str, as_json: bool) -> None:
    """One ticket: fields, clocks, history, mails."""

    def find(store: Store, desks: tuple[Desk, ...]) -> Any:
        found = listing.ticket(store, desks, number)
        if found is None:
            raise click.ClickException(f"no ticket {number}")
        return found

    _listing(path, find, listing.show_ticket, as_json)
