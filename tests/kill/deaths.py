"""Deaths on the way of a flow: at its fault points in turn, or at any moment. The flow is begun anew from its state
before it until so many have died."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from math import ceil

from mailbot.killpoint import POINTS
from tests.kill.flows import Flow
from tests.kill.site import Site

#: Here the server may have the mail, and it is not on disk that it has.
AFTER_THE_DOT = ("dot_sent", "after_dot")
#: Deaths here are charged: to the mail in hand (after the third it is quarantined), or to the one under way (after the
#: third it rests). So the first of them may come at the first passing, every other one at the second: then what died
#: before has been done meanwhile.
_CHARGED = (
    ("attempt_counted", "parted", "handling", "quarantining"),
    ("claimed", "handed_over", "dot_sent", "after_dot"),
)
#: Passed once a run, or with nothing left of the thing in hand: there may not be a second passing.
_DONE = (
    *("filed", "journalled", "handled", "marked", "recovered", "fired", "accepted", "refused", "settled"),
    *("listing", "reporting"),
)
#: Nothing is recovered before something was under way.
_ORDER = [*POINTS]
_ORDER.insert(_ORDER.index("handed_over"), _ORDER.pop(_ORDER.index("recovered")))


@dataclass
class Tally:
    """What came of it: deaths by point, copies with the same Message-ID; and the size of it all."""

    deaths: Counter[str] = field(default_factory=Counter)
    copies: int = 0
    runs: int = 0
    mails_in: int = 0
    mails_out: int = 0

    @property
    def killed(self) -> int:
        return self.deaths.total()

    @property
    def after_the_dot(self) -> int:
        return sum(self.deaths[point] for point in AFTER_THE_DOT)

    def line(self) -> str:
        at = ", ".join(f"{point} {self.deaths[point]}" for point in (*POINTS, "any moment") if self.deaths[point])
        return (
            f"{self.killed} deaths in {self.runs} runs, {self.mails_in} mails in, {self.mails_out} out: "
            f"0 lost, 0 doubled, {self.copies} copies with the same Message-ID ({at})"
        )


def _begin(site: Site, tally: Tally) -> None:
    tally.runs += 1
    site.restore()


def _end(site: Site, flow: Flow, count: int, tally: Tally) -> None:
    owed = flow.owed(flow.numbers(count))
    tally.copies += site.audit(owed)
    tally.mails_out += owed.total()


def at_points(site: Site, flow: Flow, count: int, times: Counter[str]) -> Tally:
    """So many deaths at each of these points, in their order on each run. AssertionError if one is never reached."""
    tally, chance = Tally(), random.Random(flow.name)
    runs = max(times[point] for group in _CHARGED for point in group) or ceil(max(times.values()) / 6)
    barren = 0
    while left := times - tally.deaths:
        before = tally.killed
        _begin(site, tally)
        plan = [point for point in _ORDER for _ in range(min(left[point], ceil(times[point] / runs)))]
        for moment in flow.moments:
            site.at(moment.when)
            for write in moment.writes(site, flow.numbers(count)):
                write()
                tally.mails_in += 1
            plan = _die(site, plan, tally, chance)
        _end(site, flow, count, tally)
        barren = barren + 1 if tally.killed == before else 0
        assert barren < 5, f"{flow.name}: never reached: {sorted(left)}"
    return tally


def _die(site: Site, plan: list[str], tally: Tally, chance: random.Random) -> list[str]:
    """One death after the other, until a round survives; the points that are left."""
    charged: set[tuple[str, ...]] = set()
    for number, point in enumerate(plan):
        group = next((group for group in _CHARGED if point in group), None)
        passing = 1 if group not in charged and chance.random() < 0.5 else 2
        passing = 1 if point in _DONE else passing
        if group is not None:
            charged.add(group)
        ended = site.round(fault=f"{point}:{passing}")
        if not ended.killed:
            assert ended.code == 0, ended
            site.servers.settle()
            return plan[number:]
        tally.deaths[point] += 1
    site.recover()
    return []


def at_any_moment(site: Site, flow: Flow, count: int, wanted: int, *, trickle: bool) -> Tally:
    """So many deaths between 0.05 s after its start and the usual end of a round.

    trickle: the first mails come one by one, each before a death, not all of them at once.
    """
    tally, chance = Tally(), random.Random(f"{flow.name} {trickle}")
    usual: dict[str, float] = {}  # seconds of an undisturbed round, by moment
    while tally.killed < wanted:
        _begin(site, tally)
        for moment in flow.moments:
            site.at(moment.when)
            writes = list(moment.writes(site, flow.numbers(count)))
            tally.mails_in += len(writes)
            # No more than two: a mail that has seen three is quarantined, for it may be what kills.
            for _ in range(2):
                for write in writes[:1] if trickle else writes:
                    write()
                del writes[: 1 if trickle else None]
                if tally.killed < wanted:
                    after = chance.uniform(0.05, max(0.1, usual.get(moment.when, 0.6)))
                    tally.deaths["any moment"] += site.round(kill_after=after).killed
                site.now += moment.between
            for write in writes:
                write()
            usual[moment.when] = site.recover()[1]
        _end(site, flow, count, tally)
    return tally
