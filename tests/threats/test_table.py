"""The table of docs/security.md and the tests of the threats say the same, and none of either is missing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.threats.without import DEFENCES

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "security.md"
COUNT = 55


def _tests() -> dict[int, list[str]]:
    """Number → the names of its tests, in all files of this folder."""
    found: dict[int, list[str]] = {}
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and (named := re.match(r"test_threat_(\d\d)_\w+\Z", node.name)):
                found.setdefault(int(named[1]), []).append(node.name)
    return found


def _rows() -> list[tuple[int, str, str, str]]:
    """(number, threat, what mailbot does, test) of each line of the page's table."""
    lines = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \| `(\w+)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [(int(number), threat, behaviour, test) for number, threat, behaviour, test in lines]


def test_each_of_the_55_threats_has_one_test() -> None:
    tests = _tests()
    assert sorted(tests) == list(range(1, COUNT + 1))
    assert {number: names for number, names in tests.items() if len(names) != 1} == {}


def test_each_of_them_has_one_line_which_names_its_test() -> None:
    tests, rows = _tests(), _rows()
    assert [number for number, *_ in rows] == list(range(1, COUNT + 1))
    assert {number: test for number, _, _, test in rows} == {number: names[0] for number, names in tests.items()}
    for number, threat, behaviour, _ in rows:
        assert len(threat) > 15 and len(behaviour) > 30, number


def test_each_of_them_says_which_defence_it_fails_without() -> None:
    assert sorted(DEFENCES) == list(range(1, COUNT + 1))


def test_what_is_to_be_taken_out_stands_in_the_program() -> None:
    root = HERE.parent.parent
    edits = [(number, *edit) for number, defence in DEFENCES.items() for edit in defence.edits]
    texts = {file: (root / file).read_text(encoding="utf-8") for _, file, _, _ in edits}
    assert [(number, file) for number, file, old, new in edits if old not in texts[file] or old == new] == []
    assert all(defence.edits and defence.what for defence in DEFENCES.values())
