"""The buku tamu: who came to the counter on a day or in a month, from the forms that staff have recorded.

SOP counter, step 4: the user's identity and problem stand in the guest book and in the Formulir Konsultasi.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from mailbot import letters
from mailbot.clean import shorten
from mailbot.config.site import Site
from mailbot.model import Status
from mailbot.parsers.dates import moment, months
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences
from mailbot.store.database import Row, Store
from mailbot.tickets import consultations

_SAID = Sentences(__file__)
#: One mail shows so many visits; a month at a busy counter has more, and is asked for day by day.
MOST_LISTED = 200
_SUBJECT = 100


def lines(store: Store, site: Site, period: str, today: date) -> list[dict[str, Any]]:
    """The visits of a period as rows of a receipt (command, result); of today where none is named."""
    found = moment.read_span(period, today)
    if found is None:  # what can be read, and is in other years
        return [{"command": "#bukutamu", "result": _SAID("no_such_day", day=period)}]
    first, last = found
    rows = visits(store, site, first, last)
    if first == last:
        day = dates.format_date(first)
        said = _SAID("guests", count=len(rows), day=day) if rows else _SAID("nobody", day=day)
    else:
        month = months.words(first)
        said = _SAID("guests_of_month", count=len(rows), month=month) if rows else _SAID("nobody_of_month", month=month)
    listed = [_line(store, site, number, row) for number, row in enumerate(rows[:MOST_LISTED], 1)]
    if len(rows) > MOST_LISTED:
        more = _SAID("more", count=len(rows) - MOST_LISTED, day=f"{last:%d/%m/%Y}")
        listed.append({"command": "…", "result": more})
    return [{"command": "#bukutamu", "result": said}, *listed]


def visits(store: Store, site: Site, first: date, last: date) -> list[Row]:
    """The rows of the consultations at the counter on these days, each with its ticket's."""
    return store.rows(
        "SELECT c.*, t.number, t.subject, t.status, t.form_number FROM consultations c"
        " JOIN tickets t ON t.id = c.ticket_id"
        " WHERE c.mailbox = ? AND c.channel = 'loket' AND c.day BETWEEN ? AND ?"
        " ORDER BY c.day, c.began_at, c.id",
        site.name,
        first.isoformat(),
        last.isoformat(),
    )


def _line(store: Store, site: Site, number: int, row: Row) -> dict[str, Any]:
    day = date.fromisoformat(row["day"])
    at = f"{day:%d/%m/%Y} {consultations.time_words(site, row)}".rstrip()
    who = str(row["name"])
    if row["organisation"]:
        who += f" ({row['organisation']})"
    said = consultations.problem(store, row) or str(row["subject"])
    reach = ", ".join(filter(None, (row["street"], row["phone"], row["address"])))
    parts = [at, who, reach, _SAID("purpose", purpose=shorten(" ".join(said.split()), _SUBJECT))]
    parts.append(f"{row['number']}, {letters.status_label(site, Status(row['status']))}")
    parts.append(consultations.form_number(row["form_number"], row["sheet"]))
    parts.append(_SAID("served_by", giver=row["giver"]))
    return {"command": f"{number}. Antrian {row['queue']}", "result": "; ".join(part for part in parts if part)}
