"""An emoji that somebody gave a mail by one tap, which Gmail sends as a mail of its own to whom it does not serve
(developers.google.com/workspace/gmail/reactions/format): a gesture, and nobody's words, data or answer.
"""

from __future__ import annotations

import json

from mailbot.model import Message
from mailbot.parsers.mime.files.words import REACTION
from mailbot.parsers.robots import autoreplies

_LONGEST = 300  # characters: the emoji, "Budi reacted via Gmail" and where that leads to
_LOOKS = str.maketrans("", "", "\ufe0e\ufe0f")  # Unicode 15, §23.4: whether a character is drawn in colour


def is_reaction(message: Message) -> bool:
    """Whether a mail says nothing but its emoji. Who writes more is a person, whatever the part beside it says."""
    given = next((_emoji(file.data) for file in message.attachments if file.content_type == REACTION), "")
    if not given:
        return False
    opening = autoreplies.own_opening(message.text).translate(_LOOKS)
    return len(opening) <= _LONGEST and opening.startswith(given)


def _emoji(data: bytes) -> str:
    try:
        found = json.loads(data[:1000])
    except (ValueError, RecursionError):
        return ""
    emoji = found.get("emoji") if isinstance(found, dict) else None
    return emoji.translate(_LOOKS) if isinstance(emoji, str) else ""
