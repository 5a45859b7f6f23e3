"""The names of effects and refusals that the table may use, with their words, out of `names.yaml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mailbot import yamlfile


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command is not carried out: `short` for the printed SOP, `said` for the receipt.

    instead: canonical names of commands that its words may fit; one that takes none comes before it ("#buka", then what
    was refused).
    """

    short: str
    said: str
    instead: Sequence[str] = ()


_NAMES: Mapping[str, Any] = yamlfile.read(Path(__file__).with_name("names.yaml")).data

#: Effects that are mails.
MAIL_EFFECTS: Mapping[str, str] = MappingProxyType(_NAMES["mails"])
#: Effects that change the ticket, or send something under a rule of their own.
OTHER_EFFECTS: Mapping[str, str] = MappingProxyType(_NAMES["changes"])
REFUSALS: Mapping[str, Refusal] = MappingProxyType({name: Refusal(**raw) for name, raw in _NAMES["refusals"].items()})
