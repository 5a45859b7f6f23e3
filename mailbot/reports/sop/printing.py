"""SOP-LPSE.BTG-015 as it is printed, the very table that the program runs on in the columns of the paper form, and the
SOPs beside it.

Pure functions of the table. form: "text" in lines of at most `width` characters (ValueError below 40); "markdown",
GitHub's dialect with the flow as a Mermaid diagram; "html", one page that needs nothing else, the flow drawn as SVG.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import get_args

from mailbot.clean import one_line
from mailbot.reports.pages import Filter, Pages
from mailbot.reports.sop import html, markdown, text
from mailbot.reports.sop.blocks import NOTHING, Block, Document
from mailbot.reports.sop.document import of_matrix, of_paper, of_table
from mailbot.reports.sop.drawing import draw
from mailbot.reports.sop.flow import Flow, shape
from mailbot.reports.sop.words import WORDS
from mailbot.rules.sop import replaced
from mailbot.rules.sop.heads import Head
from mailbot.rules.sop.paper import Paper
from mailbot.rules.sop.replaced import Replaced
from mailbot.rules.sop.table import Table

WIDTH = 100

_FOLDER = Path(__file__).parent


def document(
    table: Table,
    form: str = "text",
    *,
    width: int = WIDTH,
    lengths: Mapping[str, str] | None = None,
    head: Head | None = None,
    changes: Replaced | None = None,
) -> str:
    """SOP-015. lengths: the durations of the configuration in words ("2 hari kerja") by their key
    (`lkpp_status_after`), and `enquiries_max` as a number; None: the configuration's defaults. head: the site's; None:
    as its office has it. changes: of the legal basis; None: those that mailbot knows of."""
    return _printed(of_table(table, lengths, head or Head(), changes or replaced.load()), form, width)


def paper(
    found: Paper,
    name: str,
    form: str = "text",
    *,
    width: int = WIDTH,
    head: Head | None = None,
    changes: Replaced | None = None,
) -> str:
    """Another SOP of the office. name: on the command line. head, changes: as for `document`."""
    return _printed(of_paper(found, name, head or Head(), changes or replaced.load()), form, width)


def matrix(table: Table, form: str = "text", *, width: int = WIDTH) -> str:
    """Status × event of SOP-015."""
    return _printed(of_matrix(table), form, width)


def drawing(flow: Flow) -> str:
    """One `<svg>` element; a `g.node` for every step, a `path.edge` for every way."""
    return _pages("html", WIDTH).render("drawing.svg.j2", drawing=draw(flow), **WORDS)


def _printed(found: Document, form: str, width: int) -> str:
    style = (_FOLDER / "style.css").read_text(encoding="utf-8") if form == "html" else ""
    values = {"document": found, "shape_of": shape, "draw": draw, "style": style, "width": width, "nothing": (NOTHING,)}
    printed = _pages(form, width).render(_TEMPLATES[form], **values, **WORDS)
    return re.sub(r" +$", "", printed, flags=re.MULTILINE) if form == "text" else printed


_TEMPLATES = {"text": "sop.txt.j2", "markdown": "sop.md.j2", "html": "sop.html.j2"}
#: "heading", "grid", …: `{% if block is heading %}`.
_KINDS = {kind.__name__.lower(): lambda value, kind=kind: isinstance(value, kind) for kind in get_args(Block)}


def _pages(form: str, width: int) -> Pages:
    filters: dict[str, Filter]
    if form == "html":
        filters = {
            "words": html.words,
            "cell": html.cell,
            "breakable": html.breakable,
            "mark": html.mark,
            "plain": html.plain,
        }
        return Pages(_FOLDER, html.text, filters=filters, tests=_KINDS)
    if form == "markdown":
        filters = {
            **{"cell": markdown.cell, "code": markdown.code, "item": markdown.item, "mermaid": markdown.mermaid},
            "mark": text.raised,
        }
        return Pages(_FOLDER, markdown.text, filters=filters, tests=_KINDS)
    return Pages(_FOLDER, one_line, filters=_text_filters(width), tests=_KINDS)


def _text_filters(width: int) -> Mapping[str, Filter]:
    if width < text.NARROWEST:
        raise ValueError(f"width must be at least {text.NARROWEST}, not {width}")

    def joined(lines: Callable[..., Iterable[str]]) -> Filter:
        return lambda *values: "\n".join(lines(*values, width))

    return {lines.__name__: joined(lines) for lines in _LINES}


#: Each makes lines of a value; the width is its last argument.
_LINES: tuple[Callable[..., Iterable[str]], ...] = (
    *(text.title, text.underlined, text.cell, text.wrap, text.hanging, text.item, text.centred),
    *(
        text.procedure,
        text.rows,
        text.fields,
        text.signatures,
        text.notes,
        text.grid,
        text.lanes,
        text.overview,
        text.cells,
    ),
)
