"""A SOP as a document without a format: the paper, what is mended in it, and what mailbot does.

After the paper come its notes and the flow; then, for SOP-015, what mailbot does at each step, beside the paper, and
the deadlines. Words come from the table and from words.yaml; each format escapes them for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mailbot.config.settings import Sop
from mailbot.model import BALL, Status
from mailbot.reports.sop import heads
from mailbot.reports.sop import paper as papers
from mailbot.reports.sop.blocks import (
    NOTHING,
    Answer,
    Block,
    Cell,
    Code,
    Diagram,
    Document,
    Footer,
    Grid,
    Heading,
    Matrix,
    Notes,
    Paragraph,
)
from mailbot.reports.sop.flow import flow_of
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
from mailbot.rules.sop import parts
from mailbot.rules.sop.heads import Head
from mailbot.rules.sop.names import MAIL_EFFECTS, OTHER_EFFECTS, REFUSALS
from mailbot.rules.sop.paper import Paper, Procedure
from mailbot.rules.sop.replaced import Replaced
from mailbot.rules.sop.table import HOLDER, NONE, Clock, Row, Stage, Step, Table
from mailbot.rules.sop.written import printed
from mailbot.sentences import filled


def of_table(table: Table, lengths: Mapping[str, str] | None, head: Head, replaced: Replaced) -> Document:
    """The whole SOP-015. `lengths`: durations in words by name; None: the configuration's defaults."""
    words = lengths_in_words(Sop()) if lengths is None else lengths
    marks = papers.Marks()
    shown = heads.of_site(table.document, head, "015")
    paper = tuple(papers.blocks(shown.parts, [(table.columns, table.steps, None)], marks, replaced))
    notes = marks.notes(shown.remarks)
    return Document(shown.title, tuple(_blocks(table, words, notes)), paper)


def _blocks(table: Table, lengths: Mapping[str, str], notes: Notes) -> Iterator[Block]:
    yield notes
    yield Heading(2, SAID["drawing"], "diagram")
    yield Diagram(flow_of(table.steps, _lanes(table.columns)))
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


def of_paper(paper: Paper, name: str, head: Head, replaced: Replaced) -> Document:
    """Another SOP: the paper with a column that says what mailbot does. name: on the command line."""
    marks = papers.Marks()
    shown = heads.of_site(paper.document, head, name)
    tables = [(one.columns, one.steps, _done(one)) for one in paper.procedures]
    on_paper = tuple(papers.blocks(shown.parts, tables, marks, replaced))
    blocks: list[Block] = [marks.notes(shown.remarks)]
    for number, one in enumerate(paper.procedures, 1):
        suffix, anchor = papers.suffix(number), papers.anchor_of(number)
        if one in paper.unprinted:
            plain = papers.procedure(one.columns, one.steps, _done(one), None, anchor)
            heading = Heading(2, filled(SAID["steps_done"], title=one.title), f"prosedur{suffix}")
            blocks += [heading, Paragraph((SAID["from_words"],)), plain]
        blocks.append(Heading(2, filled(SAID["drawing_of"], title=one.title), f"diagram{suffix}"))
        blocks.append(Diagram(flow_of(one.steps, _lanes(one.columns), anchor)))
    blocks.append(Paragraph((SAID["what_done"],)))
    blocks.append(Footer((SAID["printed"], Code(f"mailbot sop {name}"), ".")))
    return Document(shown.title, tuple(blocks), on_paper)


def _done(procedure: Procedure) -> Mapping[str, str]:
    """Step → what mailbot does, and which of two papers runs."""
    return {no: "\n".join(filter(None, (words, procedure.differs.get(no)))) for no, words in procedure.done.items()}


def _lanes(columns: parts.Columns) -> Mapping[str, str]:
    return {name: printed(words) for name, words in columns.performers.items()}


def of_matrix(table: Table) -> Document:
    """What each event does in each status."""
    names = {name: SAID["no_ticket"] if name == NONE else table.statuses[name] for name in (NONE, *table.statuses)}
    events = tuple(
        (event, words, tuple(_answers(table, status, event) for status in names))
        for event, words in table.events.items()
    )
    return Document(filled(SAID["matrix"], title=table.document.title), (Matrix(names, events),), wide=True)


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


def _outcome(table: Table, row: Row) -> str:
    """The status after a row, in words."""
    if row.refuse:
        return SAID["refused"]
    return table.statuses[row.to] if row.to else SAID["unchanged"]


def _conditions(names: Iterable[str]) -> str:
    return "; ".join(CONDITION_WORDS.get(name, name) for name in names)


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
    whose = SAID["clock_holder"] if clock.binds == HOLDER else clock.binds
    binds = filled(SAID["clock_binds"], binds=whose) if whose else ""
    receipt = SAID["clock_from_receipt"] if clock.from_receipt else ""
    return f"{step}{filled(SAID['clock'], statuses=statuses)}{only}{receipt}{beside}{binds}"


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
