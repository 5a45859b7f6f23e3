"""The command line; each command a few lines over functions that tests call too.

Imports stand inside the commands: `mailbot --help` and a refused configuration need not wait for libraries that only
a round of mail needs.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailbot import __version__
from mailbot.cli.alarm import alarm
from mailbot.cli.arsip import arsip
from mailbot.cli.backup import backup, restore
from mailbot.cli.check import check
from mailbot.cli.demo import demo
from mailbot.cli.evidence import evidence
from mailbot.cli.init.command import init
from mailbot.cli.outbox import outbox
from mailbot.cli.person import person
from mailbot.cli.phrases import phrases
from mailbot.cli.quarantine import quarantine
from mailbot.cli.rekap import rekap
from mailbot.cli.replay import replay
from mailbot.cli.report import report
from mailbot.cli.retention import retention
from mailbot.cli.shared import as_json_option, config_of, data_of, for_people, one_ticket, print_json
from mailbot.cli.sop import sop
from mailbot.cli.token_login import token
from mailbot.errors import ConfigError, Damaged, LaterData, PermanentFailure, TemporaryFailure
from mailbot.model import Status
from mailbot.store.instance import AlreadyRunning

if TYPE_CHECKING:
    from mailbot.cli.terminal import Terminal
    from mailbot.clock import Clock
    from mailbot.config.settings import Config
    from mailbot.store.database import Store

# sysexits.h
EX_SOFTWARE, EX_IOERR, EX_TEMPFAIL, EX_CONFIG = 70, 74, 75, 78
#: Ticket numbers have a year of 20xx.
_YEARS = range(2000, 2100)

#: As `mailbot tickets` and its JSON name them.
_STATUSES = tuple(status.value for status in Status)

_EXIT_CODES = """
\b
Exit codes:
  0   all done
  1   there is no such ticket or person, or an evidence file is not what was made
  2   the command line was wrong; see --help
  65  a file that was given is not what it should be
  70  a fault in mailbot itself: please report it
  73  a file cannot be written, or is there already
  74  the database or a disk cannot be read or written: a person must look
  75  something must be tried again later; nothing is lost
  78  configuration, rules or templates are wrong: each fault with file and line; or the data is of a later mailbot
