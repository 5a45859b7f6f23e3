"""What a printed SOP is made of, without a format: blocks that a template of each format puts on paper.

First those of the paper itself, then those with which mailbot says what it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mailbot.reports.sop.flow import Flow
from mailbot.rules.sop.table import Step


@dataclass(frozen=True, slots=True)
class Code:
    """A name as it stands in the data: a row's id, a key of the configuration."""

    name: str


@dataclass(frozen=True, slots=True)
class Marked:
    """Words that the copy has otherwise, with the number of their note."""

    words: str
    number: int


#: Text in parts; a line end inside a part begins a new line of the cell.
Cell = tuple[str | Code | Marked, ...]

#: Stands in a cell that has nothing to say.
NOTHING = "–"


# --- the paper -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lines:
    """kind: "cover", "title", "heading" or "lines". anchor: of a heading; a procedure begins there."""

    kind: str
    lines: tuple[Cell, ...]
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """The form's head: labels and values."""

    rows: tuple[tuple[Cell, Cell], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A label with its items, each with its number. note: what mailbot says below."""

    label: Cell
    items: tuple[tuple[Cell, Cell], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    """A column for each who signs, row by row."""

    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A table or a form; the first `head` rows are its head."""

    rows: tuple[tuple[Cell, ...], ...]
    head: int


@dataclass(frozen=True, slots=True)
class Line:
    """A step in its table. symbol: the words in the performers' columns; mark: the number of their note, 0 without.
    cells: those behind, by column."""

    step: Step
    no: Cell
    activity: Cell
    symbol: str
    mark: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Procedure:
    """A table of steps. group, quality: the heads over the performers and over the columns of `under_quality`; None:
    the paper has none. columns: those behind the performers; "done" is mailbot's own. linked: what mailbot does stands
    below, under the step's anchor."""

    no: Cell
    activity: Cell
    performers: Mapping[str, Cell]
    columns: Mapping[str, Cell]
    lines: tuple[Line, ...]
    group: Cell | None = None
    quality: Cell | None = None
    anchor: str = "langkah-"
    linked: bool = False

    @property
    def under_quality(self) -> tuple[str, ...]:
        quality = ("requirements", "time", "output") if self.quality is not None else ()
        return tuple(name for name in quality if name in self.columns)

    @property
    def two_rows(self) -> bool:
        """Whether the head has a second row, under the groups."""
        return self.group is not None or self.quality is not None


@dataclass(frozen=True, slots=True)
class Notes:
    """What each mark means. groups: (reason, (number, printed, copy) of each). remarks: on the copy as a whole."""

    groups: tuple[tuple[str, tuple[tuple[int, str, str], ...]], ...]
    remarks: tuple[str, ...]


# --- what mailbot does -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heading:
    level: int  # 2 or 3; the title is the document's own
    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    cell: Cell


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


PaperBlock = Lines | Fields | Listing | Signatures | Rows | Procedure
Block = PaperBlock | Notes | Heading | Paragraph | Diagram | Grid | Footer | Matrix


@dataclass(frozen=True, slots=True)
class Document:
    """paper: what stands on the paper, in its order. blocks: what mailbot says beside it. `wide`: a page that uses the
    whole window."""

    title: str
    blocks: tuple[Block, ...]
    paper: tuple[PaperBlock, ...] = ()
    wide: bool = False
