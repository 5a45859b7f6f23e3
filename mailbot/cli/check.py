"""`mailbot check`: whether everything is there that a start needs, and with --online whether the servers play along."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbot.cli.finding import Finding, Level
from mailbot.cli.shared import print_json
from mailbot.errors import ConfigError, Damaged

if TYPE_CHECKING:
    from mailbot.config.site import Site

# sysexits.h
_EXITS = {Level.AGAIN: 75, Level.FAULT: 78}
_WAIT = 300


@click.command()
@click.option("--online", is_flag=True, help="Also log in everywhere, and see what mails and commands will meet.")
@click.option(
    "--wait",
    type=click.IntRange(0, 3600),
    metavar="SECONDS",
    help="With --online: how long to wait for test mails of the listed people; 0 asks for none."
    f"  [default: {_WAIT}; with --json 0]",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON, at the end.")
@click.pass_obj
def check(path: Path, online: bool, wait: int | None, as_json: bool) -> None:
    """Check configuration, rules, templates, calendar and database.

    Names every fault with file and line, and what is allowed but seldom meant. Reads the whole database, which may take
    a while, and tries whether the data folder can be written; leaves nothing there. Connects to nothing.

    With --online it then logs in to the servers of each mailbox, looks at its folders and at what the account may do
    there, and sends mails to the mailbox itself (also forged ones, in the name of a member of staff), which it removes
    again. It asks DNS for SPF, DKIM and DMARC of the own domain, and looks at clock, calendar and disk. Then it asks
    each listed person for a test mail; the answer says what that person's commands will meet. Each line begins with
    ok, warning, again or fault. Exit code 75: a server did not answer (again); 78: something must be changed (fault).
    """
    from mailbot.config.settings import load
    from mailbot.config.site import open_sites
    from mailbot.reports.caveats import caveats
    from mailbot.store.database import examine, probe

    config = load(path)
    sites = open_sites(config)
    # Of an installation that is not whole.
    if faults := [found for site in sites for found in (*site.renderer.check(), *site.faults_of_phrases())]:
        raise ConfigError(list(dict.fromkeys(faults)))
    warnings = [*config.warnings, *caveats(sites, datetime.now(UTC))]
    probe(config.data)
    if damage := examine(config.data):
        raise Damaged(str(config.data), f"damaged: {damage[0]}")
    mailboxes = [(each.name, each.organisation, each.address, len(each.staff)) for each in config.mailboxes]
    if not as_json:
        for line in warnings:
            click.echo(f"warning: {line}", err=True)
        click.echo(f"{path}: in order.{'' if online else ' No server was contacted.'}")
        for name, organisation, address, staff in mailboxes:
            click.echo(f"  {name}: {organisation}, {address}, {staff} staff")
    seconds = wait if wait is not None else 0 if as_json else _WAIT
    found: list[tuple[str | None, Finding]] = [(None, Finding(Level.WARNING, line)) for line in warnings]
    for name, finding in _found(sites, seconds) if online else ():
        found.append((name, finding))
        if not as_json:
            click.echo(f"{finding.level.value:8} {name}: {finding.text}")
        elif finding.asks:  # people must know while they are waited for
            click.echo(f"{name}: {finding.text}", err=True)
    if online and not as_json:
        click.echo(_in_all([finding.level for _, finding in found]))
    worst = max((finding.level for _, finding in found), key=list(Level).index, default=Level.OK)
    if as_json:
        keys = ("name", "organisation", "address", "staff")
        print_json(
            {
                "config": str(path),
                "mailboxes": [dict(zip(keys, values, strict=True)) for values in mailboxes],
                "worst": worst.value,
                "findings": [
                    {"mailbox": name, "level": finding.level.value, "text": finding.text} for name, finding in found
                ],
            }
        )
    sys.exit(_EXITS.get(worst, 0))


def _in_all(levels: list[Level]) -> str:
    counts = ", ".join(f"{levels.count(level)} {level.value}" for level in Level if level in levels)
    if Level.FAULT in levels:
        return f"In all: {counts}. What is marked as fault must be mended before mailbot can work as it should."
    if Level.AGAIN in levels:
        return f"In all: {counts}. What is marked as again was out of reach: call this once more, later."
    return f"In all: {counts}. mailbot can work; warnings may stay."


def _found(sites: Sequence[Site], wait: int) -> Iterator[tuple[str, Finding]]:
    from mailbot.cli.check_online import check_online

    for site in sites:
        for finding in check_online(site, wait):
            yield site.name, finding
