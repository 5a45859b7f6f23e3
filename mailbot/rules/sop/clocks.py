"""When a clock's next stage is due. Pure arithmetic over the table's stages and the working calendar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailbot.model import Due, Duration, Status
from mailbot.rules.sop import reminders
from mailbot.rules.sop.table import HALF, WARNING, Clock, Stage

#: Adds a length to an instant in the site's service hours (`rules.worktime.service_hours`: Calendar.add), and the
#: instant that lies so much service before another one (Calendar.before).
Add = Callable[[datetime, Duration], Due]
Before = Callable[[datetime, Duration], datetime]
#: The end of service on the day of an instant in service hours (`Calendar.closes`).
Closes = Callable[[datetime], datetime]

ONE_WORKING_DAY = Duration(working_days=1)
ONE_WEEK = Duration(days=7)
#: Staff have 5 minutes of service hours to say what an unclear LKPP reply means.
CLASSIFY_WITHIN = Duration(minutes=5)
#: Step 12: the enquiry from which on the head of unit is told.
HEAD_FROM = 5
#: What fires later than this did not fire on its own day (mailbot stood still): the next length begins with it.
LATE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Timing:
    """A mailbox's lengths by name (`table.LENGTHS`, but those that are parts of others) for one priority, and how to
    add them."""

    priority: int
    add: Add
    before: Before
    closing: Closes
    lengths: Mapping[str, Duration]
    enquiries_max: int

    def due(self, stage: Stage, start: datetime) -> Due:
        """When a stage is due whose length begins at an instant. What closes a ticket by silence does so at the end of
        service of its day: the user is told of the day, and all of it is his."""
        due = self.over(stage.after, start)
        return replace(due, at=self.closing(due.at)) if stage.to is Status.CLOSED else due

    def over(self, name: str, start: datetime) -> Due:
        """When a length that begins at an instant is over; of a warning: when the limit is warned of, which is an hour
        before, and where each stage goes alone after three quarters."""
        if name.startswith(HALF):
            return self.add(start, half(self.lengths[name.removeprefix(HALF)]))
        if not name.startswith(WARNING):
            return self.add(start, self.lengths[name])
        limit = self.lengths[name.removeprefix(WARNING)]
        if reminders.is_urgent(self.priority, limit):
            return self.add(start, three_quarters(limit))
        end = self.add(start, limit)
        return Due(self.before(end.at, reminders.WARNED_BEFORE), end.estimated)

    def times(self, name: str) -> int | None:
        """How often a stage may fire; None: for ever."""
        if name == "always":
            return None
        if name == "enquiries_between":  # from the 2nd on, before the head of unit is told
            return self._before_head
        if name == "enquiries_last":  # from the 5th daily one on, or with the last, if there are fewer
            return max(0, self.enquiries_max - 1 - self._before_head)
        return 1

    @property
    def _before_head(self) -> int:
        return max(0, min(self.enquiries_max, HEAD_FROM) - 2)


@dataclass(frozen=True, slots=True)
class Moved:
    """A limit that staff have put off: to when, by whom, why, and for the how many-th time since the clock began."""

    to: datetime
    by: str
    why: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Running:
    """A running clock: `stage` is the index of the stage that fires at `due`, `fired` how often it did."""

    clock: str
    started_at: datetime
    stage: int
    fired: int
    due: datetime
    estimated: bool = False
    moved: Moved | None = None


def part(length: Duration, quarters: int, minutes_a_day: int = 450) -> Duration:
    """So many quarters of a length. A working day counts 7.5 hours (37.5 hours a week, Perpres 21/2023 art. 4)."""
    minutes = length.minutes + length.working_days * minutes_a_day + length.days * minutes_a_day
    return Duration(minutes=max(1, minutes * quarters // 4))


def half(length: Duration) -> Duration:
    return part(length, 2)


def three_quarters(length: Duration) -> Duration:
    return part(length, 3)


def _next_stage(clock: Clock, timing: Timing, index: int) -> int:
    """The first stage from `index` on that may fire at all (the last one always may)."""
    while timing.times(clock.stages[index].times) == 0:
        index += 1
    return index


def limit_of(clock: Clock) -> Stage:
    """The stage that is the limit itself: the first one that does not warn of it."""
    return next(stage for stage in clock.stages if not stage.warns)


def _in_time(clock: Clock, timing: Timing, index: int, started_at: datetime, now: datetime) -> int:
    """The first stage from `index` on that is no warning, or one that anybody is told of and that still lies ahead of
    `now` and before the limit: half of a working day (minutes) can end behind the whole, begun on a holiday."""
    limit = limit_of(clock).after
    end = timing.over(limit, started_at).at if clock.stages[index].warns else now
    while clock.stages[index].warns:
        told = reminders.goes_alone(timing.priority, timing.lengths[limit], clock.stages[index], 0)
        if told and now < timing.over(clock.stages[index].after, started_at).at < end:
            break
        index += 1
    return index


def begin(clock: Clock, started_at: datetime, timing: Timing) -> Running:
    """Start a clock at the arrival of the mail that started it, not at the time of polling."""
    index = _in_time(clock, timing, _next_stage(clock, timing, 0), started_at, started_at)
    due = timing.due(clock.stages[index], started_at)
    return Running(clock.name, started_at, index, 0, due.at, due.estimated)


def begin_late(clock: Clock, started_at: datetime, now: datetime, timing: Timing) -> Running:
    """A clock that counts from an instant before `now`: the limit is that instant's, but nobody is reminded of what he
    has only just begun."""
    running = begin(clock, started_at, timing)
    if running.due > now or not clock.stages[running.stage].warns:
        return running
    due = timing.due(clock.stages[running.stage], now)
    return replace(running, due=due.at, estimated=due.estimated)


def stage_of(clock: Clock, running: Running) -> Stage:
    return clock.stages[running.stage]


def advance(clock: Clock, running: Running, now: datetime, timing: Timing) -> Running:
    """The clock after its due stage fired at `now`.

    Dues follow each other without drift; what was missed while mailbot stood still is not made up for: each stage
    fires once, and who is reminded late gets the whole time that follows, counted from the reminder.
    """
    times = timing.times(stage_of(clock, running).times)
    fired = running.fired + 1
    if times is None or fired < times:
        index = running.stage
    else:
        index, fired = _next_stage(clock, timing, running.stage + 1), 0
        index = _in_time(clock, timing, index, running.started_at, now)
        while running.moved and clock.stages[index].warns:  # it was put off with a warning of its own
            index += 1
    stage = clock.stages[index]
    if stage.from_start:
        moved = running.moved
        due = Due(moved.to, running.estimated) if moved else timing.due(stage, running.started_at)
    else:
        due = timing.due(stage, running.due if now - running.due <= LATE else now)
        if due.at <= now:
            due = timing.due(stage, now)
    return replace(running, stage=index, fired=fired, due=due.at, estimated=due.estimated)


def times_fired(clock: Clock, running: Running, timing: Timing) -> int:
    """How often the clock has fired since its start."""
    before = clock.stages[: running.stage]
    return running.fired + sum(timing.times(stage.times) or 0 for stage in before)


def first_limit(clock: Clock, running: Running, timing: Timing) -> datetime:
    """The limit that the clock is about, from which lateness counts: its first stage that is no half-way mark, or to
    when staff have put it off."""
    if running.moved is not None:
        return running.moved.to
    index = clock.stages.index(limit_of(clock))
    if index == running.stage and running.fired == 0:
        return running.due
    return timing.due(clock.stages[index], running.started_at).at


def put_off(clock: Clock, running: Running, moved: Moved, now: datetime, timing: Timing, minutes: int) -> Running:
    """The clock goes on from the moved instant: what is due next is due then, and what warns of it before: an hour, or
    where each stage goes alone half-way. minutes: of service until the moved instant.

    What has fired stays fired, so that each stage still fires once.
    """
    limit = limit_of(clock).after
    if reminders.is_urgent(timing.priority, timing.lengths[limit]):
        warn_at = timing.add(now, Duration(minutes=minutes // 2)).at
    else:
        warn_at = timing.before(moved.to, reminders.WARNED_BEFORE)
    if not stage_of(clock, running).warns:
        return replace(running, due=moved.to, moved=moved)
    if warn_at > now:
        return replace(running, due=warn_at, moved=moved)
    index = clock.stages.index(limit_of(clock))
    return replace(running, stage=index, fired=0, due=moved.to, moved=moved)


def again(clock: Clock, running: Running, timing: Timing, now: datetime) -> Running:
    """The same stage under other lengths (a new priority): counted anew from the clock's start. What warns of the limit
    may be another stage at another priority: the first one that lies ahead."""
    if stage_of(clock, running).warns:
        index = _in_time(clock, timing, 0, running.started_at, now)
        due = timing.due(clock.stages[index], running.started_at)
        return replace(running, stage=index, due=due.at, estimated=due.estimated)
    if running.stage == 0 and running.fired == 0:
        return begin(clock, running.started_at, timing)
    due = timing.due(clock.stages[0], running.started_at)
    for index in range(running.stage + 1):
        stage = clock.stages[index]
        base = running.started_at if stage.from_start or index == 0 else due.at
        due = timing.due(stage, base)
    return replace(running, due=due.at, estimated=due.estimated)
