"""Tickets, their parties, texts, history and clocks in the database. Queries in the field's words; no rules."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mailbot.model import Attachment, Decision, Event, NamedAddress, Role, Status, Ticket
from mailbot.parsers.forms import form
from mailbot.rules.sop.clocks import Moved, Running
from mailbot.rules.worktime.dates import roman_month
from mailbot.store import counters
from mailbot.store.database import Row, Store, Value, to_instant, to_text
from mailbot.tickets import consultations, search, ticket_rows

#: The source of a field that staff have set.
BY_STAFF = "petugas"


def _instant(text: Any) -> datetime | None:
    return None if text is None else to_instant(str(text))


def load(store: Store, ticket_id: int) -> Ticket:
    """One ticket with the names of its running clocks."""
    row = store.row(
        "SELECT *, (SELECT group_concat(clock, ' ') FROM deadlines WHERE ticket_id = tickets.id AND ended_at IS NULL)"
        " AS clocks FROM tickets WHERE id = ?",
        ticket_id,
    )
    if row is None:
        raise LookupError(f"no ticket {ticket_id}")
    return _ticket(row, str(row["clocks"] or "").split())


def _ticket(row: Mapping[str, Any] | Row, clocks: Iterable[str]) -> Ticket:
    return Ticket(**_typed({name: row[name] for name in _COLUMNS}), clocks=frozenset(clocks))


_COLUMNS = [one.name for one in dataclasses.fields(Ticket) if one.name != "clocks"]
#: Column → what its value is to the program; all others are as the database has them.
_TYPES: Mapping[str, Callable[[Any], Any]] = {
    "status": Status,
    **dict.fromkeys(("user_verified", "was_with_lkpp", "held_data", "user_unreachable", "discarded"), bool),
    **dict.fromkeys(("opened_at", "first_response_at", "escalated_at", "closed_at", "tts_at"), _instant),
    "pending_replies": lambda written: tuple(map(int, written.split())),
}


def _typed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _TYPES[name](value) if name in _TYPES else value for name, value in values.items()}


def standing(store: Store, ticket_id: int) -> int:
    """The ticket that this one has become a part of (`#gabung`); itself where it has not."""
    while (into := ticket_rows.merged_into(store, ticket_id)) is not None:
        ticket_id = into  # only open tickets are merged, into open ones: there is no way round
    return ticket_id


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A ticket that is to be: whose it is, and how he came (email | telepon | loket). continues: the ticket that his
    mail answers too late."""

    mailbox: str
    prefix: str
    opened_at: datetime
    local_opened_at: datetime
    priority: int
    subject: str
    user: NamedAddress
    user_verified: bool
    continues: int | None = None
    channel: str = "email"


def create(store: Store, new: New) -> int:
    """A new ticket with the next number of its year; number, form number and row in one transaction. `#cari` finds it
    from `add_fields` on."""
    prefix, year, month = new.prefix, new.local_opened_at.year, new.local_opened_at.month
    serial = counters.following(store, prefix, year)
    ticket_id = store.insert(
        "tickets",
        mailbox=new.mailbox,
        number=f"{prefix}-{year}-{serial:06d}",
        form_number=f"{serial:04d}/FK/{prefix}/{roman_month(month)}/{year}",
        status=Status.NEW,
        priority=new.priority,
        subject=new.subject,
        user_address=new.user.address,
        user_name=new.user.name,
        user_verified=int(new.user_verified),
        opened_at=to_text(new.opened_at),
        continues=new.continues,
        channel=new.channel,
    )
    if new.user.address:
        by = "mail" if new.channel == "email" else new.channel
        add_party(store, ticket_id, new.user.address, Role.USER, by, new.opened_at)
    return ticket_id


def change(store: Store, ticket: Ticket, **values: Value) -> Ticket:
    """Returns the ticket as it is from now on."""
    if not values:
        return ticket
    store.update("tickets", ticket.id, **values)
    if not search.FOUND_BY.isdisjoint(values):
        search.put_ticket(store, ticket.id)
    return replace(ticket, **_typed({name: value for name, value in values.items() if name in _COLUMNS}))


# --- parties ---------------------------------------------------------------------------------


def add_party(store: Store, ticket_id: int, address: str, role: Role, added_by: str, at: datetime) -> None:
    store.execute(
        "INSERT OR IGNORE INTO parties (ticket_id, address, role, added_by, added_at) VALUES (?, ?, ?, ?, ?)",
        ticket_id,
        address,
        role.value,
        added_by,
        to_text(at),
    )


