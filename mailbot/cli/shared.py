"""What the groups of commands share: the data folder beside the daemon, and output for people or for programs."""

from __future__ import annotations

import json
import os
import pwd
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from mailbot.config.settings import Config
    from mailbot.store.database import Store

# sysexits.h
EX_DATAERR, EX_CANTCREAT = 65, 73


def refused(message: str, code: int) -> click.ClickException:
    """What was asked for cannot be: to be raised, with its exit code."""
    error = click.ClickException(message)
    vars(error)["exit_code"] = code
    return error


as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on a terminal too; elsewhere the output is always JSON."
)


def config_of(path: Path) -> Config:
    """For commands that log in nowhere: an operator's shell need not hold the passwords. Raises ConfigError with every
    fault of the file."""
    from mailbot.config import settings as configuration

    return configuration.load(path, secrets=False)


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


def one_ticket(store: Store | None, config: Config, wanted: str) -> str:
    """The number of the one ticket that somebody means. Raises ClickException."""
    from mailbot.reports import listing

    numbers = [] if store is None else listing.find(store, config, wanted)
    if len(numbers) > 1:
        raise click.ClickException(f"which one? {wanted!r} may be {', '.join(numbers)}")
    if not numbers:
        raise click.ClickException(f'there is no ticket {wanted!r}; "mailbot tickets --all" lists them')
    return numbers[0]


@contextmanager
def creating(path: Path) -> Iterator[None]:
    """Around the writing of a new file. Raises ClickException where it cannot be written, or is there already."""
    try:
        yield
    except FileExistsError as error:
        raise refused(f"{path} exists already; nothing is written over", EX_CANTCREAT) from error
    except OSError as error:
        raise refused(f"{path} cannot be written: {error.strerror or error}", EX_CANTCREAT) from error


def os_user() -> str:
    """Who runs this, as the operating system knows them; behind sudo also who has asked."""
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:  # a container without a line for it
        name = f"uid {uid}"
    asked = os.environ.get("SUDO_USER", "") if uid == 0 else ""
    return f"{name} (sudo {asked})" if asked else name
