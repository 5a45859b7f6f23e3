"""Each try of handing a mail over: when, and what the server has said to it. For whoever asks later (`mailbot
evidence`); nothing is decided by it. Its rows are written in the transaction that records the answer."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from mailbot.store.database import Row, Store, to_text


class How(StrEnum):
    """How a try ended. FOUND: its copy was found where sent mails lie. OWN_ADDRESS: the host refuses an empty envelope
    sender, and the mail goes under our own address. CUT_OFF: the program or its disk died on it. GIVEN_UP: it was tried
    for so long that it is not tried again."""

    ACCEPTED = "accepted"
    FOUND = "found"
    FAILED = "failed"
    AGAIN = "again"
    UNCERTAIN = "uncertain"
    OWN_ADDRESS = "own_address"
    CUT_OFF = "cut_off"
    GIVEN_UP = "given_up"


def note(store: Store, outbox_id: int, how: How, answer: str, at: datetime) -> None:
    store.insert("submissions", outbox_id=outbox_id, at=to_text(at), outcome=how.value, answer=answer)


def given_up(store: Store, outbox_id: int) -> bool:
    """Whether the last try was the last of too many."""
    sql = "SELECT outcome FROM submissions WHERE outbox_id = ? ORDER BY id DESC LIMIT 1"
    return bool(store.value(sql, outbox_id) == How.GIVEN_UP)


def of(store: Store, outbox_id: int) -> list[Row]:
    """The tries of one mail, the first first: `at`, `outcome`, `answer`."""
    return store.rows("SELECT at, outcome, answer FROM submissions WHERE outbox_id = ? ORDER BY id", outbox_id)
