"""Long lists of words as patterns that a person can read and add to: one alternative a line."""

from __future__ import annotations

import re

_CONTINUED = "…"


def alternatives(lines: str) -> str:
    """A group that matches any of the lines, each a regular expression. Empty lines and those that begin with "# "
    are skipped; a line that begins with "…" continues the one before."""
    found: list[str] = []
    for line in lines.split("\n"):
        written = line.strip()
        if written.startswith(_CONTINUED):
            found[-1] += written.removeprefix(_CONTINUED)
        elif written and not written.startswith("# "):
            found.append(written)
    return f"(?:{'|'.join(found)})"


def one_of(lines: str) -> re.Pattern[str]:
    """The same as a pattern that does not tell capitals from small letters."""
    return re.compile(alternatives(lines), re.IGNORECASE)
