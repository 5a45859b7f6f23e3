"""Everything dies over and over while mail pours in: nothing is lost, no mail makes two tickets, nothing is said twice.

Dovecot, Postfix and the daemon are killed with SIGKILL and started again, at their own paces, while mails come in
bursts and all parties answer. Only one thing is allowed: that a mail lies there twice, to the byte the same, if it was
handed over once more because a death came between the final dot and its answer (RFC 1047).
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from tests.mailservers import MailServers
from tests.soak.faults import Pace, Storm
from tests.soak.mailboxes import Matters, Parties, count
from tests.soak.process import Program, Rehearsal, once
from tests.soak.town import LKPP, Matter, Site, Size, configuration, matters, owed_in_all
from tests.world import WIB

pytestmark = pytest.mark.mailservers


@dataclass(frozen=True)
class Trial:
    """How much and how hard. seconds: how long first mails keep coming. to_the_end: kill until the last answer too has
    been written. patience: seconds until all that is owed has come. speed: of the clock; None: the wall's."""

    size: Size
    pace: Pace
    seconds: float
    bursts: int
    patience: float
    to_the_end: bool = False
    speed: float | None = None


#: The clock runs fast, so that what a dead Postfix made wait a minute is tried again within the test. A connection on
#: which a dying server falls silent is given up after 90 seconds of the wall's (`servers.imap`), and the mail behind it
#: has its way before it.
SHORT = Trial(
    Size(4, {"waits": 1, "answered": 1, "solved": 1, "data": 1}, twice=1),
    Pace(servers=4, daemon=4.5, away=1),
    seconds=11,
    bursts=4,
    patience=150,
    speed=30,
)


def long_trial(minutes: float) -> Trial:
    """Five minutes bring 1,000 mails to 20 mailboxes, an hour 2,960."""
    share = max(1, round(minutes / 20))
    ways = {"waits": 12, "note": 2, "answered": 3, "solved": 2, "data": 2, "returned": 2}
    return Trial(
        Size(20, {way: share * count for way, count in ways.items()}, twice=4 * share),
        Pace(servers=20, daemon=30 if minutes < 60 else 60, away=3),
        seconds=60 * minutes,
        bursts=max(2, round(minutes * 2.4)),
        patience=900,
        to_the_end=True,
    )


@pytest.mark.timeout(300)
def test_kills_of_everything_lose_and_double_nothing(servers: MailServers, tmp_path: Path) -> None:
    _survive(servers, tmp_path, SHORT)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_thousands_of_mails_survive_an_hour_of_kills_of_everything(servers: MailServers, tmp_path: Path) -> None:
    """MAILBOT_STORM_MINUTES says how long the kills last (default 60)."""
    _survive(servers, tmp_path, long_trial(float(os.environ.get("MAILBOT_STORM_MINUTES", "60"))))


