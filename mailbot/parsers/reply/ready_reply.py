"""The reply that the link "BELUM" opens for a user: the word, and a line of its own for what hinders him still.

What stands behind the label are his words. Where nothing stands there, the mail is a bare BELUM, as if the label were
not there. Pure; linear in the length of the text.
"""

from __future__ import annotations

import re

from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

#: The word, and the label below it.
NOT_SOLVED, OBSTACLE = _SAID("not_solved"), _SAID("obstacle")
_OPENING = re.compile(rf"\s*{NOT_SOLVED}[\s.,!]*{re.escape(OBSTACLE.rstrip(':'))}\s*:\s*", re.IGNORECASE)


def words(text: str) -> str:
    """A user's own words without the label of the ready reply; any other text as it is."""
    opening = _OPENING.match(text)
    if opening is None:
        return text
    said = text[opening.end() :].strip()
    return f"{NOT_SOLVED}\n\n{said}" if any(map(str.isalnum, said)) else NOT_SOLVED


def without_empty_label(text: str) -> str:
    """The same for readers: a label with words behind it stays."""
    return NOT_SOLVED if words(text) == NOT_SOLVED and _OPENING.match(text) else text
