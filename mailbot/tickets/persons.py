"""Which rows are about one person, by the address: tickets, what the person wrote, what was sent to that address."""

from __future__ import annotations

from collections.abc import Mapping

from mailbot.store.database import Row, Store

#: Why a ticket concerns a person. USER: it is the person's own.
USER, PARTY, WRITER, RECIPIENT, FORM = "user", "party", "writer", "recipient", "form"


def tickets_of(store: Store, address: str) -> Mapping[int, frozenset[str]]:
    """Ticket → as what the address stands in it, the oldest first. address: in small letters."""
    found: dict[int, set[str]] = {}
    for row in store.rows(
        "SELECT id AS ticket_id, 'user' AS how FROM tickets WHERE lower(user_address) = ?1"
        " UNION SELECT ticket_id, 'party' FROM parties WHERE lower(address) = ?1 AND role = 'user'"
        " UNION SELECT ticket_id, 'writer' FROM journal WHERE sender = ?1 AND ticket_id IS NOT NULL"
        " UNION SELECT ticket_id, 'recipient' FROM outbox WHERE lower(recipient) = ?1 AND ticket_id IS NOT NULL"
        " UNION SELECT ticket_id, 'form' FROM consultations WHERE lower(address) = ?1"
        " UNION SELECT ticket_id, 'form' FROM fields WHERE lower(value) = ?1",
        address,
    ):
        found.setdefault(int(row["ticket_id"]), set()).add(str(row["how"]))
    return {ticket_id: frozenset(found[ticket_id]) for ticket_id in sorted(found)}


def written_by(store: Store, address: str) -> list[Row]:
    """The mails that bear the address as their sender, as users' mails, without their bytes; also such as belong to no
    ticket. What is proven not to be the sender's has the verdict "fail"."""
    return store.rows(
        "SELECT id, mailbox, folder, uidvalidity, uid, arrived_at, size, state, disposition, verdict, ticket_id,"
        " message_id, raw_file, complete FROM journal WHERE sender = ? AND role NOT IN ('staff', 'coordinator', 'head',"
        " 'operator', 'lkpp') ORDER BY arrived_at, id",
        address,
    )


def sent_to(store: Store, address: str) -> list[Row]:
    """The mails of ours that a server took for the address as a user's."""
    return store.rows(
        "SELECT id, mailbox, ticket_id, template, subject, accepted_at, message_id, state FROM outbox"
        " WHERE lower(recipient) = ? AND party = 'user' AND accepted_at IS NOT NULL ORDER BY accepted_at, id",
        address,
    )


def acted(store: Store, address: str) -> bool:
    """Whether the address has acted for the LPSE or LKPP: then it is no user's alone."""
    found = store.value(
        "SELECT 1 FROM history WHERE lower(address) = ? AND role NOT IN ('user', 'mailbot') LIMIT 1", address
    )
    return found is not None
