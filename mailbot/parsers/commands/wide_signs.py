"""Signs that a mail program may take for its own when it opens the ready reply of a link.

Roundcube decodes a `mailto:` link twice. After the first time "&" begins a field of its own, so that a user who writes
"&bcc=…" into a subject would read what staff send by the ticket's links; "+" becomes a blank and "%41" an "A", and a
"<" makes HTML of the body, without its lines. Subject and body of a link therefore hold the wide forms of these signs
(Unicode, Halfwidth and Fullwidth Forms), which every program leaves alone. In a mail that brings a link's code they are
as written again.
"""

from __future__ import annotations

import re

_SIGNS, _WIDE = "&+%<>", "＆＋％＜＞"
_WIDEN, _NARROW = str.maketrans(_SIGNS, _WIDE), str.maketrans(_WIDE, _SIGNS)
#: A "%" alone ("100 %") is one wherever it is decoded.
_READ = re.compile(r"[&+<>]|%(?=[0-9A-Fa-f]{2})")


def widened(text: str) -> str:
    """A text as it stands in a link."""
    return _READ.sub(lambda sign: sign[0].translate(_WIDEN), text)


def narrowed(text: str) -> str:
    """A text of a link's reply as it was before."""
    return text.translate(_NARROW)
