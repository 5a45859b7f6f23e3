"""What the groups of commands share: the data folder beside the daemon, and output for people or for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from mailbot.config.settings import Config
    from mailbot.store.database import Store

as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on a terminal too; elsewhere the output is always JSON."
)


def config_of(path: Path) -> Config:
    """Raises ConfigError with every fault of the file."""
    from mailbot.config import settings as configuration

    return configuration.load(path)


@contextmanager
def data_of(config: Config) -> Iterator[Store | None]:
    """The database; None, with a word to the operator, where there is none yet: asking makes none."""
    from mailbot.store.database import Store

    if not (config.data / "mailbot.sqlite").exists():
        click.echo(f'no data yet: {config.data} holds no database; "mailbot run" makes it', err=True)
        yield None
        return
    with closing(Store.open(config.data)) as store:
        yield store


def for_people(as_json: bool) -> bool:
    return not as_json and sys.stdout.isatty()


def print_json(found: Any) -> None:
    # ASCII only: subjects may hold control characters that a terminal obeys.
    click.echo(json.dumps(found, indent=2))
