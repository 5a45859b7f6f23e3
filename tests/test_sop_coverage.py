"""docs/sop-coverage.md leaves out no step of any procedure, and names no test that is not there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from mailbot.rules import table

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "sop-coverage.md").read_text()
#: Heading of a table's chapter, and the numbers of its steps.
PROCEDURES = {"SOP-LPSE.BTG-015": [str(step.no) for step in table.load().steps]}
_ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[^`]+)`")
#: What may stand in the place of a test.
_OUTSIDE = ("no mail:", "outside mail:")


def _chapters() -> dict[str, str]:
    parts = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0]: part for part in parts}


def _rows() -> list[tuple[str, str, str]]:
    """(chapter, step, the cell of its tests)."""
    return [(title, row[1], row[3]) for title, part in _chapters().items() for row in _ROW.finditer(part)]


@cache
def _functions(path: Path) -> frozenset[str]:
    return frozenset(node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_every_step_of_the_procedure_has_its_row(procedure: str) -> None:
    chapter = next(part for title, part in _chapters().items() if title.startswith(procedure))
    assert [row[1] for row in _ROW.finditer(chapter)] == PROCEDURES[procedure]


@pytest.mark.parametrize(("title", "step", "cell"), _rows(), ids=lambda value: value[:20])
def test_every_step_names_tests_that_exist_or_says_why_there_is_none(title: str, step: str, cell: str) -> None:
    named = _TEST.findall(cell)
    assert named or cell.startswith(_OUTSIDE), f"{title}, step {step}: {cell}"
    for test in named:
        file, _, function = test.partition("::")
        assert (ROOT / file).is_file(), f"{title}, step {step}: {file} is not there"
        assert not function or function in _functions(ROOT / file), f"{title}, step {step}: {test} is not there"
