"""Where everything stands in the drawing of a flow (drawing.svg.j2): the paper form's Pelaksana columns as swim lanes,
the activities beside them.

Every step has a row of its own, so a row holds one symbol. That makes the routes simple and free of collisions:

- to the next row in the same lane: straight down;
- to the next row in another lane: sideways above that lane, then down;
- over more than a row, or back: out to the right, along a channel beside the last lane, in from the right.

All measures are in the drawing's own units, which are CSS pixels at full size.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mailbot.clean import one_line
from mailbot.reports.sop.flow import Edge, Flow, Node, Shape

NUMBER_WIDTH = 40
WORDS_WIDTH = 440  # the column of activities
LANES_LEFT = NUMBER_WIDTH + WORDS_WIDTH
LANE_WIDTH = 160
CHANNEL = 22
HEADER = 42
LEAST_ROW = 54
LINE = 15  # of the activities' text
CHARACTERS = 68  # that fit into WORDS_WIDTH at 12 px
BASELINE = 4.5  # of words, below the middle of what they stand in
PORT = 7  # how far long ways leave below and arrive above a symbol's middle
BEND = 7

_HALF_WIDTH = {Shape.START: 52, Shape.END: 52, Shape.DECISION: 50, Shape.PROCESS: 46}
_HALF_HEIGHT = {Shape.START: 14, Shape.END: 14, Shape.DECISION: 19, Shape.PROCESS: 13}

Point = tuple[float, float]
Words = tuple[tuple[float, str], ...]  # each line of some words, after the y on which it stands


@dataclass(frozen=True, slots=True)
class Lane:
    performer: str
    left: float
    name: Words

    @property
    def middle(self) -> float:
        return self.left + LANE_WIDTH / 2


@dataclass(frozen=True, slots=True)
class Symbol:
    """A step's symbol with its middle, and its row. others: the middles of those who act with the performer."""

    node: Node
    x: float
    others: tuple[float, ...]
    y: float
    top: float  # of its row
    height: float
    activity: Words

    @property
    def middles(self) -> tuple[float, ...]:
        return self.x, *self.others

    @property
    def half_width(self) -> int:
        return _HALF_WIDTH[self.node.shape]

    @property
    def half_height(self) -> int:
        return _HALF_HEIGHT[self.node.shape]

    def side(self, down: float) -> Point:
        """The point on the right of its outline, `down` below its middle."""
        inset = self.half_width * abs(down) / self.half_height if self.node.shape is Shape.DECISION else 0
        return self.x + self.half_width - inset, self.y + down


@dataclass(frozen=True, slots=True)
class Way:
    """A line with round bends. side: the class that moves its label on a telephone."""

    edge: Edge
    path: str
    label: Point
    side: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """own: of two drawings on one page each has its own arrow and title. How much of the width the activities take is
    told, since the phone's view shows only the lanes."""

    own: str
    anchor: str
    width: int
    height: float
    lanes: tuple[Lane, ...]
    lanes_left: int
    lanes_right: float
    lane_width: int
    header: int
    number: float  # the middle of the column of numbers
    words: int  # the left of the column of activities
    baseline: float
    symbols: tuple[Symbol, ...]
    ways: tuple[Way, ...]


def draw(flow: Flow) -> Drawing:
    """Each node's symbol and each edge's way."""
    lanes = tuple(_lane(index, *item) for index, item in enumerate(flow.performers.items()))
    symbols = _symbols(flow.nodes, {lane.performer: lane.middle for lane in lanes})
    channels = _channels(flow.edges, symbols)
    right = lanes_right(flow.performers)
    return Drawing(
        own="" if flow.anchor == "langkah-" else f"-{flow.anchor.strip('-')}",
        anchor=flow.anchor,
        width=right + CHANNEL * (max(channels.values(), default=-1) + 1) + 10,
        height=(symbols[-1].top + symbols[-1].height if symbols else HEADER) + 1,
        lanes=lanes,
        lanes_left=LANES_LEFT,
        lanes_right=right,
        lane_width=LANE_WIDTH,
        header=HEADER,
        number=NUMBER_WIDTH / 2,
        words=NUMBER_WIDTH + 8,
        baseline=BASELINE,
        symbols=symbols,
        ways=tuple(_way(edge, symbols, right, channels) for edge in flow.edges),
    )


def lanes_right(performers: Mapping[str, str]) -> int:
    return LANES_LEFT + LANE_WIDTH * len(performers)


def _lane(index: int, performer: str, name: str) -> Lane:
    lines = [line.replace("/ ", "/") for line in textwrap.wrap(name.replace("/", "/ "), 20)]
    return Lane(performer, LANES_LEFT + index * LANE_WIDTH, _around(HEADER / 2, lines))


def _around(middle: float, lines: Sequence[str]) -> Words:
    """Lines one below the other, the middle one on the middle."""
    first = middle + BASELINE - (len(lines) - 1) / 2 * LINE
    return tuple((first + index * LINE, line) for index, line in enumerate(lines))


def _symbols(nodes: Sequence[Node], centres: Mapping[str, float]) -> tuple[Symbol, ...]:
    found: list[Symbol] = []
    top: float = HEADER
    for node in nodes:
        lines = textwrap.wrap(one_line(node.activity), CHARACTERS, break_on_hyphens=False) or [""]
        height = max(LEAST_ROW, LINE * len(lines) + 18)
        middle = top + height / 2
        others = tuple(centres[name] for name in node.together)
        found.append(Symbol(node, centres[node.performer], others, middle, top, height, _around(middle, lines)))
        top += height
    return tuple(found)


def _is_long(edge: Edge) -> bool:
    return edge.target.row != edge.source.row + 1


def _ports(edge: Edge, symbols: Sequence[Symbol]) -> tuple[Point, Point]:
    """Where a long way leaves and arrives: below and above the middle, so that two of them never share a line."""
    return symbols[edge.source.row].side(PORT), symbols[edge.target.row].side(-PORT)


def _channels(edges: Sequence[Edge], symbols: Sequence[Symbol]) -> dict[Edge, int]:
    """Each long way gets the innermost channel that is free along its height; short ways first, so that they nest."""
    spans = {}
    for edge in filter(_is_long, edges):
        (_, start), (_, end) = _ports(edge, symbols)
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


def _way(edge: Edge, symbols: Sequence[Symbol], right: float, channels: Mapping[Edge, int]) -> Way:
    source, target = symbols[edge.source.row], symbols[edge.target.row]
    above = (target.x, target.y - target.half_height)
    label: Point
    side = ""
    if _is_long(edge):
        start, end = _ports(edge, symbols)
        lane = right + CHANNEL * (channels[edge] + 0.5)
        points = [start, (lane, start[1]), (lane, end[1]), end]
        label, side = (source.x + source.half_width - 8, start[1] + 13), "below"
    elif source.x == target.x:
        points = [(source.x, source.y + source.half_height), above]
        label, side = (source.x - 7, source.y + source.half_height + 10), "left"  # a long way begins on the right
    else:
        turn = 1 if target.x > source.x else -1
        points = [(source.x + turn * source.half_width, source.y), (target.x, source.y), above]
        label = (source.x + turn * (source.half_width + 14), source.y - 5)
    return Way(edge, _rounded(points), label, side)


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
