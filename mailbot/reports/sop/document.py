"""The SOP as a document without a format: blocks that a template of each format puts on paper.

The order is the paper form's: head, procedure, flow; then what mailbot does at each step, beside the paper, and the
deadlines. Words come from the table and from words.yaml; each format escapes them for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mailbot.config.settings import Sop
from mailbot.model import BALL, Status
from mailbot.reports.sop.flow import Flow, flow_of
from mailbot.reports.sop.words import (
    CONDITION_WORDS,
    FIXED_LENGTHS,
    PERFORMERS,
    PRIORITY_LENGTHS,
    SAID,
    WORDS,
    lengths_in_words,
    times_words,
)
from mailbot.rules.sop.names import MAIL_EFFECTS, OTHER_EFFECTS, REFUSALS
from mailbot.rules.sop.paper import Paper
from mailbot.rules.sop.table import NONE, Clock, Row, Stage, Step, Table
from mailbot.sentences import filled


@dataclass(frozen=True, slots=True)
class Code:
    """A name as it stands in the data: a row's id, a key of the configuration."""

    name: str


#: Text in parts; a line end inside a part begins a new line of the cell.
Cell = tuple[str | Code, ...]

#: Stands in a cell that has nothing to say.
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Heading:
    level: int  # 2 or 3; the title is the document's own
    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    cell: Cell


@dataclass(frozen=True, slots=True)
class Head:
    """The form's head: (label, value) lines, and titled lists; what the data leave out is left out."""

    fields: tuple[tuple[str, str], ...]
    lists: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Procedure:
    """The paper's table. quality: with the columns of Mutu Baku and Keterangan. done: step → what mailbot does, in a
    column of its own; None: that stands below, under the step's anchor."""

    steps: tuple[Step, ...]
    performers: Mapping[str, str]
    quality: bool = True
    done: Mapping[str, str] | None = None
    anchor: str = "langkah-"

    @property
    def columns(self) -> tuple[str, ...]:
        """Those behind No, Aktivitas and the performers, by their names in words.yaml; under Mutu Baku stand the first
        three."""
        quality = ("requirements", "time", "output", "remarks") if self.quality else ()
        return quality if self.done is None else (*quality, "done")

    def cell(self, step: Step, column: str) -> str:
        return self.done[step.no] if column == "done" and self.done is not None else str(getattr(step, column))


@dataclass(frozen=True, slots=True)
class Diagram:
    flow: Flow


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `wide`: better as records ("column: value") where a line is short."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Footer:
    cell: Cell


