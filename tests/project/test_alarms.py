"""Every alarm has its words in `mailbot/letters/alarms.yaml`, and every alarm there is raised with the values that its
fields name."""

from __future__ import annotations

import ast

import pytest

from mailbot import yamlfile
from mailbot.letters import alarms
from mailbot.restraint import held
from tests.project.test_lint_security import modules
from tests.project.test_sentences import fields, written_out

#: What raises an alarm, with its keywords that are no values.
_RAISES = {"once": {"of"}, "daily": {"of"}, "raise_alarm": {"key", "besides"}, "letter": {"key"}}
#: The modules that raise one by a name that is not written out, and the names that it can be.
_BY_NAME = {"restraint.held": held.RULES}


def written() -> dict[tuple[str, str], str]:
    """(name, case or "text") → subject and text."""
    found: dict[tuple[str, str], str] = {}
    for name, words in yamlfile.read(alarms.FILE).data.items():
        found |= {(name, case): f"{words['subject']}\n{text}" for case, text in words.items() if case != "subject"}
    return found


def raised(module: str, tree: ast.Module) -> dict[tuple[str, str], set[str]]:
    """(name, case or "text") → the values given, of the alarms that a module raises."""
    found: dict[tuple[str, str], set[str]] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        *where, called = ast.unparse(node.func).split(".")
        if where != ([] if module == "letters.alarms" else ["alarms"]) or called not in _RAISES:
            continue
        if ast.unparse(node.args[1]) == "name":  # handed on
            continue
        values = {keyword.arg or "**" for keyword in node.keywords} - _RAISES[called]
        names = _BY_NAME[module] if module in _BY_NAME else written_out(node.args[1])
        for name in names:
            for case in written_out(node.args[2]) if len(node.args) > 2 else ["text"]:
                assert found.setdefault((name, case), values) == values, f"{name} is filled in two ways"
    return found


ALL = {
    module: found
    for module, path in modules().items()
    if (found := raised(module, ast.parse(path.read_text(encoding="utf-8"))))
}


@pytest.mark.parametrize("module", ALL)
def test_an_alarm_is_raised_with_the_values_of_its_text(module: str) -> None:
    texts = written()
    assert ALL[module] == {alarm: fields(texts[alarm]) for alarm in ALL[module]}


def test_each_alarm_is_raised_somewhere() -> None:
    assert written().keys() == {alarm for found in ALL.values() for alarm in found}


def test_each_alarm_has_a_subject_of_its_own() -> None:
    subjects = [words["subject"] for words in yamlfile.read(alarms.FILE).data.values()]
    assert len(set(subjects)) == len(subjects) > 20
    assert not any(one != other and other.startswith(one) for one in subjects for other in subjects)


@pytest.mark.parametrize(("name", "case"), written())
def test_no_value_of_an_alarm_has_the_name_of_a_parameter(name: str, case: str) -> None:
    assert not fields(written()[name, case]) & {"context", "name", "which", "of", "key", "besides"}
