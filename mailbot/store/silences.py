"""Who gets no automatic mail, why, and until when (table `silences`).

An address is silenced for good only by what proves to be its own: a proven mail that staff have discarded, or the
answers of a robot. What anybody may have written in its name silences only mails that prove as little, for a while.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from mailbot.store.database import Row, Store, to_text

#: So long a mail without proof silences others without proof.
UNPROVEN_FOR = timedelta(hours=24)


class Why(StrEnum):
    DISCARDED = "discarded"
    UNPROVEN = "unproven"
    ROBOT = "robot"


def silence(store: Store, mailbox: str, address: str, why: Why, at: datetime, ticket_id: int | None = None) -> None:
    """From now on an address gets no automatic mail. ticket_id: because of what came of it there."""
    until = to_text(at + UNPROVEN_FOR) if why is Why.UNPROVEN else None
    store.execute(
        "INSERT INTO silences (mailbox, address, why, at, until, ticket_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        " ON CONFLICT (mailbox, address, why) DO UPDATE SET at = ?4, until = ?5, ticket_id = ?6",
        mailbox,
        address,
        why.value,
        to_text(at),
        until,
        ticket_id,
    )


def of(store: Store, mailbox: str, address: str) -> Why | None:
    """Why no automatic mail at all goes to an address; None: it may."""
    found = store.value(
        "SELECT why FROM silences WHERE mailbox = ? AND address = ? AND until IS NULL ORDER BY why LIMIT 1",
        mailbox,
        address,
    )
    return None if found is None else Why(found)


def answers_nothing(store: Store, mailbox: str, address: str, *, proven: bool) -> bool:
    """Whether a mail from an address is not answered automatically. proven: whether anything vouches for its writer."""
    sql = "SELECT 1 FROM silences WHERE mailbox = ? AND address = ? AND (until IS NULL OR (? AND why = ?)) LIMIT 1"
    return store.value(sql, mailbox, address, int(not proven), Why.UNPROVEN.value) is not None


def any_of(store: Store, mailbox: str, address: str) -> bool:
    """Whether an address is silenced in any way."""
    return any(_is(store, mailbox, address, why) for why in Why)


def _is(store: Store, mailbox: str, address: str, why: Why) -> bool:
    found = store.value(
        "SELECT 1 FROM silences WHERE mailbox = ? AND address = ? AND why = ?", mailbox, address, why.value
    )
    return found is not None


def look(store: Store, mailbox: str, address: str, at: datetime, *, answers_us: bool) -> None:
    """A mail has come from an address: what silenced those without proof is over after its time, or with a mail that
    refers to one of ours, which only a reader of the mailbox can know."""
    store.execute(
        "DELETE FROM silences WHERE mailbox = ? AND address = ? AND why = 'unproven' AND (? OR until <= ?)",
        mailbox,
        address,
        int(answers_us),
        to_text(at),
    )


def lift(store: Store, mailbox: str, address: str, *whys: Why) -> bool:
    """End it, whatever the reason or only these. Returns whether there was anything to end."""
    chosen = [why.value for why in whys or Why]
    marks = ", ".join("?" for _ in chosen)
    named = (mailbox, address, *chosen)
    found = store.value(f"SELECT 1 FROM silences WHERE mailbox = ? AND address = ? AND why IN ({marks})", *named)
    store.execute(f"DELETE FROM silences WHERE mailbox = ? AND address = ? AND why IN ({marks})", *named)
    return found is not None


def listed(store: Store, mailbox: str, now: datetime) -> list[Row]:
    """Who is silenced at this moment, with the number of the ticket because of which he is; the latest first."""
    return store.rows(
        "SELECT s.address, s.why, s.at, s.until, t.number FROM silences s LEFT JOIN tickets t ON t.id = s.ticket_id"
        " WHERE s.mailbox = ? AND (s.until IS NULL OR s.until > ?) ORDER BY s.at DESC, s.address",
        mailbox,
        to_text(now),
    )
