"""A table as a CSV file that Indonesian Excel opens as a table: UTF-8 with a byte order mark, semicolons, CRLF."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from mailbot.clean import clean

#: A spreadsheet takes what begins so for a formula, and what stands in a mail is anybody's (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
#: Characters of one cell; Excel takes 32,767.
_LONGEST = 5_000


def write(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The whole file; cells are text and stay so."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def cell(value: str) -> str:
    """A value that no spreadsheet takes for a formula: an apostrophe in front says that it is text."""
    text = clean(value)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} […]"
    return f"'{text}" if text.lstrip(" \u00a0\u3000").startswith(_FORMULA) else text
