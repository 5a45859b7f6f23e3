"""docs/troubleshooting.md quotes mailbot as it really speaks: each quotation stands in the code or its sentences."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest

from mailbot import yamlfile
from tests import ROOT

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
GAP = "…"


def quotations() -> list[str]:
    """Headings in quotation marks, and what stands so in the first column of a table."""
    headings = re.findall(r'(?m)^### "(.*)"$', PAGE)
    cells = [row.split(" | ")[0] for row in re.findall(r"(?m)^\| (.*) \|$", PAGE)]
    return [*headings, *(quoted for cell in cells for quoted in re.findall(r'"([^"]*)"', cell))]


def _written(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr():
            parts = [part.value if isinstance(part, ast.Constant) else GAP for part in node.values]
            return "".join(str(part) for part in parts)
    return None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for below in value.values():
            yield from _texts(below)
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below)
    elif isinstance(value, str):
        yield re.sub(r"\{[a-z_]+\}", GAP, value)


def spoken() -> list[str]:
    """All that mailbot can say; … for what is filled in."""
    found = []
    for path in (ROOT / "mailbot").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [text for node in ast.walk(tree) if isinstance(node, ast.expr) and (text := _written(node))]
    for path in [*(ROOT / "mailbot").rglob("sentences.yaml"), ROOT / "mailbot" / "letters" / "alarms.yaml"]:
        found += _texts(yamlfile.read(path).data)
    return [" ".join(text.split()) for text in found if len(text) > 3]


SPOKEN = spoken()


def said(quotation: str) -> bool:
    """Whether mailbot can say this: the pieces between the gaps, in their order, in one of its sentences."""
    pieces = [re.escape(piece.strip()) for piece in quotation.split(GAP) if piece.strip()]
    pattern = re.compile(".*".join(pieces))
    return any(pattern.search(text) for text in SPOKEN)


@pytest.mark.parametrize("quotation", quotations())
def test_what_is_quoted_is_what_mailbot_says(quotation: str) -> None:
    assert said(quotation)


def test_the_page_quotes_alarms_faults_and_states() -> None:
    assert len(quotations()) > 40


@pytest.mark.parametrize("wrong", ["disk is nearly full", "… folders are watched", "cadangan data hilang"])
def test_what_mailbot_does_not_say_is_found(wrong: str) -> None:
    assert not said(wrong)


def test_every_alarm_is_on_the_page() -> None:
    """But that something is over."""
    alarms = yamlfile.read(ROOT / "mailbot" / "letters" / "alarms.yaml").data
    table = [re.compile(".*".join(map(re.escape, quoted.split(GAP)))) for quoted in quotations()]
    subjects = [str(words["subject"]) for name, words in alarms.items() if not name.endswith(" over")]
    missing = [subject for subject in subjects if not any(pattern.search(subject) for pattern in table)]
    assert missing == []
