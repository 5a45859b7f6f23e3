"""The output of a canned answer's template → the text of an answer, as a person would have typed it. Pure.

The writer of the file wraps its lines freely. The reader of the answer, also on a telephone, sees every line end. So
each paragraph and each item of a list becomes one line.
"""

from __future__ import annotations

import re

# "1. ", "12) ", "a. ", "- ": the line begins an item.
_ITEM = re.compile(r"(?:[-•]|[0-9]{1,2}[.)]|[a-z][.)])\s")


def unwrapped(text: str) -> str:
    """Paragraphs parted by one empty line; lines within one are joined, unless an item of a list begins there."""
    paragraphs: list[list[str]] = [[]]
    for line in (line.strip() for line in text.split("\n")):
        if not line:
            paragraphs.append([])
        elif paragraphs[-1] and not _ITEM.match(line):
            paragraphs[-1][-1] += f" {line}"
        else:
            paragraphs[-1].append(line)
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)
