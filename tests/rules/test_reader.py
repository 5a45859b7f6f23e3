"""The learnt readers weigh as their file says, read line by line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot import wordfile
from mailbot.rules import nearest_problem, second_reader
from mailbot.rules.language import reader
from mailbot.rules.language.reader import BIAS, UNIT, Reader
from mailbot.rules.lkpp import proposal

READERS = [
    (path, name, by)
    for path in (proposal.LEARNT, nearest_problem.LEARNT, second_reader.LEARNT)
    for name, by in reader.load(path).readers.items()
]


def written(path: Path, name: str) -> tuple[tuple[str, ...], Mapping[str, Sequence[int]]]:
    """The meanings and the weights of a reader, line by line."""
    [(title, found)] = [each for each in wordfile.lists(wordfile.content(path)).items() if each[0].split()[0] == name]
    rows = (line.split(": ", 1) for line in found.lines)
    return tuple(title.split()[1:]), {mark: tuple(map(int, weights.split())) for weights, mark in rows}


@pytest.mark.parametrize(("path", "name", "by"), READERS, ids=lambda each: each if isinstance(each, str) else "")
@settings(max_examples=30)
@given(data=st.data())
def test_shares_are_those_of_the_written_weights(path: Path, name: str, by: Reader, data: st.DataObject) -> None:
    meanings, weights = written(path, name)
    assert by.meanings == meanings
    marks = st.one_of(st.sampled_from(sorted(weights)), st.text(max_size=5))
    found = data.draw(st.frozensets(marks, max_size=40))
    known = [weights[mark] for mark in found if mark in weights]
    scale = UNIT * math.sqrt(len(known) + 1)
    sums = [b / UNIT + sum(column) / scale for b, *column in zip(weights[BIAS], *known, strict=True)]
    parts = [math.exp(one - max(sums)) for one in sums]
    assert by.shares(found) == {meaning: part / sum(parts) for meaning, part in zip(meanings, parts, strict=True)}
    for mark in found:
        each = weights.get(mark, (0,) * len(meanings))
        assert tuple(by.weight(mark, place) for place in range(len(meanings))) == tuple(each)


@pytest.mark.parametrize("path", sorted({path for path, _, _ in READERS}), ids=lambda path: path.name)
def test_a_file_is_written_as_it_was_read(path: Path) -> None:
    assert reader.as_text(reader.load(path)) == path.read_text(encoding="utf-8")


def test_weights_are_written_in_the_order_of_the_marks() -> None:
    by = Reader.of(("ya", "tidak"), {"b": (1, -2), "a": (0, 3), BIAS: (5, 5)})
    assert by.rows == "5 5: (all)\n0 3: a\n1 -2: b"
    assert by.weight("b", 1) == -2 and by.weight("c", 0) == 0
