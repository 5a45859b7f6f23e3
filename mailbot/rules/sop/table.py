"""The SOP as data: reads sop015.yaml into frozen rows and refuses a table that could forget a ticket.

Refused with file:line, all faults at once: a missing step, an unknown name, a (status, event) pair without a row or
with a row that can never be reached, a clock that nobody starts or whose last stage names nobody, or neither repeats
nor ends it, a stage without effect, an unreachable status, and a way to a status (but `closed`) in which no deadline
runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailbot import yamlfile
from mailbot.model import Ball, Status
from mailbot.rules import FOLDER
from mailbot.rules.sop.conditions import CONDITIONS
from mailbot.rules.sop.names import MAIL_EFFECTS, OTHER_EFFECTS, REFUSALS
from mailbot.rules.sop.parts import Columns, Document, PartsReader
from mailbot.rules.sop.written import printed

SOP015 = FOLDER / "sop015.yaml"

#: The status column's word for "there is no ticket yet".
NONE = "none"

#: The events that make a ticket: they happen in no status.
OPENING: tuple[str, ...] = ("user.new", "staff.phone", "staff.counter", "staff.support")

EFFECTS: frozenset[str] = frozenset(MAIL_EFFECTS) | frozenset(OTHER_EFFECTS)

#: Durations by name: from `sop:` of the configuration, from the Tabel Prioritas, and three fixed ones.
LENGTHS: frozenset[str] = frozenset(
    {
        "lkpp_status_after",
        "lkpp_progress_every",
        "forward_data_within",
        "escalate_within",
        "data_from_user_within",
        "close_silent_after",
        "confirm_close_after",
        "first_response",
        "half_first_response",
        "warning_first_response",
        "limit",
        "half_limit",
        "warning_limit",
        "warning_escalate_within",
        "warning_forward_data_within",
        "target",
        "classify_within",
        "one_working_day",
        "one_week",
    }
)

#: What a length's name begins with that is a part of another: its half, and when the limit is warned of.
HALF, WARNING = "half_", "warning_"

#: How often a stage may fire, by name (`enquiries_*` follow from `sop.enquiries_max`).
TIMES: frozenset[str] = frozenset({"once", "always", "enquiries_between", "enquiries_last"})


@dataclass(frozen=True, slots=True)
class Row:
    """One machine row: in `statuses`, on `events`, if all conditions hold."""

    id: str
    step: str
    statuses: tuple[str, ...]
    events: tuple[str, ...]
    conditions: tuple[str, ...]
    effects: tuple[str, ...]
    start: tuple[str, ...]
    stop: tuple[str, ...]
    to: Status | None
    refuse: str | None


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a clock; `after` and `times` are names."""

    id: str
    after: str
    from_start: bool
    times: str
    conditions: tuple[str, ...]
    effects: tuple[str, ...]
    otherwise: tuple[str, ...]
    start: tuple[str, ...]
    stop: tuple[str, ...]
    to: Status | None

    @property
    def warns(self) -> bool:
        """Whether it is a part of the way to the limit and not the limit, or what follows it."""
        return self.is_half_way or self.is_warning

    @property
    def is_half_way(self) -> bool:
        return self.after.startswith(HALF)

    @property
    def is_warning(self) -> bool:
        """Whether it is the last one before the limit."""
        return self.after.startswith(WARNING)


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline's stages and the statuses in which it may run. `beside`: not what keeps a ticket alive. conditions:
    nothing starts it while these do not hold.

    binds: whose failure it is when its limit passes (penyimpangan); HOLDER: whose turn it is by then; None: nobody's,
    it is only ours or the user's. from_receipt: it runs by itself from the receipt of the mail that opened the ticket
    (or opened it again) as long as the ticket is in its statuses, and is recorded when it passes. each_day: beyond its
    limit each working day is a penyimpangan of its own (step 14: "setiap 1 hari kerja").
    """

    name: str
    title: str
    step: str
    statuses: frozenset[str]
    conditions: tuple[str, ...]
    beside: bool
    binds: Ball | str | None
    stages: tuple[Stage, ...]
    from_receipt: bool = False
    each_day: bool = False

    @property
    def has_limit(self) -> bool:
        """Whether something is late when a stage of it has passed; warnings and weekly news are no limits."""
        return next((stage.times != "always" for stage in self.stages if not stage.warns), False)


@dataclass(frozen=True, slots=True)
class Norm:
    """A mutu baku that no clock watches: it is looked at when its act is done. It binds the LPSE."""

    name: str
    title: str
    step: str


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the paper form (or, with no number, of the handling around it), its words as they are printed.

    written: the name of a field, "number" or "symbol" → its words with what the copy has, where that is another.
    together: who acts with the performer.
    """

    no: str
    activity: str
    performer: str
    starts: bool = False
    ends: bool = False
    decision: bool = False
    requirements: str = ""
    time: str = ""
    output: str = ""
    remarks: str = ""
    following: tuple[str, ...] = ()  # ("2",) or, for a decision, (yes, no)
    rows: tuple[Row, ...] = ()
    written: Mapping[str, str] = field(default_factory=dict)
    together: tuple[str, ...] = ()


