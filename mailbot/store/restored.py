"""After a backup was put in the place of the database: what may have happened that it does not know of.

What came to the mailbox since the backup is read again, and handled as if for the first time; which of its answers had
left already, nobody knows. Each mail whose cause is older than the restore says that it may be a repetition. Mails to
LKPP, which knows nothing of mailbot and counts each of them, are held until a person has looked.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import NamedTuple

from mailbot.sentences import Sentences
from mailbot.store import counters
from mailbot.store.database import Store, to_instant, to_text

_SAID = Sentences(__file__)

#: First line of what may be a repetition.
NOTICE = _SAID("notice")
#: The rule's name, as in `held.RULES`, and why, for people.
HELD_BY = "restored"
HELD_WHY = _SAID("held")


class Restoration(NamedTuple):
    """made_at: when the backup was made. cursors: folder → (UIDVALIDITY, last UID) as the backup has them. counters:
    "PREFIX YEAR" → the last number that it knows."""

    id: int
    at: datetime
    made_at: datetime
    cursors: dict[str, tuple[int, int]]
    counters: dict[str, int]


def pending(store: Store, mailbox: str) -> Restoration | None:
    """The restore after which this mailbox's counters have not been raised yet: until then nothing is handled or
    sent."""
    row = store.row(
        "SELECT r.* FROM restored m JOIN restorations r ON r.id = m.restoration"
        " WHERE m.mailbox = ? AND m.settled_at IS NULL ORDER BY r.id LIMIT 1",
        mailbox,
    )
    if row is None:
        return None
    cursors = json.loads(str(row["cursors"])).get(mailbox, {})
    known = {str(folder): (int(epoch), int(last)) for folder, (epoch, last) in cursors.items()}
    return Restoration(
        int(row["id"]), to_instant(row["at"]), to_instant(row["made_at"]), known, json.loads(row["counters"])
    )


def may_repeat(store: Store, mailbox: str, cause: datetime) -> bool:
    """Whether what follows from something that happened then may have been done before a restore."""
    sql = "SELECT 1 FROM restored m JOIN restorations r ON r.id = m.restoration WHERE m.mailbox = ? AND r.at >= ?"
    return store.value(sql, mailbox, to_text(cause)) is not None


def note(
    store: Store, mailboxes: list[str], made_at: datetime, now: datetime, given: dict[tuple[str, int], int]
) -> None:
    """In a backup that is about to take the place of the database. given: (prefix, year) → the last number that the
    old database shows, where it could be read."""
    with store.immediate():
        cursors: dict[str, dict[str, tuple[int, int]]] = {}
        for row in store.rows("SELECT * FROM folders ORDER BY started_at, rowid"):  # the newest epoch stays
            cursors.setdefault(row["mailbox"], {})[row["folder"]] = (row["uidvalidity"], row["last_uid"])
        known = {f"{row['prefix']} {row['year']}": row["last"] for row in store.rows("SELECT * FROM counters")}
        restoration = store.insert(
            "restorations",
            at=to_text(now),
            made_at=to_text(made_at),
            cursors=json.dumps(cursors),
            counters=json.dumps(known),
        )
        for mailbox in mailboxes:
            store.insert("restored", restoration=restoration, mailbox=mailbox)
        for (prefix, year), last in given.items():
            counters.raise_to(store, prefix, year, last)
        store.execute("DELETE FROM owner")
        _doubt_outbox(store, now)


def _doubt_outbox(store: Store, now: datetime) -> None:
    """What waited when the backup was made has most likely left since. It is looked up where there is a proof, and else
    goes out again with the same bytes and Message-ID, like everything that may have arrived; to LKPP only by a person's
    decision. What could be taken back waits: the `#batal` that took it back is read again."""
    doubtful = "state = 'uncertain', phase = '', proof = 'wanted', proof_since = ?, proof_looked = NULL"
    store.execute(
        f"UPDATE outbox SET {doubtful}, held = 1, held_by = ?, held_why = ?, held_until = NULL"
        " WHERE party = 'lkpp' AND state IN ('queued', 'sending', 'uncertain')",
        to_text(now),
        HELD_BY,
        HELD_WHY,
    )
    store.execute(
        f"UPDATE outbox SET {doubtful}, reason = ? WHERE state IN ('queued', 'sending', 'uncertain') AND held = 0"
        " AND undo_by IS NULL",
        to_text(now),
        HELD_WHY,
    )


def settled(store: Store, restoration: int, mailbox: str, gaps: dict[str, list[int]], now: datetime) -> None:
    """The mailbox's counters stand above every number that may have been given. gaps: year → first and last number that
    is left out. Inside a transaction."""
    store.execute(
        "UPDATE restored SET settled_at = ?, gaps = ? WHERE restoration = ? AND mailbox = ?",
        to_text(now),
        json.dumps(gaps),
        restoration,
        mailbox,
    )


def to_look_up(store: Store, mailbox: str) -> list[tuple[int, str]]:
    """(id, Message-ID) of the mails to LKPP that waited when the backup was made and are held now."""
    sql = "SELECT id, message_id FROM outbox WHERE mailbox = ? AND held_by = ? AND state = 'uncertain' ORDER BY id"
    return [(int(row["id"]), str(row["message_id"])) for row in store.rows(sql, mailbox, HELD_BY)]
