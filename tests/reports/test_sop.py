"""The printed SOP: nothing of the table is lost, the drawing is right, and no text gets out of its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import partial
from itertools import combinations, pairwise
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.config.settings import Sop
from mailbot.model import Duration
from mailbot.reports.sop import printing
from mailbot.reports.sop.drawing import lanes_right
from mailbot.reports.sop.flow import Edge, Flow, Node, Shape, flow_of
from mailbot.reports.sop.words import (
    CONDITION_WORDS,
    FIXED_LENGTHS,
    PERFORMERS,
    PRIORITY_LENGTHS,
    lengths_in_words,
    times_words,
)
from mailbot.rules.sop import paper as papers
from mailbot.rules.sop import table as rules
from mailbot.rules.sop.clocks import Timing
from mailbot.rules.sop.conditions import CONDITIONS
from mailbot.rules.sop.table import Step, Table
from tests.page import Element, tree

TABLE = rules.load()

Format = Callable[[Table], str]
FORMS = ("text", "markdown", "html")
DOCUMENTS: Mapping[str, Format] = {form: partial(printing.document, form=form) for form in FORMS}
MATRICES: Mapping[str, Format] = {form: partial(printing.matrix, form=form) for form in FORMS}
text, markdown, html = DOCUMENTS.values()
matrix, matrix_markdown, matrix_html = MATRICES.values()


def on_one_line(page: Element) -> str:
    """What a reader of the page reads on one line, but for the drawing."""

    def pieces(element: Element) -> Iterator[str]:
        if element.tag not in ("span", "wbr", "code"):
            yield " "
        for child in element.children if element.tag not in ("style", "svg") else ():
            yield from pieces(child) if isinstance(child, Element) else [child]

    return " ".join("".join(pieces(page)).split())


def readable(name: str, printed: str) -> str:
    """The words of a document on one line, as a reader reads them."""
    if name == "html":
        return on_one_line(tree(printed))
    if name == "markdown":
        printed = re.sub(r"\\(.)", r"\1", printed).replace("<br>", " ")
    return " ".join(printed.split())


def paper(printed: str) -> list[list[str]]:
    """The first ruled table of the text document, its cells joined again."""
    lines = printed[printed.index("┌") : printed.index("└")].splitlines()
    rows: list[list[str]] = []
    for line in lines:
        if line[0] in "┌├":
            rows.append([])
        else:
            cells = [cell.strip() for cell in line.strip("│").split("│")]
            before = rows[-1] or [""] * len(cells)
            rows[-1] = [f"{old} {new}".strip() for old, new in zip(before, cells, strict=True)]
    return rows


def quality(step: Step) -> tuple[str, ...]:
    return step.requirements, step.time, step.output, step.remarks


# --- nothing is lost ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_step_of_the_paper_stands_there_in_order(name: str) -> None:
    words = readable(name, DOCUMENTS[name](TABLE))
    # The page with what mailbot does at each step has every activity undivided in all formats.
    place = words.index("Status tiket")
    for step in TABLE.steps:
        place = words.index(f"Langkah {step.no}: {PERFORMERS[step.performer]}", place)
        place = words.index(step.activity, place)
    for step in TABLE.beside:
        place = words.index(step.activity, place)


def test_the_papers_table_as_text_has_every_cell() -> None:
    _, *rows = paper(re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹]", "", text(TABLE)))
    assert [(row[0], row[1]) for row in rows] == [(step.no, step.activity) for step in TABLE.steps]
    assert [tuple(row[3:]) for row in rows] == [quality(step) for step in TABLE.steps]
    assert all(row[2].startswith(PERFORMERS[step.performer]) for row, step in zip(rows, TABLE.steps, strict=True))
    assert [row[2].partition("(")[2].rstrip(")") for row in rows if "(" in row[2]] == [
        *("Mulai", "Ya / Tidak", "Selesai", "Ya / Tidak", "Ya / Tidak", "Selesai"),
    ]


def test_the_papers_table_as_markdown_has_every_cell() -> None:
    printed = markdown(TABLE)
    for step in TABLE.steps:
        (line,) = [line for line in printed.splitlines() if line.startswith(f"| [{step.no}](")]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert [bool(cell) for cell in cells[2:5]] == [name == step.performer for name in PERFORMERS]
        assert (cells[1], *cells[5:]) == (step.activity, *quality(step))


def test_the_papers_table_as_html_has_every_cell() -> None:
    procedure = next(table for table in tree(html(TABLE)).all("table") if "procedure" in table.classes)
    rows = [row.all("td") for row in procedure.all("tr") if row.all("td")]
    for step, cells in zip(TABLE.steps, rows, strict=True):
        read = [on_one_line(cell) for cell in cells]
        assert (read[0], read[1], *read[5:]) == (step.no, step.activity, *quality(step))
        shown = [cell.classes for cell in cells if "performer" in cell.classes and cell.all("span")]
        assert shown == [["performer", step.performer]]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_row_and_clock_stands_below_the_paper(name: str) -> None:
    words = readable(name, DOCUMENTS[name](TABLE))
    place = words.index("Status tiket")
    for row in TABLE.rows:
        place = words.index(row.id, place)
    for clock in TABLE.clocks.values():
        place = words.index(clock.title, place)
        for stage in clock.stages:
            place = words.index(stage.id, place)


@pytest.mark.parametrize("name", MATRICES)
def test_every_row_stands_in_the_matrix(name: str) -> None:
    words = set(re.split(r"[\s`]+", readable(name, MATRICES[name](TABLE))))
    assert {row.id for row in TABLE.rows} <= words


def test_a_cell_of_the_markdown_matrix_has_its_rows_and_their_target_statuses() -> None:
    lines = matrix_markdown(TABLE).splitlines()
    statuses = [rules.NONE, *TABLE.statuses]
    for event in TABLE.events:
        (line,) = [line for line in lines if line.split(" | ")[0].endswith(f"`{event}`")]
        cells = line.removeprefix("| ").removesuffix(" |").split(" | ")
        for status, cell in zip(statuses, cells[1:], strict=True):
            rows = TABLE.cells.get((status, event), ())
            parts = cell.split("<br>") if cell.strip() else []
            assert len(parts) == len(rows)
            for row, part in zip(rows, parts, strict=True):
                target = "ditolak" if row.refuse else TABLE.statuses[row.to] if row.to else "tetap"
                assert part.startswith(f"`{row.id}` → {target}")


def test_the_overview_of_the_text_matrix_shows_what_may_follow() -> None:
    lines = matrix(TABLE).splitlines()
    (line,) = [line for line in lines if line.startswith("#teruskan") and "│" in line]
    escalated, awaiting_data = (list(TABLE.statuses).index(name) + 2 for name in ("escalated", "awaiting_data"))
    cells = [cell.strip() for cell in line.split("│")]
    assert (cells[escalated], cells[awaiting_data]) == ("·", "4")
    assert set(cells[2:]) - {cells[escalated], cells[awaiting_data]} == {"×"}


# --- words --------------------------------------------------------------------------------------------


def test_every_name_of_the_table_has_indonesian_words() -> None:
    assert set(CONDITION_WORDS) == set(CONDITIONS)
    assert {*PRIORITY_LENGTHS, *FIXED_LENGTHS, *lengths_in_words(Sop())} >= rules.LENGTHS


@pytest.mark.parametrize("most", range(1, 9))
def test_the_enquiries_are_counted_as_the_clock_counts_them(most: int) -> None:
    timing = Timing(
        priority=3,
        add=lambda at, length: pytest.fail("not asked"),
        before=lambda at, length: pytest.fail("not asked"),
        closing=lambda at: pytest.fail("not asked"),
        lengths={"x": Duration()},
        enquiries_max=most,
    )
    for name in ("enquiries_between", "enquiries_last"):
        words = times_words(name, {"enquiries_max": str(most)})
        times = {"tidak": 0, "satu": 1}.get(words.split()[0])
        assert (int(words.split()[0]) if times is None else times) == timing.times(name)
        assert f"ke-{most}" not in words or name == "enquiries_last"


def test_durations_are_printed_in_the_words_given() -> None:
    assert "9 hari kerja (lkpp_status_after)" in printing.document(TABLE, lengths={"lkpp_status_after": "9 hari kerja"})
    assert "2 hari kerja (lkpp_status_after)" in text(TABLE)
    bare = printing.document(TABLE, lengths={})
    assert re.search(r"Setelah +: lkpp_status_after\n", bare)
    assert "sebelum kepala unit diberi tahu" in " ".join(bare.split())


# --- the flow -----------------------------------------------------------------------------------------


def drawn(flow: Flow) -> ElementTree.Element:
    return ElementTree.fromstring(re.sub(r' xmlns="[^"]*"', "", printing.drawing(flow)))


def of_class(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [element for element in root.iter() if name in (element.get("class") or "").split()]


def test_the_drawing_has_a_node_for_every_step_and_an_edge_for_every_way() -> None:
    root = drawn(flow_of(TABLE.steps))
    assert [node.get("data-step") for node in of_class(root, "node")] == [step.no for step in TABLE.steps]
    edges = sorted((edge.get("data-from"), edge.get("data-to")) for edge in of_class(root, "edge"))
    assert edges == sorted((step.no, following) for step in TABLE.steps for following in step.following)
    decisions = [step for step in TABLE.steps if step.decision]
    assert [label.text for label in of_class(root, "way")] == ["Ya", "Tidak"] * len(decisions)


def _box(label: ElementTree.Element) -> tuple[float, float, float, float]:
    """Where the words on a way stand on a telephone, at the size that the style sheet gives them there."""
    names = (label.get("class") or "").split()
    x, y, wide = (
        float(label.get("x") or 0),
        float(label.get("y") or 0) + 5 * ("below" in names),
        9 * len(label.text or ""),
    )
    return (x - wide if "left" in names else x), y - 12, (x if "left" in names else x + wide), y


@pytest.mark.parametrize("name", ["015", *papers.PAPERS])
def test_the_words_on_two_ways_never_touch(name: str) -> None:
    found = [] if name == "015" else papers.load(name).procedures
    flows = [flow_of(each.steps, each.performers) for each in found] or [flow_of(TABLE.steps)]
    for flow in flows:
        boxes = [_box(label) for label in of_class(drawn(flow), "way")]
        for one, two in combinations(boxes, 2):
            apart = one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1]
            assert apart, (one, two)


def test_a_cell_of_the_matrix_names_its_status_where_the_head_is_not_seen() -> None:
    page = matrix_html(TABLE)
    columns = re.findall(r'<td data-column="([^"]+)">', page)
    assert columns == re.findall(r"<th>([^<]+)</th>", page)[1:] * len(TABLE.events)


def test_the_symbols_are_those_of_the_paper() -> None:
    root = drawn(flow_of(TABLE.steps))
    nodes = {node.get("data-step"): node for node in of_class(root, "node")}
    for step in TABLE.steps:
        node = nodes[step.no]
        assert (node.find("path") is not None) == step.decision
        assert ("Mulai" in (node.findtext("text") or "")) == step.starts
        assert ("Selesai" in (node.findtext("text") or "")) == step.ends


def test_the_page_holds_the_drawing_itself() -> None:
    assert printing.drawing(flow_of(TABLE.steps)) in html(TABLE)


def test_the_mermaid_flow_has_the_same_nodes_and_ways() -> None:
    printed = markdown(TABLE)
    flow = printed[printed.index("```mermaid") : printed.index("```\n", printed.index("```mermaid") + 3)]
    assert re.findall(r"(?m)^    s(\d+)\W", flow) == [
        step.no for performer in PERFORMERS for step in TABLE.steps if step.performer == performer
    ]
    ways = re.findall(r'(?m)^  s(\d+) -->(?:\|"(Ya|Tidak)"\|)? s(\d+)$', flow)
    assert ways == [
        (step.no, label, following)
        for step in TABLE.steps
        for label, following in zip(("Ya", "Tidak") if step.decision else ("",), step.following, strict=False)
    ]


def test_the_text_flow_says_where_each_step_leads() -> None:
    lines = text(TABLE).splitlines()
    for symbol, way in (
        ("( 1 Mulai )", "→ 2"),
        ("< 5 >", "Ya → 6; Tidak → 11"),
        ("( 13 Selesai )", "■"),
        ("[ 14 ]", "→ 12"),
    ):
        (line,) = [line for line in lines if symbol in line]
        assert line.endswith(way)


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    count = draw(st.integers(1, 9))
    nodes = [
        Node(str(row + 1), "x " * draw(st.integers(1, 120)), draw(st.sampled_from(list(PERFORMERS))), shape, row)
        for row, shape in enumerate(draw(st.lists(st.sampled_from(Shape), min_size=count, max_size=count)))
    ]
    edges = []
    for node in nodes:
        most = {Shape.DECISION: 2, Shape.END: 0}.get(node.shape, 1)
        targets = draw(st.lists(st.sampled_from(nodes), max_size=most, unique=True))
        edges += [Edge(node, target, label) for target, label in zip(targets, ("Ya", "Tidak"), strict=False)]
    return Flow(tuple(nodes), tuple(edges), PERFORMERS)


Segment = tuple[tuple[float, float], tuple[float, float]]


def segments(path: str) -> Iterator[Segment]:
    points = [(float(x), float(y)) for x, y in re.findall(r"([-\d.]+) ([-\d.]+)", path)]
    yield from pairwise(points)


def boxes(root: ElementTree.Element) -> dict[str, tuple[float, float, float, float]]:
    """(left, top, right, bottom) of each symbol."""
    found = {}
    for node in of_class(root, "node"):
        rect, path = node.find("rect"), node.find("path")
        if rect is not None:
            x, y, width, height = (float(rect.get(name) or "") for name in ("x", "y", "width", "height"))
            found[str(node.get("data-step"))] = (x, y, x + width, y + height)
        elif path is not None:
            points = [(float(x), float(y)) for x, y in re.findall(r"([-\d.]+) ([-\d.]+)", path.get("d") or "")]
            xs, ys = [x for x, _ in points], [y for _, y in points]
            found[str(node.get("data-step"))] = (min(xs), min(ys), max(xs), max(ys))
    return found


@settings(max_examples=120, deadline=None)
@given(flows())
def test_no_line_crosses_a_foreign_symbol_or_leaves_the_drawing(flow: Flow) -> None:
    root = drawn(flow)
    _, _, width, height = (float(part) for part in (root.get("viewBox") or "").split())
    symbols = boxes(root)
    for edge in of_class(root, "edge"):
        for (x1, y1), (x2, y2) in segments(edge.get("d") or ""):
            assert 0 <= min(x1, x2) <= max(x1, x2) <= width
            assert 0 <= min(y1, y2) <= max(y1, y2) <= height
            for no, (left, top, right, bottom) in symbols.items():
                if no in (edge.get("data-from"), edge.get("data-to")):
                    continue
                apart = max(x1, x2) <= left or min(x1, x2) >= right or max(y1, y2) <= top or min(y1, y2) >= bottom
                assert apart, f"{edge.get('data-from')} → {edge.get('data-to')} crosses {no}"


@settings(max_examples=120, deadline=None)
@given(flows())
def test_two_long_ways_never_run_on_the_same_line_of_a_channel(flow: Flow) -> None:
    upright: list[tuple[float, float, float]] = []
    for edge in of_class(drawn(flow), "edge"):
        for (x1, y1), (x2, y2) in segments(edge.get("d") or ""):
            if x1 == x2 > lanes_right(PERFORMERS):
                upright.append((x1, min(y1, y2), max(y1, y2)))
    upright.sort()
    for (x, _, bottom), (other, top, _) in pairwise(upright):
        assert x != other or bottom <= top


# --- every sink has its own escape ----------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)" x="',
    "</svg></td></table><img src=x onerror=alert(1)>",
    "a | b | c",
    "# judul\n\n## judul\n- butir",
    "```\n[tautan](javascript:alert(1)) `kode` **tebal** $x$",
    "\x1b[31mmerah\x1b[0m \u202etxt.exe\u202c",
    'x"] --> s1["y',
)


def everywhere(value: Any, words: str) -> Any:
    """A paper's document with these words in the place of every text of it."""
    if isinstance(value, str):
        return words
    if isinstance(value, tuple):
        return tuple(everywhere(one, words) for one in value)
    if isinstance(value, Mapping):
        return {key: everywhere(one, words) for key, one in value.items()}
    if not is_dataclass(value):
        return value
    kept = ("kind", "key", "office")
    found = {one.name: getattr(value, one.name) for one in fields(value) if one.name not in kept}
    return replace(cast(Any, value), **{name: everywhere(one, words) for name, one in found.items()})


