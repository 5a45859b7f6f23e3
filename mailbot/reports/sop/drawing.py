"""The flow as an SVG drawing: the paper form's Pelaksana columns as swim lanes, the activities beside them.

Every step has a row of its own, so a row holds one symbol. That makes the routes simple and free of collisions:

- to the next row in the same lane: straight down;
- to the next row in another lane: sideways above that lane, then down;
- over more than a row, or back: out to the right, along a channel beside the last lane, in from the right.

Colours and fonts are classes; the page's style sheet gives them (sop_style.py).
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from mailbot.clean import one_line
from mailbot.reports.sop.flow import Edge, Flow, Node, Shape
from mailbot.reports.sop.words import PERFORMERS

# All measures are in the drawing's own units, which are CSS pixels at full size.
NUMBER_WIDTH = 40
WORDS_WIDTH = 440  # the column of activities
LANE_WIDTH = 160
CHANNEL = 22
HEADER = 42
LEAST_ROW = 54
LINE = 15  # of the activities' text
CHARACTERS = 68  # that fit into WORDS_WIDTH at 12 px
PORT = 7  # how far long ways leave below and arrive above a symbol's middle
BEND = 7

LANES_LEFT = NUMBER_WIDTH + WORDS_WIDTH
#: Of SOP-015, which has three performers.
LANES_RIGHT = LANES_LEFT + LANE_WIDTH * len(PERFORMERS)

_HALF_WIDTH = {Shape.START: 52, Shape.END: 52, Shape.DECISION: 50, Shape.PROCESS: 46}
_HALF_HEIGHT = {Shape.START: 14, Shape.END: 14, Shape.DECISION: 19, Shape.PROCESS: 13}
_WORDS = {Shape.START: "Mulai", Shape.END: "Selesai"}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Row:
    """Where a row stands, and its activity's lines."""

    top: float
    height: float
    lines: tuple[str, ...]

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


@dataclass(frozen=True, slots=True)
class _Lanes:
    """The performers' columns."""

    performers: Mapping[str, str]

    @property
    def right(self) -> float:
        return LANES_LEFT + LANE_WIDTH * len(self.performers)

    def centre(self, performer: str) -> float:
        return LANES_LEFT + LANE_WIDTH * (list(self.performers).index(performer) + 0.5)


@dataclass(frozen=True, slots=True)
class Drawing:
    """`svg`, and how much of its width the activities and the lanes take (the phone's view shows only the lanes)."""

    svg: str
    width: int
    lanes_left: int


def draw(flow: Flow) -> Drawing:
    """One `<svg>` element; a `g.node` for every step, a `path.edge` for every way."""
    rows, lanes = _rows(flow.nodes), _Lanes(flow.performers)
    channels = _channels(flow.edges, rows, lanes)
    # Of two drawings on one page each has its own arrow and title.
    own = "" if flow.anchor == "langkah-" else f"-{_escape(flow.anchor.strip('-'))}"
    width = int(lanes.right) + CHANNEL * (max(channels.values(), default=-1) + 1) + 10
    height = (rows[-1].top + rows[-1].height if rows else HEADER) + 1
    parts = [
        f'<svg class="drawing" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}"'
        f' role="img" aria-labelledby="drawing-title{own}">',
        f'<title id="drawing-title{own}">Diagram alir langkah-langkah prosedur menurut pelaksana</title>',
        f'<defs><marker id="arrow{own}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8"'
        ' orient="auto-start-reverse"><path class="arrow" d="M0 1 10 5 0 9Z"/></marker></defs>',
        *_frame(flow.nodes, rows, height, lanes),
        *(_edge(edge, rows, channels, lanes, f"arrow{own}") for edge in flow.edges),
        *(_node(node, rows[node.row], lanes, flow.anchor) for node in flow.nodes),
        "</svg>",
    ]
    return Drawing("\n".join(parts), width, LANES_LEFT)


def _escape(words: str) -> str:
    return escape(one_line(words), quote=True)


def _rows(nodes: Sequence[Node]) -> list[_Row]:
    rows: list[_Row] = []
    top: float = HEADER
    for node in nodes:
        lines = tuple(textwrap.wrap(one_line(node.activity), CHARACTERS, break_on_hyphens=False)) or ("",)
        rows.append(_Row(top, max(LEAST_ROW, LINE * len(lines) + 18), lines))
        top += rows[-1].height
    return rows


def _frame(nodes: Sequence[Node], rows: Sequence[_Row], height: float, lanes: _Lanes) -> Iterator[str]:
    for index, (performer, name) in enumerate(lanes.performers.items()):
        left = LANES_LEFT + index * LANE_WIDTH
        yield (
            f'<rect class="lane {performer}" x="{left}" y="0" width="{LANE_WIDTH}" height="{height:g}"/>'
            f'<rect class="lane-head {performer}" x="{left}" y="0" width="{LANE_WIDTH}" height="{HEADER}"/>'
        )
        lines = textwrap.wrap(name.replace("/", "/ "), 20)
        for line, words in enumerate(each.replace("/ ", "/") for each in lines):
            y = HEADER / 2 + 4.5 + (line - (len(lines) - 1) / 2) * LINE
            yield f'<text class="lane-name" x="{left + LANE_WIDTH / 2:g}" y="{y:g}">{_escape(words)}</text>'
    yield f'<text class="column" x="{NUMBER_WIDTH / 2:g}" y="{HEADER / 2 + 4.5:g}" text-anchor="middle">No</text>'
    yield f'<text class="column" x="{NUMBER_WIDTH + 8}" y="{HEADER / 2 + 4.5:g}">Aktivitas</text>'
    for node, row in zip(nodes, rows, strict=True):
        yield f'<path class="rule" d="M0 {row.top:g}H{lanes.right:g}"/>'
        yield f'<text class="number" x="{NUMBER_WIDTH / 2:g}" y="{row.middle + 4.5:g}">{_escape(node.no)}</text>'
        first = row.middle + 4.5 - (len(row.lines) - 1) / 2 * LINE
        spans = "".join(
            f'<tspan x="{NUMBER_WIDTH + 8}" y="{first + index * LINE:g}">{_escape(line)}</tspan>'
            for index, line in enumerate(row.lines)
        )
        yield f'<text class="activity">{spans}</text>'