def is_party(store: Store, ticket_id: int, address: str) -> bool:
    return bool(address) and (
        store.value("SELECT 1 FROM parties WHERE ticket_id = ? AND address = ?", ticket_id, address) is not None
    )


# --- what people wrote -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What somebody wrote, with who may see it."""

    role: Role
    address: str
    kind: str
    audience: Sequence[Role]
    body: str


def add_text(store: Store, ticket_id: int, text: Text, *, journal_id: int | None, at: datetime) -> None:
    text_id = store.insert(
        "texts",
        ticket_id=ticket_id,
        journal_id=journal_id,
        at=to_text(at),
        role=text.role.value,
        address=text.address,
        kind=text.kind,
        audience="," + ",".join(sorted(role.value for role in text.audience)) + ",",
        body=text.body,
    )
    search.put_text(store, text_id, text.body)


def texts_for(store: Store, ticket_id: int, audience: Role) -> list[Row]:
    """The texts that this audience may see, oldest first."""
    return store.rows(
        "SELECT * FROM texts WHERE ticket_id = ? AND instr(audience, ?) > 0 ORDER BY at, id",
        ticket_id,
        f",{audience.value},",
    )


def files_for(store: Store, ticket_id: int, audience: Role) -> list[Row]:
    """The files of the ledger that this audience may see."""
    return store.rows(
        "SELECT * FROM attachments WHERE ticket_id = ? AND instr(audience, ?) > 0 ORDER BY id",
        ticket_id,
        f",{audience.value},",
    )


def widen_audience(
    store: Store,
    journal_ids: Iterable[int],
    audience: Role,
    *,
    files_only: bool = False,
    but: Collection[str] = (),
) -> None:
    """Let an audience see what stood in these mails: LKPP by step 9, the user LKPP's files by steps 7 and 13.
    but: the SHA-256 of files that it may not see."""
    for journal_id in [one for entry in journal_ids for one in consultations.mails_of(store, entry)]:
        for row in store.rows("SELECT id, sha256, audience FROM attachments WHERE journal_id = ?", journal_id):
            if row["sha256"] not in but and f",{audience.value}," not in row["audience"]:
                store.update("attachments", int(row["id"]), audience=f"{row['audience']}{audience.value},")
        if not files_only:
            store.execute(
                "UPDATE texts SET audience = audience || ? WHERE journal_id = ? AND instr(audience, ?) = 0",
                f"{audience.value},",
                journal_id,
                f",{audience.value},",
            )


def withdraw(store: Store, ticket_id: int, journal_id: int, audience: Iterable[Role]) -> None:
    """What a command taken back would have shown is nobody's but the LPSE's: no later mail may quote it."""
    inside = "," + ",".join(sorted(role.value for role in audience)) + ","
    for table in ("texts", "attachments"):
        store.execute(
            f"UPDATE {table} SET audience = ? WHERE ticket_id = ? AND journal_id = ?", inside, ticket_id, journal_id
        )


def hide(store: Store, ticket_id: int, journal_id: int, audience: Role) -> None:
    """What stood in a mail, and what was passed on of it, is not this audience's any more."""
    for table in ("texts", "attachments"):
        store.execute(
            f"UPDATE {table} SET audience = replace(audience, ?, ',') WHERE ticket_id = ? AND journal_id = ?",
            f",{audience.value},",
            ticket_id,
            journal_id,
        )


def add_attachments(
    store: Store, ticket_id: int, journal_id: int, attachments: Iterable[tuple[Attachment, Iterable[Role]]]
) -> None:
    """The ledger: name, size, type and hash of each file, and who may see it; the bytes stay in the journalled mail."""
    for position, (attachment, audience) in enumerate(attachments):
        store.insert(
            "attachments",
            journal_id=journal_id,
            ticket_id=ticket_id,
            position=position,
            name=attachment.name,
            content_type=attachment.content_type,
            size=len(attachment.data),
            sha256=attachment.sha256,
            internal=int(attachment.internal),
            audience="," + ",".join(sorted(role.value for role in audience)) + ",",
        )


def internal_files(store: Store, journal_id: int) -> set[str]:
    """The SHA-256 of the mail's files that hold what was written to the LPSE's own people."""
    rows = store.rows("SELECT sha256 FROM attachments WHERE journal_id = ? AND internal = 1", journal_id)
    return {str(row["sha256"]) for row in rows}


