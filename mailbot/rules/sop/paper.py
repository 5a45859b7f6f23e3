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
from mailbot.rules.sop.sopfile import SopReader
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
    return yamlfile.rules(_Reader, path)


class _Reader(SopReader[Paper]):
    def result(self) -> Paper:
        data = self.document.data if isinstance(self.document.data, dict) else {}
        document, written = data.get("document"), data.get("procedures")
        if not isinstance(document, dict) or not document.get("title"):
            self.fault(("document",), "document with a title is missing")
        if not isinstance(written, list) or not written:
            self.fault(("procedures",), "procedures must be a list")
        listed = enumerate(written if isinstance(written, list) else [])
        return Paper(
            document if isinstance(document, dict) else {},
            tuple(self._procedure(("procedures", number), raw) for number, raw in listed),
        )

    def _procedure(self, at: tuple[yamlfile.Step, ...], raw: Any) -> Procedure:
        found = raw if isinstance(raw, dict) else {}
        performers = found.get("performers")
        known = {str(key): str(value) for key, value in performers.items()} if isinstance(performers, dict) else {}
        if not known:
            self.fault(at, "performers are missing")
        listed = found.get("steps")
        steps = [step if isinstance(step, dict) else {} for step in listed] if isinstance(listed, list) else []
        if not steps:
            self.fault(at, "steps are missing")
        numbers = [str(step.get("no", "")) for step in steps]
        for index, step in enumerate(steps):
            self._check((*at, "steps", index), step, numbers, known)
        return Procedure(
            title=str(found.get("title", "Prosedur")),
            performers=known,
            quality=bool(found.get("quality", False)),
            steps=tuple(map(step_of, steps)),
            done={str(step.get("no", "")): str(step.get("mailbot", "")) for step in steps},
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
        if str(step.get("pelaksana")) not in performers:
            self.fault(at, f"pelaksana must be one of {', '.join(performers)}")
        for key in ("aktivitas", "mailbot"):
            if not step.get(key):
                self.fault(at, f"{key} is missing")
        for way in ("lanjut", "ya", "tidak"):
            if way in step and str(step[way]) not in numbers:
                self.fault(at, f"{way} leads to {step[way]!r}, which is no step")
