"""`mailbot alarm`, which systemd calls (OnFailure=): the operators are told that a unit has failed."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from pathlib import Path

import click

from mailbot.cli.shared import config_of
from mailbot.errors import TemporaryFailure


@click.command()
@click.argument("unit", default="mailbot.service")
@click.pass_obj
def alarm(path: Path, unit: str) -> None:
    """Tell the operators that a UNIT of systemd has failed.

    For OnFailure= of the units that come with mailbot. Sends one mail to each operator, at once and without the
    database: the database may be what failed. It leaves by "alarms.smtp" where that is set, otherwise by the
    mailbox's own account. A configuration with faults keeps it from leaving: then the journal alone tells.
    """
    from mailbot.config.site import open_sites
    from mailbot.delivery.direct import unit_failed

    config = config_of(path)
    unit = unit or "mailbot.service"  # systemd before 251 does not say which one it was
    told = unit_failed(open_sites(config), unit, platform.node(), datetime.now(UTC))
    for address, fault in told.items():
        click.echo(f"{address}: {fault or 'told'}")
    if faults := [fault for fault in told.values() if fault]:
        raise TemporaryFailure("alarm", faults[0])
