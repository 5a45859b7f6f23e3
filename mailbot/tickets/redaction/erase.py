"""Removes a person's data, in this order:

1. In one transaction: every row. A crash before its end leaves everything as it was.
2. The files that no row names any more. A crash before or within leaves files whose names stand in `erased_files`.
3. The database without free pages, its log empty. A crash before leaves `redactions.finished_at` NULL.

Doing it again completes 2 and 3, whoever is removed then; the daemon does 2 as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot.errors import MailbotError
from mailbot.store import erased, processings
from mailbot.store.database import Row, Store, to_text
from mailbot.tickets import search, similar, tickets
from mailbot.tickets.redaction.plan import Plan

#: What stays of an answer to the survey: marks and what they are given to. They are the office's figure.
_MARKS = re.compile(
    r"(?<![\w@.])(?:kemudahan|prosedur|kecepatan|penyelesaian|kejelasan|jawaban|kesopanan|dan|keramahan|nilai|tidak|"
    r"kurang|sangat|baik|sekali|semua|semuanya|untuk|unsur|lainnya|sisanya|satu|dua|tiga|empat|bintang|dari|persen)"
    r"(?![\w@])|(?<!\w)(?:[1-9]|10|100)(?:[.,]0)?(?!\w)|[/:=%,;|]",
    re.IGNORECASE,
)


class Hindered(MailbotError):
    """Something stands against it. The message says what."""


@dataclass(frozen=True, slots=True)
class Done:
    """rows: elsewhere, of which a text was changed. files: deleted. complete: nothing stands in free pages or log."""

    rows: int
    files: int
    complete: bool


def redact(store: Store, again: Callable[[], Plan], by: str, now: datetime) -> Done:
    """again: makes the plan anew, inside the transaction: nothing that came meanwhile is left. Raises Hindered where
    something stands against it."""
    at = to_text(now)
    store.shred()
    with store.immediate():
        plan = again()
        if plan.against:
            raise Hindered("; ".join(plan.against))
        number = store.insert("redactions", at=at)
        # No mail arrives there (RFC 6761 §6.4), and each person's is another: who came twice is counted as before.
        rows = _rows(store, plan, at, f"dihapus-{number}@dihapus.invalid")
        counts = {"tickets": len(plan.own), "received": len(plan.received), "sent": len(plan.sent), "rows": rows}
        processings.note(store, now, by, processings.What.REDACT, counts)
    return finish(store, now, rows)


def unfinished(store: Store) -> bool:
    """Whether a removal was begun whose files or free pages may still hold what was removed."""
    return store.value("SELECT 1 FROM redactions WHERE finished_at IS NULL LIMIT 1") is not None


def finish(store: Store, now: datetime, rows: int = 0) -> Done:
    """Steps 2 and 3, of all removals that have not come so far."""
    files = erased.delete_files(store)
    complete = store.compact()
    if complete:
        with store.immediate():
            store.execute("UPDATE redactions SET finished_at = ? WHERE finished_at IS NULL", to_text(now))
    return Done(rows, files, complete)


def _rows(store: Store, plan: Plan, at: str, nobody: str) -> int:
    """Every row; of how many a text elsewhere was changed."""
    mark = erased.mark(at)
    for journal_id in plan.received:
        erased.received(store, journal_id, at)
    for outbox_id in plan.sent:
        erased.sent(store, outbox_id, at)
    for ticket_id in plan.own:
        _ticket(store, ticket_id, plan.address, mark, nobody)
    for mail in plan.written:
        _of_mail(store, int(mail["id"]), mark)
    person = plan.traces.pattern()
    changed = _named(store, person)
    rows = store.rewrite(lambda text: person.search(text) is not None, _told(plan, person, mark, nobody))
    _find_anew(store, plan, changed)
    return rows


def _told(plan: Plan, person: re.Pattern[str], mark: str, nobody: str) -> Callable[[str], str]:
    def told(text: str) -> str:
        return nobody if text.strip().lower() in plan.traces.addresses else person.sub(mark, text)

    return told


# --- the person's own tickets and mails -----------------------------------------------------------


def _ticket(store: Store, ticket_id: int, address: str, mark: str, nobody: str) -> None:
    """Every word on it, whoever wrote it: all of it is about the person's problem. What others wrote who have become a
    part of it is theirs."""
    store.execute(
        "UPDATE tickets SET subject = ?2, user_address = ?3, user_name = CASE user_name WHEN '' THEN '' ELSE ?2 END,"
        " user_unreachable = 1 WHERE id = ?1",
        ticket_id,
        mark,
        nobody,
    )
    for row in store.rows("SELECT id, role, address, journal_id, body FROM texts WHERE ticket_id = ?", ticket_id):
        if row["role"] != "user" or str(row["address"]).lower() in (address, ""):
            store.update("texts", int(row["id"]), body=_kept(store, row, mark))
    for sql in _BLANKED:
        store.execute(sql, ticket_id, mark)
    store.execute("DELETE FROM codes WHERE ticket_id = ? AND used_by IS NULL", ticket_id)
    store.execute("UPDATE codes SET words = NULL WHERE ticket_id = ?", ticket_id)
    store.execute("UPDATE unsent SET shown = '{}', send = '' WHERE ticket_id = ?", ticket_id)
    for row in store.rows("SELECT id, sha256 FROM attachments WHERE ticket_id = ?", ticket_id):
        _file(store, row, mark)
    for line in tickets.history(store, ticket_id):
        store.update(
            "history",
            int(line["id"]),
            note=line["note"] and mark,
            sentence=line["sentence"] and mark,
            before=_without(line["before"], mark, nobody),
            after=_without(line["after"], mark, nobody),
        )


#: What of a ticket's rows holds words. Where nothing stands nothing is put: whether a reason is given is a figure.
_BLANKED = (
    "UPDATE fields SET value = ?2 WHERE ticket_id = ?1",
    "UPDATE proposals SET reason = ?2 WHERE ticket_id = ?1",
    "UPDATE deadlines SET moved_why = ?2 WHERE ticket_id = ?1 AND moved_why <> ''",
    "UPDATE breaches SET reason = ?2 WHERE ticket_id = ?1 AND reason <> ''",
    "UPDATE notices SET what = ?2 WHERE ticket_id = ?1",
    "UPDATE untold SET said = ?2 WHERE ticket_id = ?1",
    "UPDATE consultations SET name = ?2, organisation = CASE organisation WHEN '' THEN '' ELSE ?2 END,"
    " street = CASE street WHEN '' THEN '' ELSE ?2 END, phone = CASE phone WHEN '' THEN '' ELSE ?2 END"
    " WHERE ticket_id = ?1",
)


def _kept(store: Store, text: Row, mark: str) -> str:
    """What stays of a text: the marks of an answer to the survey, nothing of any other."""
    answers = store.value(
        "SELECT 1 FROM history WHERE journal_id = ? AND event = 'user.mail' AND status_before = 'closed'"
        " AND status_after = 'closed'",
        text["journal_id"],
    )
    kept = "\n".join(" ".join(_MARKS.findall(line)) for line in str(text["body"]).splitlines()).strip()
    return kept if answers and text["role"] == "user" and any(map(str.isdigit, kept)) else mark


def _of_mail(store: Store, journal_id: int, mark: str) -> None:
    """A mail of the person's on another's ticket: its words and files."""
    for row in store.rows(
        "SELECT id, role, journal_id, body FROM texts WHERE journal_id = ? AND role = 'user'", journal_id
    ):
        store.update("texts", int(row["id"]), body=_kept(store, row, mark) if row["body"] != mark else mark)
    for row in store.rows("SELECT id, sha256, name FROM attachments WHERE journal_id = ?", journal_id):
        if row["name"] != mark:
            _file(store, row, mark)
    store.execute("UPDATE history SET sentence = ?2 WHERE journal_id = ?1 AND sentence <> ''", journal_id, mark)


def _file(store: Store, row: Row, mark: str) -> None:
    store.update("attachments", int(row["id"]), name=mark, sha256=erased.salted(store, str(row["sha256"])))


def _without(written: str | None, mark: str, nobody: str) -> str | None:
    """A line's record of the ticket's columns and clocks."""
    if not written:
        return written
    record: dict[str, Any] = json.loads(written)
    columns = record.get("ticket", record)
    for name, instead in (("subject", mark), ("user_name", mark), ("user_address", nobody)):
        if columns.get(name):
            columns[name] = instead
    for clock in record.get("clocks", {}).values():
        if clock.get("moved"):
            clock["moved"]["moved_why"] = mark
    return json.dumps(record)


# --- what others' rows say ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Changed:
    texts: tuple[int, ...]
    tickets: frozenset[int]


def _named(store: Store, person: re.Pattern[str]) -> _Changed:
    """Texts and tickets elsewhere whose words will be changed: they are to be found by the new ones."""
    store.teach("holds", lambda text: int(isinstance(text, str) and person.search(text) is not None))
    texts = store.rows("SELECT id, ticket_id FROM texts WHERE holds(body)")
    cards = store.rows("SELECT rowid AS id FROM search_tickets WHERE holds(card)")
    of_tickets = {*(int(row["ticket_id"]) for row in texts), *(int(row["id"]) for row in cards)}
    return _Changed(tuple(int(row["id"]) for row in texts), frozenset(of_tickets))


def _find_anew(store: Store, plan: Plan, changed: _Changed) -> None:
    """Neither search nor similar cases know a word of it any more."""
    own = {
        int(row["id"]) for ticket in plan.own for row in store.rows("SELECT id FROM texts WHERE ticket_id = ?", ticket)
    }
    written = {
        int(row["id"])
        for mail in plan.written
        for row in store.rows("SELECT id FROM texts WHERE journal_id = ?", int(mail["id"]))
    }
    for text_id in own | written | set(changed.texts):
        search.drop_text(store, text_id)
        search.put_text(store, text_id, str(store.value("SELECT body FROM texts WHERE id = ?", text_id)))
    others = {int(row) for row in _tickets_of(store, plan)}
    for ticket_id in {*plan.own, *changed.tickets, *others}:
        search.put_ticket(store, ticket_id)
        similar.forget(store, ticket_id)
    search.merge(store)


def _tickets_of(store: Store, plan: Plan) -> Iterable[int]:
    """The tickets on which the person has written."""
    return {int(mail["ticket_id"]) for mail in plan.written if mail["ticket_id"] is not None}
