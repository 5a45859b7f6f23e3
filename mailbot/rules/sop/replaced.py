"""Rules of a paper's legal basis that have been replaced or changed since it was written, as known on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mailbot import yamlfile
from mailbot.rules import FOLDER
from mailbot.rules.sop.sopfile import SopReader

FILE = "sop_replaced.yaml"


@dataclass(frozen=True, slots=True)
class Replaced:
    """as_of: the day in words. rules: (rule, what has become of it)."""

    as_of: str
    rules: tuple[tuple[str, str], ...]

    def among(self, basis: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Those that a legal basis names, in its order."""
        texts = [_alike(text) for text in basis]
        found = {rule: now for text in texts for rule, now in self.rules if _alike(rule) in text}
        return tuple(found.items())


def load(folder: Path | None = None) -> Replaced:
    """mailbot's, or a site's file of that name. Raises ConfigError with every fault."""
    own = folder / FILE if folder is not None else None
    return yamlfile.rules(_Reader, own if own is not None and own.is_file() else FOLDER / FILE)


def _alike(text: str) -> str:
    return f"{' '.join(text.split())} ".casefold()


class _Reader(SopReader[Replaced]):
    def result(self) -> Replaced:
        data = self.mapping((), self.document.data)
        self.keys((), data, ("as_of", "rules"))
        found = []
        for at, raw in self.items(("rules",), data.get("rules")):
            self.keys(at, raw, ("rule", "now"))
            found.append((self.text((*at, "rule"), raw.get("rule")), self.text((*at, "now"), raw.get("now"))))
        return Replaced(self.text(("as_of",), data.get("as_of")), tuple(found))
