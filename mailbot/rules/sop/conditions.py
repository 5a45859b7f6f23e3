"""The names that may stand under `if` in the table: each a pure question about ticket, event and settings.

A `_fact` is set by the module of `arrivals` that names the event; `from_user` asks `rules.reply_of_user` for most.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mailbot.model import Event, Role, Ticket


@dataclass(frozen=True, slots=True)
class Settings:
    """What the table may know of a mailbox's configuration."""

    by_email: bool = True  # lkpp.channel: email (False: lpse-support)


Condition = Callable[[Ticket | None, Event, Settings], bool]


def _fact(name: str) -> Condition:
    def holds(_ticket: Ticket | None, event: Event, _settings: Settings) -> bool:
        return name in event.facts

    return holds


def _of_ticket(question: Callable[[Ticket], bool]) -> Condition:
    def holds(ticket: Ticket | None, _event: Event, _settings: Settings) -> bool:
        return ticket is not None and question(ticket)

    return holds


def _must_be_looked_at(_ticket: Ticket | None, event: Event, settings: Settings) -> bool:
    """Step 9: data that nobody may forward unseen, or that cannot be mailed (LPSE Support)."""
    doubtful = ("dangerous_attachment", "file_kept_back", "kept_by_user")
    return not event.facts.isdisjoint(doubtful) or not settings.by_email


CONDITIONS: Mapping[str, Condition] = {
    "answered": _fact("answered"),
    "approval_awaited": _of_ticket(lambda t: "approval" in t.clocks),
    "before_limit": _fact("before_limit"),
    "breached": _fact("breached"),
    "by_email": lambda _t, _e, settings: settings.by_email,
    "by_lpse_support": lambda _t, _e, settings: not settings.by_email,
    "closing_there_awaited": _of_ticket(lambda t: "support_closing" in t.clocks),
    "data_held": _of_ticket(lambda t: t.held_data),
    "discarded": _of_ticket(lambda t: t.discarded),
    "escalation_runs": _of_ticket(lambda t: "escalation" in t.clocks),
    "forwarding_runs": _of_ticket(lambda t: "forwarding" in t.clocks),
    "handled": _of_ticket(lambda t: t.handler is not None),
    "has_support_number": _of_ticket(lambda t: t.tts_number is not None),
    "last_meaning_awaited": _of_ticket(lambda t: len(t.pending_replies) == 1),
    "lkpp_has_it": _fact("lkpp_has_it"),
    "meaning_awaited": _of_ticket(lambda t: bool(t.pending_replies)),
    "must_be_looked_at": _must_be_looked_at,
    "never_with_lkpp": _of_ticket(lambda t: not t.was_with_lkpp),
    "no_meaning_awaited": _of_ticket(lambda t: not t.pending_replies),
    "not_data": _fact("not_data"),
    "nothing_held": _of_ticket(lambda t: not t.held_data),
    "only_thanks": _fact("only_thanks"),
    "other_party": _fact("other_party"),
    "results_fail": _fact("results_fail"),
    "said_by_coordinator": lambda _t, event, _s: event.role is Role.COORDINATOR,
    "said_by_lkpp": lambda _t, event, _s: event.role is Role.LKPP,
    "said_by_staff": lambda _t, event, _s: event.role.inside,
    "says_done": _fact("says_done"),
    "says_later": _fact("says_later"),
    "says_works": _fact("says_works"),
    "something_waits": _fact("something_waits"),
    "survey_with_words": _fact("survey_with_words"),
    "thanks_or_survey": _fact("thanks_or_survey"),
    "to_user": _fact("to_user"),
    "urgent": _of_ticket(lambda t: t.priority <= 2),
    "user_reachable": _of_ticket(lambda t: t.user_address != "" and not t.user_unreachable),
    "user_silenced": _fact("user_silenced"),
}
