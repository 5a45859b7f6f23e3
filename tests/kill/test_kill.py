"""kill -9 at every named point and at any moment: nothing is lost, nothing is done twice.

A death is real (SIGKILL of the process), the servers are Dovecot and Postfix, and what is counted are the mails
in the parties' mailboxes. Only one thing is allowed: that a mail lies there twice, to the byte the same, if the
program died after the final dot and before it had written down the server's answer (RFC 1047).
"""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.kill.child import Office, finish, start
from tests.kill.conversation import ON_THE_WAY, STEPS, audit, deaths
from tests.kill.deaths import AFTER_THE_DOT
from tests.mailservers import MailServers

pytestmark = [pytest.mark.mailservers, pytest.mark.timeout(300)]


def _talk(office: Office, plan: dict[int, list[str]]) -> int:
    """The whole conversation with these deaths; the number of copies at its end."""
    for number, step in enumerate(STEPS):
        office.at(step.when)
        step.write(office)
        for fault in plan[number]:
            office.die(fault)
        office.once()
    return audit(office)


def _after_the_dot(plan: dict[int, list[str]]) -> int:
    return sum(fault.startswith(AFTER_THE_DOT) for faults in plan.values() for fault in faults)


@pytest.mark.parametrize("first", [0, 5])
def test_a_death_at_each_point_loses_and_doubles_nothing(servers: MailServers, tmp_path: Path, first: int) -> None:
    plan = deaths(ON_THE_WAY[first:] + ON_THE_WAY[:first], first)
    copies = _talk(Office(servers, tmp_path), plan)
    print(f"{len(ON_THE_WAY)} deaths: {copies} copies with the same Message-ID")
    assert copies == _after_the_dot(plan)


def test_deaths_over_a_refusal_lose_and_double_no_notice(servers: MailServers, tmp_path: Path) -> None:
    """Our server refuses these users' addresses for good: staff hear of each exactly once."""
    office, times = Office(servers, tmp_path), 2
    users = [f"unknown@penyedia{number}.test" for number in range(times)]
    for user in users:
        office.write(user, "Mohon bantuan.", subject="Mohon bantuan", sender=f"Pengguna <{user}>")
    for _ in users:
        office.die("refused:1")
    office.once()
    told = [one for one in office.letters("petugas") if one.template == "staff_undeliverable"]
    assert len(told) == len({one.message_id for one in told}) == times
    assert all(any(user in one.text for one in told) for user in users)


def test_an_acceptance_recorded_just_before_a_death_still_stops_its_clock(servers: MailServers, tmp_path: Path) -> None:
    """SOP step 1: LKPP's server has the escalation in time, so that nobody is reminded of it five minutes later."""
    office = Office(servers, tmp_path)
    office.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    office.once()
    office.write("petugas", "#eskalasi\nRingkasan:\nTidak bisa masuk\n", answers=office.last("petugas"))
    for _ in ("receipt", "escalation", "word to the user"):
        office.die("accepted:1")
    office.now += timedelta(minutes=10)
    office.once()
    assert sorted(one.template for one in office.letters("petugas")) == ["staff_new_ticket", "staff_receipt"]
    office.at("2026-12-23 11:00")
    office.once()
    assert [one.template for one in office.letters("lkpp")] == ["lkpp_escalation", "lkpp_status_enquiry"]


@pytest.mark.parametrize("wanted", [4, pytest.param(100, marks=[pytest.mark.long, pytest.mark.timeout(1200)])])
def test_a_death_at_any_moment_loses_and_doubles_nothing(servers: MailServers, tmp_path: Path, wanted: int) -> None:
    killed = copies = talks = 0
    while killed < wanted:
        talks += 1
        (tmp_path / str(talks)).mkdir()
        office = Office(servers, tmp_path / str(talks))
        usual = 0.8  # seconds a round takes; measured anew at each
        for step in STEPS:
            office.at(step.when)
            step.write(office)
            for _ in range(2 if killed < wanted else 0):
                killed += _killed_somewhere(office, usual)
            began = time.monotonic()
            assert finish(start(office.config_file, office.now)).code == 0
            usual = time.monotonic() - began
            servers.settle()
        copies += audit(office)
        servers.wipe()
    print(f"{killed} deaths at any moment in {talks} conversations: {copies} copies with the same Message-ID")
    assert copies <= killed


def _killed_somewhere(office: Office, usual: float) -> bool:
    """Kill a round at a moment between the end of its imports and its usual end; False: it was done before."""
    process = start(office.config_file, office.now)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(random.uniform(0.6, 1.0) * usual)
    process.send_signal(signal.SIGKILL)
    return finish(process).killed
