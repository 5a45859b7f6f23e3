"""Signs that a user's reply on an old thread is about something else: people answer the last mail they find.

Only ever a hint to staff, who may let the mail become a ticket of its own (`#pisah`): nothing rests on it by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailbot.parsers.mime.subject import base_subject
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

#: Words with which people themselves say so, near the beginning of a mail.
_OTHER = re.compile(
    r"\b(?:(?:per)?masalah(?:an)?|hal|kendala|pertanyaan|pengaduan|keluhan|topik)\s+(?:yang\s+)?(?:lain(?:nya)?|baru|berbeda)\b"
    r"|\bdi\s?luar\s+(?:permasalahan|masalah|tiket)\s+(?:ini|tersebut|di\s?atas)\b",
    re.IGNORECASE,
)
_OPENING = 600
#: Letters and digits of a subject below which it says nothing ("Tanya", "Info").
_SHORT = 8


def sign(subject: str, text: str, known: Sequence[str], prefix: str) -> str:
    """Why this mail may be about something else than its ticket, in Indonesian; "" where nothing says so.

    subject: as it came; text: the writer's own new words; known: the ticket's subject and those of our mails to him.
    """
    own = base_subject(subject, [prefix])
    now, before = _letters(own), [_letters(base_subject(one, [prefix])) for one in known]
    if len(now) >= _SHORT and not any(now in one or (one and one in now) for one in before):
        return _SAID("new_subject", subject=own[:80])
    found = _OTHER.search(text[:_OPENING])
    return f"“{' '.join(found[0].split())}”" if found else ""


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
