"""`mailbot person`: what concerns one address, whoever it is: what is kept about it, a copy of that, its removal; who
gets no automatic mail, and who gets it again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbot.clean import one_line
from mailbot.cli.shared import (
    as_json_option,
    config_of,
    creating,
    data_of,
    for_people,
    os_user,
    print_json,
)
from mailbot.errors import Damaged, TemporaryFailure

if TYPE_CHECKING:
    from mailbot.config.settings import Config
    from mailbot.tickets.redaction.plan import Plan, Site


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
@click.argument("address", metavar="ADDRESS")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed, and what stands against it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def redact(path: Path, address: str, dry_run: bool, yes: bool) -> None:
    """Remove a person's data at that person's request (UU 27/2022 art. 43).

    Names, addresses, numbers, words and files go, from the database with its search, from stored mails and their
    files: "[dihapus atas permintaan, …]" stands in their place. Of the person's tickets all words go, whoever wrote
    them. Other mails that name the person go, too; in others' texts only the names and numbers. Ticket numbers, times,
    statuses, categories and marks stay, so that every figure stays as it was. There is no way back.

    Refused while a ticket of the person is open, a mail waits to be sent or handled, or lies in quarantine, and for
    listed people. It may be called beside the daemon, best at a quiet hour: the database is written anew, in which the
    daemon waits. After a crash call it once more: it completes what was begun.

    It does not reach backups, the mail server's folders, the log, what LKPP and staff have received, and evidence or
    exports outside the data folder. What of these is known is listed at the end. A backup that is put back later brings
    the person back: redact again.
    """
    from mailbot.tickets.redaction import erase, plan

    config = config_of(path)
    wanted = address.strip().lower()
    site = _office(config)
    with data_of(config) as store:
        if store is None:
            raise _nobody(wanted)
        found = plan.make(store, site, wanted, _progress)
        if found.is_empty and not erase.unfinished(store):
            raise _nobody(wanted)
        for line in _would(found):
            click.echo(line)
        if found.against:
            raise click.ClickException("\n".join(("nothing is removed:", *found.against)))
        if dry_run:
            return
        if not yes:
            click.confirm("Remove it? There is no way back", abort=True)
        now = datetime.now(UTC)
        try:
            if found.is_empty:
                done = erase.finish(store, now)
            else:
                done = erase.redact(store, lambda: plan.make(store, site, wanted, seen=found.seen), os_user(), now)
        except erase.Hindered as error:
            raise click.ClickException(f"nothing is removed: {error}") from error
    click.echo(f"removed; {done.files} files deleted, {done.rows} rows of others changed")
    for line in _left(config, found):
        click.echo(line)
    if not done.complete:
        raise TemporaryFailure(
            "database", "another process reads: what was removed may still stand in its log; call this again"
        )


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


def _office(config: Config) -> Site:
    """What of the office is nobody's personal data."""
    from mailbot.tickets.redaction.plan import Site

    boxes = config.mailboxes
    people = [person for box in boxes for person in box.people()]
    return Site(
        addresses={
            *(person.address.lower() for person in people),
            *(address.lower() for box in boxes for address in (box.address, *box.aliases, box.lkpp.address) if address),
        },
        names=[*(person.name for person in people), *(box.organisation for box in boxes)],
        numbers=[box.contact.phone for box in boxes if box.contact.phone],
    )


def _would(found: Plan) -> Iterator[str]:
    yield f"{found.address}: {len(found.own)} tickets of this person: {', '.join(found.numbers) or 'none'}"
    yield f"mails whose bytes go: {len(found.received)} received, {len(found.sent)} of ours"
    yield f"of them {found.others} that belong to others or to no ticket, and name this person"
    yield f"looked for everywhere: {one_line(', '.join(found.traces.told), 1000)}"


def _left(config: Config, found: Plan) -> Iterator[str]:
    """Where it still stands, as far as that is known."""
    places: dict[tuple[str, str], list[int]] = {}
    for mail in found.written:
        places.setdefault((mail["mailbox"], mail["folder"]), []).append(int(mail["uid"]))
    for (mailbox, folder), uids in sorted(places.items()):
        numbers = ", ".join(map(str, uids[:50])) + (" …" if len(uids) > 50 else "")
        yield f"still on the mail server of {mailbox}, folder {one_line(folder, 80)}: UID {numbers}; delete them there"
    copies = sorted(
        copy for pattern in ("backups/*", "before-restore-*", "mailbot-*.sqlite") for copy in config.data.glob(pattern)
    )
    for copy in copies:
        day = datetime.fromtimestamp(copy.stat().st_mtime, config.zone)
        yield f"still in {copy}, of {day:%Y-%m-%d}, until you delete it"
    yield "still in backups elsewhere until you delete them, in the sent mails of the server, with LKPP, and in the log"