@dataclass(frozen=True, slots=True)
class Answer:
    """What a row answers in a cell of the matrix. to: the status after it; None where it stays."""

    row: str
    to: str | None
    refused: bool
    words: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Status × event. statuses: name → words. events: (name, words, what each status answers, in the table's order);
    where no ticket can be, None answers."""

    statuses: Mapping[str, str]
    events: tuple[tuple[str, str, tuple[tuple[Answer, ...] | None, ...]], ...]


Block = Footer | Heading | Paragraph | Head | Procedure | Diagram | Grid | Matrix


@dataclass(frozen=True, slots=True)
class Document:
    """`wide`: a page that uses the whole window."""

    title: str
    blocks: tuple[Block, ...]
    wide: bool = False


def of_table(table: Table, lengths: Mapping[str, str] | None = None) -> Document:
    """The whole SOP-015. `lengths`: durations in words by name; None: the configuration's defaults."""
    words = lengths_in_words(Sop()) if lengths is None else lengths
    return Document(_title(table), tuple(_blocks(table, words)))


def _blocks(table: Table, lengths: Mapping[str, str]) -> Iterator[Block]:
    yield _head(table.document)
    yield Heading(2, SAID["procedure"], "prosedur")
    yield Procedure(table.steps, PERFORMERS)
    yield Heading(2, SAID["drawing"], "diagram")
    yield Diagram(flow_of(table.steps))
    yield Heading(2, SAID["carried_out"], "pelaksanaan")
    yield Paragraph((SAID["how_carried_out"],))
    yield Heading(3, SAID["ticket_status"])
    yield Grid(tuple(WORDS["statuses"]), tuple(_status_rows(table)))
    for step in table.steps:
        performer = PERFORMERS[step.performer]
        yield Heading(3, filled(SAID["step"], step=step.no, performer=performer), f"langkah-{step.no}")
        yield Paragraph((step.activity,))
        yield _rows(table, step) if step.rows else Paragraph((filled(SAID["no_event"], performer=performer),))
    yield Heading(2, SAID["beside"], "di-samping")
    yield Paragraph((SAID["what_beside"],))
    for step in table.beside:
        yield Heading(3, step.activity)
        yield _rows(table, step)
    yield Heading(2, SAID["deadlines"], "tenggat")
    yield Paragraph((SAID["what_deadlines"],))
    for clock in table.clocks.values():
        yield Heading(3, clock.title)
        yield Paragraph((_clock_line(table, clock),))
        stages = tuple(_stage(table, stage, lengths) for stage in clock.stages)
        yield Grid(tuple(WORDS["stages"]), stages, wide=True)
    yield Footer((SAID["printed_from_table"], Code("mailbot sop"), "."))


def of_paper(paper: Paper, name: str) -> Document:
    """Another SOP: all its procedures, with a column that says what mailbot does. name: on the command line."""
    blocks: list[Block] = [_head(paper.document)]
    for number, procedure in enumerate(paper.procedures, 1):
        anchor = "langkah-" if number == 1 else f"langkah-{number}-"
        suffix = "" if number == 1 else f"-{number}"
        blocks += [
            Heading(2, procedure.title, f"prosedur{suffix}"),
            Procedure(procedure.steps, procedure.performers, procedure.quality, procedure.done, anchor),
            Heading(3, SAID["drawing"], f"diagram{suffix}"),
            Diagram(flow_of(procedure.steps, procedure.performers, anchor)),
        ]
    blocks.append(Paragraph((SAID["what_done"],)))
    blocks.append(Footer((SAID["printed"], Code(f"mailbot sop {name}"), ".")))
    return Document(str(paper.document["title"]), tuple(blocks))


def of_matrix(table: Table) -> Document:
    """What each event does in each status."""
    names = {name: SAID["no_ticket"] if name == NONE else table.statuses[name] for name in (NONE, *table.statuses)}
    events = tuple(
        (event, words, tuple(_answers(table, status, event) for status in names))
        for event, words in table.events.items()
    )
    return Document(filled(SAID["matrix"], title=_title(table)), (Matrix(names, events),), wide=True)


def _answers(table: Table, status: str, event: str) -> tuple[Answer, ...] | None:
    rows = table.cells.get((status, event))
    if rows is None:
        return None
    found = []
    for row in rows:
        words = _outcome(table, row) + (f" ({REFUSALS[row.refuse].short})" if row.refuse else "")
        if row.conditions:
            words = filled(SAID["matrix_row"], outcome=words, conditions=_conditions(row.conditions))
        found.append(Answer(row.id, row.to, bool(row.refuse), words))
    return tuple(found)


def _title(table: Table) -> str:
    return str(table.document.get("title") or SAID["title"])


def _outcome(table: Table, row: Row) -> str:
    """The status after a row, in words."""
    if row.refuse:
        return SAID["refused"]
    return table.statuses[row.to] if row.to else SAID["unchanged"]


def _conditions(names: Iterable[str]) -> str:
    return "; ".join(CONDITION_WORDS.get(name, name) for name in names)


def _head(data: Mapping[str, Any]) -> Head:
    """The form's head, as far as the data have one."""
    fields = tuple((label, str(data[key])) for key, label in WORDS["fields"].items() if data.get(key))
    lists = tuple((label, _items(data[key])) for key, label in WORDS["lists"].items() if data.get(key))
    return Head(fields, lists)


def _items(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value if isinstance(value, list) else [value]))


def _status_rows(table: Table) -> Iterable[tuple[Cell, ...]]:
    for name, words in table.statuses.items():
        yield (Code(name),), (words,), (BALL[Status(name)].value,)


