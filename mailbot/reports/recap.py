"""The rekap of a month in the ten columns of the paper form, and its summary: for `#rekap` and `mailbot rekap`.

Tickets count by the local day on which they were opened; those that staff have thrown away do not. All texts are masked
as in notices. The anonymous one names nobody and quotes nothing: what a user wrote may name him anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from mailbot.config.settings import MailboxConfig
from mailbot.masking import mask
from mailbot.parsers.dates import months
from mailbot.reports import csvfile
from mailbot.reports.listing import Words, is_late
from mailbot.sentences import Sentences
from mailbot.store.database import Row, Store, to_instant, to_text
from mailbot.tickets import tickets as stored

_SAID = Sentences(__file__)
#: Column → its heading.
COLUMNS = _SAID.table("columns")
#: Whose limits these clocks are: the LPSE's own, not the user's or LKPP's.
_OURS = ("first_response", "handling", "next_response", "escalation", "forwarding", "classify", "classify_resolved")
_WITH_LKPP = ("escalated", "awaiting_data")
_NOT_SHOWN = "–"
#: The columns that the anonymous rekap shows as they are.
_NAMES_NOBODY = frozenset({"number", "day", "category", "destination", "answered"})


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which mailbox and month (its first day) a rekap is; `zone` says which days are meant."""

    mailbox: MailboxConfig
    words: Words
    zone: tzinfo
    first: date
    anonymous: bool = False


def recap(store: Store, asked: Asked, now: datetime) -> dict[str, Any]:
    """{mailbox, organisation, month, title, anonymous, columns, rows, summary}; each row has the ten columns as text.

    summary: {total, categories, natures, proposed, priorities, statuses, within, over, late, escalated, with_lkpp}:
    names with counts, numbers of tickets.
    """
    found = store.rows(
        "SELECT * FROM tickets WHERE mailbox = ? AND opened_at >= ? AND opened_at < ? AND discarded = 0"
        " AND merged_into IS NULL ORDER BY opened_at, id",
        asked.mailbox.name,
        _begin(asked.first, asked.zone),
        _begin(months.following(asked.first), asked.zone),
    )
    fields = {int(row["id"]): stored.fields(store, int(row["id"])) for row in found}
    proposed = {int(row["id"]): stored.proposals(store, int(row["id"])) for row in found}
    return {
        "mailbox": asked.mailbox.name,
        "organisation": asked.mailbox.organisation,
        "month": f"{asked.first:%Y-%m}",
        "title": months.words(asked.first),
        "anonymous": asked.anonymous,
        "columns": list(COLUMNS.values()),
        "rows": [
            _row(store, asked, number, row, fields[int(row["id"])], proposed[int(row["id"])])
            for number, row in enumerate(found, 1)
        ],
        "summary": _summary(store, asked, found, proposed, now),
    }


def as_csv(found: Mapping[str, Any]) -> bytes:
    return csvfile.write(found["columns"], found["rows"])


def file_name(prefix: str, found: Mapping[str, Any]) -> str:
    """As "rekap-LPSE-BTG-2026-11.csv"."""
    return f"rekap-{prefix}-{found['month']}{'-anonim' if found['anonymous'] else ''}.csv"


def _begin(day: date, zone: tzinfo) -> str:
    return to_text(datetime.combine(day, time(), zone).astimezone(UTC))


# --- a line of it -------------------------------------------------------------------------------


