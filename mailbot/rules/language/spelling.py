"""Known words, and the slips of the pen by which people miss them. Pure; time linear in the text's length."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from mailbot.rules.language.normalise import one_slip

_SHORTEST = 5
_LONGEST = 20


class Spelling:
    """Known words; one letter left out, added, changed or swapped with its neighbour is put right.

    Only words with the same first letter are compared: people hit the wrong key in the middle of a word.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)
        near: dict[tuple[str, int], list[str]] = {}
        for word in sorted(self._known):
            for length in (len(word) - 1, len(word), len(word) + 1):
                near.setdefault((word[0], length), []).append(word)
        self._near = {key: tuple(words) for key, words in near.items()}
        self._right = lru_cache(maxsize=10_000)(self._look_up)

    def right(self, word: str) -> str:
        """The known word that `word` is a slip of, or `word`."""
        if not _SHORTEST <= len(word) <= _LONGEST or word in self._known:
            return word
        return self._right(word)

    def _look_up(self, word: str) -> str:
        return next((k for k in self._near.get((word[0], len(word)), ()) if one_slip(word, k)), word)
