"""`mailbot init`: from a few questions to a configuration that can be checked."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailbot.cli.shared import EX_CANTCREAT, refused

if TYPE_CHECKING:
    from mailbot.cli.init.answers import Question

_DROP_IN = "mailbot-passwords.conf"


@click.command()
@click.option(
    "--answers",
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Answers in a YAML file, KEY: ANSWER; what it leaves out is asked, or has the value that would be proposed.",
)
@click.option("--set", "given", metavar="KEY=ANSWER", multiple=True, help="One answer; may be repeated.")
@click.option("--force", is_flag=True, help="Write over files that are there.")
@click.option("--questions", is_flag=True, help="List the keys, the questions and the providers, and end.")
@click.pass_obj
def init(path: Path, file: Path | None, given: tuple[str, ...], force: bool, questions: bool) -> None:
    """Ask a few questions and write config.yaml and the drop-in for systemd.

    The configuration is written where -c says (config.yaml), commented, with what your mail provider needs, and
    mailbot-passwords.conf beside it. No password is asked for or written. Without a terminal all answers come from
    --answers and --set. Nothing is written before all answers are there and in order, and nothing is written over
    without --force: both files are written, or none.

    Exit code 73: a file is there already or cannot be written; 78: the answers do not fit together.
    """
    from mailbot.cli.init import answers as asking
    from mailbot.cli.init import files

    if questions:
        _list()
        return
    config = Path(os.path.abspath(path))
    targets = (config.with_name(_DROP_IN), config)
    if any(character.isspace() for character in str(config.parent)):
        raise refused(f"{config.parent}: systemd reads no folder with a space in its name here", EX_CANTCREAT)
    for target in targets:
        if target.exists() and not force:
            raise refused(f"{target} exists already; --force writes over it", EX_CANTCREAT)
    if not config.parent.is_dir():
        raise refused(f"{config.parent} is no folder; make it first", EX_CANTCREAT)
    known = {**_from_file(file), **_from_options(given)}
    if unknown := [key for key in known if key not in asking.KEYS]:
        raise click.UsageError("; ".join(_unknown(key) for key in unknown))
    found = _answered(known, config)
    made = files.config_yaml(found)
    files.put([(targets[0], files.drop_in(found)), (targets[1], made)])
    _next_steps(found, *targets)


def _from_file(file: Path | None) -> Mapping[str, Any]:
    """Raises ConfigError with file and line."""
    from mailbot import yamlfile
    from mailbot.errors import ConfigError

    if file is None:
        return {}
    faults: list[str] = []
    found = yamlfile.read(file, faults).data
    if not faults and not isinstance(found, dict):
        faults.append(f"{file}:1: must be lines KEY: ANSWER")
    if faults:
        raise ConfigError(faults)
    return dict(found)


def _from_options(given: tuple[str, ...]) -> Mapping[str, str]:
    found = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals:
            raise click.BadParameter(f"{one!r} has no =", param_hint="--set")
        found[key.strip()] = value.strip()
    return found


def _unknown(key: str) -> str:
    from mailbot.cli.init.answers import KEYS
    from mailbot.config.values import nearest

    close = nearest(key, KEYS)
    return f"{key!r} is none of the keys" + (f"; did you mean {close}?" if close else f" ({', '.join(KEYS)})")


def _answered(known: Mapping[str, Any], config: Path) -> dict[str, Any]:
    """Every question with its answer. Raises UsageError with all that is wrong, and missing where nobody is asked."""
    from mailbot.cli.init.answers import QUESTIONS

    found: dict[str, Any] = {"config": str(config)}
    faults: list[str] = []
    asks = sys.stdin.isatty() and sys.stdout.isatty()
    if asks:
        click.echo("Enter takes what stands in brackets. Nothing is written before the last answer; Ctrl-C ends.\n")
    for question in QUESTIONS:
        if faults and question.proposed is not None and question.key not in known:
            continue  # what is proposed may rest on what is missing
        if question.fits is not None and not question.fits(found):
            found[question.key] = None
            continue
        if question.key in known:
            _take(question, known[question.key], found, faults)
        elif asks:
            _ask(question, found)
        elif question.proposed is not None:
            _take(question, question.proposed(found), found, faults)
        else:
            faults.append(f"{question.key}: must be given ({question.asked})")
    if faults:
        raise click.UsageError("\n".join(["the answers are not complete:", *(f"  {fault}" for fault in faults)]))
    return found


def _take(question: Question, value: Any, found: dict[str, Any], faults: list[str]) -> None:
    try:
        found[question.key] = question.read(value)
    except ValueError as error:
        from mailbot.config.values import shown

        faults.append(f"{question.key}: found {shown(value)}; must be {error}")


def _ask(question: Question, found: dict[str, Any]) -> None:
    from mailbot.cli.init.answers import providers

    if question.key == "provider":
        for name, one in providers().items():
            click.echo(f"  {name:10} {one['title']}")

    def read(text: str) -> Any:
        try:
            return question.read(text)
        except ValueError as error:
            raise click.UsageError(f"must be {error}") from None  # asked again

    proposed = None if question.proposed is None else question.proposed(found)
    found[question.key] = click.prompt(question.asked, default=proposed, value_proc=read, show_default=bool(proposed))


def _list() -> None:
    from mailbot.cli.init.answers import QUESTIONS, providers

    for question in QUESTIONS:
        needed = "" if question.proposed is not None else " Must be given."
        if question.fits is not None and question.proposed is None:
            needed = " Only without a password."
        click.echo(f"{question.key:13} {question.asked}.{needed}")
    for name, one in providers().items():
        click.echo(f"\nprovider: {name}: {one['title']}")
        for limit in one["limits"]:
            click.echo(click.wrap_text(limit, 78, "  - ", "    "))


def _next_steps(found: Mapping[str, Any], drop_in: Path, config: Path) -> None:
    for line in _steps(found, drop_in, config):
        click.echo(line, err=True)


def _steps(found: Mapping[str, Any], drop_in: Path, config: Path) -> Iterator[str]:
    yield f"{config} and {drop_in.name} are written. What is left to do, as root:"
    yield "  1. the configuration, readable for the service:"
    yield f"       chgrp mailbot {config} && chmod 640 {config}"
    yield "  2. the drop-in of the service:"
    yield f"       install -D -m 644 {drop_in} /etc/systemd/system/mailbot.service.d/passwords.conf"
    yield "       systemctl daemon-reload"
    if found["credential"] is None:
        yield "  3. the login at the provider, once, as the user of the service:"
        yield f"       runuser -u mailbot -- mailbot -c {config} token {found['name']}"
        yield "  4. before the first start:"
        yield f"       runuser -u mailbot -- mailbot -c {config} check --online"
        return
    secret = config.parent / found["credential"]
    yield "  3. the password, in one line of a file that only root reads:"
    yield f"       install -m 600 /dev/null {secret} && nano {secret}"
    yield "  4. before the first start, with the password at hand:"
    yield f"       CREDENTIALS_DIRECTORY={config.parent} mailbot -c {config} check --online"