def _row(
    store: Store,
    asked: Asked,
    number: int,
    row: Row,
    fields: Mapping[str, str],
    proposed: Mapping[str, tuple[str, str]],
) -> list[str]:
    """The cells, each under the name of its column: one without a value, or a value without a column, is an error."""
    ticket_id = int(row["id"])
    answer = store.row(
        "SELECT at, role, address, body FROM texts WHERE ticket_id = ? AND kind IN ('answer', 'solution')"
        " AND instr(audience, ',user,') > 0 ORDER BY at DESC, id DESC LIMIT 1",
        ticket_id,
    )
    said = store.value(
        "SELECT body FROM texts WHERE ticket_id = ? AND role = 'user' ORDER BY at, id LIMIT 1", ticket_id
    )
    name, firm = fields.get("name") or str(row["user_name"]), fields.get("organisation", "")
    cells = {
        "number": str(number),
        "day": _day(asked, str(row["opened_at"])),
        "address": str(row["user_address"]),
        "name": f"{name} ({firm})" if name and firm else name or firm,
        "message": mask(f"[{row['number']}] {row['subject']}\n{said or ''}")[0].strip(),
        "category": _category(row, proposed),
        "destination": str(row["destination"] or ""),
        "answered": "" if answer is None else _day(asked, str(answer["at"])),
        "answer": "" if answer is None else mask(str(answer["body"]))[0],
        "officer": _officer(asked, row, answer),
    }
    if asked.anonymous:
        problem = proposed.get("problem", ("", ""))[0] or _NOT_SHOWN
        nameless = {"message": f"[{row['number']}] {problem}", "answer": "" if answer is None else _NOT_SHOWN}
        cells = {
            name: cell if name in _NAMES_NOBODY else nameless.get(name, _NOT_SHOWN) for name, cell in cells.items()
        }
    if cells.keys() != COLUMNS.keys():
        raise KeyError(f"columns of the rekap: {cells.keys() ^ COLUMNS.keys()}")
    return [cells[name] for name in COLUMNS]


def _day(asked: Asked, at: str) -> str:
    return f"{to_instant(at).astimezone(asked.zone):%d/%m/%Y}"


def _category(row: Row, proposed: Mapping[str, tuple[str, str]]) -> str:
    """Pengaduan, Pertanyaan or Konsultasi, as staff say; else as mailbot proposes."""
    return str(row["category"] or proposed.get("category", ("", ""))[0]).capitalize()


def _nature(words: Words, row: Row, proposed: Mapping[str, tuple[str, str]]) -> str:
    """Gangguan, Permasalahan or Permintaan Layanan (Batam, Daftar Istilah), as staff say; else as it follows from the
    kind of problem."""
    code = str(row["problem"] or proposed.get("problem", ("", ""))[0])
    return str(row["nature"] or words.natures.get(code) or _SAID("no_category"))


def _officer(asked: Asked, row: Row, answer: Row | None) -> str:
    """Who handles it; else who answered."""
    address = row["handler"] or ("" if answer is None or answer["role"] == "lkpp" else answer["address"])
    person = asked.mailbox.person(str(address)) if address else None
    return person.name if person else str(address)


# --- what it comes to ---------------------------------------------------------------------------


def _summary(
    store: Store,
    asked: Asked,
    found: Iterable[Row],
    proposed: Mapping[int, Mapping[str, tuple[str, str]]],
    now: datetime,
) -> dict[str, Any]:
    rows = list(found)
    late = [str(row["number"]) for row in rows if _was_late(store, asked.words, int(row["id"]), now)]
    words = asked.words
    by_id = [(int(row["id"]), row) for row in rows]
    return {
        "total": len(rows),
        "categories": _counted(_category(row, proposed[each]) or _SAID("no_category") for each, row in by_id),
        "natures": _counted(_nature(words, row, proposed[each]) for each, row in by_id),
        "proposed": sum(1 for row in rows if not row["category"]),
        "priorities": _counted(words.priorities.get(level, f"P{level}") for level in sorted(_levels(rows))),
        "statuses": _counted(words.statuses.get(str(row["status"]), str(row["status"])) for row in rows),
        "within": len(rows) - len(late),
        "over": len(late),
        "late": late,
        "escalated": sum(1 for row in rows if row["was_with_lkpp"]),
        "with_lkpp": sum(1 for row in rows if row["status"] in _WITH_LKPP),
    }


def _levels(rows: Iterable[Row]) -> list[int]:
    return [int(row["priority"]) for row in rows]


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(Counter(names))


def _was_late(store: Store, words: Words, ticket_id: int, now: datetime) -> bool:
    """Whether a limit of the LPSE's own has passed on this ticket."""
    runs = store.rows("SELECT * FROM deadlines WHERE ticket_id = ?", ticket_id)
    return any(
        is_late(words, run, to_instant(run["ended_at"]) if run["ended_at"] else now)
        for run in runs
        if run["clock"] in _OURS
    )
