"""`mailbot backup` and `mailbot restore`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from mailbot.cli.shared import config_of, data_of
from mailbot.errors import Damaged


@click.command()
@click.argument("target", metavar="[FILE|FOLDER]", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def backup(path: Path, target: Path | None) -> None:
    """Write all data into one file, also while the daemon works.

    Database and mails, as they are at this moment; the database is examined first. In a FOLDER, the file's name tells
    the time; a FILE that exists is replaced once the new one is whole. Without either it goes to "backups" in the data
    folder: copy it to another machine. It holds every mail, and is readable for you only.
    """
    from mailbot.store import backup as backups

    config = config_of(path)
    now = datetime.now(UTC)
    with data_of(config) as store:
        if store is None:
            raise click.ClickException("there is nothing to back up")
        if target is None:
            target = config.data / "backups"
            target.mkdir(mode=0o700, exist_ok=True)
        file = target / backups.default_name(now) if target.is_dir() else target
        if not file.parent.is_dir():
            raise click.BadParameter(f"{file.parent} is no folder", param_hint="FILE")
        made = backups.make(store, file, now, _progress)
    click.echo(f"{made.path}: {made.size} bytes, sha256 {made.sha256}")
    if made.missing:
        raise Damaged(str(config.data / "raw"), f"{len(made.missing)} large files are gone, first {made.missing[0]}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def restore(path: Path, file: Path) -> None:
    """Put the data of a backup FILE in place of the present data.

    Refused while a mailbot is at work on the data. The present database is kept aside, in a folder named
    before-restore-…; nothing of it is written over.

    Then start mailbot as usual. Mails that came since the backup are read from the server again and answered; such
    answers say that they may be repetitions. No ticket number is given twice: the operator is told which ones are
    skipped. Mails to LKPP that may have been sent already are held: see "mailbot outbox list --held".
    """
    from mailbot.store import backup as backups
    from mailbot.store.instance import only_instance

    config = config_of(path)
    with only_instance(config.data):
        done = backups.restore(config.data, [mailbox.name for mailbox in config.mailboxes], file, datetime.now(UTC))
    click.echo(f"restored the backup of {done.made_at.astimezone(config.zone):%Y-%m-%d %H:%M}")
    if done.aside is not None:
        click.echo(f"the database that was there before: {done.aside}")


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done * 100 // max(total, 1)} %", nl=done >= total, err=True)
