"""The data folder as a power cut may leave it: what was synced, and of the rest whatever the disk had got to.

Rebuilt from a log of system calls. A page of 4 KiB that was written and not synced is there or not, each by chance; a
file's new length likewise; of the names that were made, changed and removed in a folder and not synced, those up to
some moment. SQLite's -shm is lost: it is shared memory that happens to have a name.
"""

from __future__ import annotations

import itertools
import random
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.kill.traced import Call

_PAGE = 4096


@dataclass
class _File:
    """synced: its bytes on disk. waiting: writes (offset, data) and new lengths (None, length) since, in order."""

    synced: bytearray = field(default_factory=bytearray)
    waiting: list[tuple[int, bytes] | tuple[None, int]] = field(default_factory=list)

    def sync(self) -> None:
        for each in self.waiting:
            _apply(self.synced, each)
        self.waiting.clear()

    def after_the_cut(self, chance: random.Random) -> bytes:
        """Sometimes all of what waits, sometimes none; mostly some."""
        found = bytearray(self.synced)
        share = chance.choice((0.0, 0.2, 0.5, 0.8, 1.0))
        for each in self.waiting:
            for part in _pages(each):
                if chance.random() < share:
                    _apply(found, part)
        return bytes(found)


def _apply(content: bytearray, what: tuple[int, bytes] | tuple[None, int]) -> None:
    at, data = what
    if at is None:
        assert isinstance(data, int)
        del content[data:]
        content.extend(bytes(data - len(content)))
        return
    assert isinstance(data, bytes)
    content.extend(bytes(max(0, at - len(content))))
    content[at : at + len(data)] = data


def _pages(what: tuple[int, bytes] | tuple[None, int]) -> list[tuple[int, bytes] | tuple[None, int]]:
    at, data = what
    if at is None or isinstance(data, int):
        return [what]
    cuts = [at, *range(at - at % _PAGE + _PAGE, at + len(data), _PAGE), at + len(data)]
    return [(start, data[start - at : end - at]) for start, end in itertools.pairwise(cuts)]


class Disk:
    """A data folder, its writes replayed."""

    def __init__(self, folder: Path, before: Path) -> None:
        """folder: its path in the log. before: a copy of it as it was, all of that on disk."""
        self._folder, self._before = folder, before
        self._names: dict[str, _File] = {}
        for path in before.rglob("*"):
            if path.is_file() and not path.name.endswith("-shm"):
                self._names[str(folder / path.relative_to(before))] = _File(bytearray(path.read_bytes()))
        self._synced_names = dict(self._names)
        #: Per folder: (name, its file or None) since it was synced.
        self._waiting: dict[str, list[tuple[str, _File | None]]] = {}

    def replay(self, calls: Iterable[Call]) -> None:
        for call in calls:
            if call.result < 0 or call.path.endswith("-shm") or not call.path.startswith(str(self._folder)):
                continue
            self._one(call)

    def _one(self, call: Call) -> None:
        path = call.path.removesuffix(" (deleted)")
        if call.name == "openat":
            if "O_CREAT" in call.flags and path not in self._names:
                self._name(path, _File())
            if "O_TRUNC" in call.flags:
                self._names[path].waiting.append((None, 0))
        elif call.name == "unlink":
            self._name(path, None)
        elif call.name == "rename":
            self._name(call.to, self._names[path])
            self._name(path, None)
        elif call.name in ("fdatasync", "fsync"):
            if path in self._names:
                self._names[path].sync()
            else:
                for name, file in self._waiting.pop(path, []):
                    _set(self._synced_names, name, file)
        elif path in self._names:
            file = self._names[path]
            if call.name == "ftruncate":
                file.waiting.append((None, call.offset))
            elif call.name == "pwrite64":
                assert len(call.data) == call.result, "the log has not all of what was written"
                file.waiting.append((call.offset, call.data))
            elif call.name == "write":  # in order, from the beginning: nothing here is opened to be added to
                file.waiting.append((_length(file), call.data))

    def _name(self, path: str, file: _File | None) -> None:
        _set(self._names, path, file)
        self._waiting.setdefault(str(Path(path).parent), []).append((path, file))

    def write(self, to: Path, chance: random.Random) -> None:
        """One of the folders that the cut may leave."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self._before, to, ignore=lambda _, names: [each for each in names if "." in each])
        names = dict(self._synced_names)
        for waiting in self._waiting.values():
            for name, file in waiting[: chance.randint(0, len(waiting))]:
                _set(names, name, file)
        for name, file in names.items():
            path = to / Path(name).relative_to(self._folder)
            path.write_bytes(file.after_the_cut(chance))
            path.chmod(0o600)


def _set(names: dict[str, _File], name: str, file: _File | None) -> None:
    if file is None:
        names.pop(name, None)
    else:
        names[name] = file


def _length(file: _File) -> int:
    now = len(file.synced)
    for at, data in file.waiting:
        if at is None:
            assert isinstance(data, int)
            now = data
        else:
            assert isinstance(data, bytes)
            now = max(now, at + len(data))
    return now
