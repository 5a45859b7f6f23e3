"""Patterns of regular expressions that are compiled at their first use.

A start would else spend a tenth of its time on hundreds of long patterns, about bounces, absence notes and legal
footers, of which most mails need a fifth. Nothing but the standard library: the log, which masks, needs this, too.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

_USES = ("search", "match", "fullmatch", "findall", "finditer", "split", "sub", "subn", "flags", "groups", "groupindex")


def pattern(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, later: what is asked of the pattern is the same. For functions of `re` that take a pattern it is
    none."""
    return cast("re.Pattern[AnyStr]", _Pattern(source, flags))


class _Pattern:
    __slots__ = ("_flags", "pattern", *_USES)

    def __init__(self, source: str | bytes, flags: int) -> None:
        self.pattern, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there yet: once, since then all of it is."""
        compiled = re.compile(self.pattern, self._flags)
        for use in _USES:
            setattr(self, use, getattr(compiled, use))
        return getattr(compiled, name)
