"""`mailbot backup` and `mailbot restore`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbot.cli.shared import config_of, data_of
from mailbot.errors import Damaged

if TYPE_CHECKING:
    from mailbot.store.backup import Made


class _Ages(click.ParamType[tuple[int, ...]]):
    name = "DAYS,WEEKS,MONTHS"

    def convert(self, value: object, param: click.Parameter | None, context: click.Context | None) -> tuple[int, ...]:
        parts = str(value).split(",")
        if len(parts) != 3 or not all(part.strip().isascii() and part.strip().isdigit() for part in parts):
            self.fail(f"{value!r} is not three numbers such as 14,8,12", param, context)
        return tuple(int(part) for part in parts)


@click.command()
@click.argument("target", metavar="[FILE|FOLDER]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=_Ages(),
    metavar="DAYS,WEEKS,MONTHS",
    help='For a timer: open the new copy, and then remove old ones. "14,8,12" keeps the last copy of each of 14 days, 8'
    " weeks and 12 months, and all of the last two days.",
)
@click.option(
    "--alarm-after",
    metavar="DAYS",
    type=click.IntRange(0, 366),
    default=2,
    show_default=True,
    help="With --keep: the daemon tells the operators if no further good copy is made within so many days; 0: never.",
)
@click.option("--verify", is_flag=True, help="Open FILE as restore would, and put nothing back; make no copy.")
@click.option("--forget", is_flag=True, help="No more copies are made by --keep: end its alarm, make no copy.")
@click.pass_obj
def backup(
    path: Path,
    target: Path | None,
    keep: tuple[int, int, int] | None,
    alarm_after: int,
    verify: bool,
    forget: bool,
) -> None:
    """Write all data into one file, also while the daemon works.

    Database and mails, as they are at this moment; the database is examined first. In a FOLDER, the file's name tells
    the time; a FILE that exists is replaced once the new one is whole. Without either it goes to "backups" in the data
    folder: copy it to another machine. It holds every mail, and is readable for you only.

    With --keep each copy is opened once it is made, and so is one of the old copies, each day another one. Old copies
    are removed only after a good new one; files with other names stay. Exit code 74: a copy is not whole.
    """
    from mailbot.daemon import copies
    from mailbot.store import backup as backups

    if (keep is not None and (verify or forget)) or (verify and forget):
        raise click.UsageError("--keep, --verify and --forget do not go together")
    if verify and target is None:
        raise click.UsageError("--verify: name the FILE")
    config = config_of(path)
    now = datetime.now(UTC)
    if verify and target is not None:
        made_at = backups.verify(target)
        click.echo(f"{target}: whole, made on {made_at.astimezone(config.zone):%Y-%m-%d %H:%M}")
        return
    with data_of(config) as store:
        if store is None:
            raise click.ClickException("there is nothing to back up")
        if forget:
            copies.forget(store, now)
            click.echo("no copies are expected any more")
            return
        if target is None:
            target = config.data / "backups"
            target.mkdir(mode=0o700, exist_ok=True)
        if keep is not None:
            if not target.is_dir():
                raise click.BadParameter(f"{target} is no folder", param_hint="FOLDER")
            kept = copies.keep(store, target, now, copies.Ages(*keep), timedelta(days=alarm_after), _progress)
            _tell(kept.made, config.data)
            click.echo(f"opened: {', '.join(name for name in (kept.made.path.name, kept.opened) if name)}")
            for name in kept.removed:
                click.echo(f"removed: {name}")
            if kept.fault:
                raise Damaged(str(target / kept.opened), kept.fault)
            return
        file = target / backups.default_name(now) if target.is_dir() else target
        if not file.parent.is_dir():
            raise click.BadParameter(f"{file.parent} is no folder", param_hint="FILE")
        _tell(backups.make(store, file, now, _progress), config.data)


def _tell(made: Made, data: Path) -> None:
    click.echo(f"{made.path}: {made.size} bytes, sha256 {made.sha256}")
    if made.missing:
        raise Damaged(str(data / "raw"), f"{len(made.missing)} large files are gone, first {made.missing[0]}")


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
