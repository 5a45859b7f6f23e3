#!/usr/bin/env python3
"""Writes the man pages: mailbot(1) and those of its commands from the help, mailbot-config(5) from
docs/configuration.md.

    scripts/manpages.py FOLDER

They are made when a package is built (`make man`, `make deb`) and kept nowhere, so that they cannot fall behind. The
same sources give the same bytes. Markup: man(7).
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import click
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mailbot import __version__
from mailbot.cli.main import main as mailbot

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = ROOT / "docs" / "configuration.md"
_HEAD = '.\\" Written by scripts/manpages.py from {source}.\n.TH {name} {section} "" "mailbot {version}" "{title}"\n'
#: The backslash first: the others are written with one.
_SIGNS = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "^": "\\(ha", "~": "\\(ti"}


def roff(text: str) -> str:
    """Text as it is: no sign of it is read as markup."""
    for sign, written in _SIGNS.items():
        text = text.replace(sign, written)
    return re.sub(r"(?m)^\.", r"\\&.", text)


def _head(name: str, section: int, title: str, source: str) -> str:
    return _HEAD.format(name=roff(name.upper()), section=section, version=roff(__version__), title=title, source=source)


# --- commands ------------------------------------------------------------------------------------------------


def _paragraphs(text: str) -> Iterator[str]:
    """Of a command's help; click keeps the lines of a paragraph that begins with \\b as they are."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [line.rstrip() for line in paragraph.splitlines()]
        if lines[0].strip() == "\b":
            yield ".PP\n.nf\n" + "\n".join(roff(line) for line in lines[1:]) + "\n.fi\n"
        else:
            yield f".PP\n{roff(' '.join(line.strip() for line in lines))}\n"


def _options(context: click.Context) -> str:
    found = []
    for parameter in context.command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and record[1]:  # an argument stands in the synopsis
            names, what = record
            found.append(f".TP\n.B {roff(names)}\n{roff(what)}\n")
    return "".join(found)


def _usage(context: click.Context) -> str:
    words = roff(" ".join(context.command.collect_usage_pieces(context)))
    return f".B {roff(context.command_path)}\n{words}\n"


def _commands(context: click.Context) -> list[tuple[str, click.Context]]:
    group = context.command
    assert isinstance(group, click.Group)
    return [(name, click.Context(group.commands[name], context, name)) for name in sorted(group.commands)]


def _about(name: str, summary: str) -> str:
    return f".SH NAME\n{roff(name)} \\- {roff(summary.rstrip('.'))}\n"


def of_mailbot(context: click.Context) -> str:
    """mailbot(1)."""
    command = context.command
    summary, _, rest = (command.help or "").partition("\n\n")
    pages = [(name, of.command.get_short_help_str(200)) for name, of in _commands(context)]
    return "".join(
        [
            _head("mailbot", 1, "Commands of mailbot", "the help of mailbot"),
            _about("mailbot", summary),
            f".SH SYNOPSIS\n{_usage(context)}",
            ".SH DESCRIPTION\n",
            *_paragraphs(rest),
            f".SH OPTIONS\n{_options(context)}",
            ".SH COMMANDS\n",
            *(f".TP\n.BR {roff(f'mailbot-{name}')} (1)\n{roff(short)}\n" for name, short in pages),
            ".SH EXIT STATUS\n",
            *_paragraphs(re.sub(r"(?m)^Exit codes:\n", "", command.epilog or "")),
            ".SH SEE ALSO\n.BR mailbot\\-config (5)\n",
        ]
    )