#: A field of a step → its key in the file.
_PAPER_KEYS = {
    "activity": "aktivitas",
    "requirements": "kelengkapan",
    "time": "waktu",
    "output": "output",
    "remarks": "keterangan",
    "number": "nomor",
    "symbol": "lambang",
}


def step_of(raw: Mapping[str, Any], rows: Iterable[Row] = ()) -> Step:
    """A step as YAML has it; what is missing is empty."""
    words = {name: str(raw[key]) for name, key in _PAPER_KEYS.items() if key in raw}
    performers = raw.get("pelaksana", "")
    performer, *together = performers if isinstance(performers, list) and performers else [performers]
    return Step(
        no=str(raw.get("no", "")),
        activity=printed(words.get("activity", "")),
        performer=str(performer),
        starts=bool(raw.get("mulai", False)),
        ends=bool(raw.get("selesai", False)),
        decision=bool(raw.get("keputusan", False)),
        requirements=printed(words.get("requirements", "")),
        time=printed(words.get("time", "")),
        output=printed(words.get("output", "")),
        remarks=printed(words.get("remarks", "")),
        following=tuple(str(raw[way]) for way in ("ya", "tidak", "lanjut") if way in raw),
        rows=tuple(rows),
        written={name: text for name, text in words.items() if printed(text) != text},
        together=tuple(map(str, together)),
    )


@dataclass(frozen=True, slots=True)
class Table:
    """The whole SOP: the paper, its steps, and what the program runs on. columns: the heads of the paper's table."""

    document: Document
    columns: Columns
    statuses: Mapping[str, str]
    events: Mapping[str, str]
    steps: tuple[Step, ...]
    beside: tuple[Step, ...]
    clocks: Mapping[str, Clock]
    norms: Mapping[str, Norm]
    cells: Mapping[tuple[str, str], tuple[Row, ...]] = field(repr=False)

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for step in (*self.steps, *self.beside) for row in step.rows)

    def asked(self, status: Status, event: str) -> frozenset[str]:
        """The conditions that may be asked when such an event comes to a ticket that stands there."""
        rows = {name for row in self.cells[status.value, event] for name in row.conditions}
        return frozenset(rows.union(*(clock.conditions for clock in self.clocks.values())))


def load(path: Path = SOP015) -> Table:
    """Read and check the table. Raises ConfigError with every fault at once."""
    return yamlfile.rules(_Reader, path)


