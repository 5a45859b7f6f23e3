"""`mailbot demo`: the play of SOP-LPSE.BTG-015 on the screen."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

EX_SOFTWARE = 70
#: Seconds after each thing on a terminal: a reader's eye follows, and the whole stays below a minute.
_PACE = 0.15


@click.command()
@click.option(
    "--to",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    default=Path("mailbot-demo"),
    show_default=True,
    help="Where the timeline, the mails and the log are left. An earlier demo there is replaced.",
)
@click.option(
    "--pace",
    metavar="SECONDS",
    type=click.FloatRange(0.0, 60.0),
    help=f"Wait so long after each mail.  [default: {_PACE} on a terminal, otherwise 0]",
)
@click.option("--stay", is_flag=True, help="Go on afterwards, for mail programs of your own, until Ctrl-C.")
def demo(folder: Path, pace: float | None, stay: bool) -> None:
    """Play SOP-LPSE.BTG-015 from the first mail to the last.

    Starts an IMAP and an SMTP server on this machine, runs the real daemon against them, and plays two users, a member
    of staff and LKPP on a fast clock, in less than a minute. Needs no configuration and reads none; nothing leaves the
    machine. At its end lies a timeline, linimasa.html, to open in a browser. Exit code 70: the program did not do what
    the SOP says.
    """
    from rich.console import Console

    from mailbot.demo.chat import Chat
    from mailbot.demo.plain import PlainChat
    from mailbot.demo.run import perform
    from mailbot.demo.stage import NotPlayed

    console = Console(highlight=False)
    teller = Chat(console) if console.is_terminal else PlainChat(click.echo)
    if pace is None:
        pace = _PACE if console.is_terminal else 0.0
    try:
        with _interrupted_by_every_end():
            perform(folder, teller, pace=pace, stay=stay)
    except NotPlayed as error:
        click.echo(f"mailbot: the demo failed: {error}", err=True)
        click.echo(f"mailbot: what was done until then stands in {folder.resolve() / 'mailbot.log'}", err=True)
        sys.exit(EX_SOFTWARE)


@contextmanager
def _interrupted_by_every_end() -> Iterator[None]:
    """A closed terminal or `kill` ends the servers as Ctrl-C does, which a shell's background jobs would ignore."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        for number in before:
            signal.signal(number, signal.default_int_handler)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