def fields(store: Store, ticket_id: int) -> dict[str, str]:
    """The Formulir Konsultasi's fields as far as they are known."""
    return {
        str(row["name"]): str(row["value"])
        for row in store.rows("SELECT name, value FROM fields WHERE ticket_id = ?", ticket_id)
    }


#: Who says a field, the most believed last. A form's line may be corrected by a later form, free words only added to.
_SOURCES = (form.SENDER, form.FREE, form.QUOTED, form.FORM, BY_STAFF)


def add_fields(
    store: Store, ticket_id: int, values: Mapping[str, form.Field], *, journal_id: int | None, at: datetime
) -> list[str]:
    """Fill in fields from a mail, and let the ticket be found by them; returns the names of those that the user himself
    has corrected.

    The first value given stays, unless a better source gives another, or the user corrects it in a later mail's form.
    What staff have set (source "petugas") is never overwritten.
    """
    corrected = []
    rows = store.rows("SELECT name, value, source FROM fields WHERE ticket_id = ?", ticket_id) if values else []
    known = {str(row["name"]): row for row in rows}
    for name, field in values.items():
        row = known.get(name)
        if row is not None:
            before, now = _believed(str(row["source"])), _believed(field.source)
            if row["source"] == BY_STAFF or row["value"] == field.value:
                continue
            if now < before or (now == before and field.source != form.FORM):
                continue
            if field.source == form.FORM and before > _believed(form.SENDER):
                corrected.append(name)
        store.execute(
            "INSERT INTO fields (ticket_id, name, value, source, journal_id, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (ticket_id, name) DO UPDATE SET value = ?3, source = ?4, journal_id = ?5, at = ?6",
            ticket_id,
            name,
            field.value,
            field.source,
            journal_id,
            to_text(at),
        )
    search.put_ticket(store, ticket_id)
    return corrected


def _believed(source: str) -> int:
    """How much a source is believed; what an earlier version read out of a form's lines ("e-mail") as a form."""
    return _SOURCES.index(source if source in _SOURCES else form.FORM)


# --- proposals ---------------------------------------------------------------------------------


def propose(
    store: Store, ticket_id: int, what: str, value: str, reason: str, *, journal_id: int | None, at: datetime
) -> None:
    """Keep what mailbot takes the ticket to be about (what: problem | priority | category), instead of what it took
    it for before."""
    store.execute(
        "INSERT INTO proposals (ticket_id, what, value, reason, journal_id, at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (ticket_id, what) DO UPDATE SET value = ?3, reason = ?4, journal_id = ?5, at = ?6",
        ticket_id,
        what,
        value,
        reason,
        journal_id,
        to_text(at),
    )


def proposals(store: Store, ticket_id: int) -> dict[str, tuple[str, str]]:
    """What is proposed for a ticket: what → (value, reason)."""
    rows = store.rows("SELECT what, value, reason FROM proposals WHERE ticket_id = ?", ticket_id)
    return {str(row["what"]): (str(row["value"]), str(row["reason"])) for row in rows}


def priority_by_staff(store: Store, ticket_id: int) -> bool:
    """Whether staff have decided the priority (`#prioritas`): then nothing else changes it."""
    return store.value("SELECT 1 FROM history WHERE ticket_id = ? AND event = 'staff.priority'", ticket_id) is not None


# --- history -----------------------------------------------------------------------------------


def record(store: Store, ticket: Ticket, event: Event, decision: Decision, now: datetime, *, note: str = "") -> int:
    """The audit trail's line; `conclude` says what the event has changed."""
    return store.insert(
        "history",
        ticket_id=ticket.id,
        at=to_text(event.at),
        recorded_at=to_text(now),
        event=event.kind,
        row=decision.row,
        step=decision.step,
        role=event.role.value,
        address=event.address,
        status_before=ticket.status.value,
        status_after=decision.status.value,
        journal_id=event.journal_id,
        rule=event.rule,
        sentence=event.sentence,
        note=note,
    )


@dataclass(frozen=True, slots=True)
class AsItIs:
    """A ticket's row and its running clocks (`_clocks`) at one moment of an event."""

    row: Mapping[str, str | int | None]
    clocks: Mapping[str, Mapping[str, Any]]


def as_it_is(store: Store, ticket_id: int, runs: Iterable[tuple[int, Running]]) -> AsItIs:
    """runs: the ticket's clocks, as `running` has them."""
    return AsItIs(columns(store, ticket_id), _clocks(runs))


