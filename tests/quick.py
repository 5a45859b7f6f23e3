"""Limits of CPU time that mean the same on every machine: seconds of a quiet one.

The processor that a test gets is not always the same: a neighbour on the core's other thread halves its speed, and the
process is charged for the whole time; and another machine may search as fast, yet be slower where a reader makes
thousands of words. A yardstick of fixed work, run right before and right after, tells how slow processor and memory are
at the moment; the limit grows with it. What grows with the square of its length takes minutes and is found all the
same.
"""

import gc
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_QUIET = 0.0064  # CPU seconds of the yardstick where nothing else runs: an AMD EPYC (Zen 4) of 2.6 GHz
_TEXT = "kata sandi akun penyedia 0812-3456: tidak bisa masuk, mohon bantuan\n" * 60
_TIMES = 15  # that text, as objects: one and a half megabytes
_WORDS = re.compile(r"(?i)\b(?:sandi|password|pin)\b\W{0,3}(\w+)|\d{4}-\d{4}")


def _yardstick() -> float:
    """CPU seconds of work such as readers do, one half for the processor and one for the memory: a pattern over a text,
    words into a table, characters one by one; and many small objects, made and dropped."""
    collects = gc.isenabled()
    gc.disable()  # a collection would look through all that the other tests have left
    try:
        began = time.process_time()
        _search()
        _make()
        return time.process_time() - began
    finally:
        if collects:
            gc.enable()


def _search() -> None:
    for _ in range(9):
        counts: dict[str, int] = {}
        for found in _WORDS.finditer(_TEXT):
            counts[found[0]] = counts.get(found[0], 0) + 1
        for word in _TEXT.split():
            counts[word] = counts.get(word, 0) + len(word)
        sum(character.isalpha() for character in _TEXT)


def _make() -> None:
    """Strings, tuples and tables of words, all there at once: more than a processor's first caches hold."""
    lines = [
        [(f"{word} {number}", number, len(word)) for word in line.split()]
        for number, line in enumerate(_TEXT.splitlines() * _TIMES)
    ]
    tables = [{word: place for word, place, _ in line} for line in lines]
    sorted(word for table in tables for word in table)


def slowness() -> float:
    """How many times slower than a quiet machine this one is now; never below 1."""
    return max(1.0, _yardstick() / _QUIET)


@dataclass
class _Work:
    seconds: float = 0.0  # of a quiet machine
    slow: float = 1.0


@contextmanager
def _measured() -> Iterator[_Work]:
    work, before = _Work(), slowness()
    began = time.process_time()
    yield work
    took = time.process_time() - began
    work.slow = max(before, slowness())
    work.seconds = took / work.slow


@contextmanager
def within(limit: float) -> Iterator[None]:
    """Fails where what stands inside takes more than *limit* seconds of CPU time, as a quiet machine counts them.

    Raises:
        AssertionError: with the seconds taken, the limit, and how slow the machine was.
    """
    with _measured() as work:
        yield
    assert work.seconds < limit, f"{work.seconds:.2f} s, over {limit:g} s, on a machine {work.slow:.1f} times slower"


def seconds(run: Callable[[], object]) -> float:
    """The CPU seconds that *run* takes, as a quiet machine counts them."""
    with _measured() as work:
        run()
    return work.seconds
