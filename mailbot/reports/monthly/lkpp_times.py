"""The times of the escalation: the LPSE's two steps of five minutes, and LKPP's answers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.model import Status
from mailbot.reports.monthly.figures import Lkpp, Step, spread
from mailbot.reports.monthly.month import Change, Life, Month, Run

_WITH_LKPP = (Status.ESCALATED, Status.AWAITING_DATA)
#: LKPP's answers → the step of SOP-LPSE.BTG-015 under which they are measured.
_ANSWERS = {"lkpp.returned": "4", "lkpp.data_request": "6", "lkpp.progress": "12", "lkpp.solved": "13"}
#: LKPP has written, and staff are asked what that means.
_UNCLEAR = ("lkpp.unclear", "lkpp.refused", "lkpp.redirect")
#: What gives LKPP something: its server has our mail.
_GIVES = ("sent.lkpp_escalation", "sent.lkpp_additional_data")
#: What ends the clocks of steps 1 and 9: that, or the number in LPSE Support.
_DONE = (*_GIVES, "staff.tts")
#: The clocks of the two steps that bind the LPSE to five minutes.
_OURS = {"escalation": "1", "forwarding": "9"}


def of_month(month: Month) -> Lkpp:
    escalations, enquiries = 0, 0
    lengths: dict[str, list[tuple[int, bool]]] = {step: [] for step in ("1", "9", *_ANSWERS.values())}
    each: list[int] = []
    for life in month.lives:
        enquiries += sum(month.has(at) for at in life.asked)
        for run in life.runs:
            if (step := _OURS.get(run.clock)) and run.ended is not None and _was_sent(life, run):
                late = month.late(run.started, run.ended, month.step_limits[step])
                lengths[step] += [(month.minutes(run.started, run.ended), late)] if month.has(run.ended) else []
        for one in _answers(month, life):
            if not month.has(one.at):
                continue
            if not one.step:
                escalations += 1
                continue
            lengths[one.step].append((one.minutes, False))
            if one.step in ("4", "13"):
                each.append(sum(one.since <= at <= one.at for at in life.asked))
    steps = tuple(
        Step(step, spread([n for n, _ in found], sum(late for _, late in found)), month.step_limits.get(step))
        for step, found in lengths.items()
    )
    mean = round(sum(each) / len(each), 1) if each else None
    return Lkpp(escalations, enquiries, len(each), mean, steps)


def _was_sent(life: Life, run: Run) -> bool:
    """Whether this run ended with what it watches, and was not broken off."""
    return any(one.at == run.ended and one.event in _DONE for one in life.changes)


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer of LKPP to the escalation at `since`; step "": the escalation itself. at: when LKPP wrote it. minutes:
    see `_answers`."""

    since: datetime
    at: datetime
    step: str = ""
    minutes: int = 0


def _answers(month: Month, life: Life) -> Iterator[_Answer]:
    """Escalations and what LKPP answered to them. Its time to an answer is that in which the ticket was escalated, from
    the last escalation on; of news (steps 12 and 14) since it was last given something or last wrote."""
    escalated = given = last = unclear = None
    held = timedelta()
    for one in _last_readings(month.known(life)):
        if last is not None and last.after is Status.ESCALATED:
            held += month.calendar.service_between(last.at, one.at)
        last = one
        if one.event == "staff.escalate" and one.after is Status.ESCALATED and one.before is not Status.ESCALATED:
            escalated = given = one.at
            held, unclear = timedelta(), None
            yield _Answer(one.at, one.at)
        elif escalated is None or given is None or one.before not in _WITH_LKPP:
            continue
        elif one.event in _GIVES:
            given = one.at
        elif one.event in _UNCLEAR:
            unclear = unclear or (one.at, held)
        elif one.event in _ANSWERS:
            at, took = unclear or (one.at, held)
            step = _ANSWERS[one.event]
            length = month.calendar.service_between(given, at) if step == "12" else took
            yield _Answer(escalated, at, step, length // timedelta(minutes=1))
            given, unclear = at, None


def _last_readings(known: Sequence[Change]) -> Iterator[Change]:
    """Without the readings of a mail that was read anew, after `#batal`."""
    last = {one.mail: index for index, one in enumerate(known)}
    read = (*_ANSWERS, *_UNCLEAR)
    return (
        one for index, one in enumerate(known) if one.event not in read or one.mail is None or last[one.mail] == index
    )
