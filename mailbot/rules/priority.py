"""The Tabel Prioritas Penyelesaian Permasalahan SPSE (SOP-015 step 11), read from YAML, and what it proposes.

The table that mailbot brings is its own default; a site replaces it by the official one. A priority is proposed from
the category's default, raised where the writer names a deadline and the problem keeps him from his bid. Never lowered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from mailbot import yamlfile
from mailbot.errors import ConfigError
from mailbot.model import Duration
from mailbot.rules import FOLDER
from mailbot.rules.language.normalise import Sentence
from mailbot.rules.language.phrasefile import PhraseReader
from mailbot.rules.language.phrases import Pattern
from mailbot.rules.problems import About, Problems, find_any
from mailbot.rules.worktime.durations import parse_duration

BUILT_IN = FOLDER / "priorities.yaml"
LEVELS = (1, 2, 3, 4)

_TEXTS = ("name", "criteria")
_DURATIONS = ("first_response", "limit", "target")
_ROW_KEYS = (*_TEXTS, "examples", *_DURATIONS)
# "4 jam kerja" says what is true of every hour of the table: it runs inside service hours only.
_HOURS_OF_SERVICE = re.compile(r"\b(jam|menit) +kerja\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Priority:
    """One row of the table.

    first_response: until the first answer, request or escalation by a person.
    limit: how long LPSE tries itself before it escalates ("Batas di LPSE").
    target: until the problem is solved.
    """

    level: int  # 1 (mendesak) … 4 (rendah)
    name: str
    criteria: str
    examples: tuple[str, ...]
    first_response: Duration
    limit: Duration
    target: Duration


@dataclass(frozen=True, slots=True)
class DeadlineWords:
    """The words of a deadline that is near. raise_to: the priority that they raise to.

    certain: they say so beyond doubt. possible: they may ("hari ini"). excluded: they do not ("sampai hari ini belum").
    """

    raise_to: int
    certain: tuple[Pattern, ...]
    possible: tuple[Pattern, ...]
    excluded: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposed priority. raised: by the deadline `words`; words alone: named, but not a reason to raise it."""

    level: int
    raised: bool
    words: str


@dataclass(frozen=True, slots=True)
class PriorityTable:
    """The four rows; `source` says where they come from, `is_default` that no site decided them."""

    rows: Mapping[int, Priority]
    source: str
    is_default: bool
    deadline: DeadlineWords

    def __getitem__(self, level: int) -> Priority:
        """The row of a priority 1..4 (KeyError otherwise)."""
        return self.rows[level]

    def __iter__(self) -> Iterator[Priority]:
        return (self.rows[level] for level in LEVELS)


def propose(about: About, parts: Sequence[Sentence], problems: Problems, deadline: DeadlineWords) -> Proposed:
    """The priority of a mail with these sentences (`problems.read`) that is about this.

    The primary category gives its default; any category found may be the one that keeps the writer from his bid.
    """
    certain = find_any(parts, deadline.certain, deadline.excluded)
    words = certain or find_any(parts, deadline.possible, deadline.excluded)
    urgent = {problems[found.code].urgent for found in about.found}
    level = about.primary.priority
    if words and level > deadline.raise_to and ("always" in urgent or (certain and "certain" in urgent)):
        return Proposed(deadline.raise_to, True, words)
    return Proposed(level, False, words)


def load(path: Path | None = None) -> PriorityTable:
    """Read a site's table, or the built-in one. Raises ConfigError with every fault, by file:line.

    A site's table without deadline words keeps the built-in ones.
    """
    file = path or BUILT_IN
    return _load(file, yamlfile.content(file))


@lru_cache(maxsize=8)
def _load(path: Path, raw: bytes) -> PriorityTable:
    faults: list[str] = []
    document = yamlfile.parse(path, raw, faults)
    data = document.data
    if not isinstance(data, dict):
        raise ConfigError([*faults, document.fault((), "must be a table with source and priorities")])
    for key in data.keys() - {"source", "default", "priorities", "deadline"}:
        faults.append(document.fault((key,), "unknown key; allowed: source, default, priorities, deadline"))
    source = data.get("source")
    if not _is_text(source):
        faults.append(document.fault(("source",), "must be a text: where the table comes from"))
    default = data.get("default", False)
    if not isinstance(default, bool):
        faults.append(document.fault(("default",), "must be true or false"))
    rows = _rows(document, data.get("priorities"), faults)
    words = _deadline(document, data["deadline"], faults) if "deadline" in data else None
    if faults:
        raise ConfigError(faults)
    return PriorityTable(rows, str(source), bool(default), words or load().deadline)


def _deadline(document: yamlfile.Document, data: Any, faults: list[str]) -> DeadlineWords:
    reader = PhraseReader(document, faults)
    row = reader.table(("deadline",), data, ("raise_to", "certain", "possible", "not"))
    raise_to = row.get("raise_to")
    if raise_to not in LEVELS or isinstance(raise_to, bool):
        reader.fault(("deadline", "raise_to"), "must be 1, 2, 3 or 4")
    certain, possible, excluded = (
        reader.patterns(("deadline", key), row.get(key)) for key in ("certain", "possible", "not")
    )
    return DeadlineWords(raise_to if isinstance(raise_to, int) else 1, certain, possible, excluded)


def _rows(document: yamlfile.Document, data: Any, faults: list[str]) -> dict[int, Priority]:
    at = ("priorities",)
    if not isinstance(data, dict):
        faults.append(document.fault(at, "must be a table with the keys 1, 2, 3 and 4"))
        return {}
    known = {str(level): level for level in LEVELS}
    for key in data.keys() - known.keys():
        faults.append(document.fault((*at, key), "unknown priority; allowed: 1, 2, 3, 4"))
    rows = {}
    for key, level in known.items():
        if key not in data:
            faults.append(document.fault(at, f"priority {level} is missing; all of 1, 2, 3, 4 are needed"))
        elif row := _row(document, level, data[key], faults):
            rows[level] = row
    return rows


def _row(document: yamlfile.Document, level: int, data: Any, faults: list[str]) -> Priority | None:
    at: tuple[yamlfile.Step, ...] = ("priorities", str(level))
    if not isinstance(data, dict):
        faults.append(document.fault(at, f"must be a table with {', '.join(_ROW_KEYS)}"))
        return None
    before = len(faults)
    for key in data.keys() - set(_ROW_KEYS):
        faults.append(document.fault((*at, key), f"unknown key; allowed: {', '.join(_ROW_KEYS)}"))
    for key in _TEXTS:
        if not _is_text(data.get(key)):
            faults.append(document.fault((*at, key), "must be a text"))
    examples = data.get("examples", [])
    if not isinstance(examples, list) or not all(_is_text(e) for e in examples):
        faults.append(document.fault((*at, "examples"), "must be a list of texts"))
    lengths = {key: _length(document, (*at, key), data.get(key), faults) for key in _DURATIONS}
    if len(faults) > before:
        return None
    return Priority(level, data["name"], data["criteria"], tuple(examples), **lengths)


def _length(document: yamlfile.Document, at: tuple[yamlfile.Step, ...], value: Any, faults: list[str]) -> Duration:
    try:
        duration = parse_duration(_HOURS_OF_SERVICE.sub(r"\1", str(value)[:80]))
    except ValueError as error:
        duration, reason = Duration(), str(error)
    else:
        reason = "a length above zero"
    if duration == Duration():
        found = "nothing" if value is None else repr(str(value)[:40])
        faults.append(document.fault(at, f"found {found}; allowed: {reason}"))
    return duration


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
