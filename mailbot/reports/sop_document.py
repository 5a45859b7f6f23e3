"""The SOP as a document without a format: blocks that the text, Markdown and HTML writers put on paper.

The order is the paper form's: head, procedure, flow; then what mailbot does at each step, beside the paper, and the
deadlines. Words come from the table; a writer escapes them for its own sink.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mailbot.model import BALL, Status
from mailbot.reports import sop_flow
from mailbot.reports.sop_flow import Flow
from mailbot.reports.sop_words import (
    CONDITION_WORDS,
    FIXED_LENGTHS,
    PERFORMERS,
    PRIORITY_LENGTHS,
    default_lengths,
    times_words,
)
from mailbot.rules.sop.names import MAIL_EFFECTS, OTHER_EFFECTS, REFUSALS
from mailbot.rules.sop.table import NONE, Clock, Row, Stage, Step, Table


@dataclass(frozen=True, slots=True)
class Code:
    """A name as it stands in the data: a row's id, a key of the configuration."""

    name: str


#: Text in parts; a line end inside a part begins a new line of the cell.
Cell = tuple[str | Code, ...]


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
    sections: tuple[tuple[str, tuple[str, ...]], ...]


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
        """The headings behind No, Aktivitas and the performers."""
        quality = (*QUALITY_COLUMNS, REMARKS_COLUMN) if self.quality else ()
        return quality if self.done is None else (*quality, DONE_COLUMN)

    def cells(self, step: Step) -> tuple[str, ...]:
        """What stands under `columns`."""
        quality = (step.requirements, step.time, step.output, step.remarks) if self.quality else ()
        return quality if self.done is None else (*quality, self.done[step.no])


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


Block = Footer | Heading | Paragraph | Head | Procedure | Diagram | Grid


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    blocks: tuple[Block, ...]


_FIELDS = (
    ("number", "No. Dokumen"),
    ("revision", "Revisi"),
    ("effective", "Berlaku Efektif"),
    ("approved_by", "Disahkan Oleh"),
    ("prepared_by", "Dibuat Oleh"),
    ("reviewed_by", "Dikaji Oleh"),
)
_SECTIONS = (
    ("legal_basis", "Dasar Hukum"),
    ("summary", "Penjelasan Singkat"),
    ("purpose", "Tujuan"),
    ("warnings", "Peringatan"),
    ("performers", "Kualifikasi Pelaksana"),
    ("equipment", "Peralatan/Perlengkapan"),
    ("definitions", "Definisi"),
    ("requirements", "Persyaratan Pelayanan"),
    ("term", "Jangka Waktu Penyelesaian"),
    ("fee", "Biaya/Tarif"),
    ("product", "Produk Pelayanan"),
    ("complaints", "Penanganan Pengaduan, Saran, dan Masukan"),
)

#: The columns of the paper form; the three performers stand under "Pelaksana", the next three under "Mutu Baku".
QUALITY_COLUMNS = ("Persyaratan/Perlengkapan", "Waktu", "Output")
REMARKS_COLUMN = "Keterangan"
#: No column of the paper: what mailbot does for a step.
DONE_COLUMN = "Dengan mailbot"

#: Before what a stage does where its conditions do not hold.
OTHERWISE = "Bila tidak terpenuhi:"

_ROW_COLUMNS = ("Baris", "Peristiwa", "Dalam status", "Bila", "Yang dilakukan mailbot", "Status sesudahnya")
_STAGE_COLUMNS = ("Tahap", "Setelah", "Berapa kali", "Bila", "Yang dilakukan mailbot", "Status sesudahnya")


def title(table: Table) -> str:
    return str(table.document.get("title") or "Standar Operasional Prosedur")


def document(table: Table, lengths: Mapping[str, str] | None = None) -> Document:
    """The whole SOP. `lengths`: durations in words by name; None: the configuration's defaults."""
    words = default_lengths() if lengths is None else lengths
    blocks: list[Block] = [
        head(table.document),
        Heading(2, "Prosedur", "prosedur"),
        Procedure(table.steps, PERFORMERS),
        Heading(2, "Diagram alir", "diagram"),
        Diagram(sop_flow.of(table)),
        Heading(2, "Pelaksanaan oleh mailbot", "pelaksanaan"),
        Paragraph(
            (
                "Bagian ini dicetak dari tabel yang dijalankan mailbot. Bila terjadi suatu peristiwa, baris diperiksa"
                " dari atas ke bawah; baris pertama yang status, peristiwa, dan semua syaratnya terpenuhi berlaku."
                " Waktu dihitung dalam jam layanan LPSE.",
            )
        ),
        Heading(3, "Status tiket"),
        Grid(("Status", "Nama", "Yang bertindak berikutnya"), tuple(_status_rows(table))),
    ]
    for step in table.steps:
        blocks.append(Heading(3, f"Langkah {step.no}: {PERFORMERS[step.performer]}", f"langkah-{step.no}"))
        blocks.append(Paragraph((step.activity,)))
        if step.rows:
            blocks.append(_rows(table, step))
        else:
            blocks.append(
                Paragraph(
                    (f"Berlangsung di {PERFORMERS[step.performer]}; mailbot tidak mencatat peristiwa tersendiri.",)
                )
            )
    blocks.append(Heading(2, "Di samping prosedur", "di-samping"))
    blocks.append(
        Paragraph(("Penanganan tiket di LPSE sebelum dan sesudah eskalasi, yang tidak diatur dalam prosedur di atas.",))
    )
    for step in table.beside:
        blocks.append(Heading(3, step.activity))
        blocks.append(_rows(table, step))
    blocks.append(Heading(2, "Tenggat", "tenggat"))
    blocks.append(
        Paragraph(
            (
                "Setiap status kecuali yang terakhir memiliki tenggat yang berjalan, dan tahap terakhir setiap tenggat"
                " terus berulang, sehingga tidak ada tiket yang terlupakan. Tahap dihitung sejak tahap sebelumnya,"
                " tahap pertama sejak tenggat dimulai. Yang tercetak adalah lamanya, kemudian kuncinya dalam"
                " pengaturan.",
            )
        )
    )
    for clock in table.clocks.values():
        blocks.append(Heading(3, clock.title))
        blocks.append(Paragraph((_clock_line(table, clock),)))
        blocks.append(Grid(_STAGE_COLUMNS, tuple(_stage(table, stage, words) for stage in clock.stages), wide=True))
    blocks.append(Footer(("Dicetak dari tabel yang dijalankan mailbot, dengan perintah ", Code("mailbot sop"), ".")))
    return Document(title(table), tuple(blocks))