"""


class _Commands(click.Group):
    """Every failure is a clear line and an exit code; never a stack trace for what the site can mend."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """The configuration may be named behind the command, too."""
        return super().parse_args(context, _config_first(args))

    def invoke(self, context: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a terminal that cannot show a sign shows another
                stream.reconfigure(errors="replace")
        try:
            return super().invoke(context)
        except ConfigError as error:
            _refuse(error)
        except LaterData as error:
            _end(EX_CONFIG, f"{error}; nothing was done and no server was contacted")
        except (TemporaryFailure, AlreadyRunning) as error:
            _end(EX_TEMPFAIL, f"{error}; try again later, nothing is lost")
        except (PermanentFailure, Damaged) as error:
            _end(EX_IOERR, f"{error}; a person must look, mailbot changes nothing")
        except OSError as error:
            if error.errno == errno.EPIPE:  # `mailbot tickets | head`: click ends quietly
                raise
            _end(EX_IOERR, f"{error.filename or 'input or output'}: {error.strerror or type(error).__name__}")
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            from mailbot import log

            log.crashed(error)
            _end(EX_SOFTWARE, f"a fault in mailbot itself ({type(error).__name__}, above); please report it")


def _config_first(args: list[str]) -> list[str]:
    """`once -c FILE` as `-c FILE once`. No command has a `-c` of its own."""
    end = args.index("--") if "--" in args else len(args)
    first: list[str] = []
    rest: list[str] = []
    words = iter(args[:end])
    for word in words:
        if word in ("-c", "--config"):
            first += [word, *[value for value in [next(words, None)] if value is not None]]
        elif word.startswith("--config="):
            first.append(word)
        else:
            rest.append(word)
    return [*first, *rest, *args[end:]]


def _end(code: int, reason: str) -> None:
    click.echo(f"mailbot: {reason}", err=True)
    sys.exit(code)


def _refuse(error: ConfigError) -> None:
    for line in error.faults:
        click.echo(line, err=True)
    count = len(error.faults)
    _end(EX_CONFIG, f"{count} {'fault' if count == 1 else 'faults'}; nothing was done and no server was contacted")


def _moment(context: click.Context, option: click.Parameter, value: str | None) -> datetime | None:
    """A time like "2026-12-23 09:00"; aware only if an offset was given."""
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        raise click.BadParameter(f'{value!r} is not a time; write it like "2026-12-23 09:00"') from None
    if found.year not in _YEARS:
        raise click.BadParameter(f"the year {found.year} is not between {_YEARS[0]} and {_YEARS[-1]}")
    return found


@click.group(cls=_Commands, epilog=_EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option(
    "-c",
    "--config",
    "path",
    default="config.yaml",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The configuration file.",
)
@click.pass_context
def main(context: click.Context, path: Path) -> None:
    """An LPSE's helpdesk by e-mail, after SOP-LPSE.BTG-015.

    Begin with "mailbot check": it reads the configuration and connects to nothing. "mailbot run" is the daemon,
    "mailbot once" does one round and ends. "mailbot status" says what waits and what needs a look.
    """
    context.obj = path


# --- doing ---------------------------------------------------------------------------------------


_rehearse = click.option(
    "--now",
    "moment",
    metavar="TIME",
    callback=_moment,
    help='Rehearse as if it were this time ("2026-12-23 09:00", in the time zone of the configuration); mail fetched'
    " then counts as arriving then. Refused unless every server is on this machine.",
)


@main.command()
@_rehearse
@click.pass_obj
def once(path: Path, moment: datetime | None) -> None:
    """Do one round: fetch, handle, remind, send, end.

    May be run again and again, also after a crash or a power cut: nothing is lost and nothing is done twice. Exit code
    75 says that something must be tried again (a server that did not answer, a password that it refused): the log
    says what, and the other mailboxes have been served.
    """
    from mailbot import log
    from mailbot.daemon.round import Office
    from mailbot.store.database import Store
    from mailbot.store.instance import only_instance, owned

    config, clock = _ready(path, moment, 0.0)
    with only_instance(config.data):
        _look_at_disk(config)
        store = Store.open(config.data)
        try:
            with owned(store) as owner:
                complete = Office(config, store, clock).once(owner.jumped)
        finally:
            store.close()
    log.finished(complete)
    sys.exit(0 if complete else EX_TEMPFAIL)


@main.command()
@_rehearse
@click.option(
    "--speed",
    type=click.FloatRange(0.0, 100_000.0),
    default=1.0,
    show_default=True,
    help="With --now: the clock runs so many times as fast as the real clock.",
)
@click.pass_obj
def run(path: Path, moment: datetime | None, speed: float) -> None:
    """Stay and work: the daemon.

    Learns of new mail by IDLE where the server offers it, looks once in a while all the same, and does what falls due.
    The log goes to standard error. A server that does not answer, or refuses the account, is tried again and again,
    and the other mailboxes go on.

    SIGHUP reads the configuration again; if it has faults, the old one stays. SIGTERM and Ctrl-C finish what is in
    hand, within ten seconds, and end it with exit code 0; a second Ctrl-C does not wait. Whatever ends it, nothing is
    lost. Exit code 75: another mailbot is at work on the data folder.
    """
    from mailbot import killpoint
    from mailbot.store import instance

    if moment is None and speed != 1.0:
        raise click.UsageError("--speed is for rehearsals: give --now too")
    with _all_kept():
        config, clock = _ready(path, moment, speed)
        if (other := instance.holder(config.data)) is not None:  # before anything is loaded that takes a while
            named = f" (process {other.process})" if other.process is not None else ""
            raise AlreadyRunning(f"another mailbot{named} is at work on {config.data}")
        from mailbot.fetch import reader

        reader.prepare()  # the process comes up while the rest is loaded here
        from mailbot.daemon.notify import Notifier
        from mailbot.daemon.run import Daemon

        _look_at_disk(config)
        # A death that a test asks for is that of the whole program.
        daemon = Daemon(config, clock, Notifier.from_environment(), apart=not killpoint.armed())

    def leave(*_: object) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)  # the second time there is no waiting
        daemon.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    signal.signal(signal.SIGHUP, lambda *_: daemon.reload())
    daemon.run()


main.add_command(alarm)
main.add_command(arsip)
main.add_command(backup)
main.add_command(check)
main.add_command(demo)
main.add_command(evidence)
main.add_command(init)
main.add_command(outbox)
main.add_command(person)
main.add_command(phrases)
main.add_command(quarantine)
main.add_command(rekap)
main.add_command(replay)
main.add_command(report)
main.add_command(restore)
main.add_command(retention)
main.add_command(sop)
main.add_command(token)


# --- telling -------------------------------------------------------------------------------------


@main.command()
@click.option("--check", "only_check", is_flag=True, help="For monitoring systems: one line, and an exit code.")
@click.option("--prometheus", is_flag=True, help="For the textfile collector of Prometheus' node exporter.")
@as_json_option
@click.pass_obj
def status(path: Path, only_check: bool, prometheus: bool, as_json: bool) -> None:
    """Whether mailbot runs, what waits where, and what needs a look.

    Asks the data folder only, and no server. May be called at any time, also beside the daemon. With --check the exit
    code is 0 if all is well, 1 if a person should look, and 2 if mail stands still: a folder that is not read, an
    account that cannot send, a limit that passed without anybody.

    With --prometheus it prints numbers alone, with no name, address or subject of anybody. A timer writes them where
    the collector looks: "mailbot status --prometheus > x.tmp && mv x.tmp mailbot.prom".
    """
    from mailbot.reports import listing, still
    from mailbot.reports.prometheus import exposition

    config = config_of(path)
    now = datetime.now(UTC)
    with data_of(config) as store:
        found = None if store is None else listing.status(store, config, now)
    if only_check:
        code, line = (2, "CRITICAL: mailbot has never run here") if found is None else still.verdict(found)
        click.echo(line)
        sys.exit(code)
    if prometheus:
        click.echo(exposition(found), nl=False)
        return
    if found is not None and for_people(as_json):
        _terminal(config, now).status(found)
    elif not for_people(as_json):
        print_json(found)


@main.command()
@click.option("--all/--open", "everything", help="Closed tickets too; otherwise the open ones.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    metavar="STATUS",
    type=click.Choice(_STATUSES),
    help="Only in this status (new, in_progress, escalated …); may be repeated.",
)
@click.option("--overdue", is_flag=True, help="Only tickets that are past a deadline.")
@as_json_option
@click.pass_obj
def tickets(path: Path, everything: bool, statuses: tuple[str, ...], overdue: bool, as_json: bool) -> None:
    """List the open tickets, the next deadline first."""
    from mailbot.reports import listing

    config = config_of(path)
    now = datetime.now(UTC)
    with data_of(config) as store:
        found = (
            []
            if store is None
            else listing.tickets(store, config, now, everything=everything, statuses=statuses, late=overdue)
        )
    if not for_people(as_json):
        print_json(found)
    elif store is not None:
        _terminal(config, now).tickets(found)


@main.command()
@click.argument("number", nargs=-1, required=True)
@as_json_option
@click.option(
    "--form",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write its consultation form into this file (.docx) instead.",
)
@click.option(
    "--sheet", type=click.IntRange(1), default=1, show_default=True, help="With --form: which of several sheets."
)
@click.pass_obj
def ticket(path: Path, number: tuple[str, ...], as_json: bool, form: Path | None, sheet: int) -> None:
    """Show one ticket: its people, clocks, history and mails.

    NUMBER is written as you like: LPSE-BTG-2026-000012, "[lpse-btg-2026-000012]", or only 12 for the newest with that
    number.
    """
    from mailbot.reports import listing

    config = config_of(path)
    wanted = " ".join(number)
    now = datetime.now(UTC)
    with data_of(config) as store:
        number_of = one_ticket(store, config, wanted)
        assert store is not None  # else there is no such ticket
        if form is not None:
            _write_form(config, store, number_of, now, form, sheet)
            return
        found = listing.ticket(store, config, number_of, now)
    if for_people(as_json):
        _terminal(config, now).ticket(found)
    else:
        print_json(found)


def _write_form(config: Config, store: Store, number: str, now: datetime, output: Path, sheet: int) -> None:
    from mailbot.cli import written
    from mailbot.config.site import open_sites
    from mailbot.reports import consultation_form

    for site in open_sites(config):
        if forms := consultation_form.of_number(store, site, number, now):
            if sheet > len(forms):
                raise click.BadParameter(f"{number} has {len(forms)}", param_hint="--sheet")
            written.whole(output, forms[sheet - 1][1])
            if len(forms) > 1:
                click.echo(f"sheet {sheet} of {len(forms)}; --sheet N writes another", err=True)
            return
    raise click.ClickException(f"the mailbox of {number} is not in {config.path}")


# --- what the commands share ---------------------------------------------------------------------


def _ready(path: Path, moment: datetime | None, speed: float) -> tuple[Config, Clock]:
    """What both ways to run begin with: the configuration, the log as it wants it, and the clock, real or rehearsed.

    A moment without an offset is one of the configured time zone.
    """
    from mailbot import killpoint, log
    from mailbot.clock import Clock, RehearsalClock
    from mailbot.config import settings as configuration
    from mailbot.store.database import probe

    config = configuration.load(path)
    probe(config.data)
    log.configure(config.log.format, config.log.level)
    killpoint.arm(os.environ.get("MAILBOT_FAULT"), all_loopback=config.all_loopback())
    if moment is None:
        return config, Clock()
    if not config.all_loopback():
        raise ConfigError([f"{config.path}: --now is refused: it needs every server on a loopback address (127.0.0.1)"])
    return config, RehearsalClock(moment if moment.tzinfo else moment.replace(tzinfo=config.zone), speed)


@contextmanager
def _all_kept() -> Iterator[None]:
    """What is loaded stays: to look for garbage among it takes a tenth of the start, and a part of each later look."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def _look_at_disk(config: Config) -> None:
    """Before anything is read or written: the database must be whole, and there should be room."""
    from mailbot.store import disk
    from mailbot.store.database import make_folders, trust

    make_folders(config.data)
    trust(config.data)
    disk.has_room(config.data)


def _terminal(config: Config, now: datetime) -> Terminal:
    from mailbot.cli.terminal import Terminal

    return Terminal(config.zone, now)
