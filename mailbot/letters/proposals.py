"""What a user's mail is about, as proposals to staff: problem, priority and rekap category, each with its reason.

A new ticket begins with the proposed priority. Later mails only remark on it, but while nobody has acted a higher one
is taken over at once: whoever's bid closes in an hour must not wait because his first mail did not say so. Nothing is
ever lowered, and what staff have set with `#prioritas` stays.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mailbot import letters
from mailbot.config.site import Site
from mailbot.parsers.mime.sealed import without_notices
from mailbot.rules import problems, topic
from mailbot.rules.sop import clocks
from mailbot.rules.topic import Topic
from mailbot.sentences import Sentences
from mailbot.tickets import tickets
from mailbot.tickets.case import Case
from mailbot.tickets.work import Reading, Work

_SAID = Sentences(__file__)

#: The clocks whose limits the Tabel Prioritas sets: also step 11's target.
_BY_PRIORITY = ("first_response", "handling", "next_response", "direction", "target")
#: The clocks by which the user owes an answer or data.
_ASK_USER = ("request", "user_data")

#: What is stored of a ticket that complains about the LPSE's service or its staff.
COMPLAINT = "complaint"
CATEGORY_OF_COMPLAINTS = problems.COMPLAINT


def read(site: Site, subject: str, own: str, forwarded: str = "", known: Topic | None = None) -> Reading:
    """Read a mail's subject and own new text; what it forwards only where these say nothing ("Mohon ditindaklanjuti").

    Secrets must be masked already: the words found stand in the reasons. known: what was found in some words already,
    by the rules that come with mailbot.
    """
    reading = _read(site, subject, own, known if site.reads_by_ours else None)
    if reading.about.known or not forwarded.strip():
        return reading
    from_below = _read(site, "", forwarded)
    return Reading(from_below.about, from_below.priority, forwarded=True) if from_below.about.known else reading


def _read(site: Site, subject: str, text: str, known: Topic | None = None) -> Reading:
    found = None
    if known is not None and (known.subject, known.text) == (subject, text):
        found = topic.heard(known, site.problems)
    if found is None:
        parts = problems.read(subject, without_notices(text), site.problems.spelling)
        found = topic.read(parts, topic.Rules(site.problems, site.priorities.deadline, site.problem_reader))
    return Reading(found.about, found.priority, nearest=found.nearest)


# --- reasons, in the words of the staff's mails ------------------------------------------------------


def problem_words(found: problems.Problem) -> str:
    return f"{found.title} ({found.code})"


def problem_reason(reading: Reading) -> str:
    """The words, the rule, and what else the mail speaks of."""
    found = reading.about.found
    if not found and reading.nearest is not None:
        problem, words = reading.nearest
        told = ", ".join(f"“{word}”" for word in words)
        return _SAID("nearest", problem=problem_words(problem), words=told, code=problem.code)
    if not found:
        return _SAID("no_words")
    first, *others = found
    also = "".join(f"; {_SAID('also', code=other.code)} (“{other.words}”)" for other in others)
    by_rule = _SAID("by_rule", words=first.words, also=also)
    return _SAID("forwarded", reason=by_rule) if reading.forwarded else by_rule


def priority_reason(reading: Reading) -> str:
    proposed, primary = reading.priority, reading.about.primary
    if proposed.raised:
        return _SAID("raised", level=primary.priority, code=primary.code, words=proposed.words)
    if proposed.words and proposed.level > 1:
        return _SAID("default_but", code=primary.code, words=proposed.words)
    return _SAID("default", code=primary.code) if reading.about.known else _SAID("default_of_unknown")


def category_reason(reading: Reading) -> str:
    words = reading.about.category_words
    if not words:
        return _SAID("neither")
    return _SAID("question_mark") if words == "?" else f"“{words}”"


# --- with the ticket ---------------------------------------------------------------------------------


def propose(work: Work, reading: Reading) -> None:
    """For a new ticket: the proposals and a note in its history."""
    for what, value, reason in _three(reading):
        _store(work, what, value, reason)
    if words := reading.about.about_service:
        _store(work, COMPLAINT, reading.about.category, f"“{words}”")
    work.noted.append(
        _SAID(
            "proposed",
            problem=reading.about.primary.code,
            problem_reason=problem_reason(reading),
            level=reading.priority.level,
            priority_reason=priority_reason(reading),
            category=reading.about.category,
            category_reason=category_reason(reading),
        )
    )


def complaint_about_service(work: Work) -> str:
    """The words by which the mail in hand complains about the LPSE's service or its staff, "" where it does not."""
    reading = work.given.kept.reading
    return "" if reading is None or work.given.again else reading.about.about_service