def of_command(name: str, context: click.Context) -> str:
    """mailbot-NAME(1), with the commands below it."""
    command = context.command
    summary, _, rest = (command.help or "").partition("\n\n")
    below = _commands(context) if isinstance(command, click.Group) else []
    parts = [
        _head(f"mailbot-{name}", 1, "Commands of mailbot", f"the help of mailbot {name}"),
        _about(f"mailbot-{name}", " ".join(summary.split())),
        f".SH SYNOPSIS\n{_usage(context)}",
        *([".SH DESCRIPTION\n", *_paragraphs(rest)] if rest else []),
        f".SH OPTIONS\n{_options(context)}",
    ]
    if below:
        parts.append(".SH COMMANDS\n")
    for _, one in below:
        parts += [f".SS {roff(one.command_path)}\n{_usage(one)}", *_paragraphs(one.command.help or ""), _options(one)]
    return "".join([*parts, ".SH SEE ALSO\n.BR mailbot (1),\n.BR mailbot\\-config (5)\n"])


# --- the configuration ---------------------------------------------------------------------------------------


def _inline(tokens: Iterable[Token]) -> str:
    found = []
    for token in tokens:
        match token.type:
            case "text":
                found.append(roff(token.content))
            case "code_inline":
                found.append(f"\\fB{roff(token.content)}\\fR")
            case "strong_open" | "em_open":
                found.append("\\fB" if token.type == "strong_open" else "\\fI")
            case "strong_close" | "em_close":
                found.append("\\fR")
            case "softbreak":
                found.append(" ")
            case "link_open" | "link_close":
                pass
            case _:
                raise ValueError(f"{token.type} has no form in a man page")
    return "".join(found).strip()


def _plain(tokens: Iterable[Token]) -> str:
    """A line of text; what begins like a request is none."""
    text = _inline(tokens)
    return f"\\&{text}" if text.startswith((".", "'")) else text


def _table(rows: list[list[str]]) -> str:
    """A row becomes an item: its first cell, then the others; of three the second behind the head of its column."""
    heads, *below = rows
    found = []
    for row in below:
        first, *more = row
        if len(row) == 3:
            more = [f"{heads[1].capitalize()}: {row[1]}.", row[2]]
        found.append(f".TP\n{first}\n" + "\n.br\n".join(cell for cell in more if cell) + "\n")
    return "".join(found)


def of_configuration(markdown: str) -> str:
    """mailbot-config(5), from the page on the configuration."""
    found = [
        _head("mailbot-config", 5, "The configuration of mailbot", "docs/configuration.md"),
        _about("mailbot-config", "the configuration file of mailbot (config.yaml)"),
        ".SH DESCRIPTION\n",
    ]
    tokens = [Token("", "", 0), *MarkdownIt("commonmark").enable("table").parse(markdown)]
    rows: list[list[str]] = []
    for before, token in pairwise(tokens):
        inline = token.children or []
        match token.type, before.type:
            case "inline", "heading_open" if before.tag != "h1":
                found.append(f".{'SH' if before.tag == 'h2' else 'SS'} {_inline(inline).replace(chr(34), '')}\n")
            case "inline", "paragraph_open" if before.level > 0:
                found.append(f".IP \\(bu 2\n{_plain(inline)}\n")
            case "inline", "paragraph_open":
                found.append(f".PP\n{_plain(inline)}\n")
            case "inline", "th_open" | "td_open":
                rows[-1].append(_plain(inline))
            case "tr_open", _:
                rows.append([])
            case "table_close", _:
                found.append(_table(rows))
                rows = []
            case (("fence" | "code_block"), _):
                found.append(f".PP\n.nf\n.RS 4\n{roff(token.content.rstrip())}\n.RE\n.fi\n")
    return "".join([*found, ".SH SEE ALSO\n.BR mailbot (1)\n"])


def pages() -> dict[str, str]:
    """File name → page."""
    # With the program's settings: a command keeps the names of its help option from whoever asks first.
    context = click.Context(mailbot, info_name="mailbot", **mailbot.context_settings)
    return {
        "mailbot.1": of_mailbot(context),
        **{f"mailbot-{name}.1": of_command(name, one) for name, one in _commands(context)},
        "mailbot-config.5": of_configuration(CONFIGURATION.read_text(encoding="utf-8")),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    folder: Path = arguments.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in pages().items():
        (folder / name).write_text(page, encoding="utf-8")
    print(f"{len(pages())} pages in {folder}")


if __name__ == "__main__":
    main()
