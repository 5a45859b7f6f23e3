"""The parts of a paper in its own order: its title, head, tables, forms and signatures, whatever its office gave it.

Every text may hold mended words (`written`). What an office sets for itself (`heads`) has a key.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from mailbot import yamlfile
from mailbot.rules.sop.sopfile import SopReader

T = TypeVar("T")
_At = tuple[yamlfile.Step, ...]

#: What a site may set of a paper's head, each by its key.
KEYS = ("number", "revision", "effective", "approved_by", "prepared_by", "reviewed_by", "agreed_by", "legal_basis")


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of one kind: "cover" and "title" stand in the middle; "heading"; "lines" of any other words."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    label: str
    value: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """The box of a form's head."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A label with its items, each with the number that it has on the paper ("1. …"). local: how many of the last
    items are of the office's own region."""

    label: str
    items: tuple[str, ...]
    key: str = ""
    local: int = 0


@dataclass(frozen=True, slots=True)
class Signature:
    """One who signs. of: how many of the lines come before the name and stay with another who signs."""

    lines: tuple[str, ...]
    of: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A table or form. head: how many of its rows are its head. A cell "(langkah)" holds the steps of `steps`."""

    rows: tuple[tuple[str, ...], ...]
    head: int = 0
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Steps:
    """Here stands a procedure's table, by its number from 1."""

    procedure: int


Part = Lines | Fields | Listing | Signatures | Rows | Steps

#: In a cell of `Rows`: the steps of its procedure, one a line.
STEPS_CELL = "(langkah)"


