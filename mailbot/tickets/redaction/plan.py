"""What the removal of a person's data would touch, and what stands against it. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from mailbot.errors import PermanentFailure
from mailbot.masking.numbers import numbers as numbers_in
from mailbot.store import journal, mail_bytes
from mailbot.store.database import Row, Store
from mailbot.tickets import persons, ticket_rows, tickets
from mailbot.tickets.redaction import traces
from mailbot.tickets.redaction.traces import Traces

#: Told how many mails were looked through, and of how many.
Progress = Callable[[int, int], None]
#: The fields of a form that name a person.
_NAMES, _NUMBERS, _ADDRESSES = ("name",), ("phone",), ("email", "address")


@dataclass(frozen=True, slots=True)
class Site:
    """What of the office itself is nobody's data: its people's addresses and names, its own telephone numbers."""

    addresses: Collection[str]
    names: Collection[str]
    numbers: Collection[str]


@dataclass(frozen=True, slots=True)
class Seen:
    """How far the mails were looked through (the last ids), and which of them name the person."""

    journal: int = 0
    outbox: int = 0
    received: frozenset[int] = frozenset()
    sent: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """own: tickets of which the person is the user. written: the person's mails, also without a ticket. received, sent:
    all mails of which nothing but a stub stays; of them, others: how many belong to tickets of others, or to none.
    against: why it cannot be done now, each a sentence."""

    address: str
    own: tuple[int, ...]
    numbers: tuple[str, ...]
    traces: Traces
    written: tuple[Row, ...]
    received: tuple[int, ...]
    sent: tuple[int, ...]
    others: int
    seen: Seen
    against: tuple[str, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        return not (self.own or self.received or self.sent)


def make(
    store: Store, site: Site, address: str, progress: Progress = lambda *_: None, seen: Seen | None = None
) -> Plan:
    """address: in small letters. seen: of an earlier plan; what it has looked at is not looked at again."""
    own = tuple(ticket for ticket, how in persons.tickets_of(store, address).items() if persons.USER in how)
    rows = [row for ticket in own if (row := ticket_rows.one(store, ticket)) is not None]
    numbers = tuple(str(row["number"]) for row in rows)
    known = _traces(store, site, address, rows)
    written = tuple(persons.written_by(store, address))
    received = {int(mail["id"]) for mail in written} | set(_ids(store, own, _RECEIVED_OF))
    sent = set(_ids(store, own, _SENT_OF)) | {int(row["id"]) for row in store.rows(_SENT_TO, address)}
    begun = min([*(str(row["opened_at"]) for row in rows), *(str(mail["arrived_at"]) for mail in written)], default="")
    seen = _naming(store, known, begun, seen or Seen(), received, sent, progress)
    named_in, named_out = seen.received - received, seen.sent - sent
    return Plan(
        address=address,
        own=own,
        numbers=numbers,
        traces=known,
        written=written,
        received=tuple(sorted(received | named_in)),
        sent=tuple(sorted(sent | named_out)),
        others=len(named_in) + len(named_out),
        seen=seen,
        against=tuple(_against(store, site, address, rows)),
    )


_RECEIVED_OF = "SELECT id FROM journal WHERE ticket_id = ?"
_SENT_OF = "SELECT id FROM outbox WHERE ticket_id = ?"
_SENT_TO = "SELECT id FROM outbox WHERE lower(recipient) = ?"


def _ids(store: Store, tickets: Collection[int], sql: str) -> Iterator[int]:
    for ticket in tickets:
        for row in store.rows(sql, ticket):
            yield int(row["id"])


def _traces(store: Store, site: Site, address: str, rows: Collection[Row]) -> Traces:
    """By what the person is known: out of the person's own tickets, forms and mails."""
    addresses, names, numbers, others = {address}, set[str](), set[str](), set[str]()
    named: set[str] = set()
    for row in rows:
        ticket = int(row["id"])
        names.add(str(row["user_name"]))
        named |= {str(row["number"]), str(row["form_number"])}
        for field_name, value in tickets.fields(store, ticket).items():
            if field_name in _ADDRESSES and "@" in value:
                addresses.add(value.lower())
            elif field_name in _NAMES:
                names.add(value)
            elif field_name in _NUMBERS:
                numbers.add(value)
        for text in store.rows("SELECT role, address, body FROM texts WHERE ticket_id = ?", ticket):
            his = text["role"] == "user" and str(text["address"]).lower() in (address, "")
            (numbers if his else others).update(numbers_in(str(text["body"])))
    for sheet in store.rows(
        "SELECT name, phone FROM consultations c WHERE lower(address) = ?1"
        " OR EXISTS (SELECT 1 FROM tickets t WHERE t.id = c.ticket_id AND lower(t.user_address) = ?1)",
        address,
    ):
        names.add(str(sheet["name"]))
        numbers.add(str(sheet["phone"]))
    listed = {name.lower() for name in site.names}
    foreign = {_digits(one) for one in (*site.numbers, *others)}
    return traces.of(
        addresses - set(site.addresses) | {address},
        {name for name in names if name.lower() not in listed},
        {number for number in numbers if _digits(number) not in foreign},
        named,
    )


