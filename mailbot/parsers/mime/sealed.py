"""What stands in a mail's text in place of words that cannot be read here."""

from __future__ import annotations

from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

PGP, SMIME, SMIME_SIGNED = NOTICES = (_SAID("pgp"), _SAID("smime"), _SAID("smime_signed"))


def without_notices(text: str) -> str:
    """The text without what mailbot has put into it: these are nobody's words."""
    for notice in NOTICES:
        text = text.replace(notice, "")
    return text
