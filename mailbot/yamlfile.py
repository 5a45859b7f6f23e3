"""YAML files with line numbers, for the configuration and for the rules.

The language is YAML 1.2's core schema made smaller, because the files are written by hand, by people
who do not know YAML's traps: only `null`, `true`, `false`, decimal integers and decimal fractions
are anything but text, so `10:30`, `no`, `on`, `0123`, `+62…` and `2026-12-24` stay what was typed.
Keys are always text. Aliases, tags, a second document and a key given twice are faults: each value
stands in one place, and that place is known.

The files of rules have readers of one shape (`Reader`), which check each part and collect what is wrong with them.

The only importer of yaml. Nothing of the file's values is printed here: they may be secrets.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml

from mailbot import yamlfaults
from mailbot.errors import ConfigError

MAX_BYTES = 1_000_000
MAX_DEPTH = 40

Step = str | int  # of a path: a mapping's key, or a sequence's index
T = TypeVar("T")

# YAML 1.2.2 §5.1 names the printable characters; PyYAML refuses the others too, but without a line.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {w: w.lower() == "true" for w in ("true", "True", "TRUE", "false", "False", "FALSE")}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}")
_PLAIN_KEY = re.compile(r"[\w<>.@*-]{1,60}")

#: Quotation marks to people, and a part of the text to YAML.
_TYPOGRAPHIC = tuple("\u201c\u201d\u201e\u2018\u2019")

# The same events from libyaml where PyYAML was built with it: some ten times faster.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """A file's data and where each part of it stands.

    data: dicts with text keys, lists, str, int, float, bool, None.
    lines: path -> line from 1; a path is the keys and indexes from the top, () the document.
    """

    path: Path
    data: Any = field(repr=False)
    lines: Mapping[tuple[Step, ...], int] = field(repr=False)

    def line(self, *path: Step) -> int:
        """The line of a key or list item, from 1; of the nearest part above it that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, path: tuple[Step, ...], message: str) -> str:
        """A ready line for `ConfigError`: "file:line: key.path: message"."""
        where = f"{self.path}:{self.line(*path)}: "
        return where + (f"{key_path(path)}: " if path else "") + message


def key_path(path: tuple[Step, ...]) -> str:
    """("mailboxes", 0, "imap") -> "mailboxes[0].imap"; keys of odd characters are quoted."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            plain = part if _PLAIN_KEY.fullmatch(part) else json.dumps(part[:60], ensure_ascii=False)
            text += f".{plain}" if text else plain
    return text


def read(path: Path, faults: list[str] | None = None) -> Document:
    """Read one YAML file of at most MAX_BYTES.

    Raises ConfigError with every fault found. With a `faults` list, faults that leave the rest
    readable (a key given twice, an alias, a tag) are added there instead, so that a caller can
    report its own in the same go; broken syntax raises all the same.
    """
    return parse(path, content(path), faults)


def content(path: Path) -> bytes:
    """The bytes of a file of at most MAX_BYTES. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror or 'unknown reason'}"]) from None
    if len(raw) > MAX_BYTES:
        raise ConfigError([f"{path}: larger than {MAX_BYTES:,} bytes"])
    return raw


def parse(path: Path, raw: bytes, faults: list[str] | None = None) -> Document:
    """As `read`, of bytes that have been read."""
    found: list[str] = []
    document = _parse(path, _decode(path, raw), found)
    if faults is not None:
        faults.extend(found)
    elif found:
        raise ConfigError(found)
    return document


# --- files of rules ---------------------------------------------------------------------------------------------------


class Reader(ABC, Generic[T]):
    """What a file of rules says: each kind of file has a subclass, whose `result` is what the program works with.

    A part that is not as it must be adds a fault with its line and is read as if it were empty, so that the rest of the
    file is checked in the same go. `at`: the part's path.
    """

    def __init__(self, path: Path, raw: bytes) -> None:
        self.faults: list[str] = []
        self.document = parse(path, raw, self.faults)

    @abstractmethod
    def result(self) -> T:
        """What the file says; it is thrown away if there is any fault."""

    def fault(self, at: tuple[Step, ...], message: str) -> None:
        self.faults.append(self.document.fault(at, message))

    def keys(self, at: tuple[Step, ...], data: Mapping[str, Any], allowed: Collection[str]) -> None:
        """No other keys than these."""
        for key in data:
            if key not in allowed:
                self.fault((*at, key), f"unknown key; allowed: {', '.join(allowed)}")

    def table(self, at: tuple[Step, ...], data: Any, allowed: Collection[str] = ()) -> dict[str, Any]:
        """A mapping; with no other keys than these, if any are named."""
        if not isinstance(data, dict):
            self.fault(at, f"must be a table{' with ' + ', '.join(allowed) if allowed else ''}")
            return {}
        if allowed:
            self.keys(at, data, allowed)
        return data

    def entries(self, at: tuple[Step, ...], data: Any, what: str, *, least: int = 0) -> list[Any]:
        """A list of that many entries or more. what: "of phrases", "with at least one entry"."""
        if isinstance(data, list) and len(data) >= least:
            return data
        self.fault(at, f"must be a list {what}")
        return []

    def text(self, at: tuple[Step, ...], data: Any) -> str:
        """A text that is not empty, with single blanks."""
        if not isinstance(data, str) or not data.strip():
            self.fault(at, "must be a text")
            return ""
        return " ".join(data.split())

    def flag(self, at: tuple[Step, ...], data: Any) -> bool:
        if not isinstance(data, bool):
            self.fault(at, "must be true or false")
        return data is True


