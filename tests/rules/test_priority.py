"""The Tabel Prioritas: the default's figures, and what a site's own file is refused for."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailbot.errors import ConfigError
from mailbot.model import Duration
from mailbot.rules import priority


@pytest.mark.parametrize(
    ("level", "name", "first_response", "limit", "target"),
    [
        (1, "Mendesak", Duration(minutes=15), Duration(minutes=30), Duration(working_days=1)),
        (2, "Tinggi", Duration(minutes=60), Duration(minutes=240), Duration(working_days=2)),
        (3, "Sedang", Duration(minutes=240), Duration(working_days=1), Duration(working_days=3)),
        (4, "Rendah", Duration(working_days=1), Duration(working_days=3), Duration(working_days=5)),
    ],
)
def test_the_default_table_has_its_figures(
    level: int, name: str, first_response: Duration, limit: Duration, target: Duration
) -> None:
    row = priority.load()[level]
    assert (row.level, row.name, row.first_response, row.limit, row.target) == (
        level, name, first_response, limit, target,
    )  # fmt: skip
    assert row.criteria and row.examples


def test_the_default_table_says_that_nobody_decided_it() -> None:
    table = priority.load()
    assert table.is_default
    assert table.source == "sumber: bawaan mailbot, belum disahkan"
    assert [row.level for row in table] == [1, 2, 3, 4]


ROW = '{name: N, criteria: K, first_response: "1 jam kerja", limit: 2 Jam  Kerja, target: 1 hari kerja}'


def site_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "prioritas.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def rows(**changed: str) -> str:
    lines = [f"  {n}: {changed.get(f'row{n}', ROW)}" for n in (1, 2, 3, 4) if changed.get(f"row{n}") != ""]
    return "source: Perbup 1/2026\npriorities:\n" + "\n".join(lines) + "\n"


def test_a_site_s_own_table_replaces_the_default(tmp_path: Path) -> None:
    table = priority.load(site_file(tmp_path, rows()))
    assert not table.is_default
    assert table.source == "Perbup 1/2026"
    assert table[3].limit == Duration(minutes=120)
    assert table[3].examples == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (rows(row2=""), "prioritas.yaml:2: priorities: priority 2 is missing"),
        (rows() + "  5: {}\n", "prioritas.yaml:7: priorities.5: unknown priority"),
        (rows(row1=ROW.replace("1 hari kerja", "besok")), "priorities.1.target: found 'besok'; allowed:"),
        (
            rows(row1=ROW.replace("1 hari kerja", "0 jam")),
            "priorities.1.target: found '0 jam'; allowed: a length",
        ),
        (rows(row1=ROW.replace(", target: 1 hari kerja", "")), "priorities.1.target: found nothing"),
        (rows(row1=ROW.replace("name: N", "nama: N")), "priorities.1.nama: unknown key"),
        (rows(row1=ROW.replace("name: N", "name: 3")), "priorities.1.name: must be a text"),
        (
            rows(row1=ROW.replace("{name", "{examples: x, name")),
            "priorities.1.examples: must be a list of texts",
        ),
        (rows(row1="x"), "priorities.1: must be a table with name"),
        ("source: x\npriorities: [1]\n", "priorities: must be a table with the keys"),
        ("priorities: {}\n", "source: must be a text"),
        (rows() + "sumber: x\n", "sumber: unknown key"),
        (rows() + "default: ya\n", "default: must be true or false"),
        ("- 1\n", "must be a table with source and priorities"),
    ],
)
def test_a_faulty_table_is_refused_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        priority.load(site_file(tmp_path, text))
    assert any(fault in line and "prioritas.yaml:" in line for line in caught.value.faults), caught.value.faults


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        priority.load(site_file(tmp_path, rows(row1="x", row3="") + "asing: 1\n"))
    assert len(caught.value.faults) == 3


def test_a_site_s_table_without_deadline_words_keeps_ours(tmp_path: Path) -> None:
    table = priority.load(site_file(tmp_path, rows()))
    assert table.deadline == priority.load().deadline and table.deadline.certain


DEADLINE = "deadline: {raise_to: 2, certain: [batas akhir], possible: [], not: []}\n"


def test_a_site_may_name_its_own_deadline_words(tmp_path: Path) -> None:
    table = priority.load(site_file(tmp_path, rows() + DEADLINE))
    assert table.deadline.raise_to == 2 and len(table.deadline.certain) == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (DEADLINE.replace("raise_to: 2", "raise_to: 9"), "prioritas.yaml:7: deadline.raise_to: must be 1, 2, 3 or 4"),
        (DEADLINE.replace("[batas akhir]", '[".. x"]'), "prioritas.yaml:7: deadline.certain[0]: not a phrase"),
        (DEADLINE.replace("possible: [], ", ""), "deadline.possible: must be a list of phrases"),
        (DEADLINE.replace("not:", "bukan:"), "deadline.bukan: unknown key"),
    ],
)
def test_faulty_deadline_words_are_refused_with_their_line(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        priority.load(site_file(tmp_path, rows() + text))
    assert any(fault in line for line in caught.value.faults), caught.value.faults
