"""`mailbot outbox`: the mails that wait, are held or did not arrive, and what a person decides about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbot.cli.shared import as_json_option, config_of, data_of, for_people, print_json

if TYPE_CHECKING:
    from mailbot.store.database import Store

_number = click.argument("number", type=click.IntRange(1))
_number_or_rule = (
    click.argument("number", type=click.IntRange(1), required=False),
    click.option(
        "--held-by", metavar="RULE", help='All mails that this rule holds ("latecomers"), instead of one mail.'
    ),
)


def _one_or_all(command: Callable[..., None]) -> Callable[..., None]:
    for each in reversed(_number_or_rule):
        command = each(command)
    return command


@click.group()
def outbox() -> None:
    """The mails that wait to leave, are held, or did not arrive; and what to do about one.

    A mail is named by its number in "mailbot outbox list". All these commands work beside the daemon, which sees a
    decision within a second. Exit code 1: there is no such mail, or its state does not allow the decision.
    """


@outbox.command(name="list")
@click.option("--held", is_flag=True, help="Only what is held.")
@as_json_option
@click.pass_obj
def list_mails(path: Path, held: bool, as_json: bool) -> None:
    """What waits, is held or did not arrive, the oldest first, and why it is held and until when.

    What the mail server has accepted, and what was cancelled, is not listed: "mailbot ticket NUMBER" shows it.
    """
    from mailbot.reports import outbox as report

    config = config_of(path)
    with data_of(config) as store:
        found = [] if store is None else report.mails(store, held=held)
    if for_people(as_json):
        from mailbot.cli.terminal import Terminal

        Terminal(config.zone, datetime.now(UTC)).outbox(found)
    else:
        print_json(found)


@outbox.command()
@_number
@as_json_option
@click.pass_obj
def show(path: Path, number: int, as_json: bool) -> None:
    """One mail: its state, its headers and its text, exactly as it leaves or has left.

    NUMBER may also be the number of a mail that has left or was cancelled.
    """
    from mailbot.reports import outbox as report

    config = config_of(path)
    with data_of(config) as store:
        found = None if store is None else report.mail(store, number)
    if found is None:
        raise click.ClickException(f'there is no mail {number}; "mailbot outbox list" names them')
    if for_people(as_json):
        from mailbot.cli.terminal import Terminal

        Terminal(config.zone, datetime.now(UTC)).outgoing(found)
    else:
        print_json(found)


@outbox.command()
@_number
@click.pass_obj
def hold(path: Path, number: int) -> None:
    """Keep one mail that waits: it does not leave before a retry.

    The others to the same recipient do not wait for it.
    """
    from mailbot.delivery import decisions

    _decide(path, number, decisions.hold, "held")


@outbox.command()
@_one_or_all
@click.pass_obj
def retry(path: Path, number: int | None, held_by: str | None) -> None:
    """Let a held mail go, or send a refused one again, now.

    The mail leaves whatever the caps say, with the same bytes and Message-ID. It still waits as long as staff may take
    it back with #batal.
    """
    from mailbot.delivery import decisions

    _decide(path, number, decisions.retry, "due", held_by)


@outbox.command()
@_number
@click.pass_obj
def sent(path: Path, number: int) -> None:
    """Count one mail as arrived, if it may have been sent already.

    For a mail whose fate is not known, and for one that is held because a backup was restored, after you have seen it
    in the Sent folder or asked its recipient. Its ticket goes on as if the mail server had just accepted it.
    """
    from mailbot.delivery import decisions

    _decide(path, number, decisions.arrived, "counted as sent")


@outbox.command()
@_one_or_all
@click.pass_obj
def cancel(path: Path, number: int | None, held_by: str | None) -> None:
    """Never send one mail that waits or is held.

    Refused for a mail whose fate is not known: the server may have it already.
    """
    from mailbot.delivery import decisions

    _decide(path, number, decisions.cancel, "cancelled", held_by)


def _decide(
    path: Path, number: int | None, act: Callable[[Store, int, datetime], None], done: str, held_by: str | None = None
) -> None:
    """One mail, or all that a rule holds."""
    from mailbot import log
    from mailbot.delivery.decisions import NotNow
    from mailbot.store import held_mails

    if (number is None) == (held_by is None):
        raise click.UsageError("name one mail by its number, or a rule with --held-by")
    config = config_of(path)
    with data_of(config) as store:
        log.configure(config.log.format, config.log.level)
        held = [] if store is None else held_mails.of_rule(store, held_by or "")
        found = held if number is None else [number]
        if store is None or not found:
            nothing = f"there is no mail {number}" if number is not None else f"nothing is held by {held_by}"
            raise click.ClickException(nothing)
        for each in found:
            try:
                act(store, each, datetime.now(UTC))
            except NotNow as error:
                raise click.ClickException(str(error)) from None
    click.echo(f"mail {number} is {done}" if number is not None else f"{len(found)} mails are {done}")
