"""What goes from one ticket to another: all of it (`#gabung`), one mail (`#pisah`); who belongs to a ticket no more;
and whether two are surely one user's."""

from __future__ import annotations

from mailbot.model import Ticket
from mailbot.store.database import Store
from mailbot.tickets import earlier


def one_user(store: Store, one: Ticket, other: Ticket) -> bool:
    """Whether two tickets are one user's, so that joining them opens nothing to anybody: the same address, in both as
    well proven (of a call or a visit staff have written it down), no mail in either that is proven forged, and nobody
    else a party of either."""
    address = one.user_address
    return (
        address == other.user_address != ""
        and _as_well_proven(one) == _as_well_proven(other)
        and not any(earlier.forged(store, each.id) for each in (one, other))
        and all(user_parties(store, each.id) == [address] for each in (one, other))
    )


def _as_well_proven(ticket: Ticket) -> bool:
    return ticket.user_verified or ticket.channel != "email"


def bring_all(store: Store, gone: int, stays: int, *, same_user: bool) -> None:
    """What was written on a ticket becomes the other one's, each text with its own readers. same_user: whether both are
    one user's; else "the user" is another person over there."""
    for table in ("texts", "attachments"):
        if not same_user:
            store.execute(f"UPDATE {table} SET audience = replace(audience, ',user,', ',') WHERE ticket_id = ?", gone)
        store.execute(f"UPDATE {table} SET ticket_id = ? WHERE ticket_id = ?", stays, gone)


def bring_fields(store: Store, gone: int, stays: int) -> None:
    """What is known of the user, as far as the other one does not say it."""
    store.execute(
        "INSERT OR IGNORE INTO fields (ticket_id, name, value, source, journal_id, at)"
        " SELECT ?, name, value, source, journal_id, at FROM fields WHERE ticket_id = ?",
        stays,
        gone,
    )


def bring_mail(store: Store, old: int, new: int, journal_id: int) -> None:
    """The user's words in a mail, and its files."""
    store.execute(
        "UPDATE texts SET ticket_id = ?1, kind = 'mail' WHERE ticket_id = ?2 AND journal_id = ?3 AND role = 'user'",
        new,
        old,
        journal_id,
    )
    store.execute(
        "UPDATE attachments SET ticket_id = ?1 WHERE ticket_id = ?2 AND journal_id = ?3", new, old, journal_id
    )


def user_parties(store: Store, ticket_id: int) -> list[str]:
    """The addresses of the users who may write on a ticket."""
    rows = store.rows("SELECT address FROM parties WHERE ticket_id = ? AND role = 'user' AND address <> ''", ticket_id)
    return [str(row["address"]) for row in rows]


def leave(store: Store, ticket_id: int, address: str) -> None:
    """From now on an address is a stranger to a ticket."""
    store.execute("DELETE FROM parties WHERE ticket_id = ? AND address = ?", ticket_id, address)


def forget_name(store: Store, ticket_id: int, source: str, *, whatever: bool) -> None:
    """The user's name is not known any more, if this source has told it. whatever: whoever has."""
    store.execute(
        "DELETE FROM fields WHERE ticket_id = ? AND name = 'name' AND (source = ? OR ?)",
        ticket_id,
        source,
        int(whatever),
    )
