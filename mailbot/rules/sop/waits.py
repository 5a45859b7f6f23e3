"""What the running clocks of a ticket ask, and of whom: the work lists are a view of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailbot.model import Event, Role, Ticket
from mailbot.rules.sop import clocks, reminders
from mailbot.rules.sop.clocks import Running, Timing
from mailbot.rules.sop.conditions import Settings
from mailbot.rules.sop.decide import decide_stage
from mailbot.rules.sop.table import Stage, Table


@dataclass(frozen=True, slots=True)
class Wait:
    """One running clock. limit: what it is about. asked: whom of the LPSE's people its limit concerns. reached: those
    of them whose stage has come, whether or not a mail has told them; none while the limit lies ahead."""

    running: Running
    limit: datetime
    asked: frozenset[Role]
    reached: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the clocks of a mailbox go by."""

    table: Table
    settings: Settings


def waits(rules: Rules, ticket: Ticket, running: Sequence[Running], timing: Timing, now: datetime) -> list[Wait]:
    """Those of a ticket's clocks, the earliest limit first."""
    found = [_wait(rules, ticket, one, timing, now) for one in running if one.clock in rules.table.clocks]
    return sorted(found, key=lambda one: one.limit)


def _wait(rules: Rules, ticket: Ticket, running: Running, timing: Timing, now: datetime) -> Wait:
    clock = rules.table.clocks[running.clock]
    event = Event(kind=f"due.{clock.name}", at=now, name="mailbot")

    def concerned(stage: Stage) -> set[Role]:
        decision = decide_stage(rules.table, ticket, event, rules.settings, clock.name, stage)
        return reminders.told_by(decision.effects)

    limit = clocks.first_limit(clock, running, timing)
    reached: set[Role] = set()
    if limit <= now:
        begun = running.stage + int(running.fired > 0 or running.due <= now)
        for stage in clock.stages[:begun]:
            if not stage.warns and timing.times(stage.times) != 0:
                reached |= concerned(stage)
    return Wait(running, limit, frozenset(concerned(clocks.limit_of(clock))), frozenset(reached))
