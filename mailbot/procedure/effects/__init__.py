"""What the names under `then` in the table do: changes of the ticket, and mails into the outbox. One function each.

Changes come first and mails afterwards, so that every mail of an event tells the same state. All of it happens in
the event's one transaction (service.py); nothing here talks to a server.
"""

from mailbot.procedure.effects import (
    approval,
    changes,
    complaints,
    fields,
    ladder,
    parties,
    to_lkpp,
    to_staff,
    to_superiors,
    to_user,
    undoing,
)
from mailbot.procedure.effects.kinds import CHANGES, MAILINGS

#: The modules in which the effects stand; each marks its own (`kinds`).
MODULES = (approval, changes, complaints, fields, ladder, parties, to_lkpp, to_staff, to_superiors, to_user, undoing)

__all__ = ["CHANGES", "MAILINGS", "MODULES"]
