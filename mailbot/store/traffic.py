"""How much has lately come from one address, gone to it, or come in all: what caps and loops are counted from.

Counted in the database, from the mails that were written and received, never in memory.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from mailbot.store.database import Row, Store, to_instant, to_text

#: How the `event_key` of a list of the day begins: no cap counts it.
LISTED = "list."
#: Mails that will leave or have left: what is held or was taken back uses up no cap.
_COUNTED = (
    f"held = 0 AND state <> 'cancelled' AND not_before > ? AND not_before <= ? AND event_key NOT LIKE '{LISTED}%'"
)


# --- what went ---------------------------------------------------------------------------------------


def answers(store: Store, mailbox: str, address: str, since: datetime, until: datetime) -> int:
    """Automatic answers to an address."""
    found = store.value(
        f"SELECT count(*) FROM outbox WHERE mailbox = ? AND recipient = ? AND {_COUNTED} AND answers <> ''",
        mailbox,
        address,
        to_text(since),
        to_text(until),
    )
    return int(found)


def unproven_answers_to(store: Store, mailbox: str, address: str, since: datetime, until: datetime) -> int:
    """Those that were given without any proof, whatever stands behind a "+" in the address: all of it arrives in one
    mailbox (RFC 5233)."""
    when = to_text(since), to_text(until)
    local, _, domain = address.rpartition("@")
    name = local.partition("+")[0]
    plain = store.value(
        f"SELECT count(*) FROM outbox WHERE mailbox = ? AND recipient = ? AND {_COUNTED} AND answers = 'unproven'",
        mailbox,
        f"{name}@{domain}",
        *when,
    )
    # By the index over the recipient, between "name+" and "name,": "," is what follows "+". No LIKE: SQLite would
    # prepare the statement anew for each pattern.
    tagged = store.value(
        "SELECT count(*) FROM outbox WHERE mailbox = ? AND recipient > ? AND recipient < ?"
        f" AND substr(recipient, ?) = ? AND {_COUNTED} AND answers = 'unproven'",
        mailbox,
        f"{name}+",
        f"{name},",
        -len(domain) - 1,
        f"@{domain}",
        *when,
    )
    return int(plain) + int(tagged)


def unproven_answers(store: Store, mailbox: str, since: datetime, until: datetime) -> int:
    """Automatic answers to all senders whom nothing vouches for."""
    found = store.value(
        f"SELECT count(*) FROM outbox WHERE mailbox = ? AND answers = 'unproven' AND answers <> '' AND {_COUNTED}",
        mailbox,
        to_text(since),
        to_text(until),
    )
    return int(found)


def mails_to(
    store: Store,
    mailbox: str,
    address: str,
    templates: Collection[str],
    since: datetime,
    until: datetime,
    *,
    without_ticket: bool = False,
) -> int:
    """Mails of these templates to an address. without_ticket: only those that belong to no ticket."""
    only = " AND ticket_id IS NULL" if without_ticket else ""
    marks = ", ".join("?" for _ in templates)
    found = store.value(
        f"SELECT count(*) FROM outbox WHERE mailbox = ? AND recipient = ? AND {_COUNTED}{only}"
        f" AND template IN ({marks})",
        mailbox,
        address,
        to_text(since),
        to_text(until),
        *templates,
    )
    return int(found)


def taken(
    store: Store, mailbox: str, address: str, templates: Collection[str], since: datetime, at_most: int
) -> list[datetime]:
    """When the server took the latest mails of these templates to an address, rising."""
    marks = ", ".join("?" for _ in templates)
    rows = store.rows(
        "SELECT accepted_at FROM outbox WHERE mailbox = ? AND recipient = ? AND held = 0 AND state <> 'cancelled'"
        f" AND not_before > ? AND template IN ({marks}) AND accepted_at IS NOT NULL"
        " ORDER BY not_before DESC LIMIT ?",
        mailbox,
        address,
        to_text(since),
        *templates,
        at_most,
    )
    return sorted(to_instant(row["accepted_at"]) for row in rows)


def notices_at_most(store: Store, mailbox: str, since: datetime, until: datetime) -> int:
    """No fewer than `notices` finds of all users, in a tenth of its time: each mail is counted once for each member of
    staff who was told of it."""
    found = store.value(
        "SELECT (SELECT count(*) FROM outbox WHERE mailbox = ?1"
        "  AND template IN ('staff_new_ticket', 'staff_user_reply') AND asked_at > ?2 AND asked_at <= ?3)"
        " + (SELECT count(*) FROM notices WHERE mailbox = ?1 AND kind = 'mail' AND at > ?2 AND at <= ?3)",
        mailbox,
        to_text(since),
        to_text(until),
    )
    return int(found)


def notices(store: Store, mailbox: str, user: str, since: datetime, until: datetime, at_most: int) -> tuple[int, int]:
    """Mails of users that staff were told of, by a mail of its own or collected: (of all users, of this one). at_most:
    so many are looked at, however large a flood is."""
    row = store.row(
        # "+": by the index of the time, not of the key.
        "SELECT count(*) AS mails, coalesce(sum(sender = ?4), 0) AS his FROM ("
        " SELECT t.user_address AS sender FROM outbox o JOIN tickets t ON t.id = o.ticket_id WHERE o.mailbox = ?1"
        "  AND o.template IN ('staff_new_ticket', 'staff_user_reply') AND o.asked_at > ?2 AND o.asked_at <= ?3"
        "  GROUP BY +o.event_key"
        " UNION ALL"
        " SELECT t.user_address FROM notices n JOIN tickets t ON t.id = n.ticket_id WHERE n.mailbox = ?1"
        "  AND n.kind = 'mail' AND n.at > ?2 AND n.at <= ?3"
        " LIMIT ?5)",
        mailbox,
        to_text(since),
        to_text(until),
        user,
        at_most,
    )
    assert row is not None
    return int(row["mails"]), int(row["his"])


# --- what came ---------------------------------------------------------------------------------------


def arrivals(
    store: Store, mailbox: str, address: str, since: datetime, until: datetime, but: int | None, at_most: int
) -> list[datetime]:
    """When the latest mails of an address came, rising. but: a journal entry that does not count."""
    rows = store.rows(
        "SELECT arrived_at FROM journal WHERE mailbox = ? AND sender = ? AND arrived_at > ? AND arrived_at <= ?"
        " AND id <> ? ORDER BY arrived_at DESC LIMIT ?",
        mailbox,
        address,
        to_text(since),
        to_text(until),
        but,
        at_most,
    )
    return [to_instant(row["arrived_at"]) for row in reversed(rows)]


def entry_before(store: Store, mailbox: str, address: str, journal_id: int, since: datetime) -> Row | None:
    """The journal's entry of the last mail of an address before this one."""
    return store.row(
        "SELECT * FROM journal WHERE mailbox = ? AND sender = ? AND id < ? AND arrived_at > ?"
        " ORDER BY arrived_at DESC LIMIT 1",
        mailbox,
        address,
        journal_id,
        to_text(since),
    )


def machine_mails_of(
    store: Store,
    mailbox: str,
    address: str,
    dispositions: Collection[str],
    since: datetime,
    until: datetime,
    but: int,
) -> int:
    """Mails of an address that were a machine's: of these dispositions. but: a journal entry that does not count."""
    marks = ", ".join("?" for _ in dispositions)
    found = store.value(
        "SELECT count(*) FROM journal WHERE mailbox = ? AND sender = ? AND arrived_at > ? AND arrived_at <= ?"
        f" AND disposition IN ({marks}) AND id <> ?",
        mailbox,
        address,
        to_text(since),
        to_text(until),
        *dispositions,
        but,
    )
    return int(found)


def machine_mails(store: Store, mailbox: str, since: datetime, until: datetime) -> int:
    """Mails of all machines: what was handled, is of nobody whom we know, and has no ticket, came from one."""
    found = store.value(
        "SELECT count(*) FROM journal WHERE mailbox = ? AND arrived_at > ? AND arrived_at <= ? AND state = 'handled'"
        " AND role = 'user' AND ticket_id IS NULL",
        mailbox,
        to_text(since),
        to_text(until),
    )
    return int(found)
