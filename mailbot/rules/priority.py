"""The Tabel Prioritas Penyelesaian Permasalahan SPSE (SOP-015 step 11), read from YAML, and what it proposes.

The table that mailbot brings is its own default; a site replaces it by the official one. A priority is proposed from
the category's default, raised where the writer names a deadline and the problem keeps him from his bid. Never lowered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailbot import yamlfile
from mailbot.errors import ConfigError
from mailbot.model import Duration
from mailbot.rules import FOLDER
from mailbot.rules.language.normalise import Sentence
from mailbot.rules.language.phrasefile import PhraseReader
from mailbot.rules.language.phrases import Patterns
from mailbot.rules.problems import LEVELS, About, Problems, find_any
from mailbot.rules.worktime.durations import parse_duration

BUILT_IN = FOLDER / "priorities.yaml"

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
    certain: Patterns
    possible: Patterns
    excluded: Patterns


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
    return yamlfile.rules(_Reader, path or BUILT_IN)


class _Reader(PhraseReader[PriorityTable]):
    def result(self) -> PriorityTable:
        data = self.document.data
        if not isinstance(data, dict):
            raise ConfigError([*self.faults, self.document.fault((), "must be a table with source and priorities")])
        self.keys((), data, ("source", "default", "priorities", "deadline"))
        return PriorityTable(
            rows=self._rows(("priorities",), data.get("priorities")),
            source=self.text(("source",), data.get("source")),
            is_default=self.flag(("default",), data.get("default", False)),
            deadline=self._deadline(("deadline",), data["deadline"]) if "deadline" in data else load().deadline,
        )

    def _rows(self, at: tuple[yamlfile.Step, ...], data: Any) -> dict[int, Priority]:
        if not isinstance(data, dict):
            self.fault(at, "must be a table with the keys 1, 2, 3 and 4")
            return {}
        known = {str(level): level for level in LEVELS}
        for key in data:
            if key not in known:
                self.fault((*at, key), "unknown priority; allowed: 1, 2, 3, 4")
        rows = {}
        for key, level in known.items():
            if key not in data:
                self.fault(at, f"priority {level} is missing; all of 1, 2, 3, 4 are needed")
            elif row := self._row(level, (*at, key), data[key]):
                rows[level] = row
        return rows

    def _row(self, level: int, at: tuple[yamlfile.Step, ...], data: Any) -> Priority | None:
        row = self.table(at, data, ("name", "criteria", "examples", "first_response", "limit", "target"))
        if row is not data:
            return None
        examples = self.entries((*at, "examples"), row.get("examples", []), "of texts")
        if not all(isinstance(one, str) and one.strip() for one in examples):
            self.fault((*at, "examples"), "must be a list of texts")
        return Priority(
            level=level,
            name=self.text((*at, "name"), row.get("name")),
            criteria=self.text((*at, "criteria"), row.get("criteria")),
            examples=tuple(map(str, examples)),
            first_response=self._length((*at, "first_response"), row.get("first_response")),
            limit=self._length((*at, "limit"), row.get("limit")),
            target=self._length((*at, "target"), row.get("target")),
        )

    def _length(self, at: tuple[yamlfile.Step, ...], value: Any) -> Duration:
        try:
            duration = parse_duration(_HOURS_OF_SERVICE.sub(r"\1", str(value)[:80]))
        except ValueError as error:
            duration, reason = Duration(), str(error)
        else:
            reason = "a length above zero"
        if duration == Duration():
            found = "nothing" if value is None else repr(str(value)[:40])
            self.fault(at, f"found {found}; allowed: {reason}")
        return duration

    def _deadline(self, at: tuple[yamlfile.Step, ...], data: Any) -> DeadlineWords:
        row = self.table(at, data, ("raise_to", "certain", "possible", "not"))
        raise_to = row.get("raise_to")
        if raise_to not in LEVELS or isinstance(raise_to, bool):
            self.fault((*at, "raise_to"), "must be 1, 2, 3 or 4")
        certain, possible, excluded = (
            self.patterns((*at, key), row.get(key)) for key in ("certain", "possible", "not")
        )
        return DeadlineWords(raise_to if isinstance(raise_to, int) else 1, certain, possible, excluded)
