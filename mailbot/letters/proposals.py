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
from mailbot.rules import priority as priorities
from mailbot.rules import problems
from mailbot.rules.sop import clocks
from mailbot.tickets import tickets
from mailbot.tickets.case import Case
from mailbot.tickets.work import Reading, Work


def read(site: Site, subject: str, own: str, forwarded: str = "") -> Reading:
    """Read a mail's subject and own new text; what it forwards only where these say nothing ("Mohon ditindaklanjuti").

    Secrets must be masked already: the words found stand in the reasons.
    """
    reading = _read(site, subject, own)
    if reading.about.known or not forwarded.strip():
        return reading
    from_below = _read(site, "", forwarded)
    return Reading(from_below.about, from_below.priority, forwarded=True) if from_below.about.known else reading


def _read(site: Site, subject: str, text: str) -> Reading:
    parts = problems.read(subject, text, site.problems.spelling)
    about = problems.judge(parts, site.problems)
    return Reading(about, priorities.propose(about, parts, site.problems, site.priorities.deadline))


# --- reasons, in the words of the staff's mails ------------------------------------------------------


def problem_words(found: problems.Problem) -> str:
    return f"{found.title} ({found.code})"


def problem_reason(reading: Reading) -> str:
    """The words, the rule, and what else the mail speaks of."""
    found = reading.about.found
    if not found:
        return "tidak ada kata yang dikenali"
    first, *others = found
    also = "".join(f"; juga {other.code} (“{other.words}”)" for other in others)
    where = "dari e-mail yang diteruskan: " if reading.forwarded else ""
    return f"{where}“{first.words}”, aturan {first.rule}{also}"


def priority_reason(reading: Reading) -> str:
    proposed, primary = reading.priority, reading.about.primary
    if proposed.raised:
        return f"dinaikkan dari P{primary.priority} ({primary.code}) karena “{proposed.words}”"
    if proposed.words and proposed.level > 1:
        return f"bawaan {primary.code}; disebut pula “{proposed.words}”, mohon diperiksa"
    return f"bawaan {primary.code}" if reading.about.known else "bawaan bila jenisnya belum dikenali"


def category_reason(reading: Reading) -> str:
    words = reading.about.category_words
    if not words:
        return "bukan pengaduan dan bukan pertanyaan"
    return "tanda tanya" if words == "?" else f"“{words}”"


# --- with the ticket ---------------------------------------------------------------------------------


def propose(work: Work, reading: Reading) -> None:
    """For a new ticket: the proposals and a note in its history."""
    for what, value, reason in _three(reading):
        _store(work, what, value, reason)
    work.noted.append(
        f"Usulan: jenis {reading.about.primary.code} ({problem_reason(reading)});"
        f" prioritas P{reading.priority.level} ({priority_reason(reading)});"
        f" kategori {reading.about.category} ({category_reason(reading)})"
    )


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
    before = tickets.proposals(work.store, work.ticket.id).get("problem")
    code = reading.about.primary.code
    if before is not None and (before[0] == code or f"juga {code} " in before[1]):
        return
    if not acted and (before is None or before[0] == work.site.problems.unknown.code):
        for what, value, reason in _three(reading):
            if what != "priority":
                _store(work, what, value, reason)
        said = "Jenis permasalahan kini dikenali"
    else:
        said = "Usulan jenis permasalahan lain"
    work.remarks.append(f"{said}: {problem_words(reading.about.primary)}, karena {problem_reason(reading)}")


def _compare_priority(work: Work, reading: Reading, *, acted: bool) -> None:
    level = reading.priority.level
    if level >= work.ticket.priority:
        return
    label, reason = letters.priority_label(work.site, level), priority_reason(reading)
    if acted or tickets.priority_by_staff(work.store, work.ticket.id):
        work.proposes = level
        work.remarks.append(f"Usulan: prioritas {label}, {reason}; gunakan #prioritas {level}")
        return
    move_priority(work, level)
    _store(work, "priority", str(level), reason)
    work.remarks.append(f"Prioritas dinaikkan menjadi {label}: {reason}")


def move_priority(work: Work, level: int) -> None:
    """A new priority moves the limits that follow from it; they go on counting from the clock's start."""
    raised = level < work.ticket.priority
    work.change(priority=level)
    timing = work.site.timing(level)
    for deadline_id, running in tickets.running(work.store, work.ticket.id):
        if running.clock in ("first_response", "handling", "direction"):
            clock = work.site.table.clocks[running.clock]
            if running.moved is not None and not raised:
                continue
            if running.moved is not None:  # what has become more urgent does not wait until next week
                running = replace(running, moved=None)
                work.remarks.append("Penundaan batas gugur karena prioritasnya dinaikkan")
            tickets.move_clock(work.store, deadline_id, clocks.again(clock, running, timing))


def _three(reading: Reading) -> tuple[tuple[str, str, str], ...]:
    return (
        ("problem", reading.about.primary.code, problem_reason(reading)),
        ("priority", str(reading.priority.level), priority_reason(reading)),
        ("category", reading.about.category, category_reason(reading)),
    )


def _store(work: Work, what: str, value: str, reason: str) -> None:
    tickets.propose(work.store, work.ticket.id, what, value, reason, journal_id=work.event.journal_id, at=work.event.at)


#: The reason of what staff have decided: their word stands above every proposal.
_SET = "ditetapkan petugas"


def values(case: Case) -> dict[str, Any] | None:
    """A ticket's proposals in words for a staff mail; None: there are none."""
    kept = tickets.proposals(case.store, case.ticket.id)
    if "problem" not in kept or "priority" not in kept or "category" not in kept:
        return None
    rules, ticket = case.site.problems, case.ticket
    row = rules.get(ticket.problem) or rules.get(kept["problem"][0]) or rules.unknown
    return {
        "problem": problem_words(row),
        "problem_reason": _SET if ticket.problem else kept["problem"][1],
        "owner": rules.owners[row.owner],
        "priority": letters.priority_label(case.site, int(kept["priority"][0])),
        "priority_reason": kept["priority"][1],
        "category": ticket.category or kept["category"][0],
        "category_reason": _SET if ticket.category else kept["category"][1],
    }
