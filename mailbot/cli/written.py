"""Where a command's file goes: into the file that was named, whole or not at all, or to whoever reads its output."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import click

from mailbot.clean import clean

output_option = click.option(
    "-o",
    "--output",
    "output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write into this file, which is made or replaced; otherwise to standard output.",
)


def put(raw: bytes, output: Path | None, *, binary: bool) -> None:
    """Into `output`, or to standard output. Raises UsageError where that is a terminal and these are no letters."""
    if output is not None:
        whole(output, raw)
        return
    refuse_terminal(output, binary=binary)
    sys.stdout.buffer.write(raw)
    sys.stdout.buffer.flush()


def refuse_terminal(output: Path | None, *, binary: bool) -> None:
    """Before any work is done for it."""
    if binary and output is None and sys.stdout.isatty():
        raise click.UsageError('that is no text for a terminal; name a file with "--output FILE"')


def whole(path: Path, raw: bytes) -> None:
    """The file is there with all of it or as it was before, whatever happens meanwhile; only its owner may read it.
    Raises UsageError for a name with control or bidi characters, which shows another one than it is."""
    if clean(path.name) != path.name:
        raise click.UsageError(f"{str(path)!r} cannot be the name of a file")
    path = Path(os.path.realpath(path))  # a link stays one
    if path.exists() and not path.is_file():  # /dev/null, a pipe: nothing that could be put in its place
        path.write_bytes(raw)
        return
    try:
        handle, made = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            os.replace(made, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(made)
            raise
    except OSError as error:  # of the file that was named, not of one that nobody knows
        raise OSError(error.errno, error.strerror, str(path)) from error
