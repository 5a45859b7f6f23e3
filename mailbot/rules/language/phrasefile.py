"""Reading a file of phrases: its word lists and patterns, with every fault by its line.

What the LKPP replies, the problem categories and the words of deadlines have in common; which keys there are, each of
them knows itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from mailbot import yamlfile
from mailbot.rules.language.phrases import Pattern, Patterns, Words, compile_pattern, compile_words

T = TypeVar("T")


class PhraseReader(yamlfile.Reader[T]):
    """Reads the parts of a phrase file. sets: the file's own, by name, for the phrases that name them."""

    def __init__(self, path: Path, raw: bytes) -> None:
        super().__init__(path, raw)
        self.sets: dict[str, Words] = {}

    def words(self, at: tuple[yamlfile.Step, ...], data: Any) -> Words:
        try:
            return compile_words("|".join(data.split()) if isinstance(data, str) else "", self.sets)
        except ValueError as error:
            self.fault(at, f"must be words with spaces between them: {error}")
            return Words(frozenset())

    def pattern(self, at: tuple[yamlfile.Step, ...], data: Any) -> Pattern | None:
        try:
            return compile_pattern(data if isinstance(data, str) else "", self.sets)
        except ValueError as error:
            self.fault(at, f"not a phrase: {error}")
            return None

    def patterns(self, at: tuple[yamlfile.Step, ...], data: Any) -> Patterns:
        found = [self.pattern((*at, i), item) for i, item in enumerate(self.entries(at, data, "of phrases"))]
        return Patterns(pattern for pattern in found if pattern)