def rules(reader: type[Reader[T]], path: Path, raw: bytes | None = None) -> T:
    """What a file of rules says. raw: its bytes, where they have been read. Raises ConfigError with every fault.

    Such a file takes long to check. The same bytes are therefore checked once, for all mailboxes that share them and
    for a reload.
    """
    found: T = _rules(reader, path, content(path) if raw is None else raw)
    return found


@lru_cache(maxsize=64)
def _rules(reader: type[Reader[Any]], path: Path, raw: bytes) -> Any:
    one = reader(path, raw)
    found = one.result()
    if one.faults:
        raise ConfigError(one.faults)
    return found


# --- from bytes to data -----------------------------------------------------------------------------------------------


def _decode(path: Path, raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path}:{line}: not UTF-8; save the file as UTF-8"]) from None
    if bad := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        raise ConfigError([f"{path}:{line}: the control character U+{ord(bad[0]):04X} is not allowed"])
    return text


def _parse(path: Path, text: str, faults: list[str]) -> Document:
    builder = _Builder(path, yaml.parse(text, Loader=_Loader), faults)
    try:
        data = builder.document()
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        since: Any = error.context_mark or mark
        if mark is None:
            raise ConfigError([*faults, f"{path}:1: not readable as YAML"]) from None
        where = (mark.line + 1, mark.column + 1)
        words = (error.problem or "not YAML", error.context or "")
        line, problem = yamlfaults.cause(text.split("\n"), *words, where, since.line + 1)
        raise ConfigError([*faults, f"{path}:{line}: not readable as YAML: {problem}"]) from None
    except yaml.YAMLError:
        raise ConfigError([*faults, f"{path}:1: not readable as YAML"]) from None
    return Document(path, data, builder.lines)


class _Builder:
    """Builds the data from the parser's events; PyYAML's own constructors never run."""

    def __init__(self, path: Path, events: Iterator[Any], faults: list[str]) -> None:
        self.path = path
        self.events = events
        self.faults = faults
        self.lines: dict[tuple[Step, ...], int] = {}

    def document(self) -> Any:
        data: Any = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._fault(event, (), "behind a line of --- YAML begins another file; take that line out")
                    break
            elif isinstance(event, yaml.NodeEvent):
                self.lines[()] = _line(event)
                data = self._value(event, ())
        return data

    def _value(self, event: Any, path: tuple[Step, ...]) -> Any:
        if isinstance(event, yaml.AliasEvent):
            self._fault(event, path, "an alias (*…) is not used here; write the value out, text in quotes")
            return None
        if event.tag is not None and event.tag != "!":
            self._fault(event, path, "a tag (!…) is not used here; put text that begins with ! in quotes")
        if isinstance(event, yaml.ScalarEvent):
            if event.implicit[0] and event.value.startswith(_TYPOGRAPHIC) and event.value.endswith(_TYPOGRAPHIC):
                self._fault(event, path, "typographic quotation marks, as word processors make; type plain ones")
            return _scalar(event.value) if event.implicit[0] else event.value
        if len(path) >= MAX_DEPTH:
            line = _line(event)
            raise ConfigError([*self.faults, f"{self.path}:{line}: more than {MAX_DEPTH} levels deep"])
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _sequence(self, path: tuple[Step, ...]) -> list[Any]:
        items: list[Any] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            here = (*path, len(items))
            self.lines[here] = _line(event)
            items.append(self._value(event, here))
        return items

    def _mapping(self, path: tuple[Step, ...]) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            line = _line(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise ConfigError([*self.faults, f"{self.path}:{line}: a key must be one word of text"])
            here = (*path, event.value)
            if first := self.lines.get(here):
                self.faults.append(f"{self.path}:{line}: {key_path(here)}: the key stands twice, first in line {first}")
                self._value(next(self.events), (*path, f"{event.value} (again)"))
                continue
            self.lines[here] = line
            members[event.value] = self._value(next(self.events), here)
        return members

    def _fault(self, event: Any, path: tuple[Step, ...], message: str) -> None:
        where = f"{key_path(path)}: " if path else ""
        self.faults.append(f"{self.path}:{_line(event)}: {where}{message}")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(text: str) -> Any:
    """The value of an unquoted scalar: YAML 1.2.2 §10.3.2, without octal, hexadecimal and infinities."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return float(text)
    return text