_STEP_KEYS = {
    "no",
    "aktivitas",
    "pelaksana",
    "mulai",
    "selesai",
    "keputusan",
    "kelengkapan",
    "waktu",
    "output",
    "keterangan",
    "lanjut",
    "ya",
    "tidak",
    "lambang",
    "rows",
}
_ROW_KEYS = {"id", "also", "in", "when", "if", "then", "start", "stop", "to", "refuse"}
_CLOCK_KEYS = {"title", "in", "if", "step", "beside", "binds", "from", "each_day", "stages"}
_STAGE_KEYS = {"id", "after", "from", "times", "if", "then", "else", "start", "stop", "to"}
_PERFORMERS = {"user", "lpse", "lkpp"}
#: A clock that binds whoever has the ball when its limit passes.
HOLDER = "holder"
_BOUND: dict[str, Ball | str] = {"lpse": Ball.LPSE, "lkpp": Ball.LKPP, HOLDER: HOLDER}


_INSIDE = ("staff_", "coordinator_", "head_")


def _names_a_person(stage: Stage, *, beside: bool) -> bool:
    """Whether a stage always writes to somebody: to the LPSE's own people where the ticket depends on it."""

    def writes(effects: tuple[str, ...]) -> bool:
        return any(name.startswith(_INSIDE) or (beside and name in MAIL_EFFECTS) for name in effects)

    return writes(stage.effects) and (not stage.conditions or writes(stage.otherwise))


