"""The SOP's steps as a strip: lanes from top to bottom, steps from left to right, and where the record shows each.

The drawing holds only the ways; the steps themselves are links of the page, placed over it by percentages, so that a
phone can list them instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailbot.demo.timeline_story import LANES, Card
from mailbot.demo.words import SAID
from mailbot.reports.sop.flow import shape
from mailbot.rules.sop.table import Step

# The drawing's own units; CSS pixels at full width.
WIDTH = 1120
LABELS = 92
_MARGIN = 12  # on the right
TOPS = {"user": 0, "lpse": 84, "lkpp": 168}
HEIGHTS = {"user": 84, "lpse": 84, "lkpp": 136}
HEIGHT = 304
_MIDDLE = {"user": 32, "lpse": 32, "lkpp": 52}
_RADIUS = 17
_ABOVE, _BELOW = 20, 120  # of LKPP's lane: where ways pass over a step, and under all captions


@dataclass(frozen=True, slots=True)
class Answer:
    """A branch of a decision: "Ya" or "Tidak", and the first card that shows it, if any."""

    word: str
    following: str
    card: Card | None


@dataclass(frozen=True, slots=True)
class Stop:
    """A step on the strip. left, top: the symbol's middle in percent of the drawing."""

    no: str
    name: str
    activity: str
    performer: str
    shape: str  # "start", "end", "decision" or "process"
    left: float
    top: float
    card: Card | None
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """`path` is an SVG path; `label` "Ya", "Tidak" or "" stands at x, y."""

    path: str
    label: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Strip:
    stops: tuple[Stop, ...]
    ways: tuple[Way, ...]

    @property
    def seen(self) -> int:
        return sum(stop.card is not None for stop in self.stops)

    @property
    def answers(self) -> tuple[Answer, ...]:
        return tuple(answer for stop in self.stops for answer in stop.answers)


def strip(sop: Sequence[Step], cards: Sequence[Card]) -> Strip:
    stops = tuple(_stop(index, step, sop, cards) for index, step in enumerate(sop))
    return Strip(stops, tuple(_ways(sop)))


def _stop(index: int, step: Step, sop: Sequence[Step], cards: Sequence[Card]) -> Stop:
    x, y = _place(index, step, sop)
    showing = [card for card in cards if step.no in card.shown.step]
    answers: tuple[Answer, ...] = ()
    if step.decision:
        answers = tuple(
            Answer(word, following, next((card for card in showing if card.shown.branch == word), None))
            for word, following in zip(("Ya", "Tidak"), step.following, strict=False)
        )
    return Stop(
        no=step.no,
        name=SAID["names"].get(step.no, ""),
        activity=step.activity,
        performer=step.performer if step.performer in LANES else "lpse",
        shape=shape(step).value,
        left=100 * x / WIDTH,
        top=100 * y / HEIGHT,
        card=showing[0] if showing else None,
        answers=answers,
    )


def _place(index: int, step: Step, sop: Sequence[Step]) -> tuple[float, float]:
    lane = step.performer if step.performer in LANES else "lpse"
    return LABELS + (WIDTH - LABELS - _MARGIN) * (index + 0.5) / len(sop), TOPS[lane] + _MIDDLE[lane]


def _ways(sop: Sequence[Step]) -> Iterator[Way]:
    index = {step.no: number for number, step in enumerate(sop)}
    for number, step in enumerate(sop):
        for turn, following in enumerate(step.following):
            target = index.get(following)
            if target is None:
                continue
            label = ("Ya", "Tidak", "")[turn] if step.decision and turn < 2 else ""
            yield _way(_place(number, step, sop), _place(target, sop[target], sop), target - number, label)


def _way(start: tuple[float, float], end: tuple[float, float], steps: int, label: str) -> Way:
    (x, y), (to_x, to_y), r = start, end, _RADIUS
    middle = (x + to_x) / 2
    if steps == 1 and y == to_y:
        return Way(f"M{x + r:g} {y:g}H{to_x - r - 3:g}", label, middle, y - 6)
    if steps == 1 and to_y > y:
        return Way(f"M{x + r:g} {y:g}H{to_x - 8:g}q8 0 8 8V{to_y - r - 3:g}", label, middle, y - 6)
    if steps == 1:
        return Way(f"M{x:g} {y - r:g}V{to_y + 8:g}q0 -8 8 -8H{to_x - r - 3:g}", label, x + 14, y - r - 8)
    if steps == 2:
        over = TOPS["lkpp"] + _ABOVE
        path = f"M{x:g} {y - r - 2:g}V{over + 8:g}q0 -8 8 -8H{to_x - 8:g}q8 0 8 8V{to_y - r - 3:g}"
        return Way(path, label, middle, over - 5)
    # Down and up again between two columns, so that no way runs through a caption.
    under = TOPS["lkpp"] + _BELOW
    gap = (WIDTH - LABELS - _MARGIN) / 28
    turn = 8 if to_x > x else -8
    path = (
        f"M{x + r:g} {y:g}H{x + gap - 8:g}q8 0 8 8V{under - 8:g}q0 8 {turn} 8"
        f"H{to_x - gap - turn:g}q{turn} 0 {turn} -8V{to_y + 8:g}q0 -8 8 -8H{to_x - r - 3:g}"
    )
    return Way(path, label, x + 3 * gap + 18, under - 6)
