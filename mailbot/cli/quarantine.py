"""`mailbot quarantine`: what a person must look at, and what is to become of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbot.cli.shared import as_json_option, config_of, data_of, for_people, print_json

if TYPE_CHECKING:
    from mailbot.store.database import Store

#: Who has decided, in the journal and towards staff.
_WHO = "operator (command line)"

_number = click.argument("number", metavar="N", type=click.IntRange(min=1))


@click.group()
def quarantine() -> None:
    """Mails that a person must look at: unreadable mails, and commands without proof.

    Staff do the same by mail: #karantina, #proses N, #tiket N NOMOR, #buang N. All of it works beside the daemon.
    """


@quarantine.command(name="list")
@click.option("--mailbox", "name", metavar="NAME", help="Only of this mailbox.")
@as_json_option
@click.pass_obj
def listed(path: Path, name: str | None, as_json: bool) -> None:
    """What waits: number, arrival, sender, subject, reason."""
    from mailbot.reports import quarantine as report

    config = config_of(path)
    with data_of(config) as store:
        if name is not None and name not in (each.name for each in config.mailboxes):
            names = ", ".join(each.name for each in config.mailboxes)
            raise click.BadParameter(f"{name!r} is none of {names}", param_hint="--mailbox")
        found = [] if store is None else report.listed(store, config, name)
    if not for_people(as_json):
        print_json(found)
        return
    from mailbot.cli.terminal import Terminal

    Terminal(config.zone, datetime.now(UTC)).quarantine(found)


@quarantine.command()
@_number
@click.option("--raw", is_flag=True, help="Write the mail's bytes as they came, to a file or a pipe.")
@as_json_option
@click.pass_obj
def show(path: Path, number: int, raw: bool, as_json: bool) -> None:
    """One mail as far as it can be read: headers and text, without what a terminal would obey.

    Passwords in it are masked; not with --raw, which is for programs that know how to treat a hostile mail.
    """
    from mailbot.reports import quarantine as report
    from mailbot.store import journal

    config = config_of(path)
    with data_of(config) as store:
        entry = None if store is None else report.find(store, config, number)
        if store is None or entry is None:
            raise click.ClickException(f'there is no mail {number}; "mailbot quarantine list" shows what waits')
        if raw:
            if sys.stdout.isatty():
                raise click.UsageError("a terminal would obey what stands in the mail: send --raw to a file or a pipe")
            sys.stdout.buffer.write(journal.raw(store, entry[1]))
            return
        found = report.shown(store, *entry)
    if not for_people(as_json):
        print_json(found)
        return
    from mailbot.cli.terminal import Terminal

    Terminal(config.zone, datetime.now(UTC)).quarantined(found)


@quarantine.command()
@_number
@click.pass_obj
def release(path: Path, number: int) -> None:
    """Have a mail handled (again) as a mail of an unknown sender: no command in it is carried out.

    An unreadable mail gets all its attempts again. The daemon handles it within seconds, "mailbot once" in its next
    round.
    """
    from mailbot.arrivals import quarantine_work

    with _worked(path, number) as (store, mailbox):
        quarantine_work.release(store, mailbox, number, _WHO)
    click.echo(f"mail {number} will be handled again")


@quarantine.command()
@_number
@click.pass_obj
def discard(path: Path, number: int) -> None:
    """Discard a mail: nothing is done with it. Its bytes are kept, and can be shown."""
    from mailbot.arrivals import quarantine_work

    with _worked(path, number) as (store, mailbox):
        quarantine_work.discard(store, mailbox, number, _WHO)
    click.echo(f"mail {number} is discarded; its bytes are kept")


@contextmanager
def _worked(path: Path, number: int) -> Iterator[tuple[Store, str]]:
    """The database in a transaction, and the mailbox of the entry."""
    from mailbot import log
    from mailbot.arrivals.quarantine_work import NotWorked
    from mailbot.reports import quarantine as report

    config = config_of(path)
    with data_of(config) as store:
        log.configure(config.log.format, "error")
        entry = None if store is None else report.find(store, config, number)
        if store is None or entry is None:
            raise click.ClickException(f'there is no mail {number}; "mailbot quarantine list" shows what waits')
        try:
            with store.immediate():
                yield store, entry[0].name
        except NotWorked as error:
            raise click.ClickException(error.english) from None
