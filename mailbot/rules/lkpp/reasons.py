"""Why staff are asked what a reply of LKPP means, in words for them. Pure."""

from __future__ import annotations

from mailbot.rules.lkpp.classify import UNCLEAR
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)


def why(meaning: str, rule: str) -> str:
    """Of a reading's meaning and rule; "" for a meaning about which nobody is asked."""
    return _SAID.table("why").get(rule.removeprefix(f"{UNCLEAR}.") if meaning == UNCLEAR else meaning, "")
