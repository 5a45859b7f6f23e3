"""What somebody types behind `#cari` → the words to look for, with the forms that they take. Pure and linear.

Indonesian words carry their grammar in front and behind ("mengirimkan", "pengiriman", "kiriman"): whoever looks for one
means all. A form is taken back to the roots that may stand behind it, and these, by `morphology`, to all their forms.
Words that stand in every mail ("mohon", "tidak", "saya") are left out where there are others. No abbreviation is spelt
out and no slip set right as in `keywords`: the index holds what was written, as its own tokenizer folds it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.clean import one_line
from mailbot.rules.language import morphology
from mailbot.rules.language.stopwords import IN_EVERY_MAIL

#: Words of a question that are looked for; who types more has pasted a text.
MOST_WORDS = 8
#: Characters of a question that are read, and of a word.
_LONGEST, _LONGEST_WORD = 300, 40
#: From so many letters on a word stands for all that begin with it.
_PREFIX = 4

_QUOTED = re.compile(r'"([^"]{1,200})"')
_NUMBER = re.compile(r"[\d\s.+/-]{7,24}")
_PREFIXES = ("meng", "meny", "mem", "men", "me", "peng", "peny", "pem", "pen", "pe", "di", "ter", "ber", "ke", "se")
_SUFFIXES = ("kannya", "annya", "inya", "nya", "lah", "kah", "kan", "an", "i")
#: The sound that the nasal of me- and pe- may have taken from the root.
_LOST = {"meng": "k", "peng": "k", "mem": "p", "pem": "p", "men": "t", "pen": "t", "meny": "s", "peny": "s"}
_SHORTEST_ROOT = 4


@dataclass(frozen=True, slots=True)
class Word:
    """One thing to look for. phrases: each a run of tokens (letters and digits only); any of them will do.

    begins: whether the first phrase also stands for longer words."""

    phrases: tuple[tuple[str, ...], ...]
    begins: bool = False


def read(question: str) -> tuple[Word, ...]:
    """The words of a question; () if there is none that could be looked for."""
    text = unicodedata.normalize("NFKC", one_line(question, _LONGEST))
    said = [_phrase(match[1]) for match in _QUOTED.finditer(text)]
    plain = _QUOTED.sub(" ", text)
    if _NUMBER.fullmatch(plain.strip()):
        return _some([*said, _number(plain.strip())])
    single = [(part, _tokens(part)) for part in plain.split()]
    single = [(part, tokens) for part, tokens in single if tokens]
    telling = [(part, tokens) for part, tokens in single if len(tokens) > 1 or tokens[0] not in IN_EVERY_MAIL]
    return _some([*said, *(_word(part, tokens) for part, tokens in (telling or single if not said else telling))])


def _some(words: Sequence[Word | None]) -> tuple[Word, ...]:
    return tuple(dict.fromkeys(word for word in words if word is not None))[:MOST_WORDS]


def _tokens(text: str) -> tuple[str, ...]:
    """Runs of letters and digits, as the index has them (its tokenizer folds case and accents by itself)."""
    kept = "".join(char if char.isalnum() else " " for char in text.lower())
    return tuple(kept.split())


def _phrase(text: str) -> Word | None:
    tokens = _tokens(text)
    return Word((tokens,)) if tokens else None


def _number(text: str) -> Word | None:
    """A telephone number, NPWP or tender code, as written and without what stands between its digits."""
    tokens = _tokens(text)
    joined = "".join(char for char in text if char.isdigit())
    return Word((tokens, (joined,)), begins=True) if tokens else None


def _word(part: str, tokens: tuple[str, ...]) -> Word | None:
    if len(tokens) > 1:  # an address, a number with its dashes: its parts in this order
        number = _number(part) if _NUMBER.fullmatch(part) else None
        return number or Word((tokens,), begins=True)
    token = tokens[0][:_LONGEST_WORD]
    if token.isdigit():
        # "12" is the ticket 000012 as well.
        padded = ((token.zfill(6),),) if len(token) < 6 else ()
        return Word(((token,), *padded), begins=len(token) >= _PREFIX)
    forms = dict.fromkeys((token, *(form for root in roots(token) for form in (root, *sorted(_forms(root))))))
    return Word(tuple((form,) for form in forms), begins=len(token) >= _PREFIX)


def roots(word: str) -> tuple[str, ...]:
    """The roots of which a word may be a form, not the word itself; "mengirimkan": kirim, irim …"""
    if len(word) < _SHORTEST_ROOT or not word.isascii() or not word.isalpha():
        return ()
    stems = dict.fromkeys([word, *(word.removesuffix(end) for end in _SUFFIXES if word.endswith(end))])
    found: dict[str, None] = {}
    for stem in stems:
        candidates = [stem]
        for prefix in _PREFIXES:
            if stem.startswith(prefix):
                rest = stem.removeprefix(prefix)
                candidates += [rest, _LOST[prefix] + rest] if prefix in _LOST else [rest]
        for root in candidates:
            if len(root) >= _SHORTEST_ROOT and root != word and _is_form(word.removesuffix("nya"), root):
                found[root] = None
    return tuple(found)


def _forms(root: str) -> frozenset[str]:
    return morphology.forms(root) | {f"ber{root}"}


def _is_form(word: str, root: str) -> bool:
    return word == root or word in _forms(root)
