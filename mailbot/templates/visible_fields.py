"""Shapes of the values that templates may show, and the one place where values are cut down to them.

A shape is: None for one value (str, int, float, bool or None), a mapping for a record (or None), a list
with one shape for a list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeAlias

Shape: TypeAlias = "Mapping[str, Shape] | list[Shape] | None"

#: The types of one value. (A union of types would be made anew at each question.)
SINGLE = (str, int, float)
_RECORD = (dict, Mapping)  # to ask for the mapping alone takes five times as long


class ShapeError(ValueError):
    """A value is of another shape than declared; the text names the path."""


def record(names: str, **nested: Shape) -> Mapping[str, Shape]:
    """A record of single values (`names`, separated by spaces) and of nested shapes."""
    return {**dict.fromkeys(names.split()), **nested}


def select(shape: Shape, value: Any, path: str) -> Any:
    """The declared part of `value` as plain data. Undeclared fields are left out, missing fields are None.

    Raises ShapeError if a value is of another shape than declared.
    """
    if shape is None:
        if value is None or isinstance(value, SINGLE):
            return value
        _refuse(path, "one value", value)
    if isinstance(shape, list):
        if value is None:
            return []
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            return [select(shape[0], item, f"{path}[{index}]") for index, item in enumerate(value)]
        _refuse(path, "a list", value)
    if value is None:
        return None
    if isinstance(value, _RECORD):
        return {key: select(inner, value.get(key), f"{path}.{key}") for key, inner in shape.items()}
    _refuse(path, "a record", value)


def example(shape: Shape, name: str, full: bool) -> Any:
    """A made-up value of this shape, for rehearsing a template: everything known, or nothing."""
    if isinstance(shape, Mapping):
        return {key: example(inner, key, full) for key, inner in shape.items()}
    if isinstance(shape, list):
        return [example(shape[0], name, full)] if full else []
    if not full:
        return None
    return "mailto:contoh@example.com" if name == "href" else "contoh"


def _refuse(path: str, wanted: str, value: Any) -> NoReturn:
    raise ShapeError(f"{path} must be {wanted}, found {type(value).__name__}")
