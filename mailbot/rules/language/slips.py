"""Slips of the pen, against the words that LKPP's phrases know: one wrong letter in a long word, "di perbaiki".

Only words of which a phrase file says what they mean are looked for, so nothing else is changed. Symmetric deletion:
each known word is kept under itself with every letter left out once, hence a look-up costs the length of the word,
however many words are known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from mailbot.rules.language.normalise import Sentence, one_slip
from mailbot.rules.language.phrases import Words

_SHORTEST = 7  # letters; in shorter words one letter makes another word
_LONGEST = 24
# What is often written apart from the word it belongs to: "di perbaiki", "di tindak lanjuti", "ditindak lanjuti".
_APART = frozenset({"di", "ter", "tindak", "ditindak", "menindak", "non"})


class Slips:
    """The known words, and the real words that look like one of them but are another."""

    def __init__(self, known: Iterable[str], others: Words) -> None:
        self._known = frozenset(known)
        self._others = others

    def corrected(self, sentence: Sentence) -> Sentence:
        """The sentence with its slips corrected; its text stays as written."""
        words: list[str] = []
        clauses: list[int] = []
        at = 0
        found = sentence.words
        while at < len(found):
            length = self._apart(found, at) if found[at] in _APART else 1
            word = "".join(found[at : at + length])
            words.append(word if length > 1 else self.word(word))
            clauses.append(sentence.clauses[at])
            at += length
        return replace(sentence, words=tuple(words), clauses=tuple(clauses))

    def word(self, word: str) -> str:
        """The known word that this one is with one letter wrong, or the word itself."""
        if word in self._known or word in self._others or not _SHORTEST <= len(word) <= _LONGEST:
            return word
        bare = word.removesuffix("nya")
        if not word.isalpha() or bare in self._known or bare in self._others:
            return word
        candidates = {known for key in {word, *_one_less(word)} for known in self._index.get(key, ())}
        near = (k for k in candidates if k[0] == word[0] and one_slip(word, k))
        return min(near, key=lambda k: (-len(k), k), default=word)  # most slips leave a letter out

    def _apart(self, words: tuple[str, ...], at: int) -> int:
        """How many words from here on are one word: the most that make a known one."""
        joined = (n for n in (3, 2) if at + n <= len(words) and "".join(words[at : at + n]) in self._known)
        return next(joined, 1)

    @cached_property
    def _index(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for word in self._known:
            if len(word) >= _SHORTEST:
                for key in {word, *_one_less(word)}:
                    index.setdefault(key, []).append(word)
        return index


def _one_less(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}
