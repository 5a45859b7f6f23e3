"""The rekap of a month in the ten columns of the paper form, and its summary: for `#rekap` and `mailbot rekap`.

A line is a ticket that came by mail, by the local day on which it was opened, or a consultation by telephone or at the
counter, by the day of its form: also a further one of a ticket, and one whose ticket is merged. What staff have thrown
away does not count. All texts are masked as in notices. The anonymous one names nobody and quotes nothing: what a user
wrote may name him anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.config.settings import MailboxConfig
from mailbot.config.site import calendar_of
from mailbot.masking import mask
from mailbot.parsers.dates import months
from mailbot.reports import csvfile, entries
from mailbot.reports.entries import Entry
from mailbot.reports.listing import Words, is_late
from mailbot.sentences import Sentences
from mailbot.store.database import Row, Store, to_instant
from mailbot.tickets import breaches
from mailbot.tickets import tickets as stored

_SAID = Sentences(__file__)
#: Column → its heading.
COLUMNS = _SAID.table("columns")
#: Channel → what it is called, and the heading of its table (paper: "Rekap … Melalui Telepon").
CHANNELS = _SAID.table("channels")
HEADINGS = _SAID.table("headings")
#: The LPSE's own clocks of which no penyimpangan is kept.
_OURS = ("classify", "classify_resolved")
_WITH_LKPP = ("escalated", "awaiting_data")
_NOT_SHOWN = "–"
#: The columns that the anonymous rekap shows as they are.
_NAMES_NOBODY = frozenset({"number", "day", "category", "destination", "answered"})


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which mailbox and month (its first day) a rekap is; `zone` says which days are meant."""

    mailbox: MailboxConfig
    words: Words
    zone: ZoneInfo
    first: date
    anonymous: bool = False
    channel: str | None = None


def recap(store: Store, asked: Asked, now: datetime) -> dict[str, Any]:
    """{mailbox, organisation, month, title, anonymous, channel, columns, rows, sections, summary}; each row has the ten
    columns as text. channel: the only one, or None. sections: {heading, rows} of each channel that there is, for those
    who read one below the other; their numbers are those of all rows.

    summary: {total, lines, channels, categories, natures, proposed, priorities, statuses, within, over, late,
    escalated, with_lkpp, breaches}: names with counts, numbers of tickets; lines counts rows, all else tickets.
    """
    told = entries.of_month(store, asked.mailbox.name, asked.zone, asked.first, merged=False, channel=asked.channel)
    proposed = {entry.ticket_id: stored.proposals(store, entry.ticket_id) for entry in told}
    rows = [_row(store, asked, number, entry, proposed[entry.ticket_id]) for number, entry in enumerate(told, 1)]
    return {
        "mailbox": asked.mailbox.name,
        "organisation": asked.mailbox.organisation,
        "month": f"{asked.first:%Y-%m}",
        "title": title(asked.first, asked.channel),
        "anonymous": asked.anonymous,
        "channel": asked.channel,
        "columns": list(COLUMNS.values()),
        "rows": rows,
        "sections": [
            {
                "channel": channel,
                "heading": heading,
                "rows": [row for entry, row in zip(told, rows, strict=True) if entry.channel == channel],
            }
            for channel, heading in HEADINGS.items()
            if any(entry.channel == channel for entry in told)
        ],
        "summary": _summary(store, asked, told, proposed, now),
    }


def title(first: date, channel: str | None) -> str:
    """As "November 2026, melalui telepon"."""
    month = months.words(first)
    return month if channel is None else _SAID("through", month=month, channel=CHANNELS[channel])


def as_csv(found: Mapping[str, Any]) -> bytes:
    return csvfile.write(found["columns"], found["rows"])


def file_name(prefix: str, found: Mapping[str, Any], suffix: str = csvfile.SUFFIX) -> str:
    """As "rekap-LPSE-BTG-2026-11.csv"."""
    channel = f"-{found['channel']}" if found["channel"] else ""
    return f"rekap-{prefix}-{found['month']}{channel}{'-anonim' if found['anonymous'] else ''}{suffix}"


# --- a line of it -------------------------------------------------------------------------------


