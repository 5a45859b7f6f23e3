"""Every call by which the program changes anything outside itself, as a point to die or to fail at.

A flow is followed once undisturbed, so that its calls are known; then each of them is met in a run of its own, from the
same state. What comes before the program's first step (the interpreter, its imports) has been done by then, and the
process that reads mails, which writes to nobody but its parent, is not traced.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.kill import order, traced
from tests.kill.flows import Flow
from tests.kill.loaded import Ended
from tests.kill.site import Site

#: Characters of what is written, so that its end is seen: more than any mail of the swept flows has.
_WHOLE = 1_000_000
#: What a round is given: see `Loaded.round`.
Stopped = Callable[[int], AbstractContextManager[object]]


@dataclass(frozen=True)
class Point:
    """The `number`th call of that name in the round of a flow's moment.

    behind_dot: whether the final dot of a mail has left before it, and nothing is written yet of the server's answer:
    who dies here cannot know whether the mail has arrived, and sends it once more.
    """

    moment: int
    name: str
    number: int
    behind_dot: bool = False


def run(site: Site, flow: Flow, moment: int, stopped: Stopped | None, synchronous: str = "FULL") -> Ended:
    """The flow's moments up to this one, whose first round is traced so."""
    site.restore()
    for number, each in enumerate(flow.moments[: moment + 1]):
        site.at(each.when)
        for write in each.writes(site, flow.numbers(1)):
            write()
        if number < moment:
            site.recover()
    return site.round(stopped=stopped, synchronous=synchronous, timeout=60)


#: Longer than the undo window of LKPP's words and of staff's.
_UNDO = timedelta(minutes=4)


def finish(site: Site, flow: Flow, moment: int, allowed: Iterable[str] = ()) -> int:
    """What is left of the flow, undisturbed; copies with the same Message-ID. Whatever failed is tried again.

    allowed: kinds of mails that may come of it besides.
    """
    site.recover()
    for each in flow.moments[moment + 1 :]:
        reached = site.now
        site.at(each.when)
        if reached > site.now:  # what failed was done later than planned, and its undo window began then
            site.now = reached + _UNDO
        site.recover()
    return site.audit(flow.owed(flow.numbers(1)), allowed=["operator_alarm", *allowed])


def points(site: Site, flow: Flow, log: Path) -> list[Point]:
    """All of them. An openat counts if it may write."""
    found = []
    for moment in range(len(flow.moments)):
        ended = run(site, flow, moment, traced.logging(log, length=_WHOLE))
        assert ended.code == 0, ended
        seen: Counter[str] = Counter()
        behind = False
        for call in traced.calls(log):
            seen[call.name] += 1
            if call.name != "openat" or "O_RDONLY" not in call.flags:
                found.append(Point(moment, call.name, seen[call.name], behind))
            behind = (behind or order.is_dot(call)) and not order.is_synced(call)
    return found
