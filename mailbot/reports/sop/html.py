"""The SOP document as one HTML page that needs nothing else: no script, no font, no picture from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from mailbot.clean import clean, one_line
from mailbot.reports.sop import drawing as sop_svg
from mailbot.reports.sop.document import (
    DONE_COLUMN,
    OTHERWISE,
    QUALITY_COLUMNS,
    Block,
    Cell,
    Code,
    Diagram,
    Document,
    Footer,
    Grid,
    Head,
    Heading,
    Paragraph,
    Procedure,
)
from mailbot.reports.sop.flow import MARKS, Shape, shape
from mailbot.reports.sop.style import STYLE
from mailbot.rules.sop.table import Step

#: Two chapters that begin on a new sheet.
_NEW_SHEETS = {"prosedur", "diagram", "pelaksanaan"}

#: A single letter before a hyphen.
_SHORT = re.compile(r"\b[A-Za-z]-[A-Za-z]+")


def write(document: Document) -> str:
    """The page, ending in a line feed."""
    blocks = [_block(block, document.title) for block in document.blocks]
    return page(document.title, "\n".join(blocks))


def page(title: str, body: str, kind: str = "narrow") -> str:
    """A whole page around a body that is HTML already; `kind` is "narrow" or "wide" (uses the whole window)."""
    return (
        '<!DOCTYPE html>\n<html lang="id">\n<head>\n<meta charset="utf-8">\n'
        # Whatever a text could smuggle in, the page runs no script and loads nothing.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{text(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f'<body>\n<main class="{kind}">\n{body}\n</main>\n</body>\n</html>\n'
    )


def text(words: str) -> str:
    """One line for an element or a quoted attribute."""
    return escape(one_line(words), quote=True)


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


_E_MAIL = words("E-mail")


def _labelled(line: str) -> str:
    """What stands before the first colon of a cell's line ("E-mail: …") is its label."""
    label, colon, rest = line.partition(": ")
    labels = (_E_MAIL, "Tiket", "Tenggat mulai", "Tenggat berakhir", "Tenggat diulang", "Ditolak")
    if line == OTHERWISE:
        return f'<span class="label">{line}</span>'
    return f'<span class="label">{label}:</span> {rest}' if colon and label in labels else line


def _block(block: Block, title: str) -> str:
    match block:
        case Heading(level, line, anchor):
            attributes = f' id="{text(anchor)}"' if anchor else ""
            attributes += ' class="page"' if anchor in _NEW_SHEETS else ""
            return f"<h{level}{attributes}>{words(line)}</h{level}>"
        case Paragraph(parts):
            return f"<p>{cell(parts)}</p>"
        case Footer(parts):
            return f"<footer>{cell(parts)}</footer>"
        case Head(_, _):
            return _head(block, title)
        case Procedure():
            return _procedure(block)
        case Diagram(flow):
            drawing = sop_svg.draw(flow)
            style = f"--width:{drawing.width};--lanes-left:{drawing.lanes_left}"
            return f'<div class="flow" style="{style}">\n{drawing.svg}\n</div>'
        case Grid(columns, rows, _):
            return _grid(columns, rows)


def _head(head: Head, title: str) -> str:
    fields = "".join(f"<dt>{text(name)}</dt><dd>{words(value)}</dd>" for name, value in head.fields)
    sections = []
    for name, items in head.sections:
        listed = "".join(f"<li>{words(item)}</li>" for item in items)
        sections.append(f"<section><h2>{text(name)}</h2><ol>{listed}</ol></section>")
    kind = "" if fields else " alone"
    fields = f"<dl>{fields}</dl>" if fields else ""
    return (
        f'<header class="form">\n<div class="form-title{kind}"><div class="form-name">'
        "<p>Standar Operasional Prosedur<br>Layanan Pengadaan Secara Elektronik</p>"
        f"<h1>{words(title)}</h1></div>{fields}</div>\n"
        f'<div class="form-lists">{"".join(sections)}</div>\n</header>'
    )


