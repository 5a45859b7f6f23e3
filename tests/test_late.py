"""What is made at its first use is what would have been made at once."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot import late
from tests.project.test_imports import ENTRY, modules

SOURCES = [(r"(?P<word>[a-z]+)(\d)?", 0), (r"\b(?:pin|sandi)\b", re.IGNORECASE), (r"^> ", re.MULTILINE), (r"", 0)]


def patterns() -> Iterator[tuple[str, late._Pattern]]:
    """Every late pattern of the program, wherever it stands in its module."""
    for name in modules().keys() - ENTRY.keys():
        for said, value in vars(importlib.import_module(f"mailbot.{name}".removesuffix("."))).items():
            yield from ((f"{name}.{said}", found) for found in within(value))


def within(value: object) -> Iterator[late._Pattern]:
    if isinstance(value, late._Pattern):
        yield value
    elif isinstance(value, tuple | list | frozenset | set):
        for each in value:
            yield from within(each)
    elif isinstance(value, dict):
        yield from within(tuple(value.values()))


@pytest.mark.parametrize(("source", "flags"), SOURCES)
@given(text=st.text("abpinsd PIN1>\n", max_size=30))
def test_a_late_pattern_finds_what_the_pattern_finds(source: str, flags: int, text: str) -> None:
    late_one, plain = late.pattern(source, flags), re.compile(source, flags)
    for use in ("search", "match", "fullmatch"):
        ours, theirs = getattr(late.pattern(source, flags), use)(text), getattr(plain, use)(text)
        assert (ours and (ours.span(), ours.groupdict())) == (theirs and (theirs.span(), theirs.groupdict()))
    assert late_one.findall(text) == plain.findall(text)
    assert [found.span() for found in late_one.finditer(text, 1)] == [found.span() for found in plain.finditer(text, 1)]
    assert late_one.split(text) == plain.split(text)
    assert late_one.sub("-", text) == plain.sub("-", text)
    assert late_one.subn("-", text) == plain.subn("-", text)
    assert (late_one.pattern, late_one.flags, late_one.groups) == (plain.pattern, plain.flags, plain.groups)
    assert late_one.groupindex == plain.groupindex


def test_a_late_pattern_of_bytes_finds_bytes() -> None:
    assert late.pattern(rb"\d+").findall(b"a 1 b 22") == [b"1", b"22"]


def test_a_pattern_is_compiled_once_and_not_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_ = re.compile
    monkeypatch.setattr(re, "compile", lambda *given: compiled.append(given[0]) or compile_(*given))  # type: ignore[func-returns-value]
    found = late.pattern("sandi")
    assert (found.pattern, compiled) == ("sandi", [])
    assert found.search("kata sandi") and found.match("sandi") and found.sub("", "sandi") == ""
    assert compiled == ["sandi"]


def test_every_late_pattern_of_the_program_can_be_compiled() -> None:
    found = dict(patterns())
    assert len(found) > 150
    for each in found.values():
        assert each.flags == re.compile(each.pattern, each._flags).flags
