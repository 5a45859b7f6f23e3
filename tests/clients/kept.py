"""Mails as mail programs have made them, kept in `tests/fixtures/clients/PROGRAM`: the bytes, and what the person did.

`mails.yaml` there has an entry for each mail: the ready reply of the link that was followed (`link`), or the mail of
ours that was answered (`answers`: a file beside it); what was typed, and whether below what stood there. So
mailbot's reading is compared with what a person did, not with another reading. With MAILBOT_UPDATE_SNAPSHOTS=1 the
programs' tests write all of it anew.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[1] / "fixtures" / "clients"
#: What servers on the way have written above what the program made.
_TRACE = re.compile(rb"(?:(?:Return-Path|Delivered-To|Received):[^\n]*\n(?:[ \t][^\n]*\n)*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Done:
    """What a person did. link: the body of the ready reply. answers: the bytes of the answered mail. below: the words
    stand below the quotation."""

    link: str | None = None
    answers: bytes | None = None
    typed: str = ""
    below: bool = False


def made(raw: bytes) -> bytes:
    """A mail without what the servers have written above it."""
    return _TRACE.sub(b"", raw, count=1)


def keep(program: str, name: str, raw: bytes, done: Done) -> None:
    """Write a mail and what was done, if fixtures are to be written."""
    if not os.environ.get("MAILBOT_UPDATE_SNAPSHOTS"):
        return
    folder = FOLDER / program
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.eml").write_bytes(made(raw))
    entry: dict[str, Any] = {"typed": done.typed, "below": done.below}
    if done.link is not None:
        entry["link"] = done.link
    if done.answers is not None:
        answered = re.sub(r"-\w+$", "", name) + "-ours.eml"
        (folder / answered).write_bytes(made(done.answers))
        entry["answers"] = answered
    index = folder / "mails.yaml"
    entries = (yaml.safe_load(index.read_text(encoding="utf-8")) if index.exists() else {}) | {name: entry}
    index.write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")


def entries() -> list[tuple[str, str, Done, bytes]]:
    """(program, name, what was done, bytes) of every kept mail."""
    found = []
    for index in sorted(FOLDER.glob("*/mails.yaml")):
        for name, entry in sorted(yaml.safe_load(index.read_text(encoding="utf-8")).items()):
            answers = (index.parent / entry["answers"]).read_bytes() if "answers" in entry else None
            done = Done(entry.get("link"), answers, entry["typed"], entry["below"])
            found.append((index.parent.name, name, done, (index.parent / f"{name}.eml").read_bytes()))
    return found
