"""What travels together: where and when something is done, and the ticket that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mailbot.config.site import Site
from mailbot.model import Ticket
from mailbot.store.database import Store
from mailbot.tickets import tickets


@dataclass(slots=True)
class Context:
    """One mailbox's data and rules, and the time at which something is done there."""

    store: Store
    site: Site
    now: datetime


@dataclass(slots=True)
class Case(Context):
    """A ticket as it stands: what its letters, links and limits need to know."""

    ticket: Ticket

    def fields(self) -> Mapping[str, str]:
        """The Formulir Konsultasi's fields as far as they are known."""
        return tickets.fields(self.store, self.ticket.id)

    def proposals(self) -> Mapping[str, tuple[str, str]]:
        """What is proposed for the ticket: what → (value, reason)."""
        return tickets.proposals(self.store, self.ticket.id)
