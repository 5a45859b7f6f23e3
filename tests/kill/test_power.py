"""What is on disk when something leaves, and what a power cut leaves on the disk (strace)."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from math import ceil
from pathlib import Path

import pytest

from tests.kill import traced
from tests.kill.figures import report
from tests.kill.flows import CLOSE, ESCALATION, LKPP_ANSWER, NEW_SMALL_TICKET, QUARANTINE, STAFF_REPLY, Flow
from tests.kill.images import Disk
from tests.kill.order import Order
from tests.kill.site import Site
from tests.kill.sweep import Point, finish, points, run
from tests.kill.test_syscalls import SWEPT

pytestmark = [
    pytest.mark.mailservers,
    pytest.mark.timeout(7200),
    traced.needed,
]

WATCHED = (NEW_SMALL_TICKET, STAFF_REPLY, ESCALATION, LKPP_ANSWER, CLOSE, QUARANTINE)
#: Over all of them.
EFFECTS, IMAGES = 1000, 204
_IMAGES_A_CUT = 3


# --- before anything leaves -----------------------------------------------------------------------------


def _watched(site: Site, flow: Flow, count: int, log: Path, order: Order, synchronous: str = "FULL") -> int:
    """The flow once; how many mails left by what lies in the mailboxes."""
    site.restore()
    for moment in flow.moments:
        site.at(moment.when)
        for write in moment.writes(site, flow.numbers(count)):
            write()
        ended = site.round(stopped=traced.logging(log, 64), synchronous=synchronous)
        assert ended.code == 0, ended
        order.read(traced.calls(log))
    site.servers.settle()
    owed = flow.owed(flow.numbers(count))
    assert site.audit(owed) == 0
    return owed.total()


@pytest.mark.long
@pytest.mark.parametrize("flow", WATCHED, ids=[flow.name for flow in WATCHED])
def test_nothing_leaves_before_its_commit_is_on_disk(
    site_before: Callable[..., Site], tmp_path: Path, flow: Flow
) -> None:
    site, order, mails = site_before(flow, 6), Order(), 0
    while order.effects < ceil(EFFECTS / len(WATCHED)):
        mails += _watched(site, flow, 6, tmp_path / "trace", order)
    report(
        "order",
        f"{flow.name}: {order.dots} final dots, {order.changes} IMAP changes, {len(order.violations)} too early",
        flow=flow.name,
        effects=order.effects,
        violations=len(order.violations),
    )
    assert order.dots == mails, "a final dot was overlooked"
    assert order.changes > 0
    assert order.violations == []


def test_the_order_of_disk_and_effects_is_seen(site_before: Callable[..., Site], tmp_path: Path) -> None:
    """With a weaker `synchronous` the same rounds are found out."""
    flow = SWEPT[3]
    site, kept, weak = site_before(flow, 1), Order(), Order()
    mails = _watched(site, flow, 1, tmp_path / "trace", kept)
    assert (kept.dots, kept.violations) == (mails, [])
    _watched(site, flow, 1, tmp_path / "trace", weak, "NORMAL")
    assert len(weak.violations) == weak.effects > 0


# --- images ---------------------------------------------------------------------------------------------


def _whole(data: Path, copy: Path) -> None:
    """SQLite finds no fault with the database that the cut has left."""
    for path in data.glob("mailbot.sqlite*"):
        (copy / path.name).write_bytes(path.read_bytes())
    connection = sqlite3.connect(copy / "mailbot.sqlite")
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()
        for path in copy.iterdir():
            path.unlink()


def _cut(
    site: Site, flow: Flow, point: Point, folder: Path, chance: random.Random, synchronous: str = "FULL"
) -> tuple[int, int]:
    """The power fails at this call: (images, copies). AssertionError for one that is not whole, or goes on wrongly."""
    log, then, copy = folder / "trace", folder / "mail", folder / "copy"
    traced_all = traced.injecting(
        log, point.name, "signal=KILL", str(point.number), length=1 << 22, trace=",".join(traced.SWEPT)
    )
    ended = run(site, flow, point.moment, traced_all, synchronous)
    assert ended.killed, ended
    site.servers.settle()
    # The world outside stays as it was at the cut; each image goes on from there.
    site.real.save(then)
    copy.mkdir(exist_ok=True)
    disk = Disk(site.data, site.saved / "data")
    disk.replay(traced.calls(log))
    copies, now = 0, site.now
    try:
        for _ in range(_IMAGES_A_CUT):
            site.servers.settle()
            site.real.restore(then)
            disk.write(site.data, chance)
            _whole(site.data, copy)
            site.now = now
            copies += finish(site, flow, point.moment)
    finally:
        shutil.rmtree(then)
    return _IMAGES_A_CUT, copies


def _first_moment(site: Site, flow: Flow, log: Path) -> list[Point]:
    return [point for point in points(site, flow, log) if point.moment == 0]


@pytest.mark.long
@pytest.mark.parametrize("flow", SWEPT, ids=[flow.name for flow in SWEPT])
def test_a_power_cut_leaves_a_whole_database_that_loses_and_doubles_nothing(
    site_before: Callable[..., Site], tmp_path: Path, flow: Flow
) -> None:
    site, chance = site_before(flow, 1), random.Random(flow.name)
    found = _first_moment(site, flow, tmp_path / "trace")
    cuts = ceil(IMAGES / len(SWEPT) / _IMAGES_A_CUT)
    # As many at what is sent and synced as in the middle of a write.
    writes = [point for point in found if point.name == "pwrite64"]
    others = [point for point in found if point.name != "pwrite64"]
    chosen = chance.sample(writes, cuts // 2) + chance.sample(others, cuts - cuts // 2)
    images = copies = 0
    for point in chosen:
        made, doubled = _cut(site, flow, point, tmp_path, chance)
        images, copies = images + made, copies + doubled
    report(
        "power",
        f"{flow.name}: {images} images of {cuts} cuts, all whole; {copies} copies with the same Message-ID",
        flow=flow.name,
        images=images,
        copies=copies,
    )
    assert copies <= images


def test_a_power_cut_without_syncing_is_found_out(site_before: Callable[..., Site], tmp_path: Path) -> None:
    """The images lose what was not synced: with `synchronous = OFF` something is doubled under another Message-ID. With
    the program's own setting the same cut does no harm."""
    flow, chance = SWEPT[2], random.Random(1)
    site = site_before(flow, 1)
    sent = [point for point in _first_moment(site, flow, tmp_path / "trace") if point.name == "sendto"]
    last = sent[-2]  # all mails have left; what follows says goodbye
    assert _cut(site, flow, last, tmp_path, chance)[1] == 0
    with pytest.raises(AssertionError, match=r"too many|missing|is two mails|is two tickets|integrity"):
        for _ in range(3):
            _cut(site, flow, last, tmp_path, chance, "OFF")
