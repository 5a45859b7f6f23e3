"""The mailboxes that wait to be served: names, each once, in the order in which they rang."""

from __future__ import annotations

import threading


class Bell:
    """Any thread may ring. One thread serves."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}
        self._rung = threading.Condition()

    def ring(self, name: str) -> None:
        with self._rung:
            self._names.setdefault(name)
            self._rung.notify()

    def next(self, timeout: float) -> str | None:
        """The name that rang first; None: nobody rang within `timeout` seconds."""
        with self._rung:
            if not self._names:
                self._rung.wait(timeout)
            name = next(iter(self._names), None)
            self._names.pop(name or "", None)
            return name
