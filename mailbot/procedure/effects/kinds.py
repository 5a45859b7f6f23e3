"""The two kinds of effects. A function marked as one of them is what its name does under `then` in the table."""

from __future__ import annotations

from collections.abc import Callable

from mailbot.tickets.work import Work

Effect = Callable[[Work], None]

#: Name in the table → its effect.
CHANGES: dict[str, Effect] = {}
MAILINGS: dict[str, Effect] = {}


def change(effect: Effect) -> Effect:
    """It changes the ticket: before the event's clocks start, and before any of its mails is written."""
    CHANGES[effect.__name__] = effect
    return effect


def mailing(effect: Effect) -> Effect:
    """It writes mails into the outbox, which all tell the ticket as the changes and the clocks have left it."""
    MAILINGS[effect.__name__] = effect
    return effect
