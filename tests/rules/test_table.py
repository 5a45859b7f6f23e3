"""The loader of the SOP's table: what it reads, and everything it refuses, each with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailbot.errors import ConfigError
from mailbot.model import Status
from mailbot.rules.sop import table
from mailbot.rules.sop.conditions import CONDITIONS

ORIGINAL = table.SOP015.read_text(encoding="utf-8")

STAGE = "      - {id: petugas, after: escalate_within, from: start, then: [staff_reminder]}\n"  # of `escalation`
ROW = "      - {id: catat, in: any, when: staff.note, then: [note]}\n"
LAST_OF_CONFIRMATION = "      - {id: berulang, after: one_working_day, times: always, then: [staff_reminder]}\n"


def mutated(folder: Path, *changes: tuple[str, str]) -> Path:
    """The real table with pieces of text replaced, each where it stands first."""
    text = ORIGINAL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / "sop015.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        table.load(path)
    return list(caught.value.faults)


def line_of(path: Path, text: str) -> int:
    """The line on which a text begins."""
    return path.read_text(encoding="utf-8").partition(text)[0].count("\n") + 1


def without_step(number: int) -> tuple[str, str]:
    found = re.search(rf"  - no: {number}\n.*?(?=  - no: |\n# What the paper)", ORIGINAL, re.DOTALL)
    assert found
    return found.group(), ""


def cut(start: str, end: str) -> tuple[str, str]:
    """The change that takes out the text from `start` up to `end`."""
    first = ORIGINAL.index(start)
    return ORIGINAL[first : ORIGINAL.index(end, first)], ""


def test_the_table_that_mailbot_brings_is_accepted_and_complete() -> None:
    found = table.load()
    assert [step.no for step in found.steps] == [str(n) for n in range(1, 15)]
    assert set(found.statuses) == {status.value for status in Status}
    assert set(found.cells) == {
        *(("none", event) for event in table.OPENING),
        *((status, event) for status in found.statuses for event in found.events if event not in table.OPENING),
    }
    for rows in found.cells.values():
        assert not rows[-1].conditions
        assert all(row.conditions for row in rows[:-1])


def test_the_decisions_of_the_paper_have_two_ways_and_its_ends_none() -> None:
    for step in table.load().steps:
        assert len(step.following) == (2 if step.decision else 0 if step.ends else 1), step.no


#: (what is wrong, changes, words of the fault, text on whose line the fault must point or None)
BAD: list[tuple[str, list[tuple[str, str]], str, str | None]] = [
    ("a missing step", [without_step(12)], "step 12 of the paper is missing", "steps:"),
    ("a step twice", [("  - no: 12\n", "  - no: 11\n")], "step '11' is not one of the paper's 14, or", "steps:"),
    ("a step that the paper has not", [("  - no: 14\n", "  - no: 15\n")], "step '15' is not one of", "steps:"),
    ("a way to no step", [("    lanjut: 2\n", "    lanjut: 20\n")], "step 1 leads to '20'", "steps:"),
    (
        "a step without an activity",
        [("  - aktivitas: Menerima balasan Pengguna SPSE\n    pelaksana: lpse\n", "  - pelaksana: lpse\n")],
        "aktivitas is missing",
        "  - pelaksana: lpse\n",
    ),
    ("an unknown performer", [("    pelaksana: lkpp\n", "    pelaksana: bupati\n")], "not 'bupati'", "  - no: 2\n"),
    (
        "a duplicate row id",
        [("id: batal-tidak-ada", "id: batal")],
        "row id 'batal' is used twice",
        "{id: batal, in: any, when: staff.undo, refuse",
    ),
    ("a row without an id", [("{id: catat, ", "{")], "a row needs an id", "{in: any, when: staff.note"),
    (
        "an unknown status",
        [("in: closed, when: staff.escalate", "in: closd, when: staff.escalate")],
        "unknown status 'closd'",
        "in: closd",
    ),
    (
        "an unknown status after a row",
        [("then: [take], to: in_progress}", "then: [take], to: in_progres}")],
        "unknown status 'in_progres'",
        "to: in_progres}",
    ),
    (
        "an unknown event",
        [("when: staff.note", "when: staff.notes")],
        "unknown event 'staff.notes'",
        "when: staff.notes",
    ),
    (
        "an unknown condition",
        [("if: [something_waits]", "if: [something_waited]")],
        "unknown condition 'something_waited'",
        "if: [something_waited]",
    ),
    ("an unknown effect", [("then: [note]", "then: [notes]")], "unknown effect 'notes'", "then: [notes]"),
    ("an effect that is no text", [("then: [note]", "then: [{note: 1}]")], "unknown effect {'note': 1}", "then: [{"),
    (
        "an unknown clock to start",
        [("start: [classify]", "start: [clasify]")],
        "unknown clock 'clasify'",
        "start: [clasify]",
    ),
    (
        "an unknown clock to stop",
        [("stop: [confirmation]\n", "stop: [confirmasi]\n")],
        "unknown clock 'confirmasi'",
        "stop: [confirmasi]",
    ),
    (
        "an unknown duration",
        [("after: half_limit", "after: half_limits")],
        "unknown duration 'half_limits'",
        "after: half_limits",
    ),
    (
        "a stage without a duration",
        [("{id: petugas, after: escalate_within, ", "{id: petugas, ")],
        "a stage needs a duration",
        "{id: petugas, from: start, then: [staff_reminder]}",
    ),
    (
        "an unknown reason",
        [("refuse: not_closed", "refuse: not_close")],
        "unknown reason 'not_close'",
        "refuse: not_close}",
    ),
    (
        "an unknown number of times",
        [("times: enquiries_last", "times: twice")],
        "unknown number of times 'twice'",
        "times: twice",
    ),
    (
        "two statuses after a row",
        [("then: [take], to: in_progress}", "then: [take], to: [in_progress, closed]}")],
        "only one status may stand here",
        "to: [in_progress, closed]}",
    ),
    (
        "an unknown start of a stage",
        [(", from: start,", ", from: beginning,")],
        "`from` may only be `start`",
        "from: beginning",
    ),
    ("an unknown key of the file", [("\nclocks:\n", "\nclock: {}\nclocks:\n")], "unknown key 'clock'", "clock: {}"),
    ("an unknown key of a step", [("    waktu: 5 menit\n", "    lama: 5 menit\n")], "unknown key 'lama'", "    lama:"),
    (
        "an unknown key of a row",
        [("{id: catat, in: any,", "{id: catat, dalam: any, in: any,")],
        "unknown key 'dalam'",
        "dalam: any",
    ),
    (
        "an unknown key of a clock",
        [("    beside: true\n", "    besides: true\n")],
        "unknown key 'besides'",
        "    besides: true",
    ),
    (
        "an unknown key of a stage",
        [("{id: setengah, after:", "{id: setengah, sesudah: x, after:")],
        "unknown key 'sesudah'",
        "{id: setengah, sesudah",
    ),
    ("a status too few", [("  returned: Dikembalikan ke LPSE\n", "")], "must name exactly the statuses", "statuses:"),
    ("a row in no status", [("{id: catat, in: any, ", "{id: catat, ")], "no status under `in`", "{id: catat, when"),
    (
        "a row on no event",
        [("{id: catat, in: any, when: staff.note, ", "{id: catat, in: any, ")],
        "no event under `when`",
        "{id: catat, in: any, then",
    ),
    (
        "a row that refuses and acts",
        [("refuse: not_closed", "refuse: not_closed, then: [note]")],
        "a row that refuses does nothing else",
        "{id: buka-terbuka",
    ),
    (
        "a row that does nothing",
        [("when: staff.note, then: [note]", "when: staff.note")],
        "a row without effects",
        "{id: catat",
    ),
    (
        "a pair without a row",
        [
            (
                "{id: catat, in: any,",
                "{id: catat, in: [new, in_progress, awaiting_user, escalated, awaiting_data, returned, resolved],",
            )
        ],
        "no row (without conditions) for staff.note in status closed",
        '  staff.note: "#catat"',
    ),
    (
        "a pair that ends in a conditional row",
        [("when: staff.note, then", "when: staff.note, if: [handled], then")],
        "no row (without conditions) for staff.note in status new",
        '  staff.note: "#catat"',
    ),
    (
        "a row behind one without conditions",
        [(ROW, ROW + ROW.replace("id: catat", "id: catat-lagi"))],
        "row 'catat-lagi' can never be reached",
        "{id: catat-lagi",
    ),
    (
        "a clock that nobody starts",
        [
            (
                "\nclocks:\n",
                "\nclocks:\n  siesta:\n    title: Siesta\n    in: new\n    stages:\n"
                "      - {id: x, after: one_week, times: always, then: [staff_reminder]}\n",
            )
        ],
        "nobody starts the clock 'siesta'",
        "  siesta:",
    ),
    (
        "a clock without stages",
        [cut("      - {id: peringatan, after: warning_escalate_within", "  lkpp_status:\n")],
        "the last stage of clock 'escalation' does not repeat",
        "  escalation:\n    title",
    ),
    (
        "a target that would keep a ticket alive",
        [("    from: receipt\n    beside: true\n", "    from: receipt\n")],
        "`from` may only be `receipt`, of a clock that runs beside others",
        "  target:\n    title",
    ),
    (
        "a norm without a name",
        [("    title: Penutupan tanpa jawaban kepada pengguna\n", "")],
        "title is missing",
        '  answer:\n    step: ""',
    ),
    (
        "a stage without effect",
        [(STAGE, STAGE.replace(", then: [staff_reminder]", ""))],
        "nobody handles this stage",
        "{id: petugas, after: escalate_within, from: start}",
    ),
    (
        "a last stage that does not repeat",
        [(LAST_OF_CONFIRMATION + "  ", LAST_OF_CONFIRMATION.replace("times: always, ", "") + "  ")],
        "the last stage of clock 'request' does not repeat",
        "{id: berulang, after: one_working_day, then: [staff_reminder]}",
    ),
    (
        "a last stage that ends the only clock of a status",
        [(LAST_OF_CONFIRMATION, LAST_OF_CONFIRMATION.replace("times: always", "stop: [request]"))],
        "after row 'request.berulang' no deadline runs in status awaiting_user",
        "clocks:\n",
    ),
    (
        "a last stage that names nobody",
        [(LAST_OF_CONFIRMATION, LAST_OF_CONFIRMATION.replace("staff_reminder", "file"))],
        "the last stage of clock 'request' does not always name a person",
        "times: always, then: [file]}",
    ),
    (
        "a last stage that only the user sees",
        [(LAST_OF_CONFIRMATION, LAST_OF_CONFIRMATION.replace("staff_reminder", "user_reminder"))],
        "the last stage of clock 'request' does not always name a person",
        "times: always, then: [user_reminder]}",
    ),
    (
        "a last stage that sometimes names nobody",
        [(LAST_OF_CONFIRMATION, LAST_OF_CONFIRMATION.replace("then:", "if: [urgent], then:"))],
        "the last stage of clock 'request' does not always name a person",
        "times: always, if: [urgent]",
    ),
    (
        "a stage that repeats before the last",
        [(STAGE, STAGE.replace("then:", "times: always, then:"))],
        "stage 'petugas' of clock 'escalation' repeats for ever before the last one",
        "after: escalate_within, from: start, times",
    ),
    (
        "a status that is never reached",
        [
            (
                "        start: [request]\n        to: awaiting_user\n",
                "        start: [handling]\n        to: in_progress\n",
            ),
        ],
        "status awaiting_user can never be reached",
        "  awaiting_user: Menunggu",
    ),
    (
        "a way into a status without a deadline",
        [("        start: [confirmation]\n        to: resolved\n", "        to: resolved\n")],
        "after row '13-selesai' no deadline runs in status resolved",
        "- id: 13-selesai\n",
    ),
    (
        "a row that stops the only deadline",
        [("when: staff.note, then: [note]", "when: staff.note, then: [note], stop: [first_response, handling]")],
        "after row 'catat' no deadline runs in status new",
        "{id: catat",
    ),
    (
        "only a clock beside",
        [("    in: [awaiting_data, escalated]\n", "    in: [awaiting_data, escalated]\n    beside: true\n")],
        "no deadline runs in status escalated",
        None,
    ),
    (
        "a stage into a status without a deadline",
        [
            (
                "start: [support_closing], to: closed, else: [staff_reminder]}\n"
                "      - {id: berulang, after: one_working_day, times: always,"
                " then: [staff_reminder]}\n  escalation",
                "start: [support_closing], to: resolved, else: [staff_reminder]}"
                "\n      - {id: berulang, after: one_working_day, times: always,"
                " then: [staff_reminder]}\n  escalation",
            )
        ],
        "after row 'request.tutup' no deadline runs in status resolved",
        "clocks:\n",
    ),
    (
        "rows that are no list",
        [("    rows: []\n", "    rows: {catat: {in: any}}\n")],
        "must be a list",
        "    rows: {catat",
    ),
    (
        "steps that are no list",
        [(ORIGINAL[ORIGINAL.index("steps:\n") :], "steps: 14\n")],
        "must be a list",
        "steps: 14",
    ),
    ("a step that is a word", [("beside:\n", "beside:\n  - menerima\n")], "must be a mapping", "  - menerima"),
    (
        "events as a list",
        [(ORIGINAL[ORIGINAL.index("events:\n") : ORIGINAL.index("\nsteps:")], "events: [user.new]\n")],
        "events: must be a mapping of names",
        "events: [user.new]",
    ),
]


@pytest.mark.parametrize(("changes", "words", "place"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_a_table_is_refused_with_the_line_and_the_reason(
    changes: list[tuple[str, str]], words: str, place: str | None, tmp_path: Path
) -> None:
    path = mutated(tmp_path, *changes)
    found = faults(path)
    assert all(re.match(rf"{re.escape(str(path))}:\d+: ", fault) for fault in found)
    matching = [fault for fault in found if words in fault]
    assert matching, found
    if place is not None:
        assert line_of(path, place) in {int(fault.removeprefix(f"{path}:").partition(":")[0]) for fault in matching}


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = mutated(
        tmp_path,
        without_step(12),
        ("then: [note]", "then: [notes]"),
        ("refuse: not_closed", "refuse: not_close"),
        ("if: [something_waits]", "if: [something_waited]"),
        ("after: half_limit", "after: half_limits"),
        ("start: [classify]", "start: [clasify]"),
    )
    found = faults(path)
    for words in ("step 12", "'notes'", "'not_close'", "'something_waited'", "'half_limits'", "'clasify'"):
        assert len([fault for fault in found if words in fault]) == 1, words


@pytest.mark.parametrize("text", ["", "[]", "5", "~", "statuses: {}\nsteps: []\nclocks: {x: 5}\n"])
def test_a_file_of_another_kind_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "sop015.yaml"
    path.write_text(text)
    assert any("step 1 of the paper is missing" in fault for fault in faults(path))


def test_a_clock_beside_others_may_end_with_its_last_stage(tmp_path: Path) -> None:
    weekly = "{id: mingguan, after: one_week, times: always, if: [user_reachable], then: [user_progress],"
    path = mutated(tmp_path, (weekly, weekly.replace("times: always", "stop: [user_news]")))
    [stage] = table.load(path).clocks["user_news"].stages
    assert (stage.times, stage.stop) == ("once", ("user_news",))


def test_every_condition_and_every_effect_of_the_vocabulary_is_used() -> None:
    found = table.load()
    stages = [stage for clock in found.clocks.values() for stage in clock.stages]
    conditions = {name for row in found.rows for name in row.conditions}
    conditions |= {name for clock in found.clocks.values() for name in clock.conditions}
    conditions |= {name for stage in stages for name in stage.conditions}
    effects = {name for row in found.rows for name in row.effects}
    effects |= {name for stage in stages for name in stage.effects}
    lengths = {stage.after for stage in stages}
    times = {stage.times for stage in stages}
    assert conditions == set(CONDITIONS)
    assert effects == table.EFFECTS
    assert lengths == table.LENGTHS
    assert times == table.TIMES