def conclude(store: Store, history_id: int, before: AsItIs, after: AsItIs) -> None:
    """Say in the audit trail's line what the event has changed of the ticket's row, and which clocks ran before and run
    after it."""
    changed = [name for name in after.row if before.row[name] != after.row[name]]
    kept = (
        json.dumps({"ticket": {name: one.row[name] for name in changed}, "clocks": one.clocks})
        for one in (before, after)
    )
    store.update("history", history_id, before=next(kept), after=next(kept))


@dataclass(frozen=True, slots=True)
class Trace:
    """What an event has changed, out of its line of the audit trail.

    before: column of the ticket → its value before the event. after: the value that the event left; lines written by
    versions up to 1.0 have none. clocks_before, clocks_after: the running clocks by name, as `_clocks` has them.
    """

    before: Mapping[str, str | int | None]
    after: Mapping[str, str | int | None]
    clocks_before: Mapping[str, Mapping[str, Any]]
    clocks_after: Mapping[str, Mapping[str, Any]]

    @property
    def moved(self) -> set[str]:
        """The clocks that it started, ended, or gave another due date."""
        names = {*self.clocks_before, *self.clocks_after}
        return {name for name in names if self.clocks_before.get(name) != self.clocks_after.get(name)}


def trace(line: Row) -> Trace:
    before, after = json.loads(line["before"]), json.loads(line["after"])
    clocks = (before.pop("clocks"), after.pop("clocks"))
    if "ticket" in before:
        return Trace(before["ticket"], after["ticket"], *clocks)
    return Trace({**before, "status": line["status_before"]}, {}, *clocks)


def columns(store: Store, ticket_id: int) -> dict[str, str | int | None]:
    """A ticket's row as it is."""
    row = ticket_rows.one(store, ticket_id)
    if row is None:
        raise LookupError(f"no ticket {ticket_id}")
    return dict(row)


def note(store: Store, history_id: int, words: str) -> None:
    """What else there is to say in the audit trail's line."""
    store.update("history", history_id, note=words)


def status_before(store: Store, history_id: int) -> Status | None:
    """The status in which an event of the history found its ticket; None: there was no ticket yet."""
    found = store.value("SELECT status_before FROM history WHERE id = ?", history_id)
    return Status(found) if found else None


def record_status(store: Store, history_id: int, status: Status) -> None:
    """The status after the event is another one than the table has said: what was taken back has put it back."""
    store.update("history", history_id, status_after=status.value)


def _clocks(runs: Iterable[tuple[int, Running]]) -> dict[str, dict[str, Any]]:
    """Running clocks as they are kept with the history."""
    return {
        clock.clock: {
            "started_at": to_text(clock.started_at),
            "stage": clock.stage,
            "fired": clock.fired,
            "due": to_text(clock.due),
            "estimated": clock.estimated,
            **({"moved": _moved_values(clock.moved)} if clock.moved else {}),
        }
        for _, clock in runs
    }


def history(store: Store, ticket_id: int) -> list[Row]:
    return store.rows("SELECT * FROM history WHERE ticket_id = ? ORDER BY id", ticket_id)


# --- clocks ------------------------------------------------------------------------------------


def _moved_values(moved: Moved | None) -> dict[str, Any]:
    """The columns that tell of a limit put off."""
    if moved is None:
        return {"moved_to": None, "moved_by": "", "moved_why": "", "moved_times": 0}
    return {
        "moved_to": to_text(moved.to),
        "moved_by": moved.by,
        "moved_why": moved.why,
        "moved_times": moved.times,
    }


def moved_of(row: Mapping[str, Any] | Row) -> Moved | None:
    """What these columns, or their copy in the history, tell."""
    if row["moved_to"] is None:
        return None
    return Moved(to_instant(row["moved_to"]), str(row["moved_by"]), str(row["moved_why"]), int(row["moved_times"]))


def _running(row: Row) -> Running:
    return Running(
        clock=row["clock"],
        started_at=to_instant(row["started_at"]),
        stage=row["stage"],
        fired=row["fired"],
        due=to_instant(row["due"]),
        estimated=bool(row["estimated"]),
        moved=moved_of(row),
    )


def running(store: Store, ticket_id: int) -> list[tuple[int, Running]]:
    """The ticket's running clocks with the ids of their rows, the next due first."""
    return [(int(row["id"]), _running(row)) for row in clock_rows(store, ticket_id)]