def status_name(table: Table, status: str) -> str:
    return "Belum ada tiket" if status == NONE else table.statuses[status]


def outcome(table: Table, row: Row) -> str:
    """The status after a row, in words."""
    if row.refuse:
        return "ditolak"
    return table.statuses[row.to] if row.to else "tetap"


def conditions(names: Iterable[str]) -> str:
    return "; ".join(CONDITION_WORDS.get(name, name) for name in names)


def head(data: Mapping[str, Any]) -> Head:
    """The form's head, as far as the data have one."""
    fields = [(label, str(data[key])) for key, label in _FIELDS if data.get(key)]
    sections = []
    for key, label in _SECTIONS:
        value = data.get(key)
        if value:
            sections.append((label, tuple(str(item) for item in (value if isinstance(value, list) else [value]))))
    return Head(tuple(fields), tuple(sections))


def _status_rows(table: Table) -> Iterable[tuple[Cell, ...]]:
    for name, words in table.statuses.items():
        yield (Code(name),), (words,), (BALL[Status(name)].value,)


def _reached(table: Table, row: Row) -> tuple[str, ...]:
    """The statuses in which the row is really asked: rows above it may leave it only some of "any"."""
    order = [NONE, *table.statuses]
    found = {status for (status, _), rows in table.cells.items() for other in rows if other.id == row.id}
    return tuple(status for status in order if status in found)


def _rows(table: Table, step: Step) -> Grid:
    return Grid(_ROW_COLUMNS, tuple(_row(table, row) for row in step.rows), wide=True)


def _row(table: Table, row: Row) -> tuple[Cell, ...]:
    reached = _reached(table, row)
    everywhere = len(reached) == len(table.statuses)
    statuses = "semua status" if everywhere else "; ".join(status_name(table, status) for status in reached)
    lines = _effects(row.effects)
    # A clock that is stopped and started at once begins anew; to say "ends, starts" would puzzle.
    again = [name for name in row.start if name in row.stop]
    for label, names in (
        ("Tenggat diulang", again),
        ("Tenggat berakhir", [name for name in row.stop if name not in again]),
        ("Tenggat mulai", [name for name in row.start if name not in again]),
    ):
        if names:
            lines.append(f"{label}: " + "; ".join(table.clocks[name].title for name in names))
    if row.refuse:
        lines.append(f"Ditolak: {REFUSALS[row.refuse].short}")
    return (
        (Code(row.id),),
        ("\n".join(table.events[event] for event in row.events),),
        (statuses,),
        (conditions(row.conditions) or "–",),
        ("\n".join(lines),),
        ("tetap" if row.refuse else outcome(table, row),),
    )


def _effects(names: Iterable[str]) -> list[str]:
    mails = [MAIL_EFFECTS[name] for name in names if name in MAIL_EFFECTS]
    others = [OTHER_EFFECTS[name] for name in names if name in OTHER_EFFECTS]
    return [f"{label}: {'; '.join(found)}" for label, found in (("E-mail", mails), ("Tiket", others)) if found]


def _clock_line(table: Table, clock: Clock) -> str:
    statuses = "; ".join(table.statuses[name] for name in table.statuses if name in clock.statuses)
    step = f"Langkah {clock.step}. " if clock.step else ""
    beside = " Berjalan di samping tenggat lain." if clock.beside else ""
    binds = f" Bila terlampaui, dicatat sebagai penyimpangan {clock.binds}." if clock.binds else ""
    return f"{step}Berjalan dalam status: {statuses}.{beside}{binds}"


def _stage(table: Table, stage: Stage, lengths: Mapping[str, str]) -> tuple[Cell, ...]:
    lines = _effects(stage.effects)
    for label, names in (("Tenggat berakhir", stage.stop), ("Tenggat mulai", stage.start)):
        if names:
            lines.append(f"{label}: " + "; ".join(table.clocks[name].title for name in names))
    if stage.otherwise:
        lines.append(OTHERWISE)
        lines += _effects(stage.otherwise)
    return (
        (Code(stage.id),),
        (*_after(stage.after, lengths), " sejak tenggat dimulai" if stage.from_start else ""),
        (times_words(stage.times, lengths),),
        (conditions(stage.conditions) or "–",),
        ("\n".join(lines),),
        (_stage_outcome(table, stage),),
    )


def _stage_outcome(table: Table, stage: Stage) -> str:
    if stage.to is None:
        return "tetap"
    return table.statuses[stage.to] + ("; tetap bila syarat tidak terpenuhi" if stage.conditions else "")


def _after(name: str, lengths: Mapping[str, str]) -> Cell:
    if name in lengths:
        return f"{lengths[name]} (", Code(name), ")"
    words = PRIORITY_LENGTHS.get(name) or FIXED_LENGTHS.get(name)
    return (words,) if words else (Code(name),)