class _Reader(PartsReader[Table]):
    def __init__(self, path: Path, raw: bytes) -> None:
        super().__init__(path, raw)
        self.places: dict[str, tuple[Any, ...]] = {}  # row id → where it stands

    def result(self) -> Table:
        data = self.mapping((), self.document.data)
        self.keys((), data, {"document", "statuses", "events", "steps", "beside", "clocks", "norms"})
        statuses = {k: str(v) for k, v in self.mapping(("statuses",), data.get("statuses")).items()}
        events = {k: str(v) for k, v in self.mapping(("events",), data.get("events")).items()}
        if set(statuses) != {s.value for s in Status}:
            self.fault(("statuses",), "must name exactly the statuses " + ", ".join(s.value for s in Status))
        self.statuses, self.events = statuses, events
        written = self.mapping(("clocks",), data.get("clocks"))
        self.clock_names = set(written)
        steps = tuple(self._step(path, raw) for path, raw in self.items(("steps",), data.get("steps")))
        beside = tuple(self._step(path, raw) for path, raw in self.items(("beside",), data.get("beside")))
        clocks = {name: self._clock(("clocks", name), name, raw) for name, raw in written.items()}
        norms = {name: self._norm(name, raw) for name, raw in self.mapping(("norms",), data.get("norms")).items()}
        numbers = [step.no for step in steps]
        wanted = [str(n) for n in range(1, 15)]
        for missing in [n for n in wanted if n not in numbers]:
            self.fault(("steps",), f"step {missing} of the paper is missing")
        for extra in dict.fromkeys(n for n in numbers if n not in wanted or numbers.count(n) > 1):
            self.fault(("steps",), f"step {extra!r} is not one of the paper's 14, or stands there twice")
        for step in steps:
            for following in step.following:
                if following not in wanted:
                    self.fault(("steps",), f"step {step.no} leads to {following!r}, which is no step")
        document = self.paper(data.get("document"), 1, ("columns", "performers"))
        columns = self.columns(("document",), self.mapping(("document",), data.get("document")))
        if set(columns.performers) != _PERFORMERS:
            self.fault(("document",), f"performers must name {', '.join(sorted(_PERFORMERS))}")
        rows = [row for step in (*steps, *beside) for row in step.rows]
        cells = self._cells(rows)
        if not self.faults:  # the walk needs a table whose names are known
            self._walk(cells, clocks)
        return Table(
            document=document,
            columns=columns,
            statuses=statuses,
            events=events,
            steps=steps,
            beside=beside,
            clocks=clocks,
            norms=norms,
            cells=cells,
        )

    # --- reading one thing each ---------------------------------------------------------

    def _step(self, path: tuple[Any, ...], raw: Any) -> Step:
        self.keys(path, raw, _STEP_KEYS)
        no = str(raw.get("no", ""))
        performer = str(raw.get("pelaksana", ""))
        if performer not in _PERFORMERS:
            self.fault(path, f"pelaksana must be one of {', '.join(sorted(_PERFORMERS))}, not {performer!r}")
        if not raw.get("aktivitas"):
            self.fault(path, "aktivitas is missing")
        return step_of(raw, [self._row(where, row, no) for where, row in self.items((*path, "rows"), raw.get("rows"))])

    def _statuses(self, path: tuple[Any, ...], raw: Any) -> tuple[str, ...]:
        if raw.get("in") == "any":
            return tuple(self.statuses)
        found = self.names(path, raw, "in", {*self.statuses, NONE}, "status")
        if not found:
            self.fault(path, "no status under `in`")
        return found

    def _row(self, path: tuple[Any, ...], raw: Any, step: str) -> Row:
        self.keys(path, raw, _ROW_KEYS)
        to = self.one(path, raw, "to", self.statuses, "status")
        row = Row(
            id=str(raw.get("id", "")),
            step=", ".join([*self.names(path, raw, "also", [str(n) for n in range(1, 15)], "step"), step]),
            statuses=self._statuses(path, raw),
            events=self.names(path, raw, "when", self.events, "event"),
            conditions=self.names(path, raw, "if", CONDITIONS, "condition"),
            effects=self.names(path, raw, "then", EFFECTS, "effect"),
            start=self.names(path, raw, "start", self.clock_names, "clock"),
            stop=self.names(path, raw, "stop", self.clock_names, "clock"),
            to=Status(to) if to in self.statuses and to is not None else None,
            refuse=self.one(path, raw, "refuse", REFUSALS, "reason"),
        )
        if not row.id:
            self.fault(path, "a row needs an id")
        elif row.id in self.places:
            self.fault(path, f"row id {row.id!r} is used twice")
        self.places.setdefault(row.id, path)
        if not row.events:
            self.fault(path, "no event under `when`")
        if row.refuse and (row.effects or row.start or row.stop or row.to):
            self.fault(path, "a row that refuses does nothing else")
        if not row.refuse and not row.effects:
            self.fault(path, "a row without effects forgets the mail; name at least `file`")
        return row

    def _clock(self, path: tuple[Any, ...], name: str, raw: Any) -> Clock:
        raw = self.mapping(path, raw)
        self.keys(path, raw, _CLOCK_KEYS)
        found = [
            (where, self._stage(where, stage)) for where, stage in self.items((*path, "stages"), raw.get("stages"))
        ]
        stages = tuple(stage for _, stage in found)
        if raw.get("from", "receipt") != "receipt" or ("from" in raw and not raw.get("beside")):
            self.fault(path, "`from` may only be `receipt`, of a clock that runs beside others")
        if not stages or (stages[-1].times != "always" and name not in stages[-1].stop):
            self.fault(found[-1][0] if found else path, f"the last stage of clock {name!r} does not repeat")
        elif "from" not in raw and not _names_a_person(stages[-1], beside=bool(raw.get("beside", False))):
            self.fault(found[-1][0], f"the last stage of clock {name!r} does not always name a person")
        for where, stage in found[:-1]:
            if stage.times == "always":
                self.fault(where, f"stage {stage.id!r} of clock {name!r} repeats for ever before the last one")
        return Clock(
            name=name,
            title=str(raw.get("title", name)),
            step=str(raw.get("step", "")),
            statuses=frozenset(self._statuses(path, raw)),
            conditions=self.names(path, raw, "if", CONDITIONS, "condition"),
            beside=bool(raw.get("beside", False)),
            binds=_BOUND.get(self.one(path, raw, "binds", _BOUND, "party") or ""),
            stages=stages,
            from_receipt="from" in raw,
            each_day=bool(raw.get("each_day", False)),
        )

    def _norm(self, name: str, raw: Any) -> Norm:
        path = ("norms", name)
        raw = self.mapping(path, raw)
        self.keys(path, raw, {"title", "step"})
        if not raw.get("title"):
            self.fault(path, "title is missing")
        return Norm(name, str(raw.get("title", name)), str(raw.get("step", "")))

    def _stage(self, path: tuple[Any, ...], raw: Any) -> Stage:
        self.keys(path, raw, _STAGE_KEYS)
        to = self.one(path, raw, "to", self.statuses, "status")
        effects = self.names(path, raw, "then", EFFECTS, "effect")
        if not effects:
            self.fault(path, "nobody handles this stage: no effect under `then`")
        after = self.one(path, raw, "after", LENGTHS, "duration")
        if after is None:
            self.fault(path, "a stage needs a duration under `after`")
        if raw.get("from", "start") != "start":
            self.fault(path, "`from` may only be `start`")
        return Stage(
            id=str(raw.get("id", "")),
            after=after or "",
            from_start="from" in raw,
            times=self.one(path, raw, "times", TIMES, "number of times") or "once",
            conditions=self.names(path, raw, "if", CONDITIONS, "condition"),
            effects=effects,
            otherwise=self.names(path, raw, "else", EFFECTS, "effect"),
            start=self.names(path, raw, "start", self.clock_names, "clock"),
            stop=self.names(path, raw, "stop", self.clock_names, "clock"),
            to=Status(to) if to in self.statuses and to is not None else None,
        )

    # --- the whole ------------------------------------------------------------------------

    def _cells(self, rows: list[Row]) -> dict[tuple[str, str], tuple[Row, ...]]:
        """(status, event) → rows in order; every pair ends in a row without conditions."""
        cells: dict[tuple[str, str], tuple[Row, ...]] = {}
        used: set[str] = set()
        for event in self.events:
            for status in [NONE] if event in OPENING else list(self.statuses):
                found: list[Row] = []
                for row in rows:
                    if event in row.events and status in row.statuses:
                        found.append(row)
                        used.add(row.id)
                        if not row.conditions:
                            break
                if not found or found[-1].conditions:
                    self.fault(("events", event), f"no row (without conditions) for {event} in status {status}")
                cells[status, event] = tuple(found)
        for row in rows:
            if row.id not in used:
                self.fault(self.places[row.id], f"row {row.id!r} can never be reached")
        return cells

    def _walk(self, cells: Mapping[tuple[str, str], tuple[Row, ...]], clocks: Mapping[str, Clock]) -> None:
        """Visit every (status, running clocks) that any order of events can reach, conditions aside."""

        runs = {
            status: frozenset(name for name, clock in clocks.items() if status in clock.statuses)
            for status in self.statuses
        }

        def after(
            status: str, running: frozenset[str], start: tuple[str, ...], stop: tuple[str, ...]
        ) -> frozenset[str]:
            return running.difference(stop).union(start) & runs[status]

        first = [row for event in OPENING for row in cells.get((NONE, event), ())]
        ways = [(str(row.to), after(str(row.to), frozenset(), row.start, ()), row.id) for row in first if row.to]
        seen: set[tuple[str, frozenset[str]]] = set()
        started: set[str] = {name for row in first for name in row.start}
        told: set[tuple[str, str]] = set()
        while ways:
            status, running, via = ways.pop()
            if (status, running) in seen:
                continue
            seen.add((status, running))
            if status != Status.CLOSED and all(clocks[name].beside for name in running):
                if (status, via) not in told:
                    told.add((status, via))
                    self.fault(
                        self.places.get(via, ("clocks",)), f"after row {via!r} no deadline runs in status {status}"
                    )
                continue
            for event in self.events:
                for row in cells.get((status, event), ()):
                    if not row.refuse:
                        target = str(row.to or status)
                        started |= set(row.start)
                        ways.append((target, after(target, running, row.start, row.stop), row.id))
            for name in running:
                for stage in clocks[name].stages:
                    target = str(stage.to or status)
                    started |= set(stage.start)
                    ways.append((target, after(target, running, stage.start, stage.stop), f"{name}.{stage.id}"))
        for status in self.statuses:
            if status not in {s for s, _ in seen}:
                self.fault(("statuses", status), f"status {status} can never be reached")
        for name in clocks:
            if name not in started and not clocks[name].from_receipt:
                self.fault(("clocks", name), f"nobody starts the clock {name!r}")
