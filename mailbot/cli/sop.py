"""`mailbot sop`: the procedures as they are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import click

from mailbot.cli.shared import config_of
from mailbot.errors import ConfigError

if TYPE_CHECKING:
    from mailbot.config.settings import Config, MailboxConfig
    from mailbot.rules.sop.heads import Head
    from mailbot.rules.sop.replaced import Replaced


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_Mailbox = TypeVar("_Mailbox", bound=_Named)


@click.command()
@click.argument(
    "document", type=click.Choice(["015", "telepon", "loket", "email-batam", "lpse-support"]), default="015"
)
@click.option("--format", "form", type=click.Choice(["text", "markdown", "html"]), default="text", show_default=True)
@click.option("--matrix", is_flag=True, help="Print what each event does in each status instead.")
@click.option("--mailbox", "name", metavar="NAME", help="Of this mailbox; otherwise of the first.")
@click.pass_context
def sop(context: click.Context, document: str, form: str, matrix: bool, name: str | None) -> None:
    """Print SOP-LPSE.BTG-015 as mailbot runs it, or another SOP of the office with what mailbot does for it.

    With the texts and durations of the configuration; without a configuration those that mailbot brings.
    """
    from mailbot.config.site import open_sites
    from mailbot.reports.sop import printing
    from mailbot.reports.sop.words import lengths_in_words
    from mailbot.rules.sop import paper, table

    if document != "015":
        if matrix:
            raise click.UsageError("--matrix is of SOP-015: the others are not run, only printed")
        mailbox = _of_mailbox(context, name, lambda config: config.mailboxes)
        found = paper.load(document, mailbox.rules if mailbox else None)
        head, changes = _head(mailbox, document)
        click.echo(printing.paper(found, document, form, head=head, changes=changes), nl=False)
        return
    site = _of_mailbox(context, name, open_sites)
    run = site.table if site else table.load()
    if matrix:
        click.echo(printing.matrix(run, form), nl=False)
        return
    lengths = lengths_in_words(site.config.sop, site.config.lkpp.channel) if site else None
    head, changes = _head(site.config if site else None, document)
    click.echo(printing.document(run, form, lengths=lengths, head=head, changes=changes), nl=False)


def _head(mailbox: MailboxConfig | None, name: str) -> tuple[Head, Replaced]:
    """Whose head a paper has, and which rules of its legal basis have been replaced."""
    from mailbot.rules.sop import heads, replaced

    if mailbox is None:
        return heads.Head(), replaced.load()
    own = heads.load(mailbox.rules).get(name, {})
    return heads.Head(mailbox.organisation, own), replaced.load(mailbox.rules)


def _of_mailbox(
    context: click.Context, name: str | None, all_of: Callable[[Config], Iterable[_Mailbox]]
) -> _Mailbox | None:
    """What the configuration says of a mailbox. None where there is no configuration, or a faulty one, and the caller
    has named neither file nor mailbox: then mailbot's own is printed."""
    path: Path = context.obj
    parent = context.parent
    chosen = parent is not None and parent.get_parameter_source("path") is not click.core.ParameterSource.DEFAULT
    if not chosen and name is None and not path.exists():
        return None
    try:
        known = list(all_of(config_of(path)))
    except ConfigError:
        if chosen or name is not None:
            raise
        click.echo(f'{path} has faults ("mailbot check" names them): printed is what mailbot brings', err=True)
        return None
    found = next((mailbox for mailbox in known if name in (None, mailbox.name)), None)
    if found is None:
        names = ", ".join(mailbox.name for mailbox in known)
        raise click.BadParameter(f"{name!r} is none of {names}", param_hint="--mailbox")
    return found
