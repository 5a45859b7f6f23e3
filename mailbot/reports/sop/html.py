"""Words and cells in HTML."""

from __future__ import annotations

import re
from html import escape

from mailbot.clean import clean, one_line
from mailbot.reports.sop.document import Cell, Code
from mailbot.reports.sop.words import WORDS

#: A single letter before a hyphen.
_SHORT = re.compile(r"\b[A-Za-z]-[A-Za-z]+")


def text(value: object) -> str:
    """One line for an element or a quoted attribute; numbers as short as they are."""
    return f"{value:g}" if isinstance(value, float) else escape(one_line(str(value)), quote=True)


def words(line: str) -> str:
    """`text` for an element: browsers would break "e-mail" at its hyphen."""
    return _SHORT.sub(r'<span class="whole">\g<0></span>', text(line))


def cell(parts: Cell) -> str:
    """A cell's content; its line ends become <br>."""
    return "".join(f"<code>{text(part.name)}</code>" if isinstance(part, Code) else _lines(part) for part in parts)


def _lines(part: str) -> str:
    lines = [_labelled(words(line)) for line in clean(part).split("\n")]
    # Spaces at a part's edge belong to the sentence that a code interrupts.
    return " " * part.startswith(" ") + "<br>".join(lines) + " " * (len(part) > 1 and part.endswith(" "))


_LABEL = re.compile(rf"({'|'.join(re.escape(words(label)) for label in WORDS['labels'].values())}):(?: |$)")


def _labelled(line: str) -> str:
    """What stands before the first colon of a cell's line ("E-mail: …") is its label."""
    found = _LABEL.match(line)
    return f'<span class="label">{found[1]}:</span>{line[found.end(1) + 1 :]}' if found else line


def breakable(line: str) -> str:
    """A heading that may be broken after its slashes."""
    return text(line).replace("/", "/<wbr>")
