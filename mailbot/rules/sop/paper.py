"""The SOPs beside SOP-015 as data: what their paper says, and in words what mailbot does at each step.

The program does not run on these files; they are read to be printed. Refused with file:line, all faults at once: an
unknown key, a performer that is none of the procedure's, a way that leads nowhere, a step without words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailbot import yamlfile
from mailbot.rules import FOLDER
from mailbot.rules.sop.parts import Columns, Document, PartsReader, Steps
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
    """One table of steps. title: what mailbot calls it. columns: its heads. done: step → what mailbot does. differs:
    step → what another paper says of it, and which of the two runs."""

    title: str
    columns: Columns
    steps: tuple[Step, ...]
    done: Mapping[str, str]
    differs: Mapping[str, str]

    @property
    def performers(self) -> Mapping[str, str]:
        return self.columns.performers


@dataclass(frozen=True, slots=True)
class Paper:
    """A document in its parts, and its procedures."""

    document: Document
    procedures: tuple[Procedure, ...]

    @property
    def unprinted(self) -> tuple[Procedure, ...]:
        """The procedures of which the paper has no table of steps."""
        shown = {part.procedure for part in self.document.parts if isinstance(part, Steps)}
        return tuple(one for number, one in enumerate(self.procedures, 1) if number not in shown)


_PROCEDURE_KEYS = ("title", "columns", "performers", "steps")
_STEP_KEYS = {
    *("no", "aktivitas", "pelaksana", "mulai", "selesai", "keputusan", "kelengkapan", "waktu", "output", "keterangan"),
    *("lanjut", "ya", "tidak", "nomor", "lambang", "mailbot", "beda"),
}


def load(name: str, folder: Path | None = None) -> Paper:
    """One of `PAPERS`, or a site's file of that name in `folder`. Raises ConfigError with every fault."""
    file = PAPERS[name]
    own = folder / file if folder is not None else None
    return read(own if own is not None and own.is_file() else FOLDER / file)


def read(path: Path) -> Paper:
    """A document from a file. Raises ConfigError with every fault."""
    return yamlfile.rules(_Reader, path)


class _Reader(PartsReader[Paper]):
    def result(self) -> Paper:
        data = self.mapping((), self.document.data)
        self.keys((), data, ("document", "procedures"))
        written = data.get("procedures")
        if not isinstance(written, list) or not written:
            self.fault(("procedures",), "procedures must be a list")
        listed = self.items(("procedures",), written if isinstance(written, list) else [])
        return Paper(
            self.paper(data.get("document"), len(listed)), tuple(self._procedure(at, raw) for at, raw in listed)
        )

    def _procedure(self, at: tuple[yamlfile.Step, ...], raw: dict[str, Any]) -> Procedure:
        self.keys(at, raw, _PROCEDURE_KEYS)
        columns = self.columns(at, raw)
        if not columns.performers:
            self.fault(at, "performers are missing")
        steps = [step for _, step in self.items((*at, "steps"), raw.get("steps"))]
        if not steps:
            self.fault(at, "steps are missing")
        numbers = [str(step.get("no", "")) for step in steps]
        for index, step in enumerate(steps):
            self._check((*at, "steps", index), step, numbers, columns.performers)
        return Procedure(
            title=str(raw.get("title", "Prosedur")),
            columns=columns,
            steps=tuple(map(step_of, steps)),
            done={str(step.get("no", "")): str(step.get("mailbot", "")) for step in steps},
            differs={str(step.get("no", "")): str(step["beda"]) for step in steps if step.get("beda")},
        )

    def _check(
        self,
        at: tuple[yamlfile.Step, ...],
        step: Mapping[str, Any],
        numbers: Sequence[str],
        performers: Mapping[str, str],
    ) -> None:
        self.keys(at, step, _STEP_KEYS)
        if numbers.count(str(step.get("no", ""))) != 1:
            self.fault(at, "no is missing, or stands there twice")
        acting = step.get("pelaksana")
        if not {str(one) for one in (acting if isinstance(acting, list) and acting else [acting])} <= set(performers):
            self.fault(at, f"pelaksana must be one of {', '.join(performers)}")
        for key in ("aktivitas", "mailbot"):
            if not step.get(key):
                self.fault(at, f"{key} is missing")
        for way in ("lanjut", "ya", "tidak"):
            if way in step and str(step[way]) not in numbers:
                self.fault(at, f"{way} leads to {step[way]!r}, which is no step")
