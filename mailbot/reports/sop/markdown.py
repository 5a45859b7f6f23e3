"""Words and cells in Markdown (GitHub's dialect) and in the labels of its Mermaid diagrams."""

from __future__ import annotations

import re

from mailbot.clean import clean, one_line
from mailbot.reports.sop.blocks import Cell, Code, Marked
from mailbot.reports.sop.text import raised

# Inside a line: emphasis, code, links, tables, HTML, entities, mathematics.
_INLINE = re.compile(r"([\\`*_\[\]<>|~&$])")
# At the beginning of a line: headings, lists, quotes, rules.
_OPENING = re.compile(r"^(?:([#+\-=>])|([0-9]+)([.)]))")
# What ends a quoted Mermaid label or means something inside it; "#" begins its character references.
_MERMAID = str.maketrans({char: f"#{ord(char)};" for char in '#"&<>`;\\*_~%'})


def text(words: object) -> str:
    """One line of running text that means nothing to Markdown."""
    escaped = _INLINE.sub(r"\\\1", one_line(str(words)))
    return _OPENING.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", escaped)


def code(name: str) -> str:
    """A code span. Between backslashes and pipes only the pipe needs care: a table row splits before code is read."""
    cleaned = one_line(name).replace("`", "'").replace("|", "\\|")
    return f"`{cleaned}`"


def cell(parts: Cell) -> str:
    """A table cell on one line; its line ends become <br>."""
    return "".join(map(_part, parts))


def _part(part: str | Code | Marked) -> str:
    if isinstance(part, Marked):
        return f"{_lines(part.words)}{raised(part.number)}"
    return code(part.name) if isinstance(part, Code) else _lines(part)


def item(number: Cell, words: Cell) -> str:
    """An item of a numbered list. A mark at its number comes behind it: "1.¹" would begin no list."""
    marks = "".join(raised(part.number) for part in number if isinstance(part, Marked))
    digits = "".join(part.words if isinstance(part, Marked) else str(part) for part in number)
    return " ".join(filter(None, (one_line(digits), marks, cell(words)))) if digits else cell(words)


def _lines(part: str) -> str:
    # Spaces at a part's edge belong to the sentence that a code span interrupts.
    lines = [text(line) for line in clean(part).split("\n")]
    before, after = " " * part.startswith(" "), " " * (len(part) > 1 and part.endswith(" "))
    return before + "<br>".join(lines) + after


def mermaid(words: str) -> str:
    """The inside of a quoted label."""
    return one_line(words).translate(_MERMAID)
