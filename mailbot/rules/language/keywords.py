"""The words by which two problems are alike: a mail's text without courtesy, filler, numbers and inflection. Pure.

"Mhn bantuan min, paswod akun kami ga bs diganti" and "Tidak dapat mengganti kata sandi" have "password" and "ganti" in
common. Only for comparing: nobody reads these words, and no number of a person is among them. A word stands for its
meaning, so that two writers meet; what somebody searches for (`searchwords`) keeps the letters that he typed.
"""

from __future__ import annotations

from collections.abc import Iterator

from mailbot import wordfile
from mailbot.masking import mask, without_marks
from mailbot.rules.language import normalise
from mailbot.rules.language.morphology import forms
from mailbot.rules.language.spelling import Spelling
from mailbot.rules.language.stopwords import IN_MANY_MAILS

#: Characters of a mail that are read, and words kept of it: what the problem is stands at its beginning.
_READ = 3000
_MOST = 40
_SHORTEST, _LONGEST = 3, 24

_WORDS = wordfile.read(__file__, "keywords.txt")
# Word → the one that stands for it.
_SAME = {word: first for first, *others in map(str.split, _WORDS["same"].lines) for word in (first, *others)}

_ROOT_OF = {form: root for line in _WORDS["roots"].lines for root in line.split() for form in forms(root)}


def keywords(subject: str, text: str, spelling: Spelling) -> tuple[str, ...]:
    """The words that count, each once, in order; () for a mail that says nothing."""
    read = without_marks(mask(f"{subject}\n{text[:_READ]}")[0])
    return tuple(dict.fromkeys(_counting(read, spelling)))[:_MOST]


def _counting(text: str, spelling: Spelling) -> Iterator[str]:
    for word in dict.fromkeys(normalise.words(text)):
        if word in IN_MANY_MAILS:
            continue
        found = _plain(spelling.right(word))
        if _SHORTEST <= len(found) <= _LONGEST and found not in IN_MANY_MAILS and _is_word(found):
            yield found


def _is_word(word: str) -> bool:
    """Letters, or the number of an error ("500"): any other number is somebody's."""
    return word.isalpha() or (word.isdigit() and len(word) == 3)


def _plain(word: str) -> str:
    base = word.removesuffix("nya") if len(word) > 6 else word
    colloquial = base.removeprefix("ke")  # "keblokir", "kekirim"
    return _same(_ROOT_OF.get(word) or _ROOT_OF.get(base) or _ROOT_OF.get(colloquial) or base)


def _same(word: str) -> str:
    return _SAME.get(word, word)
