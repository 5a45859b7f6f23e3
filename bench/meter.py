"""What a measurement reads from the kernel, and how its figures are summed up and shown. Linux only."""

from __future__ import annotations

import contextlib
import math
import os
import re
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")  # per second, in /proc


def rss(pid: int) -> float:
    """Resident memory of a process in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def threads(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/task"))


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    return _used(_fields(pid)[11:13])


def tree_cpu(pid: int) -> float:
    """Seconds of CPU of a process, of all processes below it and of those of them that have ended."""
    children: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = _fields(int(entry))
            except OSError:  # it has just ended
                continue
            children.setdefault(int(fields[1]), []).append(int(entry))
            used[int(entry)] = _used(fields[11:15])
    total, below = 0.0, [pid]
    while below:
        process = below.pop()
        total += used.get(process, 0.0)
        below += children.get(process, [])
    return total


def tree_pss(pid: int) -> float:
    """Memory of a process and all below it in MiB; pages that several share count once (proc(5), smaps_rollup)."""
    total = 0.0
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if path.name == str(pid) or _is_below(int(path.name), pid):
                found = re.search(r"^Pss: +([0-9]+)", (path / "smaps_rollup").read_text(), re.MULTILINE)
                total += int(found[1]) / 1024 if found else 0.0
    return total


class Peak:
    """The most memory of a process and all below it (`tree_pss`), as often as it is looked at."""

    def __init__(self, pid: int, every: float) -> None:
        """every: seconds between two looks: each costs some milliseconds."""
        self._pid, self._every, self._next = pid, every, 0.0
        self.memory = 0.0

    def look(self) -> bool:
        """True, for a condition that waits."""
        if (now := time.monotonic()) >= self._next:
            self.memory, self._next = max(self.memory, tree_pss(self._pid)), now + self._every
        return True


def _is_below(process: int, ancestor: int) -> bool:
    while process > 1:
        process = int(_fields(process)[1])
        if process == ancestor:
            return True
    return False


def _fields(pid: int) -> list[str]:
    """/proc/PID/stat from the third field on (proc(5)); the second may contain anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _used(ticks: Sequence[str]) -> float:
    return sum(map(int, ticks)) / _TICKS


class Foreign:
    """How busy others keep this machine: CPUs used by what is not a process of ours, since this was made."""

    def __init__(self) -> None:
        self._since, self._machine, self._ours = time.monotonic(), self._busy(), tree_cpu(os.getpid())

    def cores(self) -> float:
        seconds = time.monotonic() - self._since
        return max(0.0, self._busy() - self._machine - (tree_cpu(os.getpid()) - self._ours)) / seconds

    @staticmethod
    def _busy() -> float:
        user, nice, system, _idle, _iowait, irq, softirq = (Path("/proc/stat").read_text().split("\n", 1)[0].split())[
            1:8
        ]
        return _used([user, nice, system, irq, softirq])


def quantile(values: Sequence[float], part: float) -> float:
    """The smallest value that is not below that part of all; nan when there is none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else math.nan


def spread(values: Sequence[float]) -> str:
    """Milliseconds: median / 99 % / longest."""
    if not values:
        return "-"
    return " / ".join(
        f"{1000 * value:.0f}" for value in (statistics.median(values), quantile(values, 0.99), max(values))
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
