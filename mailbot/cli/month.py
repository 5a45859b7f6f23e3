"""What `mailbot rekap`, `mailbot arsip` and `mailbot report` are asked for: a month of a mailbox, and in which form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailbot.cli.shared import config_of

if TYPE_CHECKING:
    from mailbot.config.settings import Config, MailboxConfig


@dataclass(frozen=True, slots=True)
class Wanted:
    config: Config
    mailbox: MailboxConfig
    first: date
    now: datetime


def month_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--month and --mailbox."""
    for option in (
        click.option("--mailbox", "name", metavar="NAME", help="Of this mailbox; required if there are several."),
        click.option(
            "--month", metavar="YYYY-MM", default="", help='The month ("2026-11", "november"); otherwise this one.'
        ),
    ):
        command = option(command)
    return command


def table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same, and --channel."""
    channel = click.option(
        "--channel",
        type=click.Choice(["email", "telepon", "loket", "lpse-support"]),
        help="Only what came so; otherwise all.",
    )
    return month_options(channel(command))


def format_option(*formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """--format with these."""
    return click.option(
        "--format", "form", type=click.Choice(formats), help="Otherwise a table on a terminal and JSON elsewhere."
    )


def asked_for(path: Path, month: str, name: str | None) -> Wanted:
    """Raises BadParameter."""
    from mailbot.parsers.dates import months

    config = config_of(path)
    now = datetime.now(UTC)
    wanted = months.read(month)
    if wanted is None:
        raise click.BadParameter(f'{month!r} is no month; write it like "2026-11"', param_hint="--month")
    names = [each.name for each in config.mailboxes]
    if (name is None and len(names) > 1) or (name is not None and name not in names):
        raise click.BadParameter(f"name one of {', '.join(names)}", param_hint="--mailbox")
    mailbox = next(each for each in config.mailboxes if name in (None, each.name))
    return Wanted(config, mailbox, months.settle(wanted, now.astimezone(config.zone).date()), now)
