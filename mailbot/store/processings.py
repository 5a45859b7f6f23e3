"""What was done on the command line with people's data (UU 27/2022 art. 31): a line each, which tells of nobody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailbot.store.database import Store, to_instant, to_text


class What(StrEnum):
    EVIDENCE = "evidence"
    EXPORT = "export"
    REDACT = "redact"


@dataclass(frozen=True, slots=True)
class Processing:
    """by: the user of the operating system. counts: how much of each kind. ticket: its number, or ""."""

    at: datetime
    by: str
    what: What
    ticket: str
    counts: Mapping[str, int]


def note(
    store: Store, at: datetime, by: str, what: What, counts: Mapping[str, int], *, ticket: str = "", seal: str = ""
) -> None:
    """Inside a transaction."""
    store.insert(
        "processings",
        at=to_text(at),
        by=by,
        what=what.value,
        ticket=ticket,
        counts=json.dumps(dict(counts)),
        seal=seal,
    )


def all_of(store: Store) -> list[Processing]:
    """The earliest first."""
    return [
        Processing(to_instant(row["at"]), row["by"], What(row["what"]), row["ticket"], json.loads(row["counts"]))
        for row in store.rows("SELECT * FROM processings ORDER BY id")
    ]


def sealed(store: Store, seal: str) -> tuple[datetime, str] | None:
    """When the evidence file with this seal was made first, and by whom."""
    row = store.row("SELECT at, by FROM processings WHERE seal = ? AND seal <> '' ORDER BY id", seal)
    return None if row is None else (to_instant(row["at"]), str(row["by"]))
