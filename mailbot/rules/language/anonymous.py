"""An old answer without whom it was for, so that it can help somebody else. Pure; linear in the text's length.

`masking` keeps what is needed to help that very person; here nothing of his may stay: names, firms, addresses, numbers,
links that only he should open. A word too many may go: whoever sends the text again reads it first, and fills the gaps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailbot import late, wordfile
from mailbot.masking import MASK, mask_identity

_ADDRESS = late.pattern(r"[^\s@<>()\[\],;:]{1,64}@[^\s@<>()\[\],;:]{1,255}")
_LINK = late.pattern(r"(?:https?://|www\.)\S{1,2000}", re.IGNORECASE)
#: A link with an argument may be somebody's own (a new password's); an address to look at helps everybody.
_PRIVATE_LINK = late.pattern(r"[?=#]|token|reset|verif|aktivasi|confirm", re.IGNORECASE)
_NUMBER = late.pattern(r"(?<![0-9])[0-9]{6,}")
# One to five words that begin with a capital: "Budi Santoso, S.T.", "MAJU JAYA".
_NAME = r"[A-Z][\w'’.-]{1,30}(?:,?[ \t][A-Z][\w'’.-]{0,30}){0,4}"
_PERSON = late.pattern(
    r"(?<![\w/])((?:Bapak|Ibu|Bpk|Bp|Pak|Bu|Sdri?|Saudar[ai]|Mas|Mbak|Kak|[Aa]tas nama|[Aa]\.\s?n|[Aa]n|Yth)\.?)"
    rf"[ \t]({_NAME})"
)
_FIRM = late.pattern(rf"(?<!\w)((?:CV|PT|UD|PD|Fa|Koperasi|Yayasan|Cv|Pt)\.?)[ \t]({_NAME})")
_USER_ID = late.pattern(
    r"(?<!\w)(user[ \t_-]?(?:id|name)?[ \t]?(?:nya)?[ \t]{0,3}(?:[:=]|adalah[ \t])[ \t]{0,3})([\w.@-]{2,60})",
    re.IGNORECASE,
)
_WORDS = wordfile.read(__file__, "anonymous.txt")
_TITLES, _COMMON = _WORDS["titles"].words, _WORDS["common"].words
#: Letters of a name's part or a field's value below which it may stand in any word.
_SHORTEST = 3


def anonymous(text: str, known: Iterable[str] = ()) -> str:
    """The text with MASK in place of what tells of a person. known: what is known of him (names, firm, user ID …)."""
    text = _LINK.sub(lambda found: MASK if _PRIVATE_LINK.search(found[0]) else found[0], text)
    text = _ADDRESS.sub(MASK, mask_identity(text))
    if pattern := _any_of(known):
        text = pattern.sub(MASK, text)
    text = _PERSON.sub(rf"\1 {MASK}", text)
    text = _FIRM.sub(rf"\1 {MASK}", text)
    text = _USER_ID.sub(rf"\1{MASK}", text)
    return _NUMBER.sub(MASK, text)


def _any_of(known: Iterable[str]) -> re.Pattern[str] | None:
    """What is known, whole and in parts: an answer to "Budi Santoso" of "CV Contoh Jaya" may say "Pak Budi"."""
    wanted: set[str] = set()
    for value in known:
        words = [word.strip(".,;:()\"'") for word in value.split()]
        while words and words[0].lower() in _TITLES:
            del words[0]
        whole = " ".join(words)
        telling = {word for word in words if len(word) >= _SHORTEST and word.lower() not in _COMMON}
        wanted |= {whole, *telling} if telling else set()
    if not wanted:
        return None
    longest_first = sorted(wanted, key=lambda word: (-len(word), word))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)
