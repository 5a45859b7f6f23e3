"""A calendar's event as text: what its writer says in it (RFC 5545), for mails whose body an invitation repeats."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r'^([A-Za-z-]{1,40})[^:\n"]{0,500}(?:"[^"\n]{0,500}"[^:\n"]{0,500}){0,20}:([^\n]*)', re.M)
_ESCAPED = re.compile(r"\\([nN,;\\])")
_WHEN = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?\Z")
_ITEMS = ("vevent", "vtodo", "vjournal")
_WORDS = ("location", "description", "comment")
_LIMIT = 512 * 1024  # characters


def is_calendar(data: bytes) -> bool:
    return data[:40].lstrip(b"\xef\xbb\xbf\r\n\t ").upper().startswith(b"BEGIN:VCALENDAR")


def words(source: str) -> str:
    """The place, the description and the comments of its items: what a mail's own text may say as well."""
    return "\n".join(value for name, value in _properties(source) if name in _WORDS)


def to_text(source: str) -> str:
    """All that a person reads of its items, where no other text says it. Dates are as written."""
    return "\n".join(_when(value) if name.startswith("dt") else value for name, value in _properties(source))


def _properties(source: str) -> Iterator[tuple[str, str]]:
    within: list[str] = []
    for found in _LINE.finditer(_FOLD.sub("", source[:_LIMIT])):
        name, value = found[1].lower(), found[2].strip()
        if name == "begin":
            within.append(value.lower())
        elif name == "end":
            within = within[:-1]
        elif within and within[-1] in _ITEMS and name in ("summary", "dtstart", "dtend", *_WORDS):
            yield name, _ESCAPED.sub(lambda one: "\n" if one[1] in "nN" else one[1], value)


def _when(value: str) -> str:
    found = _WHEN.match(value)
    if found is None:
        return value
    year, month, day, hour, minute, utc = found.groups()
    return f"{year}-{month}-{day}" + (f" {hour}:{minute}" if hour else "") + (" UTC" if utc else "")
