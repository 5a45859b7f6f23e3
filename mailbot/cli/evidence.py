"""`mailbot evidence`: a ticket for auditors, in one file that shows every change of it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from mailbot.clean import one_line
from mailbot.cli.shared import EX_DATAERR, config_of, creating, data_of, one_ticket, os_user, refused
from mailbot.errors import Damaged, MailbotError, ParseError


@click.command()
@click.argument("number", nargs=-1)
@click.option(
    "--output",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where to write it; a file that exists is never written over.  [default: bukti-NUMBER.zip here]",
)
@click.option(
    "--verify",
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Instead: say whether an evidence file is what was made. Needs no configuration.",
)
@click.pass_obj
def evidence(path: Path, number: tuple[str, ...], target: Path | None, file: Path | None) -> None:
    """Write one ticket with all that belongs to it into a ZIP, for auditors; or check such a file.

    Received mails byte for byte, mails of ours with each answer of the server, the history with step, rule and mail,
    each deadline day by day, texts with who may read them, also of tickets merged into it; a page to read
    (riwayat.html), the same as JSON, and a list with the SHA-256 of every file, each line chained to the one before.
    May be called beside the daemon. The same data make the same bytes.

    The file holds personal data unmasked: it is readable for you only, and that it was made is recorded ("mailbot
    retention --processing"). Its last line, the seal, is recorded too: a file with another seal was made by somebody
    else. An original that is not what it was at arrival is named, and the exit code is 74.

    With --verify exit code 1 says that something was changed, added, removed or moved: each file and line is named.
    """
    if file is not None:
        if number or target is not None:
            raise click.UsageError("--verify takes a file and nothing else")
        _verify(path, file)
        return
    if not number:
        raise click.UsageError("which ticket? Give its NUMBER, or --verify FILE")
    from mailbot.reports.evidence import package
    from mailbot.store import processings

    config = config_of(path)
    now = datetime.now(UTC)
    with data_of(config) as store:
        wanted = one_ticket(store, config, " ".join(number))
        assert store is not None  # else there is no such ticket
        chosen = target or Path(package.default_name(wanted))
        with creating(chosen):
            made = package.make(store, config, wanted, chosen, _progress)
        counts = {"received": made.received, "sent": made.sent}
        with store.immediate():
            processings.note(
                store, now, os_user(), processings.What.EVIDENCE, counts, ticket=made.number, seal=made.seal
            )
    click.echo(f"{made.path}: {made.received} mails received, {made.sent} written, {made.size} bytes")
    click.echo(f"sha256 {made.sha256}")
    click.echo(f"seal   {made.seal}")
    if made.damaged:
        raise Damaged(str(config.data), f"{len(made.damaged)} mails are not whole: {'; '.join(made.damaged[:5])}")


def _verify(path: Path, file: Path) -> None:
    from mailbot.reports.evidence.verify import verify

    try:
        found = verify(file)
    except ParseError as error:
        raise refused(error.reason, EX_DATAERR) from error
    for fault in found.faults:
        click.echo(one_line(fault, 400))  # an altered file may hold what a terminal obeys
    if found.faults:
        raise refused(f"{file} is not what was made: {_many(len(found.faults), 'fault')}", 1)
    click.echo(f"{file}: whole. Ticket {one_line(found.number, 60)}, {_many(found.files, 'file')}, seal {found.seal}")
    click.echo(_known(path, found.seal))


def _known(path: Path, seal: str) -> str:
    """Whether the data of this machine know of it: else somebody may have made a new list for a changed file."""
    from mailbot.store import processings

    unknown = "compare the seal with the one that was printed when the file was made: this machine cannot"
    if not path.exists():
        return unknown
    try:
        config = config_of(path)
        with data_of(config) as store:
            known = None if store is None else processings.sealed(store, seal)
    except MailbotError:
        return unknown
    if known is None:
        raise refused("this seal is not recorded here: the file was made elsewhere, or its list is a forged one", 1)
    at, by = known
    return f"the seal was recorded here on {at.astimezone(config.zone):%Y-%m-%d %H:%M} by {by}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {total} mails", nl=done >= total, err=True)
