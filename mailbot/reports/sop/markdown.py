"""The SOP document as Markdown (GitHub's dialect), with the flow as a Mermaid diagram."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mailbot.clean import clean, one_line
from mailbot.reports.sop.document import (
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
from mailbot.reports.sop.flow import MARKS, Flow, Node, Shape, shape

# Inside a line: emphasis, code, links, tables, HTML, entities, mathematics.
_INLINE = re.compile(r"([\\`*_\[\]<>|~&$])")
# At the beginning of a line: headings, lists, quotes, rules.
_OPENING = re.compile(r"^(?:([#+\-=>])|([0-9]+)([.)]))")
# What ends a quoted Mermaid label or means something inside it; "#" begins its character references.
_MERMAID = str.maketrans({char: f"#{ord(char)};" for char in '#"&<>`;\\*_~%'})


def write(document: Document) -> str:
    """The document, ending in a line feed."""
    parts = [f"# {text(document.title)}", *(_block(block) for block in document.blocks)]
    return "\n\n".join(parts) + "\n"


def text(words: str) -> str:
    """One line of running text that means nothing to Markdown."""
    escaped = _INLINE.sub(r"\\\1", one_line(words))
    return _OPENING.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", escaped)


def code(name: str) -> str:
    """A code span. Between backslashes and pipes only the pipe needs care: a table row splits before code is read."""
    cleaned = one_line(name).replace("`", "'").replace("|", "\\|")
    return f"`{cleaned}`"


def cell(parts: Cell) -> str:
    """A table cell on one line; its line ends become <br>."""
    return "".join(code(part.name) if isinstance(part, Code) else _lines(part) for part in parts)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A pipe table of cells that are Markdown already."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _lines(part: str) -> str:
    # Spaces at a part's edge belong to the sentence that a code span interrupts.
    lines = [text(line) for line in clean(part).split("\n")]
    before, after = " " * part.startswith(" "), " " * (len(part) > 1 and part.endswith(" "))
    return before + "<br>".join(lines) + after


def _block(block: Block) -> str:
    match block:
        case Heading(level, words, anchor):
            # GitHub makes an anchor of a heading's words; only where those are long we set our own.
            mark = f'<a id="{anchor}"></a>\n\n' if anchor and level > 2 else ""
            return f"{mark}{'#' * level} {text(words)}"
        case Paragraph(parts):
            return cell(parts)
        case Footer(parts):
            return f"---\n\n{cell(parts)}"
        case Head(fields, sections):
            lines = [(text(name), text(value)) for name, value in fields]
            written = [table(lines[0], lines[1:])] if lines else []
            for name, items in sections:
                numbered = "\n".join(f"{number}. {text(item)}" for number, item in enumerate(items, 1))
                written.append(f"**{text(name)}**\n\n{numbered}")
            return "\n\n".join(written)
        case Procedure():
            return _procedure(block)
        case Diagram(flow):
            return "\n".join(["```mermaid", *mermaid(flow), "```"])
        case Grid(columns, rows, _):
            return table([text(column) for column in columns], [[cell(parts) for parts in row] for row in rows])


def _procedure(found: Procedure) -> str:
    """The paper's columns; a step's performer has its symbol, or a dot."""
    rows = []
    for step in found.steps:
        mark = MARKS[shape(step)] or "●"
        marks = [mark if name == step.performer else "" for name in found.performers]
        number = text(step.no) if found.done is not None else f"[{text(step.no)}](#{found.anchor}{text(step.no)})"
        rows.append([number, text(step.activity), *marks, *map(text, found.cells(step))])
    return table(["No", "Aktivitas", *map(text, found.performers.values()), *found.columns], rows)


def mermaid(flow: Flow) -> Iterator[str]:
    """The lines of a `flowchart`, one subgraph for each performer's lane."""
    yield "flowchart TB"
    for performer, name in flow.performers.items():
        yield f'  subgraph {performer}["{_label(name)}"]'
        for node in flow.nodes:
            if node.performer == performer:
                yield "    " + _node(node)
        yield "  end"
    for edge in flow.edges:
        label = f'|"{edge.label}"|' if edge.label else ""
        yield f"  s{edge.source.row + 1} -->{label} s{edge.target.row + 1}"


def _node(node: Node) -> str:
    left, right = {
        Shape.START: ("([", "])"),
        Shape.END: ("([", "])"),
        Shape.DECISION: ("{", "}"),
        Shape.PROCESS: ("[", "]"),
    }[node.shape]
    mark = {Shape.START: "Mulai", Shape.END: "Selesai"}.get(node.shape)
    # Not "1. …": Mermaid would take that for a list.
    first = f"Langkah {node.no}" + (f" – {mark}" if mark else "")
    return f's{node.row + 1}{left}"{_label(first)}<br>{_label(node.activity)}"{right}'


def _label(words: str) -> str:
    return one_line(words).translate(_MERMAID)
