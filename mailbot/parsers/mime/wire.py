"""A mail as it was read, as bytes and back, between the process that reads and the one that acts. Pure.

JSON for all but the files, whose bytes follow one after the other; never pickle, which would let whoever takes over
the reading process run code in the other one. What the fields are is read from the dataclasses themselves, so that a
new field of Message or Attachment needs nothing here; a value of another type than declared is refused. The two
processes agree on what is asked for: a message alone, or what it says, too (`parsers.understood`).
"""

from __future__ import annotations

import json
import struct
import types
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from mailbot.errors import ParseError

#: A question begins with the sizes of its JSON and of the mail, an answer with the size of its JSON, which names the
#: sizes of the files.
QUESTION = struct.Struct("!IQ")
ANSWER = struct.Struct("!I")
#: Written once, when everything is in memory and the rights are given up.
READY = b"ready\n"

T = TypeVar("T")


class NotUnderstood(ValueError):
    """The bytes are no answer of this program's."""


def dump(found: object) -> tuple[bytes, list[bytes]]:
    """A dataclass as (JSON, the bytes values in the order in which they are met); the JSON names their sizes."""
    files: list[bytes] = []
    plain = _plain(found, files)
    # ASCII only: what could not be decoded stands in headers as lone surrogates, which no UTF-8 takes.
    return json.dumps({"found": plain, "files": [len(data) for data in files]}).encode("ascii"), files


def refusal(error: ParseError) -> bytes:
    """The mail is over a limit, or none at all."""
    return json.dumps({"refused": error.reason}).encode("ascii")


def outcome(header: bytes) -> tuple[Any, list[int]]:
    """(what `load` wants, the sizes of the files that follow). Raises ParseError for a refusal, NotUnderstood."""
    try:
        found = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(type(error).__name__) from error
    if not isinstance(found, dict):
        raise NotUnderstood("not an object")
    if isinstance(found.get("refused"), str):
        raise ParseError(found["refused"])
    sizes = found.get("files")
    if not isinstance(sizes, list) or not all(type(size) is int and size >= 0 for size in sizes):
        raise NotUnderstood("no sizes of files")
    return found.get("found"), sizes


def load(kind: type[T], plain: Any, files: Sequence[bytes]) -> T:
    """A value of this dataclass. Raises NotUnderstood unless every field is there and of its declared type."""
    waiting = iter(files)
    read: _Read = _reader(typing.cast(Any, kind))
    found = read(plain, waiting)
    if next(waiting, None) is not None:
        raise NotUnderstood("a file that belongs to nothing")
    assert isinstance(found, kind)
    return found


def _plain(value: Any, files: list[bytes]) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, bytes):
        files.append(value)
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item, files) for item in value]
    if is_dataclass(value):
        return [_plain(getattr(value, field.name), files) for field in fields(value)]
    raise TypeError(f"no way to write a {type(value).__name__}")


_Read = Callable[[Any, Iterator[bytes]], Any]


@cache
def _reader(kind: Any) -> _Read:
    """What reads a value of this type."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind in (str, int, bool, float):
        return lambda value, _: _of(kind, value)
    if kind is bytes:
        return lambda _, files: _next(files)
    if origin is typing.Literal:
        return lambda value, _: _one_of(arguments, value)
    if kind is datetime:
        return lambda value, _: _instant(value)
    if origin is tuple and arguments[-1] is Ellipsis:
        inner = _reader(arguments[0])
        return lambda value, files: tuple([inner(item, files) for item in _of(list, value)])
    if origin is tuple:
        return _record(_tuple, [_reader(argument) for argument in arguments])
    if origin in (typing.Union, types.UnionType) and len(arguments) == 2 and types.NoneType in arguments:
        # A file that may be missing could not be told from one that is there: both are None.
        [some] = [argument for argument in arguments if argument is not types.NoneType and argument is not bytes]
        present = _reader(some)
        return lambda value, files: None if value is None else present(value, files)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        names = [field.name for field in fields(kind)]
        return _record(
            lambda *values: kind(**dict(zip(names, values, strict=True))), [_reader(hints[n]) for n in names]
        )
    raise TypeError(f"no way to read a {kind}")


def _tuple(*values: Any) -> tuple[Any, ...]:
    return values


def _record(make: Callable[..., Any], readers: Sequence[_Read]) -> _Read:
    def read(value: Any, files: Iterator[bytes]) -> Any:
        if len(_of(list, value)) != len(readers):
            raise NotUnderstood("another number of fields")
        return make(*[each(item, files) for each, item in zip(readers, value, strict=True)])

    return read


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise NotUnderstood(f"{type(value).__name__} for {kind.__name__}")
    return value


def _one_of(words: tuple[str, ...], value: Any) -> Any:
    if _of(str, value) not in words:
        raise NotUnderstood("an unknown word")
    return value


def _next(files: Iterator[bytes]) -> bytes:
    found = next(files, None)
    if found is None:
        raise NotUnderstood("a file is missing")
    return found


def _instant(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(_of(str, value))
    except ValueError as error:
        raise NotUnderstood("no instant") from error
