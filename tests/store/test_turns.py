"""Whose turn it is to write: threads and processes wait in one line, and nobody is overtaken."""

from __future__ import annotations

import errno
import fcntl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from mailbot.errors import TemporaryFailure
from mailbot.store import turns
from mailbot.store.database import Store
from mailbot.store.turns import Turns
from tests import ROOT
from tests.mailservers.process import wait_until

#: Another process: it takes its turn so often, for a millisecond, and says so; "hold": until it gets a line.
_OTHER = """
import sys, time
from pathlib import Path
from mailbot.store import turns
line = turns.of(Path(sys.argv[1]))
line.share(Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    assert line.take(30)
    print("mine", flush=True)
    if sys.argv[3] == "hold":
        sys.stdin.readline()
    time.sleep(0.001)
    line.give_back()
"""


@contextmanager
def _other(folder: Path, times: int, how: str = "") -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _OTHER, str(folder), str(times), how],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _says(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _shared(folder: Path) -> Turns:
    line = turns.of(folder)
    line.share(folder)
    return line


def test_one_folder_has_one_line_for_as_long_as_anybody_holds_it(tmp_path: Path) -> None:
    line = turns.of(tmp_path)
    assert turns.of(tmp_path / "." / "") is line
    assert turns.of(tmp_path / "another") is not line


def test_who_waits_too_long_gives_up_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    line = turns.of(tmp_path)
    assert line.take(1.0)
    assert not line.take(0.05)
    line.give_back()
    assert line.take(1.0)


def test_a_thread_that_waits_comes_before_one_that_has_just_had_its_turn(tmp_path: Path) -> None:
    line, order = turns.of(tmp_path), list[str]()
    assert line.take(1.0)

    def wait() -> None:
        assert line.take(10.0)
        order.append("the one that waited")
        line.give_back()

    waiting = threading.Thread(target=wait)
    waiting.start()
    wait_until(line._next.locked, 10.0, "nobody waits")
    line.give_back()
    assert line.take(10.0)
    order.append("the one before")
    line.give_back()
    waiting.join()
    assert order == ["the one that waited", "the one before"]


def test_two_processes_write_in_turn_and_neither_twice_while_the_other_waits(tmp_path: Path) -> None:
    line = _shared(tmp_path)
    with _other(tmp_path, 1, "hold") as other:
        assert _says(other) == "mine"
        had = threading.Event()

        def wait() -> None:
            assert line.take(30.0)
            had.set()
            line.give_back()

        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not had.wait(0.2), "both write"
        assert other.stdin is not None
        other.stdin.write("\n")
        other.stdin.flush()
        assert had.wait(10.0)
        waiting.join()


def test_neither_of_two_processes_that_always_want_to_write_keeps_the_other_waiting(tmp_path: Path) -> None:
    line, times = _shared(tmp_path), 200
    with _other(tmp_path, times) as other:
        assert _says(other) == "mine"
        mine = 1
        while other.poll() is None:
            assert line.take(30.0)
            mine += 1
            line.give_back()
        assert other.returncode == 0
    assert mine > times // 4


def test_a_process_that_dies_lets_go_of_its_turn(tmp_path: Path) -> None:
    line = _shared(tmp_path)
    with _other(tmp_path, 1, "hold") as other:
        assert _says(other) == "mine"
        other.kill()
        assert line.take(30.0)
        line.give_back()


def test_where_no_lock_can_be_had_the_turn_is_nobodys_and_the_next_may_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(file: int, how: int, *_: int) -> None:
        if how == fcntl.LOCK_EX:
            raise OSError(errno.ENOLCK, "No locks available")

    with closing(Store.open(tmp_path)) as store:
        line = _shared(tmp_path)
        with monkeypatch.context() as without:
            without.setattr(fcntl, "lockf", refused)
            with pytest.raises(TemporaryFailure, match="No locks available"), store.immediate():
                pass
        assert line.take(1.0)
        line.give_back()