def _reached(table: Table, row: Row) -> str:
    """The statuses in which the row is really asked: rows above it may leave it only some of "any"."""
    found = {status for (status, _), rows in table.cells.items() for other in rows if other.id == row.id}
    if len(found) == len(table.statuses):
        return SAID["everywhere"]
    names = [SAID["no_ticket"]] if NONE in found else []
    return "; ".join([*names, *(words for status, words in table.statuses.items() if status in found)])


def _rows(table: Table, step: Step) -> Grid:
    return Grid(tuple(WORDS["rows"]), tuple(_row(table, row) for row in step.rows), wide=True)


def _row(table: Table, row: Row) -> tuple[Cell, ...]:
    # A clock that is stopped and started at once begins anew; to say "ends, starts" would puzzle.
    again = [name for name in row.start if name in row.stop]
    lines = [
        *_effects(row.effects),
        *_clocks(table, "again", again),
        *_clocks(table, "stop", [name for name in row.stop if name not in again]),
        *_clocks(table, "start", [name for name in row.start if name not in again]),
        *_labelled("refused", [REFUSALS[row.refuse].short] if row.refuse else []),
    ]
    return (
        (Code(row.id),),
        ("\n".join(table.events[event] for event in row.events),),
        (_reached(table, row),),
        (_conditions(row.conditions) or NOTHING,),
        ("\n".join(lines),),
        (SAID["unchanged"] if row.refuse else _outcome(table, row),),
    )


def _labelled(label: str, found: Iterable[str]) -> Iterator[str]:
    """A cell's line "Label: one; other", where there is anything to say."""
    if known := list(found):
        yield f"{WORDS['labels'][label]}: {'; '.join(known)}"


def _effects(names: Iterable[str]) -> Iterator[str]:
    names = tuple(names)
    yield from _labelled("mails", [MAIL_EFFECTS[name] for name in names if name in MAIL_EFFECTS])
    yield from _labelled("ticket", [OTHER_EFFECTS[name] for name in names if name in OTHER_EFFECTS])


def _clocks(table: Table, label: str, names: Iterable[str]) -> Iterator[str]:
    return _labelled(label, [table.clocks[name].title for name in names])


def _clock_line(table: Table, clock: Clock) -> str:
    statuses = "; ".join(table.statuses[name] for name in table.statuses if name in clock.statuses)
    step = filled(SAID["clock_step"], step=clock.step) if clock.step else ""
    beside = SAID["clock_beside"] if clock.beside else ""
    only = "; ".join(WORDS["conditions"][name] for name in clock.conditions)
    only = filled(SAID["clock_only"], conditions=only) if only else ""
    binds = filled(SAID["clock_binds"], binds=clock.binds) if clock.binds else ""
    return f"{step}{filled(SAID['clock'], statuses=statuses)}{only}{beside}{binds}"


def _stage(table: Table, stage: Stage, lengths: Mapping[str, str]) -> tuple[Cell, ...]:
    lines = [*_effects(stage.effects), *_clocks(table, "stop", stage.stop), *_clocks(table, "start", stage.start)]
    if stage.otherwise:
        lines += [f"{WORDS['labels']['otherwise']}:", *_effects(stage.otherwise)]
    return (
        (Code(stage.id),),
        (*_after(stage.after, lengths), SAID["from_start"] if stage.from_start else ""),
        (times_words(stage.times, lengths),),
        (_conditions(stage.conditions) or NOTHING,),
        ("\n".join(lines),),
        (_stage_outcome(table, stage),),
    )


def _stage_outcome(table: Table, stage: Stage) -> str:
    if stage.to is None:
        return SAID["unchanged"]
    status = table.statuses[stage.to]
    return filled(SAID["unchanged_otherwise"], status=status) if stage.conditions else status


def _after(name: str, lengths: Mapping[str, str]) -> Cell:
    if name in lengths:
        return f"{lengths[name]} (", Code(name), ")"
    words = PRIORITY_LENGTHS.get(name) or FIXED_LENGTHS.get(name)
    return (words,) if words else (Code(name),)
