"""The SOPs beside SOP-015 as data: what their paper says, and in words what mailbot does at each step.

The program does not run on these files; they are read to be printed. Refused with file:line, all faults at once: an
unknown key, a performer that is none of the procedure's, a way that leads nowhere, a step without words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailbot import yamlfile
from mailbot.errors import ConfigError
from mailbot.rules import FOLDER
from mailbot.rules.sop.table import Step, step_of

#: Name on the command line → its file in this folder.
PAPERS: Mapping[str, str] = {
    "telepon": "sop_telepon.yaml",
    "loket": "sop_loket.yaml",
    "email-batam": "sop_email_batam.yaml",
    "lpse-support": "sop_lpse_support.yaml",
}


@dataclass(frozen=True, slots=True)
class Procedure:
    """One table of the paper. performers: name → column. quality: whether the paper has the columns of Mutu Baku and
    Keterangan. done: step → what mailbot does."""

    title: str
    performers: Mapping[str, str]
    quality: bool
    steps: tuple[Step, ...]
    done: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document: its head as far as the paper has one, and its procedures."""

    document: Mapping[str, Any]
    procedures: tuple[Procedure, ...]


_STEP_KEYS = {
    *("no", "aktivitas", "pelaksana", "mulai", "selesai", "keputusan", "kelengkapan", "waktu", "output", "keterangan"),
    *("lanjut", "ya", "tidak", "mailbot"),
}


def load(name: str, folder: Path | None = None) -> Paper:
    """One of `PAPERS`, or a site's file of that name in `folder`. Raises ConfigError with every fault."""
    file = PAPERS[name]
    own = folder / file if folder is not None else None
    return read(own if own is not None and own.is_file() else FOLDER / file)


def read(path: Path) -> Paper:
    """A document from a file. Raises ConfigError with every fault."""
    faults: list[str] = []
    source = yamlfile.read(path, faults)
    if faults:
        raise ConfigError(faults)
    data = source.data if isinstance(source.data, dict) else {}
    document = data.get("document")
    written = data.get("procedures")
    if not isinstance(document, dict) or not document.get("title"):
        faults.append(source.fault(("document",), "document with a title is missing"))
    if not isinstance(written, list) or not written:
        faults.append(source.fault(("procedures",), "procedures must be a list"))
    procedures = [
        _procedure(source, ("procedures", number), raw, faults)
        for number, raw in enumerate(written if isinstance(written, list) else [])
    ]
    if faults:
        raise ConfigError(faults)
    return Paper(document if isinstance(document, dict) else {}, tuple(procedures))


def _procedure(source: yamlfile.Document, where: tuple[Any, ...], raw: Any, faults: list[str]) -> Procedure:
    found = raw if isinstance(raw, dict) else {}
    performers = found.get("performers")
    known = {str(key): str(value) for key, value in performers.items()} if isinstance(performers, dict) else {}
    if not known:
        faults.append(source.fault(where, "performers are missing"))
    listed = found.get("steps")
    steps = [step if isinstance(step, dict) else {} for step in listed] if isinstance(listed, list) else []
    if not steps:
        faults.append(source.fault(where, "steps are missing"))
    numbers = [str(step.get("no", "")) for step in steps]
    for index, step in enumerate(steps):
        place = (*where, "steps", index)
        faults += [source.fault(place, fault) for fault in _faults(step, numbers, known)]
    return Procedure(
        title=str(found.get("title", "Prosedur")),
        performers=known,
        quality=bool(found.get("quality", False)),
        steps=tuple(map(step_of, steps)),
        done={str(step.get("no", "")): str(step.get("mailbot", "")) for step in steps},
    )


def _faults(step: Mapping[str, Any], numbers: list[str], performers: Mapping[str, str]) -> Iterator[str]:
    for key in step:
        if key not in _STEP_KEYS:
            yield f"unknown key {key!r}; allowed: {', '.join(sorted(_STEP_KEYS))}"
    if numbers.count(str(step.get("no", ""))) != 1:
        yield "no is missing, or stands there twice"
    if str(step.get("pelaksana")) not in performers:
        yield f"pelaksana must be one of {', '.join(performers)}"
    for key in ("aktivitas", "mailbot"):
        if not step.get(key):
            yield f"{key} is missing"
    for way in ("lanjut", "ya", "tidak"):
        if way in step and str(step[way]) not in numbers:
            yield f"{way} leads to {step[way]!r}, which is no step"