def _row(store: Store, asked: Asked, number: int, entry: Entry, proposed: Mapping[str, tuple[str, str]]) -> list[str]:
    """The cells, each under the name of its column: one without a value, or a value without a column, is an error."""
    row, answer = entry.ticket, entries.answer(store, asked.zone, entry)
    name, firm = entries.who(store, entry)
    numbers, words = str(row["number"]), f"{row['subject']}\n{entries.said(store, entry)}"
    if entry.sheet is not None:  # the subject is made of part B, which stands here once
        numbers, words = f"{numbers}, {entry.form_number}", entries.said(store, entry)
    cells = {
        "number": str(number),
        "day": _day(entry.day),
        "address": str(row["user_address"] if entry.sheet is None else entry.sheet["address"]),
        "name": f"{name} ({firm})" if name and firm else name or firm,
        "message": mask(f"[{numbers}] {words}")[0].strip(),
        "category": _category(row, proposed),
        "destination": str(row["destination"] or ""),
        "answered": "" if answer is None else _day(answer.day),
        "answer": "" if answer is None else mask(answer.body)[0],
        "officer": _officer(asked, entry, answer),
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


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _category(row: Row, proposed: Mapping[str, tuple[str, str]]) -> str:
    """Pengaduan, Pertanyaan or Konsultasi, as staff say; else as mailbot proposes."""
    return str(row["category"] or proposed.get("category", ("", ""))[0]).capitalize()


def _nature(words: Words, row: Row, proposed: Mapping[str, tuple[str, str]]) -> str:
    """Gangguan, Permasalahan or Permintaan Layanan (Batam, Daftar Istilah), as staff say; else as it follows from the
    kind of problem."""
    code = str(row["problem"] or proposed.get("problem", ("", ""))[0])
    return str(row["nature"] or words.natures.get(code) or _SAID("no_category"))


def _officer(asked: Asked, entry: Entry, answer: entries.Answer | None) -> str:
    """Who recorded a call or visit (column 10: "Nama Penginput Rekap"); of a mail who handles it, else who answered."""
    if entry.sheet is not None:
        address = entry.sheet["recorder"]
    else:
        answered = "" if answer is None or answer.role == "lkpp" else answer.address
        address = entry.ticket["handler"] or answered
    person = asked.mailbox.person(str(address)) if address else None
    return person.name if person else str(address)


# --- what it comes to ---------------------------------------------------------------------------


def _summary(
    store: Store,
    asked: Asked,
    told: Sequence[Entry],
    proposed: Mapping[int, Mapping[str, tuple[str, str]]],
    now: datetime,
) -> dict[str, Any]:
    rows = list({entry.ticket_id: entry.ticket for entry in told}.values())
    late = [str(row["number"]) for row in rows if _was_late(store, asked.words, int(row["id"]), now)]
    words = asked.words
    by_id = [(int(row["id"]), row) for row in rows]
    return {
        "total": len(rows),
        "lines": len(told),
        "channels": _counted(CHANNELS[entry.channel] for entry in told),
        "categories": _counted(_category(row, proposed[each]) or _SAID("no_category") for each, row in by_id),
        "natures": _counted(_nature(words, row, proposed[each]) for each, row in by_id),
        "proposed": sum(1 for row in rows if not row["category"]),
        "priorities": _counted(words.priority(level) for level in sorted(_levels(rows))),
        "statuses": _counted(words.statuses.get(str(row["status"]), str(row["status"])) for row in rows),
        "within": len(rows) - len(late),
        "over": len(late),
        "late": late,
        "escalated": sum(1 for row in rows if row["was_with_lkpp"]),
        "with_lkpp": sum(1 for row in rows if row["status"] in _WITH_LKPP),
        "breaches": _breaches(store, asked, [int(row["id"]) for row in rows], now),
    }


def _breaches(store: Store, asked: Asked, ids: Iterable[int], now: datetime) -> dict[str, int]:
    """Whose penyimpangan they are → how many: of LKPP's silence each working day is one."""
    calendar, found = calendar_of(asked.mailbox, asked.zone), Counter[str]()
    for row in (row for ticket_id in ids for row in breaches.kept(store, ticket_id)):
        until = now if row["ended_at"] is None else to_instant(row["ended_at"])
        clock = asked.words.clocks.get(str(row["clock"]))
        found[str(row["party"])] += breaches.times(calendar, clock, to_instant(row["due"]), until)
    return dict(found)


def _levels(rows: Iterable[Row]) -> list[int]:
    return [int(row["priority"]) for row in rows]


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(Counter(names))


def _was_late(store: Store, words: Words, ticket_id: int, now: datetime) -> bool:
    """Whether a limit of the LPSE's own has passed on this ticket."""
    if breaches.late_lpse(store, ticket_id):
        return True
    runs = store.rows("SELECT * FROM deadlines WHERE ticket_id = ?", ticket_id)
    return any(
        is_late(words, run, to_instant(run["ended_at"]) if run["ended_at"] else now)
        for run in runs
        if run["clock"] in _OURS
    )
