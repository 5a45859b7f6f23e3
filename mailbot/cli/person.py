"""`mailbot person`: what concerns one address, whoever it is: what is kept about it, a copy of that, its removal; who
gets no automatic mail, and who gets it again."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from mailbot.cli.shared import (
    as_json_option,
    config_of,
    creating,
    data_of,
    for_people,
    os_user,
    print_json,
)
from mailbot.errors import Damaged


@click.group()
def person() -> None:
    """One person's address: what is kept about it, a copy, and automatic mail.

    A person may ask what is kept about him (UU 27/2022 art. 32: answer within 3x24 hours): "find" shows where it
    stands, "export" writes a copy to hand over. Staff silence a sender with #buang and end it with #buka; robots are
    found out by what they do. All of it works beside the daemon.
    """


@person.command()
@click.argument("address", metavar="ADDRESS")
@as_json_option
@click.pass_obj
def find(path: Path, address: str, as_json: bool) -> None:
    """Where a person stands: in which tickets, as what, mails, files, numbers.

    As what: "user" (the ticket is his own), "party" (he was joined to it), "writer", "recipient", "form" (his address
    stands in a Formulir Konsultasi). Of tickets that are another's, only that he stands in them is shown.
    """
    from mailbot.reports.persons import find as report

    config = config_of(path)
    wanted = address.strip().lower()
    with data_of(config) as store:
        found = None if store is None else report.find(store, config, wanted)
        if found is None:
            raise _nobody(wanted)
    if not for_people(as_json):
        print_json(found)
        return
    from mailbot.cli.terminal import Terminal

    Terminal(config.zone, datetime.now(UTC)).person(found)


@person.command()
@click.argument("address", metavar="ADDRESS")
@click.option(
    "--output",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where to write it; a file that exists is never written over.  [default: data-pribadi-TIME.zip here]",
)
@click.pass_obj
def export(path: Path, address: str, target: Path | None) -> None:
    """Write a copy of what is kept about a person, to be handed to that person.

    A ZIP with a page (data.html), the same as JSON, the mails that he wrote and those that he was sent. Left out:
    notes, what LKPP wrote to the LPSE, tickets of others, and mails in his name that are proven to be forged. Make sure
    that it is he who asks: whoever has the file reads all of it. It is readable for you only, and that it was made is
    recorded, without his name.
    """
    from mailbot.reports.persons import export as report
    from mailbot.store import processings

    config = config_of(path)
    now = datetime.now(UTC)
    wanted = address.strip().lower()
    with data_of(config) as store:
        if store is None:
            raise _nobody(wanted)
        chosen = target or Path(report.default_name(now.astimezone(config.zone)))
        with creating(chosen):
            made = report.make(store, config, wanted, chosen, _progress)
        if made is None:
            raise _nobody(wanted)
        counts = {"tickets": made.tickets, "written": made.written, "sent": made.sent}
        with store.immediate():
            processings.note(store, now, os_user(), processings.What.EXPORT, counts)
    click.echo(
        f"{made.path}: {made.tickets} tickets, {made.written} mails written by {wanted}, {made.sent} mails sent to it"
    )
    if made.missing:
        raise Damaged(str(config.data), f"{len(made.missing)} mails are not whole: {'; '.join(made.missing[:5])}")


@person.command()
@as_json_option
@click.pass_obj
def silenced(path: Path, as_json: bool) -> None:
    """Who gets no automatic mail: address, since when, until when, why, and because of which ticket.

    Why: "discarded" (#buang of a proven mail), "unproven" (#buang of a mail that anybody may have written: only mails
    without proof get no answer), "robot" (it answered five automatic mails in a row).
    """
    from mailbot.reports import silences as report

    config = config_of(path)
    now = datetime.now(UTC)
    with data_of(config) as store:
        found = [] if store is None else report.listed(store, config, now)
    if not for_people(as_json):
        print_json(found)
        return
    from mailbot.cli.terminal import Terminal

    Terminal(config.zone, now).silenced(found)


@person.command()
@click.argument("address", metavar="ADDRESS")
@click.pass_obj
def unsilence(path: Path, address: str) -> None:
    """Let an address get automatic mail again, in all mailboxes. What was held for it meanwhile stays held."""
    from mailbot.store import silences

    config = config_of(path)
    wanted = address.strip().lower()
    with data_of(config) as store:
        ended = []
        if store is not None:
            with store.immediate():
                ended = [each.name for each in config.mailboxes if silences.lift(store, each.name, wanted)]
        if not ended:
            raise click.ClickException(f'{address!r} is not silenced; "mailbot person silenced" lists who is')
    click.echo(f"{wanted} gets automatic mail again ({', '.join(ended)})")


def _nobody(address: str) -> click.ClickException:
    return click.ClickException(f"nothing is kept about {address!r}: it stands in no ticket and no mail")


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {total} mails", nl=done >= total, err=True)
