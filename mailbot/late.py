"""What is made at its first use: patterns of regular expressions, and the methods of dataclasses.

A start would else spend a third of its time on hundreds of long patterns, about bounces, absence notes and legal
footers, and on a thousand methods that the standard library writes and compiles for dataclasses. Most mails need a
fifth of them. Nothing but the standard library: the log, which masks, needs this, too.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, AnyStr, cast

# --- patterns --------------------------------------------------------------------------------------

_USES = ("search", "match", "fullmatch", "findall", "finditer", "split", "sub", "subn", "flags", "groups", "groupindex")


def pattern(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, later: what is asked of the pattern is the same. For functions of `re` that take a pattern it is
    none."""
    return cast("re.Pattern[AnyStr]", _Pattern(source, flags))


class _Pattern:
    __slots__ = ("_flags", "pattern", *_USES)

    def __init__(self, source: str | bytes, flags: int) -> None:
        self.pattern, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there yet: once, since then all of it is."""
        compiled = re.compile(self.pattern, self._flags)
        for use in _USES:
            setattr(self, use, getattr(compiled, use))
        return getattr(compiled, name)


# --- dataclasses -----------------------------------------------------------------------------------

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(
        cls: type | None = None,
        /,
        *,
        frozen: bool = False,
        slots: bool = False,
        eq: bool = True,
        kw_only: bool = False,
    ) -> Any:
        """As `dataclasses.dataclass` with these arguments; what is constructed, compared and shown is the same."""

        def of(given: type) -> type:
            own = {name for name in _METHODS if given.__dict__.get(name) is not None}
            given.__doc__ = given.__doc__ or given.__name__  # else the library would look for the arguments
            made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(given)
            unwanted = {"__eq__", "__hash__"} if not eq else set() if frozen else {"__hash__"}
            for name in _METHODS.keys() - own - unwanted:
                _write_later(made, name, frozen)
            if eq and not frozen and not own & unwanted:
                made.__hash__ = None
            if frozen:
                _freeze(made, slots)
            return made

        return of if cls is None else of(cls)


def _write_later(made: type, name: str, frozen: bool) -> None:
    def first(self: Any, /, *args: Any, **named: Any) -> Any:
        setattr(made, name, _METHODS[name](made, name, frozen))
        return getattr(made, name)(self, *args, **named)

    setattr(made, name, first)


def _constructor(made: type, name: str, frozen: bool) -> Any:
    space = {"__post_init__": None} if hasattr(made, "__post_init__") else {}  # its name says that it is to be called
    asked = ("default", "default_factory", "init", "kw_only")
    twin: Any = _twin(made, asked, repr=False, eq=False, frozen=frozen, namespace=space)
    twin.__init__.__qualname__ = f"{made.__qualname__}.__init__"
    return twin.__init__


def _other(made: type, name: str, frozen: bool) -> Any:
    return getattr(_twin(made, ("repr", "hash", "compare"), init=False, unsafe_hash=True), name)


_METHODS = {"__init__": _constructor, "__repr__": _other, "__eq__": _other, "__hash__": _other}


def _twin(made: type, asked: Iterable[str], **how: Any) -> type:
    """A dataclass of the same fields, whose methods are the library's."""
    fields = [
        (each.name, object, dataclasses.field(**{what: getattr(each, what) for what in asked}))
        for each in dataclasses.fields(made)
    ]
    return dataclasses.make_dataclass(made.__name__, fields, **how)


def _freeze(made: Any, slots: bool) -> None:
    names = frozenset(each.name for each in dataclasses.fields(made))

    def __setattr__(self: Any, name: str, value: object) -> None:
        if type(self) is made or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(made, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:
        if type(self) is made or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(made, self).__delattr__(name)

    made.__setattr__, made.__delattr__ = __setattr__, __delattr__
    if slots:
        made.__getstate__, made.__setstate__ = _state, _restore


def _state(self: Any) -> list[Any]:
    """For a copy, which is made without the constructor."""
    return [getattr(self, each.name) for each in dataclasses.fields(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for each, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, each.name, value)
