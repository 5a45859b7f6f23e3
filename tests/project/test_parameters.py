"""What travels together is one value: no function takes more than a reader can keep in mind."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.project.test_imports import modules

MOST = 8


def long_ones(source: str) -> Iterator[tuple[str, int]]:
    """(function, parameters) of each function with too many; `self` and `cls` are none."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            given = node.args
            named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
            caught = [one for one in (given.vararg, given.kwarg) if one is not None]
            count = len([one for one in (*named, *caught) if one.arg not in ("self", "cls")])
            if count > MOST:
                yield getattr(node, "name", "lambda"), count


@pytest.mark.parametrize("module", modules())
def test_no_function_has_more_parameters_than_eight(module: str) -> None:
    assert list(long_ones(modules()[module].read_text(encoding="utf-8"))) == []


def test_a_function_with_too_many_is_found() -> None:
    assert list(long_ones("def f(self, a, b, /, c, d, *, e, f, g, h): ...")) == []
    assert list(long_ones("def f(a, b, /, c, d, *e, f, g, h, **i): ...")) == [("f", 9)]
    assert list(long_ones("class A:\n async def f(self, a, b, c, d, e, f, g, h, i): ...")) == [("f", 9)]