@dataclass(frozen=True, slots=True)
class Columns:
    """The heads of a procedure's table. groups: over the performers and over the quality columns; "" has none.
    performers: name → its column. columns: those behind, by the names of a step's cells."""

    no: str
    activity: str
    performers: Mapping[str, str]
    group: str = ""
    quality: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A paper but for its steps. title: what mailbot calls it. office: whose head it has; "" for anybody's.
    remarks: what is said of the copy as a whole."""

    title: str
    parts: tuple[Part, ...]
    office: str = ""
    remarks: tuple[str, ...] = ()


_COLUMNS = ("requirements", "time", "output", "remarks")
_COLUMN_KEYS = ("no", "activity", "performers", "quality", *_COLUMNS)
_DOCUMENT_KEYS = ("title", "office", "remarks", "parts")

#: The heads of a table of steps of which the paper has no table.
USUAL = Columns(no="No", activity="Aktivitas", performers={}, group="Pelaksana")


class PartsReader(SopReader[T], Generic[T]):
    """Reads a paper's document and the heads of its tables. procedures: how many tables of steps the file has."""

    procedures = 0

    def paper(self, data: Any, procedures: int, others: Collection[str] = ()) -> Document:
        """procedures: how many tables of steps the file has. others: keys that are read elsewhere."""
        found = self.mapping(("document",), data)
        self.procedures = procedures
        if not found.get("title"):
            self.fault(("document",), "document with a title is missing")
        self.keys(("document",), found, (*_DOCUMENT_KEYS, *others))
        if not isinstance(found.get("parts"), list):
            self.fault(("document",), "parts must be a list")
        parts = [self._part(at, raw) for at, raw in self.items(("document", "parts"), found.get("parts"))]
        return Document(
            title=self._word(("document",), found, "title"),
            parts=tuple(part for part in parts if part is not None),
            office=self._word(("document",), found, "office"),
            remarks=self._texts(("document", "remarks"), found.get("remarks", [])),
        )

    def columns(self, at: _At, found: Mapping[str, Any]) -> Columns:
        """The heads of a table of steps."""
        written = self.mapping((*at, "columns"), found.get("columns"))
        self.keys((*at, "columns"), written, _COLUMN_KEYS)
        performers = {key: str(name) for key, name in self.mapping(at, found.get("performers")).items()}
        return Columns(
            no=str(written.get("no", USUAL.no)),
            activity=str(written.get("activity", USUAL.activity)),
            performers=performers,
            group=str(written.get("performers", "" if written else USUAL.group)),
            quality=str(written.get("quality", "")),
            columns={name: str(written[name]) for name in _COLUMNS if name in written},
        )

    def _part(self, at: _At, raw: dict[str, Any]) -> Part | None:
        kinds: dict[str, Callable[[_At, Any], Part]] = {
            **dict.fromkeys(("cover", "title", "heading", "lines"), self._lines),
            **{"fields": self._fields, "list": self._listing, "signatures": self._signatures, "table": self._rows},
        }
        name = next(iter(raw), "")
        if len(raw) != 1 or (name not in kinds and name != "procedure"):
            self.fault(at, f"a part is one of {', '.join([*kinds, 'procedure'])}")
            return None
        if name != "procedure":
            return kinds[name]((*at, name), raw[name])
        if raw[name] not in range(1, self.procedures + 1):
            self.fault(at, f"procedure {raw[name]!r} is not there")
            return None
        return Steps(int(raw[name]))

    def _texts(self, at: _At, data: Any) -> tuple[str, ...]:
        listed = data if isinstance(data, list) else [data]
        if not all(isinstance(one, str | int) and not isinstance(one, bool) for one in listed):
            self.fault(at, "must be a text or a list of texts")
        return tuple("" if one is None else str(one) for one in listed)

    def _word(self, at: _At, data: Mapping[str, Any], key: str) -> str:
        """A text, "" where there is none."""
        value = data.get(key, "")
        if not isinstance(value, str | int) or isinstance(value, bool):
            self.fault((*at, key), "must be a text")
            return ""
        return str(value)

    def _number(self, at: _At, data: Mapping[str, Any], key: str, most: int) -> int:
        """A number from 0 to `most`, 0 where there is none."""
        value = data.get(key, 0)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            self.fault((*at, key), f"must be a number from 0 to {most}")
            return 0
        return value

    def _key(self, at: _At, data: Mapping[str, Any]) -> str:
        return self.one(at, data, "key", KEYS, "key of a head") or ""

    def _lines(self, at: _At, data: Any) -> Lines:
        return Lines(str(at[-1]), self._texts(at, data))

    def _fields(self, at: _At, data: Any) -> Fields:
        fields = []
        for where, raw in self.items(at, data):
            self.keys(where, raw, ("key", "label", "value"))
            label, value = (self._word(where, raw, key) for key in ("label", "value"))
            fields.append(Field(label, value, self._key(where, raw)))
        if not fields:
            self.fault(at, "must be a list with at least one field")
        return Fields(tuple(fields))

    def _listing(self, at: _At, data: Any) -> Listing:
        raw = self.mapping(at, data)
        self.keys(at, raw, ("key", "label", "items", "local"))
        items = self._texts((*at, "items"), raw.get("items", []))
        local = self._number(at, raw, "local", len(items))
        return Listing(self._word(at, raw, "label"), items, self._key(at, raw), local)

    def _signatures(self, at: _At, data: Any) -> Signatures:
        found = []
        for where, raw in self.items(at, data):
            self.keys(where, raw, ("key", "before", "lines"))
            before, lines = (self._texts((*where, key), raw.get(key, [])) for key in ("before", "lines"))
            found.append(Signature((*before, *lines), len(before), self._key(where, raw)))
        if not found:
            self.fault(at, "must be a list with at least one who signs")
        return Signatures(tuple(found))

    def _rows(self, at: _At, data: Any) -> Rows:
        raw = self.mapping(at, data)
        self.keys(at, raw, ("head", "rows", "steps"))
        written = raw.get("rows")
        listed = written if isinstance(written, list) else []
        if not listed:
            self.fault(at, "rows are missing")
        rows = tuple(self._texts((*at, "rows", index), row) for index, row in enumerate(listed))
        if len({len(row) for row in rows}) > 1:
            self.fault(at, "each row must have as many cells as the first")
        steps = self._number(at, raw, "steps", self.procedures)
        if any(STEPS_CELL in row for row in rows) and not steps:
            self.fault(at, f"{STEPS_CELL} needs the number of a procedure under `steps`")
        return Rows(rows, self._number(at, raw, "head", len(rows)), steps)
