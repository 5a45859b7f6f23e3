"""Mails of ours, asked about when somebody answers them, or takes them back: by Message-ID, by ticket and party."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from mailbot.model import Role
from mailbot.store import mail_bytes
from mailbot.store.database import Row, Store, to_instant, to_text

# --- by Message-ID -----------------------------------------------------------------------------------


def ours(store: Store, mailbox: str, message_id: str | None) -> Row | None:
    """The mail of ours that has this Message-ID; None: there is none."""
    return store.row(
        "SELECT id, event_key, ticket_id, party, template, recipient, created_at FROM outbox WHERE mailbox = ?"
        " AND message_id = ?",
        mailbox,
        message_id,
    )


def bytes_of(store: Store, mailbox: str, message_id: str) -> bytes | None:
    """The bytes of the mail of ours that has this Message-ID."""
    outbox_id = store.value("SELECT id FROM outbox WHERE mailbox = ? AND message_id = ?", mailbox, message_id)
    return None if outbox_id is None else mail_bytes.bytes_of(store, int(outbox_id))


def beginning(store: Store, outbox_id: int, size: int) -> bytes:
    """The first `size` bytes of a mail of ours, in which the words stand, before the files."""
    return mail_bytes.without_parts(store, outbox_id)[:size]


def with_ids(store: Store, mailbox: str, message_ids: Sequence[str], parties: Collection[str]) -> list[Row]:
    """Those of these mails of ours that were written to a party: `id`, `party` and `message_id`."""
    ids, names = ", ".join("?" for _ in message_ids), ", ".join("?" for _ in parties)
    return store.rows(
        "SELECT id, party, message_id FROM outbox"
        f" WHERE mailbox = ? AND message_id IN ({ids}) AND party IN ({names}) ORDER BY id DESC",
        mailbox,
        *message_ids,
        *parties,
    )


def of_tickets(store: Store, ticket_ids: Collection[int], parties: Collection[str], at_most: int) -> list[Row]:
    """The last mails of ours about these tickets to a party, the last first, in the shape of `with_ids`."""
    ids, names = ", ".join("?" for _ in ticket_ids), ", ".join("?" for _ in parties)
    return store.rows(
        "SELECT id, party, message_id FROM outbox"
        f" WHERE ticket_id IN ({ids}) AND party IN ({names}) AND state <> 'cancelled' ORDER BY id DESC LIMIT ?",
        *ticket_ids,
        *parties,
        at_most,
    )


def last_outside(store: Store, ticket_id: int) -> Row | None:
    """The last mail of ours about a ticket to its user or LKPP, sent or waiting."""
    return store.row(
        "SELECT template, party, accepted_at, not_before, held FROM outbox"
        " WHERE ticket_id = ? AND party IN ('user', 'lkpp') AND state IN ('queued', 'sending', 'uncertain', 'accepted')"
        " ORDER BY id DESC LIMIT 1",
        ticket_id,
    )


#: One party after the other: then the index brings them in their order.
_OF_NO_TICKET = (
    "SELECT * FROM (SELECT id, party, message_id FROM outbox INDEXED BY outbox_of_no_ticket"
    " WHERE ticket_id IS NULL AND party = ? AND mailbox = ? AND state <> 'cancelled' ORDER BY id DESC LIMIT ?)"
)


def of_no_ticket(store: Store, mailbox: str, parties: Collection[str], at_most: int) -> list[Row]:
    """The last mails of ours to each of these parties that are about no ticket, in the shape of `with_ids`."""
    values = [value for party in parties for value in (party, mailbox, at_most)]
    return store.rows(" UNION ALL ".join(_OF_NO_TICKET for _ in parties), *values)


def last_of_no_ticket(store: Store, mailbox: str, parties: Collection[str]) -> tuple[str, ...]:
    """The Message-IDs of the last mail to each of them: while these are the same, so is what `of_no_ticket` finds, but
    for mails that were taken back since."""
    values = [value for party in parties for value in (party, mailbox, 1)]
    found = store.tuples(" UNION ALL ".join(_OF_NO_TICKET for _ in parties), *values)
    return tuple(str(message_id) for _, _, message_id in found)


def ticket_of(store: Store, mailbox: str, message_id: str) -> int | None:
    """The ticket of a mail, ours or not, that has this Message-ID."""
    found = store.value(
        "SELECT ticket_id FROM outbox WHERE mailbox = ?1 AND message_id = ?2 AND ticket_id IS NOT NULL UNION ALL"
        " SELECT ticket_id FROM journal INDEXED BY journal_message_id"
        " WHERE mailbox = ?1 AND message_id = ?2 AND ticket_id IS NOT NULL"
        " AND state = 'handled' LIMIT 1",
        mailbox,
        message_id,
    )
    return None if found is None else int(found)


def any_is(store: Store, mailbox: str, message_ids: Sequence[str], templates: Collection[str]) -> bool:
    """Whether a mail of ours with one of these Message-IDs was made by one of these templates."""
    ids, names = ", ".join("?" for _ in message_ids), ", ".join("?" for _ in templates)
    found = store.value(
        f"SELECT count(*) FROM outbox WHERE mailbox = ? AND message_id IN ({ids}) AND template IN ({names})",
        mailbox,
        *message_ids,
        *templates,
    )
    return bool(found)


def asks_for_code(store: Store, mailbox: str, message_ids: Sequence[str]) -> bool:
    """Whether one of these mails of ours asked for a code."""
    marks = ", ".join("?" for _ in message_ids)
    found = store.value(
        "SELECT 1 FROM outbox WHERE mailbox = ? AND template = 'staff_confirm' AND event_key LIKE 'j%.code'"
        f" AND message_id IN ({marks})",
        mailbox,
        *message_ids,
    )
    return found is not None


def last_of(
    store: Store, mailbox: str, recipient: str, templates: Collection[str], since: datetime, before: datetime
) -> Row | None:
    """The last mail of these templates that a server took for an address before a moment."""
    marks = ", ".join("?" for _ in templates)
    return store.row(
        "SELECT event_key, template, recipient FROM outbox WHERE mailbox = ? AND recipient = ? AND accepted_at > ?"
        f" AND accepted_at < ? AND template IN ({marks}) ORDER BY accepted_at DESC, id DESC LIMIT 1",
        mailbox,
        recipient,
        to_text(since),
        to_text(before),
        *templates,
    )


# --- by what it was written for ----------------------------------------------------------------------


def so_many(store: Store, mailbox: str, event_key: str, recipient: str) -> int:
    """How many mails of events whose keys begin so were written to an address."""
    found = store.value(
        "SELECT count(*) FROM outbox WHERE mailbox = ?1 AND event_key >= ?2 AND event_key < ?3 AND recipient = ?4",
        mailbox,
        event_key,
        event_key[:-1] + chr(ord(event_key[-1]) + 1),
        recipient,
    )
    return int(found)


def is_there(store: Store, mailbox: str, event_key: str, recipient: str, template: str) -> bool:
    """Whether this very mail was written already."""
    found = store.value(
        "SELECT 1 FROM outbox WHERE mailbox = ? AND event_key = ? AND recipient = ? AND template = ?",
        mailbox,
        event_key,
        recipient,
        template,
    )
    return found is not None


def last_id(store: Store) -> int:
    """The number of the last mail that was written; 0: none was."""
    return int(store.value("SELECT coalesce(max(id), 0) FROM outbox"))


def after(store: Store, outbox_id: int) -> list[Row]:
    """What was written after that mail."""
    return store.rows(
        "SELECT template, recipient, subject, held, held_why, created_at FROM outbox WHERE id > ? ORDER BY id",
        outbox_id,
    )


# --- of one ticket -----------------------------------------------------------------------------------


def thread(store: Store, ticket_id: int, address: str, party: Role) -> list[str]:
    """The Message-IDs of a ticket's mails from and to one party, in the order of time. A person of the LPSE is one
    party in whichever role."""
    rows = store.rows(
        "SELECT message_id, at FROM ("
        " SELECT message_id, created_at AS at FROM outbox"
        "  WHERE ticket_id = ?1 AND recipient = ?2"
        "   AND (party = ?3 OR (?4 AND party IN ('staff', 'coordinator', 'head')))"
        "   AND thread = 1 AND state <> 'cancelled' AND held = 0"
        " UNION ALL"
        " SELECT message_id, arrived_at AS at FROM journal"
        "  WHERE ticket_id = ?1 AND message_id IS NOT NULL AND (sender = ?2 OR (?3 = 'lkpp' AND role = 'lkpp'))"
        ") ORDER BY at",
        ticket_id,
        address,
        party.value,
        int(party.inside),
    )
    return list(dict.fromkeys(str(row["message_id"]) for row in rows))


def subjects(store: Store, ticket_id: int, address: str) -> list[str]:
    """The subjects of what was sent to a user."""
    rows = store.rows(
        "SELECT DISTINCT subject FROM outbox WHERE ticket_id = ? AND recipient = ? AND party = 'user'",
        ticket_id,
        address,
    )
    return [str(row["subject"]) for row in rows]


def may_be_taken_back(store: Store, ticket_id: int) -> list[Row]:
    """What waits in its undo window, or behind it and is not handed over yet."""
    return store.rows(
        "SELECT id, recipient, template, message_id, undo_by, not_before FROM outbox"
        " WHERE ticket_id = ? AND state = 'queued' AND undo_by IS NOT NULL ORDER BY id",
        ticket_id,
    )


def waiting_words(store: Store, ticket_id: int, templates: Collection[str]) -> list[Row]:
    """What waits of these templates in its undo window, or is held, the first written first."""
    names = ", ".join("?" for _ in templates)
    return store.rows(
        "SELECT id, recipient, template, message_id, event_key, undo_by, held FROM outbox WHERE ticket_id = ?"
        f" AND state = 'queued' AND (undo_by IS NOT NULL OR held = 1) AND template IN ({names}) ORDER BY id",
        ticket_id,
        *templates,
    )


def taken_back(store: Store, ticket_id: int) -> set[int]:
    """The journal entries of commands whose mails were taken back."""
    rows = store.rows(
        "SELECT DISTINCT undo_by FROM outbox WHERE ticket_id = ? AND state = 'cancelled' AND undo_by IS NOT NULL",
        ticket_id,
    )
    return {int(row["undo_by"]) for row in rows}


def to_be_taken_back_of(store: Store, ticket_id: int, journal_id: int) -> list[Row]:
    """The mails to others that `#batal` could take back, or can, and that one mail has set going (state, accepted_at),
    the last first; none: it has set none going."""
    return store.rows(
        "SELECT state, accepted_at FROM outbox WHERE ticket_id = ? AND undo_by = ? ORDER BY id DESC",
        ticket_id,
        journal_id,
    )


def last_of_words(store: Store, ticket_id: int) -> Row | None:
    """The last mail that somebody could have taken back and has not (template, recipient, accepted_at)."""
    return store.row(
        "SELECT template, recipient, accepted_at FROM outbox WHERE ticket_id = ? AND undo_by IS NOT NULL"
        " AND accepted_at IS NOT NULL ORDER BY id DESC LIMIT 1",
        ticket_id,
    )


def has_written(store: Store, ticket_id: int, event_key: str, but: Collection[str]) -> bool:
    """Whether a mail with this key, as it came or looked at again, has had a mail written to the user or to LKPP, that
    was not taken back. but: templates that do not count."""
    marks = ", ".join("?" for _ in but)
    found = store.value(
        "SELECT 1 FROM outbox WHERE ticket_id = ? AND (event_key = ? OR event_key LIKE ? OR event_key LIKE ?)"
        f" AND party IN ('user', 'lkpp') AND state <> 'cancelled' AND template NOT IN ({marks}) LIMIT 1",
        ticket_id,
        event_key,
        f"{event_key}+%",
        f"{event_key}.%",
        *but,
    )
    return found is not None


def made_last(store: Store, ticket_id: int, templates: Collection[str]) -> datetime | None:
    """When the last mail of a ticket made of one of these templates was made, held ones aside; None: there is none."""
    marks = ", ".join("?" * len(templates))
    found = store.value(
        f"SELECT max(created_at) FROM outbox WHERE ticket_id = ? AND template IN ({marks}) AND state <> 'cancelled'"
        " AND held = 0",
        ticket_id,
        *templates,
    )
    return None if found is None else to_instant(found)


def not_left(store: Store, ticket_id: int, address: str) -> list[Row]:
    """What was written to a user and has not left, or nobody knows."""
    return store.rows(
        "SELECT id, template, message_id, state FROM outbox WHERE ticket_id = ? AND recipient = ? AND party = 'user'"
        " AND state IN ('queued', 'uncertain')",
        ticket_id,
        address,
    )


def enquiries(store: Store, ticket_id: int) -> int:
    """How often LKPP was asked where the ticket stands."""
    found = store.value(
        "SELECT count(DISTINCT event_key) FROM outbox WHERE ticket_id = ? AND template = 'lkpp_status_enquiry'"
        " AND state <> 'cancelled'",
        ticket_id,
    )
    return int(found)


def last_to_lkpp(store: Store, ticket_id: int, but: str) -> datetime | None:
    """When the last mail to LKPP was written. but: the key of an event that does not count."""
    found = store.value(
        "SELECT max(created_at) FROM outbox WHERE ticket_id = ? AND party = 'lkpp' AND state <> 'cancelled'"
        " AND event_key <> ?",
        ticket_id,
        but,
    )
    return None if found is None else to_instant(found)


def data_taken(store: Store, ticket_id: int, until: datetime) -> datetime | None:
    """When a server has last taken the user's data for LKPP."""
    found = store.value(
        "SELECT max(accepted_at) FROM outbox WHERE ticket_id = ? AND party = 'lkpp' AND template ="
        " 'lkpp_additional_data' AND accepted_at <= ?",
        ticket_id,
        to_text(until),
    )
    return None if found is None else to_instant(found)
