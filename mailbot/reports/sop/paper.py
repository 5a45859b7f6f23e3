"""The paper itself as blocks: its parts in its own order, letter for letter, with a mark at each mended word.

The mended words are numbered in the order in which they are printed; the same mending has one number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from mailbot.reports.sop.blocks import (
    Cell,
    Fields,
    Line,
    Lines,
    Listing,
    Marked,
    Notes,
    PaperBlock,
    Procedure,
    Rows,
    Signatures,
)
from mailbot.reports.sop.flow import shape
from mailbot.reports.sop.words import SAID, WORDS
from mailbot.rules.sop import parts
from mailbot.rules.sop.replaced import Replaced
from mailbot.rules.sop.table import Step
from mailbot.rules.sop.written import Mended, pieces, printed
from mailbot.sentences import filled

_NUMBERED = re.compile(r"(<\d+\.\|[^<>]*>|\d+\.) +(.+)", re.DOTALL)


class Marks:
    """The numbers of a paper's mended words."""

    def __init__(self) -> None:
        self._numbers: dict[Mended, int] = {}

    def cell(self, written: str) -> Cell:
        return tuple(self._marked(one) if isinstance(one, Mended) else one for one in pieces(written))

    def _marked(self, mended: Mended) -> Marked:
        return Marked(mended.printed, self._numbers.setdefault(mended, len(self._numbers) + 1))

    def notes(self, remarks: Sequence[str]) -> Notes:
        groups: dict[str, list[tuple[int, str, str]]] = {}
        for mended, number in self._numbers.items():
            reason = mended.reason or SAID["misread" if mended.copy else "supplied"]
            groups.setdefault(reason, []).append((number, mended.printed, mended.copy))
        return Notes(tuple((reason, tuple(found)) for reason, found in groups.items()), tuple(remarks))


def blocks(
    written: Sequence[parts.Part],
    procedures: Sequence[tuple[parts.Columns, Sequence[Step], Mapping[str, str] | None]],
    marks: Marks,
    replaced: Replaced,
) -> Iterator[PaperBlock]:
    """The parts of a paper. procedures: heads, steps, and step → what mailbot does (None: that stands below)."""
    for index, part in enumerate(written):
        match part:
            case parts.Lines():
                following = written[index + 1] if index + 1 < len(written) else None
                opens = following.procedure if isinstance(following, parts.Steps) else 0
                anchor = f"prosedur{suffix(opens)}" if opens and part.kind == "heading" else ""
                yield Lines(part.kind, tuple(map(marks.cell, part.lines)), anchor)
            case parts.Fields():
                yield Fields(tuple((marks.cell(one.label), marks.cell(one.value)) for one in part.fields))
            case parts.Listing():
                yield _listing(part, marks, replaced)
            case parts.Signatures():
                columns = [tuple(map(marks.cell, one.lines)) for one in part.signatures]
                yield Signatures(tuple(zip_longest(*columns, fillvalue=())))
            case parts.Rows():
                steps = procedures[part.steps - 1][1] if part.steps else ()
                yield Rows(tuple(tuple(_cell(text, steps, marks) for text in row) for row in part.rows), part.head)
            case parts.Steps():
                heads, steps, done = procedures[part.procedure - 1]
                yield procedure(heads, steps, done, marks, anchor_of(part.procedure))


def procedure(
    heads: parts.Columns, steps: Sequence[Step], done: Mapping[str, str] | None, marks: Marks | None, anchor: str
) -> Procedure:
    """A table of steps, its head first. done: None is said below, under each step's anchor. marks: None, the paper has
    no such table, and nothing in it is marked."""
    if marks is None:
        steps, marks = [replace(step, written={}) for step in steps], Marks()
    head: dict[str, Cell] = {"no": marks.cell(heads.no), "activity": marks.cell(heads.activity)}
    group = marks.cell(heads.group) if heads.group else None
    performers = {name: marks.cell(words) for name, words in heads.performers.items()}
    quality = marks.cell(heads.quality) if heads.quality else None
    columns = {name: marks.cell(words) for name, words in heads.columns.items()}
    own: dict[str, Cell] = {} if done is None else {"done": (SAID["done"],)}
    return Procedure(
        **head,
        group=group,
        performers=performers,
        quality=quality,
        columns={**columns, **own},
        lines=tuple(_line(step, heads, done, marks) for step in steps),
        anchor=anchor,
        linked=done is None,
    )


def suffix(number: int) -> str:
    """Of the anchors of a paper's procedures, which are counted from 1."""
    return "" if number == 1 else f"-{number}"


def anchor_of(number: int) -> str:
    """Before the steps' numbers in the anchors of a procedure."""
    return f"langkah{suffix(number)}-"


def _line(step: Step, heads: parts.Columns, done: Mapping[str, str] | None, marks: Marks) -> Line:
    def written(name: str, plain: str) -> Cell:
        return marks.cell(step.written[name]) if name in step.written else ((plain,) if plain else ())

    no, activity = written("number", step.no), written("activity", step.activity)
    symbol = written("symbol", WORDS["marks"][shape(step)])
    mark = next((part.number for part in symbol if isinstance(part, Marked)), 0)
    words = printed(step.written.get("symbol", WORDS["marks"][shape(step)]))
    cells = {name: written(name, str(getattr(step, name))) for name in heads.columns}
    if done is not None:
        cells["done"] = (done[step.no],)
    return Line(step, no, activity, words, mark, cells)


def _cell(text: str, steps: Sequence[Step], marks: Marks) -> Cell:
    if text != parts.STEPS_CELL:
        return marks.cell(text)
    lines = [
        f"{step.written.get('number', f'{step.no}.')} {step.written.get('activity', step.activity)}" for step in steps
    ]
    return marks.cell("\n".join(lines))


def _listing(part: parts.Listing, marks: Marks, replaced: Replaced) -> Listing:
    label = marks.cell(part.label)
    items = []
    for item in part.items:
        found = _NUMBERED.fullmatch(item)
        items.append((marks.cell(found[1]) if found else (), marks.cell(found[2] if found else item)))
    note = ""
    if part.key == "legal_basis" and (gone := replaced.among(map(printed, part.items))):
        note = filled(SAID["replaced"], day=replaced.as_of, rules="; ".join(f"{rule} {now}" for rule, now in gone))
    return Listing(label, tuple(items), note)