def compare(work: Work, reading: Reading, *, believed: bool) -> None:
    """For a later mail of the user. believed: not so proven forged that it may change nothing."""
    if not reading.about.known:
        return
    acted = work.ticket.first_response_at is not None or not believed
    _compare_problem(work, reading, acted=acted)
    _compare_priority(work, reading, acted=acted)


def _compare_problem(work: Work, reading: Reading, *, acted: bool) -> None:
    if work.ticket.problem is not None:  # staff have said what it is
        return
    before = work.proposals().get("problem")
    code = reading.about.primary.code
    if before is not None and (before[0] == code or f"{_SAID('also', code=code)} " in before[1]):
        return
    known = not acted and (before is None or before[0] == work.site.problems.unknown.code)
    if known:
        for what, value, reason in _three(reading):
            if what != "priority":
                _store(work, what, value, reason)
    problem, reason = problem_words(reading.about.primary), problem_reason(reading)
    work.remarks.append(_SAID("now_known" if known else "other_problem", problem=problem, reason=reason))


def _compare_priority(work: Work, reading: Reading, *, acted: bool) -> None:
    level = reading.priority.level
    if level >= work.ticket.priority:
        return
    label, reason = letters.priority_label(work.site, level), priority_reason(reading)
    if acted or tickets.priority_by_staff(work.store, work.ticket.id):
        work.proposes = level
        work.remarks.append(_SAID("other_priority", priority=label, reason=reason, level=level))
        return
    move_priority(work, level)
    _store(work, "priority", str(level), reason)
    work.remarks.append(_SAID("priority_raised", priority=label, reason=reason))


def move_priority(work: Work, level: int) -> None:
    """A new priority moves the limits that follow from it; they go on counting from the clock's start. Of what is
    asked of the user only the first: the reminder has named the day on which silence closes his ticket. Staff are told
    the limits that moved: that is what a priority is for."""
    raised = level < work.ticket.priority
    before, timing = work.site.timing(work.ticket.priority), work.site.timing(level)
    work.change(priority=level)
    for deadline_id, running in tickets.running(work.store, work.ticket.id):
        asks_user = running.clock in _ASK_USER and (running.stage, running.fired) == (0, 0)
        if asks_user or running.clock in _BY_PRIORITY:
            clock = work.site.table.clocks[running.clock]
            was = clocks.first_limit(clock, running, before)
            if running.moved is not None and not raised:
                continue
            if running.moved is not None:  # what has become more urgent does not wait until next week
                running = replace(running, moved=None)
                work.remarks.append(_SAID("postponement_gone"))
            moved = clocks.again(clock, running, timing, work.now)
            tickets.move_clock(work.store, deadline_id, moved)
            limit = clocks.first_limit(clock, moved, timing)
            if limit != was:
                passed = _SAID("passed") if limit < work.now else ""
                at = work.site.say(limit, estimated=moved.estimated)
                work.remarks.append(_SAID("limit_now", what=clock.title, at=at, passed=passed))


def _three(reading: Reading) -> tuple[tuple[str, str, str], ...]:
    return (
        ("problem", reading.about.primary.code, problem_reason(reading)),
        ("priority", str(reading.priority.level), priority_reason(reading)),
        ("category", reading.about.category, category_reason(reading)),
    )


def _store(work: Work, what: str, value: str, reason: str) -> None:
    tickets.propose(work.store, work.ticket.id, what, value, reason, journal_id=work.event.journal_id, at=work.event.at)


def line(case: Case) -> str:
    """The command that sets what is proposed of a ticket; "" where nothing is, or nobody knows what it is about."""
    kept = case.proposals()
    if not {"problem", "priority", "category"} <= set(kept) or kept["problem"][0] == case.site.problems.unknown.code:
        return ""
    return _SAID("set", level=kept["priority"][0], problem=kept["problem"][0], category=kept["category"][0].lower())


def values(case: Case) -> dict[str, Any] | None:
    """A ticket's proposals in words for a staff mail; None: there are none."""
    kept = case.proposals()
    if "problem" not in kept or "priority" not in kept or "category" not in kept:
        return None
    rules, ticket = case.site.problems, case.ticket
    set_by_staff = _SAID("set_by_staff")  # their word stands above every proposal
    row = rules.get(ticket.problem) or rules.get(kept["problem"][0]) or rules.unknown
    return {
        "problem": problem_words(row),
        "problem_reason": set_by_staff if ticket.problem else kept["problem"][1],
        "owner": rules.owners[row.owner],
        "priority": letters.priority_label(case.site, int(kept["priority"][0])),
        "priority_reason": kept["priority"][1],
        "category": ticket.category or kept["category"][0],
        "category_reason": set_by_staff if ticket.category else kept["category"][1],
    }