def _node(node: Node, row: _Row, lanes: _Lanes, anchor: str) -> str:
    x, y, a, b = lanes.centre(node.performer), row.middle, _HALF_WIDTH[node.shape], _HALF_HEIGHT[node.shape]
    if node.shape is Shape.DECISION:
        outline = f'<path d="M{x - a:g} {y:g} {x:g} {y - b:g} {x + a:g} {y:g} {x:g} {y + b:g}Z"/>'
    else:
        corner = 3 if node.shape is Shape.PROCESS else b
        outline = f'<rect x="{x - a:g}" y="{y - b:g}" width="{2 * a}" height="{2 * b}" rx="{corner}"/>'
    words = f"{node.no} {_WORDS.get(node.shape, '')}".strip()
    return (
        f'<a href="#{_escape(anchor)}{_escape(node.no)}">'
        f'<g class="node {node.shape.value} {node.performer}" data-step="{_escape(node.no)}">'
        f"<title>Langkah {_escape(node.no)}: {_escape(node.activity)}</title>{outline}"
        f'<text x="{x:g}" y="{y + 4.5:g}">{_escape(words)}</text></g></a>'
    )


def _is_long(edge: Edge) -> bool:
    return edge.target.row != edge.source.row + 1


def _side(node: Node, row: _Row, down: float, lanes: _Lanes) -> Point:
    """The point on the right of a symbol's outline, `down` below its middle."""
    half = _HALF_WIDTH[node.shape]
    inset = half * abs(down) / _HALF_HEIGHT[node.shape] if node.shape is Shape.DECISION else 0
    return lanes.centre(node.performer) + half - inset, row.middle + down


def _ports(edge: Edge, rows: Sequence[_Row], lanes: _Lanes) -> tuple[Point, Point]:
    """Where a long way leaves and arrives: below and above the middle, so that two of them never share a line."""
    start = _side(edge.source, rows[edge.source.row], PORT, lanes)
    return start, _side(edge.target, rows[edge.target.row], -PORT, lanes)


def _channels(edges: Sequence[Edge], rows: Sequence[_Row], lanes: _Lanes) -> dict[Edge, int]:
    """Each long way gets the innermost channel that is free along its height; short ways first, so that they nest."""
    spans = {}
    for edge in filter(_is_long, edges):
        (_, start), (_, end) = _ports(edge, rows, lanes)
        spans[edge] = (min(start, end), max(start, end))
    taken: list[list[tuple[float, float]]] = []
    found: dict[Edge, int] = {}
    for edge, (top, bottom) in sorted(spans.items(), key=lambda item: (item[1][1] - item[1][0], item[1])):
        free = (i for i, used in enumerate(taken) if all(bottom < low or high < top for low, high in used))
        channel = next(free, len(taken))
        if channel == len(taken):
            taken.append([])
        taken[channel].append((top, bottom))
        found[edge] = channel
    return found


def _edge(edge: Edge, rows: Sequence[_Row], channels: dict[Edge, int], lanes: _Lanes, arrow: str) -> str:
    source, target = edge.source, edge.target
    x, y = lanes.centre(source.performer), rows[source.row].middle
    to_x, to_y = lanes.centre(target.performer), rows[target.row].middle
    label: Point
    side = ""
    if _is_long(edge):
        start, end = _ports(edge, rows, lanes)
        lane = lanes.right + CHANNEL * (channels[edge] + 0.5)
        points = [start, (lane, start[1]), (lane, end[1]), end]
        label, side = (x + _HALF_WIDTH[source.shape] - 8, start[1] + 13), " below"
    elif source.performer == target.performer:
        points = [(x, y + _HALF_HEIGHT[source.shape]), (to_x, to_y - _HALF_HEIGHT[target.shape])]
        label, side = (x - 7, y + _HALF_HEIGHT[source.shape] + 10), " left"  # a long way begins on the right
    else:
        turn = 1 if to_x > x else -1
        points = [(x + turn * _HALF_WIDTH[source.shape], y), (to_x, y), (to_x, to_y - _HALF_HEIGHT[target.shape])]
        label = (x + turn * (_HALF_WIDTH[source.shape] + 14), y - 5)
    path = (
        f'<path class="edge" data-from="{_escape(source.no)}" data-to="{_escape(target.no)}"'
        f' d="{_rounded(points)}" marker-end="url(#{arrow})"/>'
    )
    if not edge.label:
        return path
    return f'{path}<text class="way{side}" x="{label[0]:g}" y="{label[1]:g}">{_escape(edge.label)}</text>'


def _rounded(points: Sequence[Point]) -> str:
    """A path of straight lines with round bends."""
    parts = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        near, far = _towards(here, before), _towards(here, after)
        parts.append(f"L{near[0]:g} {near[1]:g}Q{here[0]:g} {here[1]:g} {far[0]:g} {far[1]:g}")
    parts.append(f"L{points[-1][0]:g} {points[-1][1]:g}")
    return "".join(parts)


def _towards(here: Point, there: Point) -> Point:
    """A point BEND away from `here` (lines are level or upright), at most half the way."""

    def step(a: float, b: float) -> float:
        return a + max(-BEND, min(BEND, (b - a) / 2))

    return step(here[0], there[0]), step(here[1], there[1])
