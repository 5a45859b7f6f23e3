"""Words and cells in HTML."""

from __future__ import annotations

import re
from html import escape

from mailbot.clean import clean, one_line
from mailbot.reports.sop.blocks import Cell, Code, Marked
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
    return "".join(map(_part, parts))


def _part(part: str | Code | Marked) -> str:
    if isinstance(part, Marked):
        return f'<span class="mended">{words(part.words)}{mark(part.number)}</span>'
    return f"<code>{text(part.name)}</code>" if isinstance(part, Code) else _lines(part)


def plain(parts: Cell) -> str:
    """A cell's words alone, for an attribute."""

    def said(part: str | Code | Marked) -> str:
        return part if isinstance(part, str) else part.name if isinstance(part, Code) else part.words

    return text("".join(map(said, parts)))


def mark(number: int) -> str:
    """The mark of a note, which leads to it; nothing for 0."""
    return f'<sup><a href="#catatan-{number}">{number}</a></sup>' if number else ""


def _lines(part: str) -> str:
    lines = [_labelled(words(line)) for line in clean(part).split("\n")]
    # Spaces at a part's edge belong to the sentence that a code interrupts.
    return " " * part.startswith(" ") + "<br>".join(lines) + " " * (len(part) > 1 and part.endswith(" "))


_LABEL = re.compile(rf"({'|'.join(re.escape(words(label)) for label in WORDS['labels'].values())}):(?: |$)")


def _labelled(line: str) -> str:
    """What stands before the first colon of a cell's line ("E-mail: …") is its label."""
    found = _LABEL.match(line)
    return f'<span class="label">{found[1]}:</span>{line[found.end(1) + 1 :]}' if found else line


def breakable(parts: Cell) -> str:
    """A heading that may be broken after its slashes; those of its marks have no space beside them."""
    return re.sub(r"(?<![<\s])/(?=\w)", "/<wbr>", cell(parts))
