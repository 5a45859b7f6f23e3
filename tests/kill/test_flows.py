"""SIGKILL on every way of a mail through the office: at each fault point, and at any moment.

The servers are Dovecot and Postfix, and what is counted are the mails in the parties' mailboxes: by ticket tag, kind
and Message-ID. A mail may lie there twice, to the byte the same, only for a death between its final dot and the moment
when the server's answer is on disk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import ceil

import pytest

from mailbot.killpoint import POINTS
from tests.kill.deaths import Tally, at_any_moment, at_points
from tests.kill.figures import report
from tests.kill.flows import FLOWS, LKPP_ANSWER, OVERDUE, REPORTS, WORKLISTS, Flow
from tests.kill.site import Site

pytestmark = [pytest.mark.mailservers, pytest.mark.timeout(3600)]

#: Deaths at each point, over all flows that pass it; and at any moment, over all flows.
AT_EACH_POINT, AT_ANY_MOMENT = 100, 1000
_MATTERS = 4
_NAMES = [flow.name for flow in FLOWS]
_SENDING = tuple(flow for flow in FLOWS if "after_dot" in flow.points)
_SENDS = ("recovered", "claimed", "handed_over", "dot_sent", "after_dot", "accepted")
#: A hidden copy of every mail, looked for before one that may have left goes out again.
PROOF = {"bcc": "lpse+proof@batangkab.test", "folder": "proof", "wait": "1s"}


def test_every_fault_point_lies_on_the_way_of_a_flow() -> None:
    assert {point for flow in FLOWS for point in flow.points} == set(POINTS)


def _times(flow: Flow) -> Counter[str]:
    passed_by = Counter(point for each in FLOWS for point in each.points)
    return Counter({point: ceil(AT_EACH_POINT / passed_by[point]) for point in flow.points})


@pytest.mark.long
@pytest.mark.parametrize("flow", FLOWS, ids=_NAMES)
def test_deaths_at_each_point_of_a_flow_lose_and_double_nothing(site_before: Callable[..., Site], flow: Flow) -> None:
    tally = at_points(site_before(flow, _MATTERS), flow, _MATTERS, _times(flow))
    _report("points", flow, tally)
    assert tally.copies <= tally.after_the_dot


@pytest.mark.long
@pytest.mark.parametrize("trickle", [False, True], ids=["burst", "trickle"])
@pytest.mark.parametrize("flow", FLOWS, ids=_NAMES)
def test_deaths_at_any_moment_of_a_flow_lose_and_double_nothing(
    site_before: Callable[..., Site], flow: Flow, trickle: bool
) -> None:
    wanted = ceil(AT_ANY_MOMENT / len(FLOWS) / 2)
    tally = at_any_moment(site_before(flow, _MATTERS), flow, _MATTERS, wanted, trickle=trickle)
    _report("moments", flow, tally)
    assert tally.copies <= tally.killed


@pytest.mark.long
@pytest.mark.parametrize("flow", _SENDING, ids=[flow.name for flow in _SENDING])
def test_with_proof_deaths_while_sending_make_no_copy(site_before: Callable[..., Site], flow: Flow) -> None:
    times = Counter({point: ceil(AT_EACH_POINT / len(_SENDING)) for point in _SENDS})
    tally = at_points(site_before(flow, _MATTERS, proof=PROOF), flow, _MATTERS, times)
    _report("points with proof", flow, tally)
    assert tally.copies == 0


@pytest.mark.long
@pytest.mark.parametrize("flow", _SENDING, ids=[flow.name for flow in _SENDING])
def test_with_proof_deaths_at_any_moment_make_no_copy(site_before: Callable[..., Site], flow: Flow) -> None:
    wanted = ceil(AT_ANY_MOMENT / len(_SENDING) / 2)
    tally = at_any_moment(site_before(flow, _MATTERS, proof=PROOF), flow, _MATTERS, wanted, trickle=False)
    _report("moments with proof", flow, tally)
    assert tally.copies == 0


def _report(test: str, flow: Flow, tally: Tally) -> None:
    report(
        test,
        f"{flow.name}: {tally.line()}",
        flow=flow.name,
        deaths=dict(tally.deaths),
        copies=tally.copies,
        mails_in=tally.mails_in,
        mails_out=tally.mails_out,
    )


def test_with_proof_a_death_after_the_dot_makes_no_copy(site_before: Callable[..., Site]) -> None:
    """The short form."""
    flow = LKPP_ANSWER
    tally = at_points(site_before(flow, 2, proof=PROOF), flow, 2, Counter({"dot_sent": 1, "after_dot": 1}))
    assert (tally.killed, tally.copies) == (2, 0)


def test_deaths_in_a_flow_lose_and_double_nothing(site_before: Callable[..., Site]) -> None:
    """The short form: one flow, at points that the conversation does not pass."""
    flow = next(flow for flow in FLOWS if "quarantining" in flow.points)
    times = Counter({point: 1 for point in ("quarantining", "recovered", "handed_over", "dot_sent", "settled")})
    tally = at_points(site_before(flow, 2), flow, 2, times)
    report("points", f"{flow.name}: {tally.line()}")
    assert tally.copies <= tally.after_the_dot


@pytest.mark.parametrize(
    ("flow", "point"),
    [(WORKLISTS, "listing"), (OVERDUE, "fired"), (REPORTS, "reporting")],
    ids=["lists", "sweep", "reports"],
)
def test_deaths_while_reminders_are_written_lose_and_double_none(
    site_before: Callable[..., Site], flow: Flow, point: str
) -> None:
    tally = at_points(site_before(flow, 4), flow, 4, Counter({point: 2, "settled": 1}))
    report("points", f"{flow.name}: {tally.line()}")
    assert tally.copies <= tally.after_the_dot
