"""The flow of a SOP as nodes and edges, read from the steps; every drawing of it starts here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mailbot.reports.sop.words import PERFORMERS
from mailbot.rules.sop.table import Step


class Shape(StrEnum):
    """The symbols of the paper form's Pelaksana columns."""

    START = "start"  # oval "Mulai"
    END = "end"  # oval "Selesai"
    DECISION = "decision"  # diamond with the ways "Ya" and "Tidak"
    PROCESS = "process"  # box


@dataclass(frozen=True, slots=True)
class Node:
    """A step in its performer's lane; `row` counts from 0 in the order of the paper. together: who acts with him."""

    no: str
    activity: str
    performer: str
    shape: Shape
    row: int
    together: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """The way from one node to another; `label` is "Ya", "Tidak" or "" (not a decision)."""

    source: Node
    target: Node
    label: str


@dataclass(frozen=True, slots=True)
class Flow:
    """performers: name → the words of its lane, in order. anchor: before a step's number, what its link leads to."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    performers: Mapping[str, str]
    anchor: str = "langkah-"

    def leaving(self, node: Node) -> tuple[Edge, ...]:
        return tuple(edge for edge in self.edges if edge.source == node)


def shape(step: Step) -> Shape:
    """A step that both decides and ends would be drawn as its decision: that one needs its labels."""
    if step.decision:
        return Shape.DECISION
    if step.starts:
        return Shape.START
    return Shape.END if step.ends else Shape.PROCESS


def flow_of(steps: Iterable[Step], performers: Mapping[str, str] = PERFORMERS, anchor: str = "langkah-") -> Flow:
    """The steps of a table or paper; the loader has checked that every way leads to one of them."""
    steps = tuple(steps)
    nodes = {
        step.no: Node(step.no, step.activity, step.performer, shape(step), row, step.together)
        for row, step in enumerate(steps)
    }
    edges = tuple(
        Edge(nodes[step.no], nodes[following], ("Ya", "Tidak")[index] if step.decision else "")
        for step in steps
        for index, following in enumerate(step.following)
    )
    return Flow(tuple(nodes.values()), edges, performers, anchor)
