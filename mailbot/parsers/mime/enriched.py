"""text/enriched and its elder text/richtext as plain text (RFC 1896, RFC 1341 §7.1.3)."""

from __future__ import annotations

import re

_PARAMETER = re.compile(r"<param>[^<]{0,1000}</param>", re.I)
_COMMAND = re.compile(r"<(?:<|(/?[A-Za-z0-9-]{1,60})>)")
_BREAKS = re.compile(r"\n{1,1000}")


def to_text(source: str) -> str:
    """The words: a single line break is a blank, of several the first does not count; "<<" is "<"."""
    source = _PARAMETER.sub("", source.replace("\r\n", "\n"))
    source = _BREAKS.sub(lambda found: "\n" * (len(found[0]) - 1) or " ", source)
    return _COMMAND.sub(_written, source)


def _written(found: re.Match[str]) -> str:
    if found[1] is None:
        return "<"
    return {"nl": "\n", "np": "\n", "lt": "<"}.get(found[1].lower(), "")
