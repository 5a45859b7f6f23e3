"""docs/sop-coverage.md has every word of the printed papers in their order, and beside each sentence the tests that
show what mailbot does there, or why there are none."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

from mailbot.rules.sop import paper, table
from tests import ROOT, papers
from tests.page import tree
from tests.story import load

PAGE = (ROOT / "docs" / "sop-coverage.md").read_text()
#: How the heading of a chapter begins → the paper that it quotes.
CHAPTERS = {
    "SOP-LPSE.BTG-015:": "015",
    "SOP telepon:": "telepon",
    "SOP loket:": "loket",
    "Batam:": "email-batam",
    "SOP LPSE Support:": "lpse-support",
}
_TEST = re.compile(r"`(tests/[^`]+)`")
_STORY = re.compile(r"`(tests/stories/[^`]+)`")
#: The first cell of a row of a table of steps: the number, and which cell it is if not the activity.
_STEP = re.compile(r"\d+(?: [A-Z].*)?")
_NUMBER = re.compile(r"^\d+\. ")
_OUTSIDE, _UNDONE, _NAMES = "outside mail: ", "not done: ", "asks for nothing"
#: The places of a paper that may ask for nothing.
_NAMING = {
    *("title", "officers", "legal basis", "purpose", "related papers", "definitions", "contents", "legend"),
    *("A", "component 2", "component 5"),  # headings, and what the service is
}

#: A cell of a table of steps has its place there, other words of a paper have none.
Said = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    chapter: str
    place: str
    quoted: str
    done: str
    shown: str

    def __str__(self) -> str:
        return f"{self.chapter} {self.place}: {self.quoted[:40]}"

    @property
    def step(self) -> str:
        return self.place if _STEP.fullmatch(self.place) else ""


def _rows() -> Iterator[Row]:
    for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        (chapter,) = [name for title, name in CHAPTERS.items() if part.startswith(title)]
        for line in part.splitlines():
            if line.startswith("| ") and not line.startswith("| | "):
                yield Row(chapter, *(cell.strip() for cell in line.strip("| ").split(" | ")))


ROWS = tuple(_rows())


# --- every word of the papers ------------------------------------------------------------------------------


def _printed(name: str) -> Iterator[Said]:
    """What a paper says, in its order; without heads and performers of its tables of steps, and "N/A"."""
    heads: list[tuple[str, ...]] = []
    for row in papers.rows(tree(papers.print_of(name)), copied=False):
        if row[0] == "No" and row[1].startswith("Akti"):
            heads = [row]
        elif heads and not row[0]:
            heads.append(row)
        elif heads and row[0].isdigit():
            yield from _cells(row, heads)
        else:
            heads = []
            yield from (("", cell) for cell in row)


def _cells(row: Sequence[str], heads: Sequence[Sequence[str]]) -> Iterator[Said]:
    yield row[0], row[1]
    behind = heads[0].index("Mutu Baku") if "Mutu Baku" in heads[0] else len(row)
    for column in range(behind, len(row)):
        if row[column] not in ("", "N/A"):
            (head,) = {line[column] for line in heads if column < len(line)} - {"", "Mutu Baku"}
            yield f"{row[0]} {head}", row[column]


def _joined(said: Iterator[Said]) -> list[Said]:
    """Cells of a table of steps as they are; other words together, however they are cut."""
    found: list[Said] = []
    for words, group in groupby(said, key=lambda one: not one[0]):
        cells = list(group)
        found += [("", " ".join(quote for _, quote in cells))] if words else cells
    return [(place, " ".join(quote.split())) for place, quote in found]


@pytest.mark.parametrize("name", CHAPTERS.values())
def test_every_word_of_the_paper_stands_on_the_page_in_its_order(name: str) -> None:
    assert _joined((row.step, row.quoted) for row in ROWS if row.chapter == name) == _joined(_printed(name))


def test_every_paper_that_is_printed_has_its_chapter() -> None:
    assert set(CHAPTERS.values()) == {"015", *paper.PAPERS}


# --- what stands beside them -------------------------------------------------------------------------------


@cache
def _on_servers(path: str) -> bool:
    return load(ROOT / path).on_servers


@cache
def _functions(path: Path) -> frozenset[str]:
    return frozenset(node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))


def test_every_test_that_the_page_names_exists() -> None:
    for file, _, function in (test.partition("::") for test in _TEST.findall(PAGE.replace("…yaml", ""))):
        assert (ROOT / file).exists() and (not function or function in _functions(ROOT / file)), f"{file}::{function}"


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_sentence_names_its_tests_or_says_why_there_are_none(row: Row) -> None:
    if row.shown.startswith((_OUTSIDE, _UNDONE)):
        return
    if row.shown == _NAMES:
        assert row.place in _NAMING and not row.step
        return
    assert row.done != "–"
    assert re.fullmatch(r"`[^`]+`(, `[^`]+`)*", row.shown) and all(map(_TEST.fullmatch, row.shown.split(", ")))


def _activities() -> Iterator[str]:
    """What is done at each step of each procedure."""
    tables = [table.load().steps, *(each.steps for name in paper.PAPERS for each in paper.load(name).procedures)]
    return (step.activity for steps in tables for step in steps if step.no)


def test_every_step_of_every_procedure_has_a_row_of_its_own() -> None:
    quoted = {_NUMBER.sub("", row.quoted) for row in ROWS}
    assert [activity for activity in _activities() if activity not in quoted] == []


@pytest.mark.parametrize("row", [row for row in ROWS if _NUMBER.sub("", row.quoted) in set(_activities())], ids=str)
def test_every_step_that_mail_can_show_has_a_story_through_the_mail_servers(row: Row) -> None:
    assert row.shown.startswith(_OUTSIDE) or any(map(_on_servers, _STORY.findall(row.shown)))
