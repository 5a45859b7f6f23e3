"""What is made at its first use is what would have been made at once."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import inspect
import pickle
import re
from collections.abc import Iterator
from typing import Any

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


# --- dataclasses -----------------------------------------------------------------------------------


def program() -> Iterator[tuple[str, Any]]:
    """Every dataclass of the program."""
    for name in sorted(modules().keys() - ENTRY.keys()):
        module = importlib.import_module(f"mailbot.{name}".removesuffix("."))
        for said, value in sorted(vars(module).items()):
            if isinstance(value, type) and dataclasses.is_dataclass(value) and value.__module__ == module.__name__:
                yield f"{name}.{said}", value


def arguments(constructor: Any) -> list[tuple[str, Any, bool]]:
    found = list(inspect.signature(constructor).parameters.values())[1:]
    return [(each.name, each.kind, each.default is each.empty) for each in found]


def test_every_dataclass_is_constructed_from_the_same_arguments_as_the_library_would_have_it() -> None:
    seen = 0
    for name, ours in program():
        fields = [
            (each.name, object, dataclasses.field(**{name: getattr(each, name) for name in GIVEN}))
            for each in dataclasses.fields(ours)
        ]
        theirs: Any = dataclasses.make_dataclass("Theirs", fields)
        assert arguments(late._constructor(ours, "__init__", frozen=True)) == arguments(theirs.__init__), name
        seen += 1
    assert seen > 300


GIVEN = ("default", "default_factory", "init", "repr", "hash", "compare", "kw_only")


class Fields:
    """What the classes below have: with and without defaults, and each of the switches."""

    given: str
    hidden: str = dataclasses.field(default="x", repr=False)
    many: list[int] = dataclasses.field(default_factory=list, hash=False)
    passed_over: int = dataclasses.field(default=0, compare=False)


def both(**how: Any) -> tuple[Any, Any]:
    """The class as ours makes it, and as the library does."""
    space = {"__annotations__": Fields.__annotations__, "__module__": __name__, "__qualname__": "Fields"}
    values = {name: value for name, value in vars(Fields).items() if isinstance(value, dataclasses.Field)}
    copies = [{name: copy.copy(value) for name, value in values.items()} for _ in range(2)]
    ours, theirs = (type("Fields", (), {**space, **each}) for each in copies)
    return late.dataclass(**how)(ours), dataclasses.dataclass(**how)(theirs)


WAYS = [{}, {"slots": True}, {"frozen": True}, {"frozen": True, "slots": True}, {"kw_only": True, "frozen": True}]
WAYS += [{"frozen": True, "slots": True, "eq": False}]


@pytest.mark.parametrize("how", WAYS, ids=str)
def test_what_is_constructed_compared_hashed_and_shown_is_the_same(how: dict[str, bool]) -> None:
    ours, theirs = both(**how)
    same: list[dict[str, Any]] = [{"given": "a"}, {"given": "a", "hidden": "x", "many": [], "passed_over": 3}]
    other: list[dict[str, Any]] = [{"given": "b"}, {"given": "a", "hidden": "y"}, {"given": "a", "many": [1]}]
    for each in same + other:
        one, two = ours(**each), theirs(**each)
        assert [getattr(one, name) for name in Fields.__annotations__] == [
            getattr(two, name) for name in Fields.__annotations__
        ]
        assert (one == ours(**same[0])) == (two == theirs(**same[0]))
        assert one != two and one != "a"
        if how.get("eq", True):
            assert repr(one) == repr(two)
        if how.get("frozen") and how.get("eq", True):
            assert hash(one) == hash(two)
        assert dataclasses.asdict(one) == dataclasses.asdict(two)
        assert dataclasses.asdict(dataclasses.replace(one, given="c")) == dataclasses.asdict(
            dataclasses.replace(two, given="c")
        )
    assert ours.__match_args__ == theirs.__match_args__
    assert (ours.__hash__ is None) == (theirs.__hash__ is None)
    assert ours(given="a").many is not ours(given="a").many
    assert hasattr(ours(given="a"), "__dict__") == hasattr(theirs(given="a"), "__dict__")


@pytest.mark.parametrize("how", WAYS, ids=str)
def test_what_fails_fails_with_the_same_words(how: dict[str, bool]) -> None:
    wrong: list[tuple[tuple[Any, ...], dict[str, Any]]] = [((), {}), (("a", "b", [], 1, 2), {}), ((), {"name": "a"})]
    for positional, named in wrong:
        said = []
        for each in both(**how):
            with pytest.raises(TypeError) as found:
                each(*positional, **named)
            said.append(str(found.value))
        assert said[0] == said[1]
    for attribute in ("given", "many"):
        said = []
        for each in both(**how):
            one = each(given="a")
            try:
                setattr(one, attribute, "b")
                delattr(one, attribute)
                said.append("changed")
            except dataclasses.FrozenInstanceError as error:
                said.append(str(error))
        assert said[0] == said[1] == (f"cannot assign to field '{attribute}'" if how.get("frozen") else "changed")


@late.dataclass(frozen=True, slots=True)
class Kept:
    word: str
    number: int = 1

    def __post_init__(self) -> None:
        if not self.word:
            raise ValueError("no word")


@late.dataclass(slots=True)
class Below(late.dataclass(slots=True)(type("Above", (), {"__annotations__": {"above": "int"}}))):  # type: ignore[misc]
    below: int = 2


def test_a_copy_a_pickle_and_a_pattern_know_the_fields() -> None:
    one = Kept("a", 2)
    assert copy.copy(one) == copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one
    match one:
        case Kept("a", number):
            assert number == 2
        case _:
            raise AssertionError(one)


def test_a_value_is_checked_after_it_was_constructed() -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="no word"):
            Kept("")


def test_a_class_has_the_fields_of_the_one_above_it() -> None:
    assert Below(1) == Below(above=1, below=2) != Below(1, 3)
    assert repr(Below(1)) == "Below(above=1, below=2)"


def test_methods_are_written_once_and_not_before_they_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    constructor = late._METHODS["__init__"]

    def counted(made: type, name: str, frozen: bool) -> Any:
        written.append(made.__name__)
        return constructor(made, name, frozen)

    monkeypatch.setitem(late._METHODS, "__init__", counted)

    @late.dataclass(frozen=True, slots=True)
    class Asked:
        word: str

    assert written == []
    assert (Asked("a"), Asked("b")) == (Asked("a"), Asked("b"))
    assert written == ["Asked"]