def _digits(number: str) -> str:
    found = "".join(filter(str.isdigit, number))
    return found.removeprefix("62").removeprefix("0")


def _against(store: Store, site: Site, address: str, rows: Collection[Row]) -> Iterator[str]:
    if address in site.addresses or persons.acted(store, address):
        yield f"{address} is or was one of the LPSE's or LKPP's people: what they did is the office's record"
    for row in rows:
        if row["status"] != "closed" and row["merged_into"] is None:
            yield f"ticket {row['number']} is open: close it first (#tutup)"
    waiting = store.rows(
        "SELECT o.id, t.number FROM outbox o LEFT JOIN tickets t ON t.id = o.ticket_id"
        " WHERE (lower(o.recipient) = ?1 OR lower(t.user_address) = ?1)"
        " AND (o.state IN ('queued', 'sending', 'uncertain') OR (o.state IN ('accepted', 'failed')"
        " AND o.outcome_handled = 0))",
        address,
    )
    for row in waiting:
        yield f"mail {row['id']} ({row['number'] or 'no ticket'}) has not left: wait for it, or cancel it"
    for row in store.rows("SELECT id FROM journal WHERE sender = ? AND state = 'quarantined'", address):
        yield f"mail {row['id']} of {address} is in quarantine: discard or release it"
    named = traces.of([address], (), (), ()).pattern()
    for row in store.rows("SELECT id FROM journal WHERE state = 'received'"):  # whose it is shows when it is read
        if any(named.search(text) for text in traces.readings(_bytes(store, int(row["id"])))):
            yield f"mail {row['id']} is not handled yet: wait"


# --- mails elsewhere that name the person ---------------------------------------------------------


def _naming(
    store: Store,
    known: Traces,
    begun: str,
    seen: Seen,
    received: Collection[int],
    sent: Collection[int],
    progress: Progress,
) -> Seen:
    """Of all other mails since the person first wrote, those that name the person; of the LPSE's own and LKPP's also
    those that name one of the person's tickets, as a list does."""
    person, or_ticket = known.pattern(), known.pattern(tickets=True)
    entries = store.rows(
        "SELECT id, role FROM journal WHERE id > ? AND fetched_at >= ? AND erased_at IS NULL ORDER BY id",
        seen.journal,
        begun,
    )
    mails = store.rows(
        "SELECT id FROM outbox WHERE id > ? AND created_at >= ? AND erased_at IS NULL ORDER BY id", seen.outbox, begun
    )
    total, done = len(entries) + len(mails), 0
    found_in, found_out = set[int](), set[int]()
    for entry in entries:
        if entry["id"] not in received:
            pattern = person if entry["role"] in ("", "user") else or_ticket
            if any(pattern.search(text) for text in traces.readings(_bytes(store, int(entry["id"])))):
                found_in.add(int(entry["id"]))
        progress(done := done + 1, total)
    for mail in mails:
        if mail["id"] not in sent and any(
            or_ticket.search(text) for text in traces.readings(_ours(store, int(mail["id"])))
        ):
            found_out.add(int(mail["id"]))
        progress(done := done + 1, total)
    return Seen(
        max([seen.journal, *(int(entry["id"]) for entry in entries)]),
        max([seen.outbox, *(int(mail["id"]) for mail in mails)]),
        seen.received | found_in,
        seen.sent | found_out,
    )


def _bytes(store: Store, journal_id: int) -> bytes:
    try:
        return journal.raw(store, journal.entry(store, journal_id))
    except PermanentFailure:  # gone: there is nothing to remove
        return b""


def _ours(store: Store, outbox_id: int) -> bytes:
    try:
        return mail_bytes.bytes_of(store, outbox_id)
    except PermanentFailure:
        return mail_bytes.without_parts(store, outbox_id)
    except LookupError:  # a row without bytes
        return b""