def clock_rows(store: Store, ticket_id: int) -> list[Row]:
    """Their rows as they are kept."""
    return store.rows("SELECT * FROM deadlines WHERE ticket_id = ? AND ended_at IS NULL ORDER BY due, id", ticket_id)


def data_held(store: Store, ticket_id: int) -> list[tuple[datetime, datetime | None]]:
    """From when to when (None: still) data for LKPP waited to be sent on (SOP step 9)."""
    rows = store.rows(
        "SELECT started_at, ended_at FROM deadlines WHERE ticket_id = ? AND clock = 'forwarding' ORDER BY id", ticket_id
    )
    return [
        (to_instant(row["started_at"]), None if row["ended_at"] is None else to_instant(row["ended_at"]))
        for row in rows
    ]


def deadline(store: Store, deadline_id: int) -> tuple[int, Running] | None:
    """(ticket id, clock) of a deadline that still runs."""
    row = store.row("SELECT * FROM deadlines WHERE id = ? AND ended_at IS NULL", deadline_id)
    return None if row is None else (int(row["ticket_id"]), _running(row))


def start_clock(store: Store, ticket_id: int, clock: Running) -> None:
    store.insert(
        "deadlines",
        ticket_id=ticket_id,
        clock=clock.clock,
        started_at=to_text(clock.started_at),
        stage=clock.stage,
        fired=clock.fired,
        due=to_text(clock.due),
        estimated=int(clock.estimated),
        **_moved_values(clock.moved),
    )


def last_start(store: Store, ticket_id: int, clock: str) -> datetime | None:
    """When a clock of a ticket last began, whether it still runs or not; None: it never did."""
    found = store.value("SELECT max(started_at) FROM deadlines WHERE ticket_id = ? AND clock = ?", ticket_id, clock)
    return None if found is None else to_instant(found)


def move_clock(store: Store, deadline_id: int, clock: Running) -> None:
    store.update(
        "deadlines",
        deadline_id,
        stage=clock.stage,
        fired=clock.fired,
        due=to_text(clock.due),
        estimated=int(clock.estimated),
        **_moved_values(clock.moved),
    )


def end_clocks(store: Store, ticket_id: int, names: Iterable[str], at: datetime) -> None:
    for name in names:
        store.execute(
            "UPDATE deadlines SET ended_at = ? WHERE ticket_id = ? AND clock = ? AND ended_at IS NULL",
            to_text(at),
            ticket_id,
            name,
        )


def due(store: Store, mailbox: str, now: datetime) -> list[tuple[int, int, Running]]:
    """(id, the ticket's priority, clock) of the deadlines that are due, the oldest first."""
    # CROSS JOIN: not by way of every ticket that the mailbox has ever had.
    return [
        (int(row["id"]), int(row["priority"]), _running(row))
        for row in store.rows(
            "SELECT d.*, t.priority FROM deadlines d INDEXED BY deadlines_due CROSS JOIN tickets t"
            " ON t.id = d.ticket_id WHERE t.mailbox = ? AND d.ended_at IS NULL AND d.due <= ? ORDER BY d.due, d.id",
            mailbox,
            to_text(now),
        )
    ]


def all_clock_rows(store: Store, mailbox: str) -> list[Row]:
    """The running clocks of all tickets of a mailbox, the next due first."""
    return store.rows(
        "SELECT d.* FROM deadlines d INDEXED BY deadlines_due CROSS JOIN tickets t ON t.id = d.ticket_id"
        " WHERE d.ended_at IS NULL AND t.mailbox = ? ORDER BY d.due, d.id",
        mailbox,
    )


def with_clocks(store: Store, mailbox: str) -> list[tuple[Ticket, list[Running]]]:
    """Every ticket of which a clock runs, the oldest first, with its running clocks, the next due first."""
    found: dict[int, list[Running]] = {}
    for row in all_clock_rows(store, mailbox):
        found.setdefault(int(row["ticket_id"]), []).append(_running(row))
    rows = store.rows(
        "SELECT * FROM tickets WHERE id IN (SELECT ticket_id FROM deadlines WHERE ended_at IS NULL) AND mailbox = ?"
        " ORDER BY id",
        mailbox,
    )
    return [(_ticket(row, (one.clock for one in found[int(row["id"])])), found[int(row["id"])]) for row in rows]
