"""docs/sop-coverage.md leaves out no step of any procedure, and names no test that is not there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from mailbot.rules.sop import paper, table
from tests import ROOT
from tests.story import load

PAGE = (ROOT / "docs" / "sop-coverage.md").read_text()
#: How the heading of a chapter begins → its procedure.
_PAPERS = {name: paper.load(name).procedures for name in paper.PAPERS}
PROCEDURES: dict[str, table.Table | paper.Procedure] = {
    "SOP-LPSE.BTG-015:": table.load(),
    "SOP telepon:": _PAPERS["telepon"][0],
    "SOP loket:": _PAPERS["loket"][0],
    "SOP loket Batam:": _PAPERS["email-batam"][0],
    "SOP e-mail Batam:": _PAPERS["email-batam"][2],
    "SOP LPSE Support:": _PAPERS["lpse-support"][0],
    "SOP LPSE Support Batam (2023)": _PAPERS["email-batam"][1],
}
_ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[^`]+)`")
_STORY = re.compile(r"`(tests/stories/[^`]+)`")
#: What may stand in the place of a test.
_OUTSIDE = ("no mail:", "outside mail:")


def _chapters() -> dict[str, str]:
    parts = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0]: part for part in parts}


def _rows() -> list[tuple[str, str, str]]:
    """(chapter, step, the cell of its tests)."""
    return [(title, row[1], row[3]) for title, part in _chapters().items() for row in _ROW.finditer(part)]


@cache
def _on_servers(path: str) -> bool:
    return load(ROOT / path).on_servers


@cache
def _functions(path: Path) -> frozenset[str]:
    return frozenset(node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_every_step_of_the_procedure_has_its_row(procedure: str) -> None:
    chapter = next(part for title, part in _chapters().items() if title.startswith(procedure))
    assert [row[1] for row in _ROW.finditer(chapter)] == [str(step.no) for step in PROCEDURES[procedure].steps]


def test_every_procedure_that_is_printed_is_told_of() -> None:
    assert sum(map(len, _PAPERS.values())) + 1 == len(PROCEDURES)


def test_every_test_that_stands_beside_the_tables_exists() -> None:
    for file, _, function in (test.partition("::") for test in _TEST.findall(PAGE.replace("…yaml", ""))):
        assert (ROOT / file).exists() and (not function or function in _functions(ROOT / file)), f"{file}::{function}"


@pytest.mark.parametrize(("title", "step", "cell"), _rows(), ids=lambda value: value[:20])
def test_every_step_names_tests_that_exist_or_says_why_there_is_none(title: str, step: str, cell: str) -> None:
    named = _TEST.findall(cell)
    assert named or cell.startswith(_OUTSIDE), f"{title}, step {step}: {cell}"
    for test in named:
        file, _, function = test.partition("::")
        assert (ROOT / file).is_file(), f"{title}, step {step}: {file} is not there"
        assert not function or function in _functions(ROOT / file), f"{title}, step {step}: {test} is not there"


@pytest.mark.parametrize(
    ("title", "step", "cell"),
    [row for row in _rows() if not row[2].startswith(_OUTSIDE)],
    ids=lambda value: value[:20],
)
def test_every_step_that_mail_can_show_has_a_story_through_the_mail_servers(title: str, step: str, cell: str) -> None:
    assert any(map(_on_servers, _STORY.findall(cell))), f"{title}, step {step}: {cell}"
