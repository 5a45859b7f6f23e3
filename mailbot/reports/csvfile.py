"""A table as a CSV file that Indonesian Excel opens as a table: UTF-8 with a byte order mark, semicolons, CRLF."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from mailbot.clean import clean
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)
MEDIA_TYPE = "text/csv"
SUFFIX = ".csv"
#: A spreadsheet takes what begins so for a formula, and what stands in a mail is anybody's (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
#: What Excel takes in one cell, in UTF-16 code units; longer ones it spills into the next row.
_LONGEST = 32_767


def write(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The whole file; cells are text and stay so, each on one line: what reads line by line reads it too."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def cell(value: str) -> str:
    """A value on one line that no spreadsheet takes for a formula: an apostrophe in front says that it is text."""
    text = " ".join(clean(value).split())
    text = f"'{text}" if is_formula(text) or is_formula(clean(value)) else text
    return _cut(text) if len(text) > _LONGEST // 2 else text


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would calculate it."""
    return text.lstrip(" \u00a0\u3000").startswith(_FORMULA)


def _cut(text: str) -> str:
    """With a remark, where it is longer than a cell."""
    units = text.encode("utf-16-le", "replace")
    if len(units) <= 2 * _LONGEST:
        return text
    remark = f" {_SAID('cut')}"
    return units[: 2 * (_LONGEST - len(remark))].decode("utf-16-le", "ignore") + remark
