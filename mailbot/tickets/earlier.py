"""What was written and done on tickets before: one question each to their texts, files and history."""

from __future__ import annotations

from datetime import datetime

from mailbot.model import Role
from mailbot.store.database import Row, Store, to_text

# --- what was written --------------------------------------------------------------------------------


def words_of(store: Store, ticket_id: int, journal_id: int) -> str:
    """What a mail says on a ticket, "" where nothing of it is kept."""
    found = store.value(
        "SELECT body FROM texts WHERE journal_id = ? AND ticket_id = ? ORDER BY id LIMIT 1", journal_id, ticket_id
    )
    return str(found or "")


def words_of_kind(store: Store, ticket_id: int, journal_id: int, kind: str) -> str:
    """What a mail has left of this kind on a ticket, "" where nothing."""
    found = store.value(
        "SELECT body FROM texts WHERE journal_id = ? AND ticket_id = ? AND kind = ? ORDER BY id DESC LIMIT 1",
        journal_id,
        ticket_id,
        kind,
    )
    return str(found or "")


def lkpp_words(store: Store, ticket_id: int, journal_id: int | None) -> str:
    """What a mail of LKPP's says on a ticket, "" where it is none of LKPP's."""
    found = store.value(
        "SELECT body FROM texts WHERE journal_id = ? AND ticket_id = ? AND kind = 'lkpp'", journal_id, ticket_id
    )
    return str(found or "")


def for_user(store: Store, ticket_id: int, journal_id: int) -> str:
    """What of a mail of LKPP's staff may pass on to the user, as they were shown it."""
    found = store.value(
        "SELECT body FROM texts WHERE journal_id = ? AND ticket_id = ? AND kind = 'for_user'", journal_id, ticket_id
    )
    return str(found or "")


def passed_on(store: Store, ticket_id: int, journal_id: int) -> str:
    """What the user reads because of a mail, "" where no words of anybody's."""
    found = store.value(
        "SELECT body FROM texts WHERE journal_id = ? AND ticket_id = ? AND instr(audience, ',user,') > 0"
        " ORDER BY id DESC LIMIT 1",
        journal_id,
        ticket_id,
    )
    return str(found or "")


def answered(store: Store, ticket_id: int) -> bool:
    """Whether the user has been given an answer, a solution or news, also by hand."""
    found = store.value(
        "SELECT 1 FROM texts WHERE ticket_id = ? AND (kind = 'by_hand' OR (instr(audience, ',user,') > 0"
        " AND kind IN ('answer', 'solution', 'info', 'progress'))) LIMIT 1",
        ticket_id,
    )
    return found is not None


def acted(store: Store, ticket_id: int, address: str, since: datetime) -> bool:
    """Whether somebody has done anything on a ticket since then but to take it or to be given it."""
    found = store.value(
        "SELECT 1 FROM history WHERE ticket_id = ? AND address = ? AND at > ? AND event LIKE 'staff.%'"
        " AND event NOT IN ('staff.take', 'staff.assign') LIMIT 1",
        ticket_id,
        address,
        to_text(since),
    )
    return found is not None


def lkpp_after(store: Store, ticket_id: int, journal_id: int) -> list[Row]:
    """LKPP's replies after this one that said more than that our mail has arrived (journal_id, body, at), the last
    first."""
    return store.rows(
        "SELECT x.journal_id, x.body, x.at FROM texts x JOIN history h ON h.journal_id = x.journal_id"
        " AND h.ticket_id = x.ticket_id WHERE x.ticket_id = ? AND x.kind = 'lkpp' AND x.journal_id > ?"
        " AND h.event LIKE 'lkpp.%' AND h.event <> 'lkpp.received' ORDER BY x.journal_id DESC",
        ticket_id,
        journal_id,
    )


def user_mail(store: Store, mailbox: str, ticket_id: int, journal_id: int) -> Row | None:
    """The journal's entry of a user's mail on a ticket, with what it says as `body`; None: it is none."""
    return store.row(
        "SELECT j.*, x.body FROM journal j JOIN texts x ON x.journal_id = j.id AND x.ticket_id = ?3 AND x.role = 'user'"
        " WHERE j.id = ?1 AND j.mailbox = ?2 AND j.role = 'user'",
        journal_id,
        mailbox,
        ticket_id,
    )


def users_wrote_since(store: Store, ticket_id: int, at: datetime) -> bool:
    """Whether a user has written on a ticket after this."""
    sql = "SELECT 1 FROM texts WHERE ticket_id = ? AND role = 'user' AND at > ? LIMIT 1"
    return store.value(sql, ticket_id, to_text(at)) is not None


def kinds_of(store: Store, ticket_id: int, journal_id: int) -> list[str]:
    """As what the words of a mail are kept: "mail", "unverified", …"""
    rows = store.rows("SELECT kind FROM texts WHERE ticket_id = ? AND journal_id = ?", ticket_id, journal_id)
    return [str(row["kind"]) for row in rows]


def users_mails(store: Store, ticket_id: int) -> list[int]:
    """The journal's entries of what the users of a ticket have written, the oldest first."""
    rows = store.rows(
        "SELECT DISTINCT journal_id FROM texts WHERE ticket_id = ? AND role = ? AND journal_id IS NOT NULL"
        " ORDER BY journal_id",
        ticket_id,
        Role.USER.value,
    )
    return [int(row["journal_id"]) for row in rows]


