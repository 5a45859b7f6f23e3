"""What a site sets of the papers' heads: its own number, revision, dates, officers and legal basis.

It stands in sop_heads.yaml in the site's folder of rules, by the paper's name on the command line and the key of
`KEYS`: a text, or a list of texts (who signs: name, then office; the legal basis: one rule each). The tables of the
papers stay mailbot's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mailbot import yamlfile
from mailbot.rules.sop.paper import PAPERS
from mailbot.rules.sop.parts import KEYS
from mailbot.rules.sop.sopfile import SopReader

FILE = "sop_heads.yaml"
#: The names that a paper has on the command line.
NAMES = ("015", *PAPERS)

_Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Head:
    """Whose paper is printed. organisation: of the mailbox; "" where the paper is printed as its office has it.
    values: what the site sets, by key."""

    organisation: str = ""
    values: _Values = field(default_factory=dict)


def load(folder: Path | None) -> Mapping[str, _Values]:
    """Paper → key → texts; {} where the site sets nothing. Raises ConfigError with every fault."""
    if folder is None or not (folder / FILE).is_file():
        return {}
    return yamlfile.rules(_Reader, folder / FILE)


class _Reader(SopReader[Mapping[str, _Values]]):
    def result(self) -> Mapping[str, _Values]:
        data = self.mapping((), self.document.data)
        self.keys((), data, NAMES)
        return {name: self._head(name, found) for name, found in data.items()}

    def _head(self, name: str, found: object) -> _Values:
        written = self.mapping((name,), found)
        self.keys((name,), written, KEYS)
        values = {}
        for key, value in written.items():
            listed = value if isinstance(value, list) else [value]
            if not listed or not all(isinstance(one, str) and one.strip() for one in listed):
                self.fault((name, key), "must be a text or a list of texts; put figures in quotes")
            values[key] = tuple(str(one) for one in listed)
        return values
