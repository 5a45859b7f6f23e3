"""Each of the 55 tests fails when the defence that it is about is taken out of a copy of the program."""

from __future__ import annotations

import pytest

from tests.threats.without import DEFENCES, fails_without


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("number", DEFENCES)
def test_a_threat_s_test_fails_without_its_defence(number: int) -> None:
    assert fails_without(number) == "", DEFENCES[number].what
