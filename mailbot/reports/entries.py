"""What a month has to show: tickets that came by mail, and the sheets of the Formulir Konsultasi.

A ticket counts by the local day on which it was opened, a call or visit by the day of its form (SOP telephone, Rekap,
column 2: "Tanggal Telepon"), whenever it was recorded. What staff have thrown away does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from mailbot.parsers.dates import months
from mailbot.store import sent_mails
from mailbot.store.database import Row, Store, to_instant, to_text
from mailbot.tickets import consultations, ticket_rows, tickets


@dataclass(frozen=True, slots=True)
class Entry:
    """ticket: under whose numbers it stands. standing: the id of the ticket that this one has become a part of, else
    its own. sheet: the row of the consultation; None: a ticket that came by mail."""

    day: date
    ticket: Row
    standing: int
    sheet: Row | None

    @property
    def ticket_id(self) -> int:
        return int(self.ticket["id"])

    @property
    def channel(self) -> str:
        """How this problem came: email, telepon, loket or lpse-support."""
        return str(self.ticket["channel"] if self.sheet is None else self.sheet["channel"])

    @property
    def form_number(self) -> str:
        number = str(self.ticket["form_number"])
        return number if self.sheet is None else consultations.form_number(number, int(self.sheet["sheet"]))


def of_month(
    store: Store, mailbox: str, zone: tzinfo, first: date, *, merged: bool, channel: str | None = None
) -> list[Entry]:
    """In the order of their days. merged: also the tickets by mail that are parts of others; consultations always.
    channel: only what came so."""
    after = months.following(first)
    opened = store.rows(
        "SELECT * FROM tickets t WHERE mailbox = ? AND opened_at >= ? AND opened_at < ? AND discarded = 0"
        " AND (channel = 'email' OR NOT EXISTS (SELECT 1 FROM consultations c WHERE c.ticket_id = t.id))",
        mailbox,
        _begin(first, zone),
        _begin(after, zone),
    )
    held = store.rows(
        "SELECT c.* FROM consultations c JOIN tickets t ON t.id = c.ticket_id"
        " WHERE c.mailbox = ? AND c.day >= ? AND c.day < ? AND t.discarded = 0",
        mailbox,
        first.isoformat(),
        after.isoformat(),
    )
    found = [(str(row["opened_at"]), _entry(store, zone, row)) for row in opened if merged or not row["merged_into"]]
    found += [(str(row["began_at"]), _sheet(store, row)) for row in held]
    told = [entry for _, entry in sorted(found, key=lambda one: (one[1].day, one[0], one[1].ticket_id))]
    return [entry for entry in told if channel in (None, entry.channel)]


def of_ticket(store: Store, zone: tzinfo, ticket_id: int) -> list[Entry]:
    """A ticket's own entry, if it came by mail or no form was recorded of it, and each sheet of its Formulir Konsultasi
    and of those of the tickets merged into it, in the order of their days."""
    ticket = ticket_rows.one(store, ticket_id)
    assert ticket is not None  # who asks has its id from there
    sheets = consultations.all_of(store, ticket_id)
    by_mail = ticket["channel"] == "email" or all(row["ticket_id"] != ticket_id for row in sheets)
    return [*([_entry(store, zone, ticket)] if by_mail else []), *(_sheet(store, row) for row in sheets)]


def _begin(day: date, zone: tzinfo) -> str:
    return to_text(datetime.combine(day, time(), zone).astimezone(UTC))


def _entry(store: Store, zone: tzinfo, ticket: Row) -> Entry:
    day = to_instant(ticket["opened_at"]).astimezone(zone).date()
    return Entry(day, ticket, tickets.standing(store, int(ticket["id"])), None)


def _sheet(store: Store, sheet: Row) -> Entry:
    ticket = ticket_rows.one(store, int(sheet["ticket_id"]))
    assert ticket is not None  # a foreign key
    return Entry(date.fromisoformat(sheet["day"]), ticket, tickets.standing(store, int(ticket["id"])), sheet)


# --- what was said --------------------------------------------------------------------------------


def said(store: Store, entry: Entry) -> str:
    """The problem: part B of the form, or the user's first mail."""
    if entry.sheet is not None:
        return consultations.problem(store, entry.sheet)
    found = store.value(
        "SELECT body FROM texts x WHERE ticket_id = ? AND role = 'user'"
        " AND NOT EXISTS (SELECT 1 FROM consultations c WHERE c.journal_id = x.journal_id) ORDER BY at, id LIMIT 1",
        entry.standing,
    )
    return str(found or "")


@dataclass(frozen=True, slots=True)
class Answer:
    """The last words that the user was given."""

    day: date
    role: str
    address: str
    body: str


def answer(store: Store, zone: tzinfo, entry: Entry) -> Answer | None:
    """Part C of the form; else the last answer that the user has had on the ticket, by the day on which he had it."""
    since, own = "", None
    if entry.sheet is not None:
        mail = entry.sheet["journal_id"]
        since = str(store.value("SELECT min(at) FROM texts WHERE journal_id = ?", mail) or "")
        if mail not in sent_mails.taken_back(store, entry.ticket_id):
            own = store.row(
                "SELECT * FROM texts WHERE journal_id = ? AND kind = 'answer' ORDER BY id DESC LIMIT 1", mail
            )
    found = own or store.row(
        "SELECT * FROM texts WHERE ticket_id = ? AND kind IN ('answer', 'solution') AND at >= ?"
        " AND instr(audience, ',user,') > 0 ORDER BY at DESC, id DESC LIMIT 1",
        entry.standing,
        since,
    )
    if found is None:
        return None
    day = store.value("SELECT day FROM consultations WHERE journal_id = ?", found["journal_id"])
    told = date.fromisoformat(day) if day else to_instant(found["at"]).astimezone(zone).date()
    return Answer(told, str(found["role"]), str(found["address"]), str(found["body"]))


def who(store: Store, entry: Entry) -> tuple[str, str]:
    """(name, firm) of whoever called, came or wrote; "" for what is not known."""
    if entry.sheet is not None:
        return str(entry.sheet["name"]), str(entry.sheet["organisation"])
    known = tickets.fields(store, entry.ticket_id)
    return known.get("name") or str(entry.ticket["user_name"]), known.get("organisation", "")
