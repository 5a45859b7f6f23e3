"""Reading a file of an SOP: its mappings, lists and names, with every fault by its line.

What SOP-015 and the SOPs beside it have in common. A part that is left out is empty.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from mailbot import yamlfile

T = TypeVar("T")


class SopReader(yamlfile.Reader[T]):
    """Reads the parts of an SOP's file."""

    def mapping(self, at: tuple[yamlfile.Step, ...], data: Any) -> dict[str, Any]:
        if data is not None and not isinstance(data, dict):
            self.fault(at, "must be a mapping of names")
        return data if isinstance(data, dict) else {}

    def items(self, at: tuple[yamlfile.Step, ...], data: Any) -> list[tuple[tuple[yamlfile.Step, ...], dict[str, Any]]]:
        """The mappings of a list, each with its path."""
        if data is not None and not isinstance(data, list):
            self.fault(at, "must be a list")
        listed = data if isinstance(data, list) else []
        return [((*at, i), self.mapping((*at, i), one)) for i, one in enumerate(listed)]

    def keys(self, at: tuple[yamlfile.Step, ...], data: Mapping[str, Any], allowed: Collection[str]) -> None:
        for key in data:
            if key not in allowed:
                self.fault((*at, key), f"unknown key {key!r}; allowed: {', '.join(sorted(allowed))}")

    def names(
        self, at: tuple[yamlfile.Step, ...], data: Mapping[str, Any], key: str, known: Collection[str], what: str
    ) -> tuple[str, ...]:
        """One name or a list of them, all of them known."""
        value = data.get(key)
        names = [] if value is None else value if isinstance(value, list) else [value]
        for name in names:
            if not isinstance(name, str) or name not in known:
                self.fault((*at, key), f"unknown {what} {name!r}")
        return tuple(str(name) for name in names)

    def one(
        self, at: tuple[yamlfile.Step, ...], data: Mapping[str, Any], key: str, known: Collection[str], what: str
    ) -> str | None:
        """One name that is known, or None."""
        names = self.names(at, data, key, known, what)
        if len(names) > 1:
            self.fault((*at, key), f"only one {what} may stand here")
        return names[0] if names else None
