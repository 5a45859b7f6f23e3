"""Under which name a mail leaves: the organisation's, or in a list of mails to staff what the mail is about. Pure.

"LPSE-BTG · P1 · Siti (CV Abadi)" tells an officer with eighty mails which one to open first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mailbot.clean import one_line, shorten
from mailbot.model import Ticket
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)
_LONGEST = 60  # characters; a list shows some thirty
_NAME = 28  # of these, so that the company still fits
#: What could be taken for an address, or ends a name (RFC 5322 §3.2.3), where a program shows it without its quotes.
_UNFIT = re.compile(r"[@<>\"'“”‘’`\\,;:()\[\]]+")


def of_ticket(prefix: str, ticket: Ticket, user: Mapping[str, Any] | None) -> str:
    """prefix: of the mailbox's tickets. user: `letters.values`, where the mail shows any. A name that nothing proves is
    nobody's: whoever forges a colleague's name shall not see it at the top of a list."""
    found = user or {}
    name = _fit(found.get("name") or ticket.user_name)
    company = _fit(found.get("organisation") or "")
    who = shorten(name, _NAME) if ticket.user_verified and name else _SAID("unproven")
    whole = f"{prefix} · P{ticket.priority} · {who}"
    room = _LONGEST - len(whole) - len(" ()")
    return f"{whole} ({shorten(company, room)})" if company and room >= 3 and ticket.user_verified else whole[:_LONGEST]


def _fit(words: str) -> str:
    return " ".join(_UNFIT.sub(" ", one_line(words)).split())
