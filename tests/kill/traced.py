"""strace at a round: what it asks of the kernel, and a death or an error put in the way of one such call."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

#: Calls by which anything leaves the process or comes to lie on a disk. (What is written to SQLite's -shm goes through
#: shared memory; it is made anew after a crash.)
SWEPT = ("sendto", "pwrite64", "write", "fdatasync", "fsync", "ftruncate", "unlink", "rename", "openat")


def missing() -> str:
    """Why a process cannot be traced here, or ""."""
    if shutil.which("strace") is None:
        return "not installed: strace"
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace may not trace: {tried.stderr.strip()[:100]}"


#: For tests: left out where nothing can be traced, except with CI=true.
needed = pytest.mark.skipif(missing() != "" and os.environ.get("CI") != "true", reason=missing() or "-")


@dataclass(frozen=True)
class Call:
    """One call. path: of its descriptor, or its argument. data: bytes given. result: negative where it failed."""

    name: str
    path: str
    data: bytes
    offset: int  # pwrite64: where; ftruncate: the new size
    result: int
    flags: str  # of openat
    to: str = ""  # of rename


def watching(log: Path, *options: str) -> Callable[[int], contextlib.AbstractContextManager[object]]:
    """For `Loaded.round(stopped=…)`: strace with these options, whose log is whole when the round is over."""

    @contextlib.contextmanager
    def attach(pid: int) -> Iterator[None]:
        with subprocess.Popen(
            ["strace", "-p", str(pid), "-o", str(log), "-xx", "-y", *options], stderr=subprocess.PIPE, text=True
        ) as tracer:
            assert tracer.stderr is not None
            said = tracer.stderr.readline()
            assert "attached" in said, said
            yield
            tracer.stderr.read()

    return attach


def logging(log: Path, length: int = 0) -> Callable[[int], contextlib.AbstractContextManager[object]]:
    """Log all that SWEPT names, with so many bytes of what is written."""
    return watching(log, "-s", str(length), "-e", f"trace={','.join(SWEPT)}")


def injecting(
    log: Path, call: str, what: str, when: str, *, length: int = 0, trace: str = ""
) -> Callable[[int], contextlib.AbstractContextManager[object]]:
    """`what` (as strace has it: signal=…, error=…, delay_enter=…) happens at the `when`th such call, before it is done.

    length, trace: as for `logging`; of what is logged besides.
    """
    traced = trace or call
    return watching(log, "-s", str(length), "-e", f"trace={traced}", "-e", f"inject={call}:{what}:when={when}")


# --- its log -----------------------------------------------------------------------------------------------

_LINE = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+|\?)")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


def _bytes(written: str) -> bytes:
    return bytes.fromhex(written.replace("\\x", ""))


def calls(log: Path) -> Iterator[Call]:
    """The calls in their order. What was never done (the process died before it) has result -1."""
    with log.open() as lines:
        for line in lines:
            if found := _LINE.match(line):
                yield _call(found[1], found[2], -1 if found[3] == "?" else int(found[3]))


def _call(name: str, arguments: str, result: int) -> Call:
    strings = [_bytes(each) for each in _STRING.findall(arguments)]
    numbers = arguments.rpartition(", ")[2]
    if name in ("unlink", "rename", "openat"):
        paths = [each.decode() for each in strings] + [""]
        flags = next((each for each in arguments.split(", ") if each.startswith("O_")), "")
        return Call(name, paths[0], b"", 0, result, flags, paths[1])
    path = re.match(r"\d+<((?:\\x[0-9a-f]{2})*)", arguments)
    offset = int(numbers) if name in ("pwrite64", "ftruncate") else 0
    return Call(name, _bytes(path[1]).decode() if path else "", strings[0] if strings else b"", offset, result, "")
