"""`mailbot replay`: what mailbot would do with mails that lie in files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailbot.cli import written
from mailbot.cli.shared import EX_CANTCREAT, EX_DATAERR, config_of, refused

if TYPE_CHECKING:
    from mailbot.config.settings import Config
    from mailbot.fetch.mbox_files import NotRead, Stored, Why

EX_IOERR = 74
#: Files that are named one by one as not read.
_NAMED = 20
#: Bytes in the temporary folder for each byte of mail: the journal has it once, mails to staff bring its files encoded.
_ROOM = 3

#: In the operator's words. {detail}: what the system says.
_WHY: dict[Why, str] = {
    "rights": "not read: {detail}; run this as a user who may read it",
    "fault": "not read: {detail}",
    "link": "not read: a link; name the file or folder that it leads to",
    "special": "not read: no ordinary file",
    "empty": "not read: empty",
    "outlook": "not read: an Outlook data file; export its folders as mbox or .eml first",
    "message_file": "not read: an Outlook .msg (or other Office file); save the mail as .eml first",
    "packed": "not read: a packed archive; unpack it first",
    "no_mail": "not read: no mail and no mbox",
    "folders": "further folders in this Maildir are not read; name them to have them read: {detail}",
}


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, readable=False, path_type=Path), metavar="PATHS..."
)
@click.option(
    "--mailbox", metavar="NAME", help="The mailbox of the mails; otherwise To and Cc tell, or the first one is taken."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the figures there as one HTML page.",
)
@click.option(
    "--today",
    is_flag=True,
    help="Handle each mail as if it arrived now, with the tickets of today, and tell all about each.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON on a terminal too: a line for each mail, and one with the figures.",
)
@click.pass_obj
def replay(
    path: Path, paths: tuple[Path, ...], mailbox: str | None, output: Path | None, today: bool, as_json: bool
) -> None:
    """Say what mailbot would have done with years of old mail; nothing is sent.

    PATHS are files of one mail each, mboxes, Maildirs, or folders of these. Each mail is handled at the time when it
    arrived, by the present configuration, in data that begin empty and are thrown away afterwards. No server is asked,
    and the data folder is not touched. With a folder of sent mail among PATHS, answers that people have written by hand
    count, too.

    Told are tickets, duplicates, mail of machines, what would have been held or quarantined and why, and who would have
    got which mails on the busiest day. The same files give the same figures. Exit code 65: there is no mail in PATHS;
    74: something in them cannot be read.
    """
    from mailbot import log
    from mailbot.cli.layout import progress
    from mailbot.fetch.mbox_files import BROKEN

    config = config_of(path)
    log.configure(config.log.format, "error")
    if mailbox is not None and mailbox not in (each.name for each in config.mailboxes):
        raise click.BadParameter(
            f"{mailbox!r} is none of {', '.join(each.name for each in config.mailboxes)}", param_hint="--mailbox"
        )
    if today and output is not None:
        raise click.UsageError("--output is for the figures of an archive, without --today")
    with progress("looking for mails", None) as step:
        found, not_read = _looked_for(paths, step)
    for line in _told(not_read):
        click.echo(line, err=True)
    if not found:
        raise refused("there is no mail in these files", EX_IOERR if _any(not_read, BROKEN) else EX_DATAERR)
    if today:
        _today(config, found, mailbox, as_json)
    else:
        _years(config, found, not_read, mailbox, output, as_json)
    sys.exit(EX_IOERR if _any(not_read, BROKEN) else 0)


def _any(not_read: Iterable[NotRead], why: Iterable[Why]) -> bool:
    return any(one.why in why for one in not_read)


def _looked_for(paths: Iterable[Path], step: Any) -> tuple[list[Stored], list[NotRead]]:
    from mailbot.fetch.mbox_files import NotRead, stored

    found: list[Stored] = []
    not_read: list[NotRead] = []
    for one in stored(paths, datetime.now(UTC)):
        if isinstance(one, NotRead):
            not_read.append(one)
        else:
            found.append(one)
            step()
    return found, not_read


def _told(not_read: Sequence[NotRead]) -> Iterator[str]:
    from mailbot.clean import one_line
    from mailbot.sentences import filled

    for one in not_read[:_NAMED]:
        yield one_line(f"{one.source}: {filled(_WHY[one.why], detail=one.detail)}")
    if len(not_read) > _NAMED:
        yield f"and {len(not_read) - _NAMED} more that were not read"


def _years(
    config: Config,
    found: Sequence[Stored],
    not_read: Sequence[NotRead],
    mailbox: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    from mailbot.arrivals.replay_years import Years, empty
    from mailbot.cli.layout import progress
    from mailbot.reports.monthly.page import page
    from mailbot.reports.replayed.shown import organisations, shown
    from mailbot.reports.replayed.tally import Tally

    _enough_room(found)
    lines = as_json or (output is None and not sys.stdout.isatty())
    tally = Tally(config.zone)
    with empty() as store, progress("handling", len(found)) as step:
        years = Years(config, store)
        for one in years.run(sorted(found, key=attrgetter("at")), mailbox):
            tally.add(one)
            if lines:
                click.echo(json.dumps(one.as_json()))  # ASCII only: a terminal obeys control characters
            step()
        tally.wrote(years.finish())
        sites = [site for site in years.sites if tally.mailboxes[site.name]]
    made = shown(sites, tally, [(one.source, one.why) for one in not_read])
    if output is not None:
        written.whole(output, page(made, organisations(sites)).encode())
        click.echo(f"{output}: what mailbot would have done with {tally.mails} mails", err=True)
    if lines:
        click.echo(json.dumps({"figures": tally.as_json()}))
    elif output is None:
        from mailbot.cli.terminal import Terminal

        Terminal(config.zone, datetime.now(UTC)).report(made, organisations(sites))


def _enough_room(found: Sequence[Stored]) -> None:
    """Before hours of work. Raises ClickException."""
    import shutil
    import tempfile

    folder, wanted = tempfile.gettempdir(), _ROOM * sum(one.size for one in found)
    if (free := shutil.disk_usage(folder).free) < wanted:
        raise refused(
            f"the copy that is thrown away may need {_megabytes(wanted)} in {folder}, which has {_megabytes(free)}"
            " left; name a folder with more room in $TMPDIR",
            EX_CANTCREAT,
        )


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"


def _today(config: Config, found: Sequence[Stored], mailbox: str | None, as_json: bool) -> None:
    from mailbot.arrivals.replay import Replay, copied
    from mailbot.cli.terminal import Terminal

    now = datetime.now(UTC)
    with copied(config) as store:
        for one in Replay(config, store, now).run(found, mailbox):
            if as_json or not sys.stdout.isatty():
                click.echo(json.dumps(one))  # ASCII only, as above
            else:
                Terminal(config.zone, now).replayed(one)
