"""A death, and an error, at every call by which the program changes anything outside itself (strace).

No line of the program has a part in it: a fault point can be forgotten, a system call cannot.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kill import traced
from tests.kill.figures import report
from tests.kill.flows import ESCALATION, LKPP_ANSWER, NEW_SMALL_TICKET, NEW_TICKET, STAFF_REPLY, Flow
from tests.kill.site import Site
from tests.kill.sweep import Point, finish, points, run
from tests.mailservers import MailServers

pytestmark = [
    pytest.mark.mailservers,
    pytest.mark.timeout(7200),
    traced.needed,
]

#: One matter each.
SWEPT = tuple(replace(flow, matters=1) for flow in (NEW_SMALL_TICKET, STAFF_REPLY, ESCALATION, LKPP_ANSWER))
LARGE = replace(NEW_TICKET, name="a new ticket with a large file", matters=1)
_NAMES = [flow.name for flow in SWEPT]


def _counted(found: list[Point]) -> str:
    return ", ".join(f"{name} {number}" for name, number in Counter(point.name for point in found).most_common())


def _deaths(site: Site, flow: Flow, chosen: list[Point], log: Path) -> tuple[int, int]:
    """Died at how many of these points, and the copies that came of it."""
    died = copies = 0
    for point in chosen:
        ended = run(site, flow, point.moment, traced.injecting(log, point.name, "signal=KILL", str(point.number)))
        assert ended.killed or ended.code == 0, ended
        died += ended.killed
        again = finish(site, flow, point.moment)
        assert again <= point.behind_dot, f"{again} copies after a death at {point}"
        copies += again
    return died, copies


@pytest.mark.long
@pytest.mark.parametrize("flow", SWEPT, ids=_NAMES)
def test_a_death_at_every_system_call_loses_and_doubles_nothing(
    site_before: Callable[..., Site], tmp_path: Path, flow: Flow
) -> None:
    site, log = site_before(flow, 1), tmp_path / "trace"
    found = points(site, flow, log)
    died, copies = _deaths(site, flow, found, log)
    behind = sum(point.behind_dot for point in found)
    text = f"{flow.name}: died at {died} of {len(found)} points, {behind} of them behind a dot; {copies} copies"
    report("syscalls", f"{text} ({_counted(found)})", flow=flow.name, points=len(found), died=died, copies=copies)
    assert died == len(found)


@pytest.mark.long
def test_a_death_at_every_system_call_over_a_large_file_loses_and_doubles_nothing(
    site_before: Callable[..., Site], tmp_path: Path
) -> None:
    """All but the thousands of pages that it fills, of which some are chosen."""
    site, log = site_before(LARGE, 1), tmp_path / "trace"
    found = points(site, LARGE, log)
    pages = [point for point in found if point.name == "pwrite64"]
    chosen = [point for point in found if point.name != "pwrite64"] + random.Random(1).sample(pages, 60)
    assert {"fsync", "rename"} <= {point.name for point in chosen}
    died, copies = _deaths(site, LARGE, chosen, log)
    behind = sum(point.behind_dot for point in chosen)
    text = f"{LARGE.name}: died at {died} of {len(chosen)} points, {behind} of them behind a dot; {copies} copies"
    report("syscalls", f"{text} ({_counted(chosen)})", flow=LARGE.name, points=len(chosen), died=died, copies=copies)
    assert died == len(chosen)


def test_a_death_at_some_system_calls_loses_and_doubles_nothing(
    site_before: Callable[..., Site], tmp_path: Path
) -> None:
    site, log = site_before(SWEPT[3], 1), tmp_path / "trace"
    found = points(site, SWEPT[3], log)
    assert {"sendto", "pwrite64", "fdatasync", "unlink", "openat"} <= {point.name for point in found}
    died, _ = _deaths(site, SWEPT[3], random.sample(found, 3), log)
    assert died == 3


# --- errors -----------------------------------------------------------------------------------------------

_DISK, _NETWORK = ("ENOSPC", "EDQUOT", "EIO"), ("ECONNRESET", "ETIMEDOUT", "EPIPE")
#: Call → what may come back from it.
ERRORS = {
    "pwrite64": _DISK,
    "write": (*_DISK, "EPIPE"),
    "fdatasync": _DISK,
    "fsync": _DISK,
    "ftruncate": _DISK,
    "unlink": ("EIO",),
    "rename": _DISK,
    "openat": (*_DISK, "EMFILE"),
    "sendto": _NETWORK,
    "recvfrom": _NETWORK[:2],
    "socket": ("EMFILE",),
    "connect": _NETWORK[:2],
}
#: What fails is tried again five minutes later, and then the five minutes of an escalation (step 1) are over.
_LATE = ("staff_reminder",)
#: Runs over all flows; and how long a call is kept waiting.
WANTED = 640
DELAYS = ("3s", "30s")


def _failing(site: Site, flow: Flow, log: Path, chance: random.Random, wanted: int) -> dict[str, list[int]]:
    """So many runs, each with an error at one call (every fourth: at it and at all that follow).

    How they ended by error, the exit codes.
    """
    found = [point for point in points(site, flow, log) if point.name in ERRORS]
    # The calls that are few come as often as those that are many.
    by_name = {name: [point for point in found if point.name == name] for name in {point.name for point in found}}
    also = {name: chance.choice(found).moment for name in ("recvfrom", "socket", "connect")}
    ends: dict[str, list[int]] = {}
    for number in range(wanted):
        name = chance.choice([*by_name, *by_name, *also])
        point = chance.choice(by_name[name]) if name in by_name else Point(also[name], name, chance.randint(1, 12))
        error = chance.choice(ERRORS[name])
        lasting = "+" if number % 4 == 3 else ""
        what = traced.injecting(log, name, f"error={error}", f"{point.number}{lasting}")
        ended = run(site, flow, point.moment, what)
        where = f"{error} at {name} {point.number}{lasting} of {flow.name}"
        assert ended.code >= 0, f"{where}: {ended}"
        assert site.servers.password not in ended.log, f"the password is told: {where}: {ended}"
        ends.setdefault(error, []).append(ended.code)
        assert finish(site, flow, point.moment, allowed=_LATE) <= 1, where
    return ends


@pytest.mark.long
@pytest.mark.parametrize("flow", SWEPT, ids=_NAMES)
def test_an_error_of_any_system_call_loses_and_doubles_nothing(
    site_before: Callable[..., Site], tmp_path: Path, flow: Flow
) -> None:
    site = _telling_site(site_before, tmp_path, flow)
    ends = _failing(site, flow, tmp_path / "trace", random.Random(flow.name), WANTED // len(SWEPT))
    told = "; ".join(f"{error} {dict(sorted(Counter(codes).items()))}" for error, codes in sorted(ends.items()))
    report("errors", f"{flow.name}: {sum(map(len, ends.values()))} runs, exit codes by error: {told}", flow=flow.name)


def _telling_site(site_before: Callable[..., Site], folder: Path, flow: Flow) -> Site:
    """Logs in at both servers, and logs all that it ever logs."""
    password = folder / "smtp.password"
    password.write_text(MailServers.password)
    password.chmod(0o600)
    site = site_before(flow, 1, smtp={"username": "lpse", "password": {"file": str(password)}})
    written = site.config_file.read_text()
    assert "level: error" in written
    site.config_file.write_text(written.replace("level: error", "level: debug"))
    return site


def test_an_error_of_some_system_calls_loses_and_doubles_nothing(
    site_before: Callable[..., Site], tmp_path: Path
) -> None:
    site = _telling_site(site_before, tmp_path, SWEPT[3])
    ends = _failing(site, SWEPT[3], tmp_path / "trace", random.Random(), 3)
    assert sum(map(len, ends.values())) == 3


@pytest.mark.long
@pytest.mark.parametrize("delay", DELAYS)
def test_a_call_that_takes_long_loses_and_doubles_nothing(
    site_before: Callable[..., Site], tmp_path: Path, delay: str
) -> None:
    flow, log = SWEPT[2], tmp_path / "trace"
    site = site_before(flow, 1)
    found = [point for point in points(site, flow, log) if point.name in ("sendto", "fdatasync", "pwrite64")]
    chosen = random.Random(delay).sample(found, 8 if delay == "3s" else 3)
    for point in chosen:
        waiting = traced.injecting(log, point.name, f"delay_enter={delay}", str(point.number))
        ended = run(site, flow, point.moment, waiting)
        assert ended.code == 0, ended
        assert finish(site, flow, point.moment) == 0
    report("delays", f"{len(chosen)} calls kept waiting for {delay}: all done, no copy")
