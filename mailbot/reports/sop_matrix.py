"""Status × event: what the table answers in every cell."""

from __future__ import annotations

from collections.abc import Iterator

from mailbot.clean import one_line
from mailbot.reports import sop_html, sop_markdown, sop_text
from mailbot.reports.sop_document import conditions, outcome, status_name, title
from mailbot.rules.sop.names import REFUSALS
from mailbot.rules.sop.table import NONE, Row, Table

_KEPT, _REFUSED, _NO_CELL = "·", "×", " "
_READ = (
    "Dalam setiap sel baris-baris tabel diperiksa dari atas ke bawah; yang pertama semua syaratnya terpenuhi berlaku,"
    " dan setelah → tertulis status sesudahnya."
)


def as_text(table: Table, width: int) -> str:
    """An overview that fits a terminal, then every cell with its rows; cells that say the same stand together."""
    if width < sop_text.NARROWEST:
        raise ValueError(f"width must be at least {sop_text.NARROWEST}, not {width}")
    lines = [*sop_text.wrap(f"{title(table)}: status × peristiwa".upper(), width), "═" * width, ""]
    lines += [*_overview(table, width), "", *sop_text.wrap(_READ, width)]
    for event, words in table.events.items():
        lines += ["", *sop_text.hanging("■ ", f"{words} ({event})", width)]
        for statuses, rows in _grouped(table, event):
            lines += sop_text.hanging("  ", "; ".join(status_name(table, status) for status in statuses), width)
            for row in rows:
                lines += sop_text.hanging("    ", f"{row.id} → {_outcome(table, row)}{_if(row)}", width)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def as_markdown(table: Table) -> str:
    """The whole matrix as one pipe table, an event a line."""
    columns = _statuses(table)
    head = ["Peristiwa", *(sop_markdown.text(status_name(table, status)) for status in columns)]
    lines = []
    for event, words in table.events.items():
        cells = []
        for status in columns:
            rows = table.cells.get((status, event), ())
            cells.append(
                "<br>".join(
                    f"{sop_markdown.code(row.id)} → {sop_markdown.text(_outcome(table, row) + _if(row))}"
                    for row in rows
                )
            )
        lines.append([f"{sop_markdown.text(words)}<br>{sop_markdown.code(event)}", *cells])
    name = sop_markdown.text(f"{title(table)}: status × peristiwa")
    return f"# {name}\n\n{_READ}\n\n{sop_markdown.table(head, lines)}\n"


def as_html(table: Table) -> str:
    """The whole matrix as a page; the events stay in sight while one scrolls through the statuses, and on a telephone
    each is a card of the statuses in which it means something."""
    columns = _statuses(table)
    name = f"{title(table)}: status × peristiwa"
    heads = "".join(f"<th>{sop_html.text(status_name(table, status))}</th>" for status in columns)
    lines = []
    for event, words in table.events.items():
        cells = []
        for status in columns:
            rows = table.cells.get((status, event), ())
            column = sop_html.text(status_name(table, status))
            cells.append(
                f'<td data-column="{column}">'
                + "<br>".join(
                    f"<code>{sop_html.text(row.id)}</code> → {sop_html.words(_outcome(table, row) + _if(row))}"
                    for row in rows
                )
                + "</td>"
            )
        head = f"{sop_html.text(words)}<br><code>{sop_html.text(event)}</code>"
        lines.append(f'<tr><th scope="row">{head}</th>{"".join(cells)}</tr>')
    body = "\n".join(lines)
    return sop_html.page(
        name,
        f"<h1>{sop_html.words(name)}</h1>\n<p>{_READ}</p>\n"
        f'<div class="scroll"><table class="matrix cards">\n<thead><tr><th>Peristiwa</th>{heads}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table></div>",
        kind="wide",
    )


def _statuses(table: Table) -> list[str]:
    return [NONE, *table.statuses]


def _grouped(table: Table, event: str) -> list[tuple[tuple[str, ...], tuple[Row, ...]]]:
    """(statuses, rows): the statuses in which the event meets the same rows, in the table's order."""
    found: dict[tuple[str, ...], tuple[list[str], tuple[Row, ...]]] = {}
    for status in _statuses(table):
        rows = table.cells.get((status, event))
        if rows:
            found.setdefault(tuple(row.id for row in rows), ([], rows))[0].append(status)
    return [(tuple(statuses), rows) for statuses, rows in found.values()]


def _outcome(table: Table, row: Row) -> str:
    return outcome(table, row) + _reason(row)


def _reason(row: Row) -> str:
    return f" ({REFUSALS[row.refuse].short})" if row.refuse else ""


def _if(row: Row) -> str:
    return f", bila {conditions(row.conditions)}" if row.conditions else ""


def _overview(table: Table, width: int) -> Iterator[str]:
    """One line an event, one narrow column a status; its signs in its rows' order. Nothing where that does not fit."""
    columns = _statuses(table)
    numbers = {status: str(number) for number, status in enumerate(columns)}

    def signs(status: str, event: str) -> str:
        rows = table.cells.get((status, event))
        if rows is None:
            return _NO_CELL
        found = (_REFUSED if row.refuse else numbers[row.to] if row.to else _KEPT for row in rows)
        return " ".join(dict.fromkeys(found))

    cells = {event: [signs(status, event) for status in columns] for event in table.events}
    sizes = [
        max(len(number), *(len(row[index]) for row in cells.values())) for index, number in enumerate(numbers.values())
    ]
    label = width - sum(size + 3 for size in sizes) - 1
    if label < 12:
        return
    label = min(label, max(len(one_line(words)) for words in table.events.values()))

    def line(first: str, rest: list[str], rule: str = "│", pad: str = " ") -> str:
        centred = [f"{pad}{word.center(size, pad)}{pad}" for word, size in zip(rest, sizes, strict=True)]
        return rule.join([first.ljust(label, pad) + pad, *centred])

    yield line("Peristiwa", list(numbers.values()))
    yield line("", ["" for _ in columns], "┼", "─")
    for event, words in table.events.items():
        wrapped = sop_text.wrap(words, label)
        yield line(wrapped[0], cells[event])
        yield from (line(more, ["" for _ in columns]) for more in wrapped[1:])
    yield ""
    for status, number in numbers.items():
        yield from sop_text.hanging(f"  {number} ", status_name(table, status), width)
    yield from sop_text.hanging(f"  {_KEPT} ", "status tetap", width)
    yield from sop_text.hanging(f"  {_REFUSED} ", "perintah ditolak; alasannya ada pada tanda terima", width)
    yield from sop_text.hanging("  ", "Beberapa tanda dalam satu sel: bergantung pada syarat, lihat di bawah.", width)
