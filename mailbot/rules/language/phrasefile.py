"""Reading a file of phrases: its tables, word lists and patterns, with every fault by its line.

What the LKPP replies and the problem categories have in common; which keys there are, each of them knows itself.
"""

from __future__ import annotations

from typing import Any

from mailbot import yamlfile
from mailbot.rules.language.phrases import Pattern, Words, compile_pattern, compile_words


class PhraseReader:
    """Reads the parts of a phrase file, collecting faults with their lines."""

    def __init__(self, document: yamlfile.Document, faults: list[str]) -> None:
        self.document = document
        self.faults = faults
        self.sets: dict[str, Words] = {}

    def fault(self, at: tuple[yamlfile.Step, ...], message: str) -> None:
        self.faults.append(self.document.fault(at, message))

    def table(self, at: tuple[yamlfile.Step, ...], data: Any, allowed: tuple[str, ...] = ()) -> dict[str, Any]:
        """A mapping with no other keys than these, if any are named."""
        if not isinstance(data, dict):
            self.fault(at, f"must be a table{' with ' + ', '.join(allowed) if allowed else ''}")
            return {}
        for key in data.keys() - set(allowed) if allowed else ():
            self.fault((*at, key), f"unknown key; allowed: {', '.join(allowed)}")
        return data

    def text(self, at: tuple[yamlfile.Step, ...], data: Any) -> str:
        if not isinstance(data, str) or not data.strip():
            self.fault(at, "must be a text")
            return ""
        return " ".join(data.split())

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

    def patterns(self, at: tuple[yamlfile.Step, ...], data: Any) -> tuple[Pattern, ...]:
        if not isinstance(data, list):
            self.fault(at, "must be a list of phrases")
            return ()
        found = [self.pattern((*at, i), item) for i, item in enumerate(data)]
        return tuple(pattern for pattern in found if pattern)