def user_words(
    store: Store, mailbox: str, address: str, since: datetime, until: datetime, but: int | None, at_most: int
) -> list[Row]:
    """What a user wrote in his latest mails (body, subject of the ticket, arrived_at), the last first. but: an entry
    that does not count."""
    return store.rows(
        "SELECT x.body, t.subject, j.arrived_at FROM journal j INDEXED BY journal_sender"
        " CROSS JOIN texts x INDEXED BY texts_journal ON x.ticket_id = j.ticket_id AND x.journal_id = j.id"
        " CROSS JOIN tickets t ON t.id = j.ticket_id"
        " WHERE j.mailbox = ? AND j.sender = ? AND j.arrived_at > ? AND j.arrived_at <= ? AND j.id <> ?"
        " AND x.role = 'user' ORDER BY j.arrived_at DESC LIMIT ?",
        mailbox,
        address,
        to_text(since),
        to_text(until),
        but,
        at_most,
    )


def forged(store: Store, ticket_id: int) -> bool:
    """Whether a mail on a ticket bears its user's name, and the results of authentication deny it."""
    found = store.value(
        "SELECT 1 FROM texts WHERE ticket_id = ?1 AND kind = 'unverified' UNION ALL SELECT 1 FROM journal INDEXED BY"
        " journal_ticket WHERE ticket_id = ?1 AND role = 'user' AND verdict = 'fail' LIMIT 1",
        ticket_id,
    )
    return found is not None


def lkpp_mails(
    store: Store, ticket_id: int, since: datetime, until: datetime, but: int | None, at_most: int
) -> list[Row]:
    """What LKPP wrote in its latest mails on a ticket (body, at), the last first. but: an entry that does not count."""
    return store.rows(
        "SELECT body, at FROM texts WHERE ticket_id = ? AND kind = 'lkpp' AND journal_id <> ? AND at > ? AND at <= ?"
        " ORDER BY at DESC LIMIT ?",
        ticket_id,
        but,
        to_text(since),
        to_text(until),
        at_most,
    )


def last_request(store: Store, ticket_id: int) -> str:
    """The data that the user was asked for last, "" where he was asked for none."""
    found = store.value(
        "SELECT body FROM texts WHERE ticket_id = ? AND kind = 'request' AND instr(audience, ',user,') > 0"
        " ORDER BY id DESC LIMIT 1",
        ticket_id,
    )
    return str(found or "")


def doubts(store: Store, ticket_id: int) -> str:
    """What staff look at before LKPP gets what it has not got of the user's mails, "" where nothing."""
    rows = store.rows(
        "SELECT d.body FROM texts d WHERE d.ticket_id = ?1 AND d.kind = 'doubts' AND EXISTS (SELECT 1 FROM texts m"
        " WHERE m.ticket_id = ?1 AND m.journal_id = d.journal_id AND m.role = 'user'"
        " AND instr(m.audience, ',lkpp,') = 0) ORDER BY d.id",
        ticket_id,
    )
    return "; ".join(dict.fromkeys(str(row["body"]) for row in rows))


def has_files(store: Store, journal_id: int) -> bool:
    """Whether the files of a mail stand in the ledger."""
    return store.value("SELECT 1 FROM attachments WHERE journal_id = ?", journal_id) is not None


# --- what was done -----------------------------------------------------------------------------------


def opened(store: Store, ticket_id: int, journal_id: int) -> bool:
    """Whether the ticket was opened by this mail."""
    found = store.value(
        "SELECT 1 FROM history WHERE ticket_id = ? AND event = 'user.new' AND journal_id = ?", ticket_id, journal_id
    )
    return found is not None


def last_step(store: Store, journal_id: int) -> Row | None:
    """The last row of the SOP's table that a mail has led to (row, step)."""
    return store.row("SELECT row, step FROM history WHERE journal_id = ? ORDER BY id DESC", journal_id)


def who_last(store: Store, ticket_id: int, event: str) -> str:
    """Who brought about the last event of this kind, "" where there was none."""
    found = store.value(
        "SELECT address FROM history WHERE ticket_id = ? AND event = ? ORDER BY id DESC LIMIT 1", ticket_id, event
    )
    return str(found or "")


def escalations(store: Store, ticket_id: int, but: int) -> int:
    """How often a ticket was escalated. but: a line of the history that does not count."""
    found = store.value(
        "SELECT count(*) FROM history WHERE ticket_id = ? AND event = 'staff.escalate' AND id <> ?", ticket_id, but
    )
    return int(found)


def escalations_by(store: Store, mailbox: str, address: str, since: datetime, until: datetime) -> int:
    """How often somebody has escalated, or asked the coordinator to, whatever tickets it were."""
    found = store.value(
        "SELECT count(*) FROM history h INDEXED BY history_escalations CROSS JOIN tickets t"
        " ON t.id = h.ticket_id WHERE t.mailbox = ?"
        " AND h.event IN ('staff.escalate', 'staff.ask_approval') AND h.address = ? AND h.at > ? AND h.at <= ?",
        mailbox,
        address,
        to_text(since),
        to_text(until),
    )
    return int(found)