def hostile(words: str) -> Table:
    """The table with these words in every place that a site may write."""
    steps = [
        replace(step, activity=words, requirements=words, time=words, output=words, remarks=words)
        for step in TABLE.steps
    ]
    return replace(
        TABLE,
        steps=tuple(steps),
        document=everywhere(TABLE.document, words),
        columns=everywhere(TABLE.columns, words),
        statuses=dict.fromkeys(TABLE.statuses, words),
        events=dict.fromkeys(TABLE.events, words),
        clocks={name: replace(clock, title=words) for name, clock in TABLE.clocks.items()},
    )


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("print_it", [html, matrix_html])
def test_html_shows_hostile_text_as_text(print_it: Format, words: str) -> None:
    def shape(printed: str) -> list[tuple[str, list[str]]]:
        """But for the ends of lines, which lie with the length of the words."""
        ends = ("tspan", "br", "wbr")
        found = [e for e in tree(printed) if e.tag not in ends and e.classes != ["lane-name"]]
        return [(e.tag, list(e.attributes)) for e in found]

    assert shape(print_it(hostile(words))) == shape(print_it(hostile("kata")))


@pytest.mark.parametrize("words", HOSTILE)
def test_the_drawing_stays_well_formed_with_hostile_text(words: str) -> None:
    root = drawn(flow_of(hostile(words).steps))
    assert len(of_class(root, "node")) == len(TABLE.steps)
    assert not list(root.iter("script")) and not list(root.iter("img"))


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("print_it", [markdown, matrix_markdown])
def test_markdown_keeps_its_lines_and_cells_with_hostile_text(print_it: Format, words: str) -> None:
    def skeleton(printed: str) -> list[tuple[str, int]]:
        """Each line's kind and number of cells; what stands in the cells is left out."""
        printed = re.sub(r"^<a id=.*$", "", printed, flags=re.MULTILINE)
        kinds = []
        for line in printed.splitlines():
            found = re.match(r"#+ |\||```|\d+\. |---|  |$", line)
            kind = found[0] if found else "words"
            # Inside the Mermaid block (indented) a pipe in a quoted label is only a pipe.
            cells = 0 if kind == "  " else len(re.findall(r"(?<!\\)(?:\\\\)*\|", line))
            kinds.append((kind, cells))
        return kinds

    printed = print_it(hostile(words))
    assert skeleton(printed) == skeleton(print_it(hostile("kata")))
    outside = re.sub(r"```mermaid.*?\n```", "", printed, flags=re.DOTALL)
    assert not re.search(r"(?<!\\)<(?!br>|a id=\"langkah-\d+\"></a>\n|/a>\n)", outside)
    assert not re.search(r"(?<!\\)\]\((?!#langkah-\d+\))", outside)


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("print_it", [text, matrix, markdown])
def test_no_control_or_hidden_character_is_printed(print_it: Format, words: str) -> None:
    printed = print_it(hostile(words))
    assert not set(re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", printed))


def test_a_mermaid_label_cannot_end_its_quotes() -> None:
    printed = markdown(hostile('x"] --> s1["y'))
    (line,) = [line for line in printed.splitlines() if line.startswith("    s8[")]
    assert line.count('"') == 2


@pytest.mark.parametrize("width", [40, 57, 72, 80, 100, 132])
@pytest.mark.parametrize("words", [None, "x" * 300, "panjang sekali " * 40])
def test_no_line_of_text_is_wider_than_asked(width: int, words: str | None) -> None:
    printed = TABLE if words is None else hostile(words)
    for line in (printing.document(printed, width=width) + printing.matrix(printed, width=width)).splitlines():
        assert len(line) <= width


@pytest.mark.parametrize("print_it", [printing.document, printing.matrix])
def test_a_width_that_nothing_fits_into_is_refused(print_it: Callable[..., str]) -> None:
    with pytest.raises(ValueError, match="at least 40"):
        print_it(TABLE, width=39)


@pytest.mark.parametrize("print_it", [*DOCUMENTS.values(), *MATRICES.values()])
def test_what_is_printed_ends_in_one_line_feed(print_it: Format) -> None:
    printed = print_it(TABLE)
    assert printed.endswith("\n") and not printed.endswith("\n\n")