def _survive(servers: MailServers, folder: Path, trial: Trial) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    began = time.monotonic()
    rehearsal = None if trial.speed is None else Rehearsal(datetime(2026, 12, 21, 9, 0, tzinfo=WIB), trial.speed)
    config = configuration(servers, folder, trial.size)
    assert once(config, rehearsal.now() if rehearsal else None)  # the first start reads from now on
    everything = Matters(matters(trial.size))
    parties = Parties(servers, everything)
    with _running(Program(config, rehearsal)) as program:
        with Storm(servers, program, trial.pace, seed) as storm:
            _write(parties, everything, trial, seed)
            if trial.to_the_end:
                answers = parties.those_who_answer
                _look_until(parties, lambda: not answers(), answers, storm, trial.patience)
            storm.stop()
        calm = time.monotonic()
        _look_until(parties, lambda: not parties.missing, parties.those_who_wait, program, trial.patience)
        assert program.stop() == 0, program.log()
    _finish(config, rehearsal, trial.patience)
    servers.settle()

    everybody = {LKPP} | {person for each in everything.all for person in (each.user, *each.site.staff)}
    found = count(servers, everything, sorted(everybody))
    assert parties.delivered == trial.size.mails
    print(
        f"{parties.delivered} mails to {trial.size.sites} mailboxes (and {parties.delivered_again} tries at a dead"
        f" Dovecot), {len(everything.all)} tickets, {found.mails.total()} mails out; kills: {dict(storm.kills)};"
        f" copies: {found.resubmitted} handed over again by mailbot, {found.redelivered} by the servers themselves;"
        f" {calm - began:.0f} s of deaths, {time.monotonic() - calm:.0f} s afterwards"
    )
    assert min(storm.kills[name] for name in ("dovecot", "postfix", "daemon")) >= 2
    double = {matter: tags for matter, tags in found.tickets.items() if len(tags) != 1}
    assert not double, f"two tickets for one mail: {double}"
    tickets = [tag for tags in found.tickets.values() for tag in tags]
    assert len(set(tickets)) == len(everything.all), "two matters in one ticket"
    lost, doubled = owed_in_all(everything.all) - found.mails, found.mails - owed_in_all(everything.all)
    assert not lost and not doubled, f"lost: {lost}; doubled: {doubled}"
    assert not found.strays, f"nobody asked for: {found.strays}"
    assert not found.differing, f"copies differ: {found.differing}"
    assert found.resubmitted <= (storm.kills["daemon"] + storm.kills["postfix"]) * trial.size.sites
    for site in (Site(n) for n in range(1, trial.size.sites + 1)):
        unmarked = [uid for uid, flags in servers.flags(site.address).items() if "$Mailbot" not in flags]
        assert not unmarked, f"{site.address}: not marked as done: {unmarked}"


def _finish(config: Path, rehearsal: Rehearsal | None, patience: float) -> None:
    """Until nothing is left to be done: what may have arrived without an answer is handed over once more."""
    end = time.monotonic() + patience
    while not once(config, rehearsal.now() if rehearsal else None):
        assert time.monotonic() < end, f"after {patience:.0f} s something is still to be tried again"
        time.sleep(1)


@contextmanager
def _running(program: Program) -> Iterator[Program]:
    program.start()
    try:
        yield program
    finally:
        program.close()


def _write(parties: Parties, everything: Matters, trial: Trial, seed: int) -> None:
    """The first mails, in bursts over the whole time; some a second time, later; and whatever is answered to ours."""
    order = _order(everything.all, trial.size.twice, random.Random(seed))
    began = time.monotonic()
    for number in range(trial.bursts):
        while time.monotonic() < began + trial.seconds * number / trial.bursts:
            parties.look(parties.those_who_answer())
            time.sleep(0.2)
        for matter, way in order[len(order) * number // trial.bursts : len(order) * (number + 1) // trial.bursts]:
            parties.write(matter, way)
    while time.monotonic() < began + trial.seconds:
        parties.look(parties.those_who_answer())
        time.sleep(0.2)


def _order(all_matters: list[Matter], twice: int, chance: random.Random) -> list[tuple[Matter, str]]:
    """Who is written to in which order, and by which way; what comes a second time comes later, by another way."""
    plan: list[tuple[float, Matter, str]] = []
    for matter in all_matters:
        first = chance.random()
        plan.append((first, matter, "mx1"))
        siblings = [each for each in all_matters if each.site == matter.site]
        if siblings.index(matter) < twice:
            plan.append((chance.uniform(first, 1), matter, "mx2"))
    return [(matter, way) for _, matter, way in sorted(plan, key=lambda each: each[0])]


def _look_until(
    parties: Parties,
    done: Callable[[], bool],
    where: Callable[[], list[str]],
    watched: Storm | Program,
    patience: float,
) -> None:
    end = time.monotonic() + patience
    while not done():
        watched.check()
        assert time.monotonic() < end, f"after {patience:.0f} s still missing: {parties.still_missing()}"
        parties.look(where())
        time.sleep(0.2)