def _procedure(table: Procedure) -> str:
    """The paper's table under its two lines of headings."""
    under = [*table.performers.values(), *(QUALITY_COLUMNS if table.quality else ())]
    single = [name for name in table.columns if name not in QUALITY_COLUMNS]
    heads = (
        '<tr><th rowspan="2">No</th><th rowspan="2">Aktivitas</th>'
        f'<th colspan="{len(table.performers)}">Pelaksana</th>'
        + (f'<th colspan="{len(QUALITY_COLUMNS)}">Mutu Baku</th>' if table.quality else "")
        + "".join(f'<th rowspan="2">{text(name)}</th>' for name in single)
        + "</tr>\n<tr>"
        + "".join(f"<th>{_breakable(name)}</th>" for name in under)
        + "</tr>"
    )
    quality = ("needs", "time", "quality", "quality") if table.quality else ()
    kinds = ("no", "activity", *("performer" for _ in table.performers), *quality)
    kinds = kinds if table.done is None else (*kinds, "done")
    widths = "".join(f'<col class="c-{kind}">' for kind in kinds)
    rows = "\n".join(_step(step, table) for step in table.steps)
    body = f"<thead>\n{heads}\n</thead>\n<tbody>\n{rows}\n</tbody>"
    kind = "" if table.done is None else " beside" if table.quality else " beside bare"
    return f'<table class="procedure{kind} cards">\n<colgroup>{widths}</colgroup>\n{body}\n</table>'


def _breakable(line: str) -> str:
    """A heading that may be broken after its slashes."""
    return text(line).replace("/", "/<wbr>")


def _step(step: Step, table: Procedure) -> str:
    number, anchor = text(step.no), f"{table.anchor}{step.no}"
    if table.done is None:
        number = f'<a href="#{text(anchor)}">{number}</a>'
    cells = [f'<td class="no" data-column="Langkah">{number}</td>', _cell("Aktivitas", step.activity)]
    for performer, name in table.performers.items():
        symbol = _symbol(shape(step)) if performer == step.performer else ""
        cells.append(f'<td class="performer {performer}" data-column="{text(name)}">{symbol}</td>')
    cells += [_cell(name, line) for name, line in zip(table.columns, table.cells(step), strict=True)]
    place = "" if table.done is None else f' id="{text(anchor)}"'
    return f"<tr{place}>{''.join(cells)}</tr>"


def _cell(column: str, line: str) -> str:
    kind = {"Waktu": ' class="time"', DONE_COLUMN: ' class="done"'}.get(column, "")
    return f'<td{kind} data-column="{text(column)}">{words(line)}</td>'


def _symbol(kind: Shape) -> str:
    """The paper's symbol in the performer's column."""
    if kind is Shape.DECISION:
        inside = (
            '<svg viewBox="0 0 78 36" aria-hidden="true"><path d="M1 18 39 1 77 18 39 35Z"/>'
            f'<text x="39" y="21.5">{MARKS[kind]}</text></svg>'
        )
    else:
        inside = MARKS[kind]
    return f'<span class="symbol {kind.value}" title="{_TITLES[kind]}">{inside}</span>'


_TITLES = {
    Shape.START: "mulai",
    Shape.END: "selesai",
    Shape.DECISION: "keputusan: Ya atau Tidak",
    Shape.PROCESS: "kegiatan",
}


def _grid(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    heads = "".join(f"<th>{text(column)}</th>" for column in columns)
    body = "\n".join(f"<tr>{''.join(map(_named, columns, row))}</tr>" for row in rows)
    return f'<table class="grid cards">\n<thead>\n<tr>{heads}</tr>\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>'


def _named(column: str, parts: Cell) -> str:
    """A cell that knows its column; a phone leaves out what says nothing."""
    kind = ' class="none"' if parts == ("–",) else ""
    return f'<td{kind} data-column="{text(column)}">{cell(parts)}</td>'
