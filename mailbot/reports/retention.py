"""Which tickets are past their retention: the list that people decide upon ("usul musnah"). Nothing is deleted.

Years count from the local day of the closing; a merged ticket is kept with the one that it has become a part of.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Any

from mailbot.config.settings import Config, MailboxConfig
from mailbot.reports import csvfile
from mailbot.sentences import Sentences
from mailbot.store.database import Store, to_instant

_SAID = Sentences(__file__)
#: Key → heading, in the order of the list.
COLUMNS = _SAID.table("columns")


def due(store: Store, config: Config, mailbox: MailboxConfig, today: date) -> dict[str, Any]:
    """The tickets of a mailbox that are past both spans on a day, the longest closed first."""
    active, inactive = mailbox.retention.active_years, mailbox.retention.inactive_years
    rows = [
        {**row, "closed": to_instant(row["closed_at"]).astimezone(config.zone).date()}
        for row in store.rows(
            "SELECT id, number, form_number, subject, channel, closed_at FROM tickets WHERE mailbox = ?"
            " AND status = 'closed' AND closed_at IS NOT NULL AND merged_into IS NULL ORDER BY closed_at, id",
            mailbox.name,
        )
    ]
    past = [row for row in rows if years_later(row["closed"], active + inactive) <= today]
    return {
        "mailbox": mailbox.name,
        "organisation": mailbox.organisation,
        "day": today.isoformat(),
        "active_years": active,
        "inactive_years": inactive,
        "tickets": [
            {
                "no": str(no),
                "form": row["form_number"],
                "number": row["number"],
                "subject": row["subject"],
                "closed": row["closed"].isoformat(),
                "active_until": years_later(row["closed"], active).isoformat(),
                "inactive_until": years_later(row["closed"], active + inactive).isoformat(),
                "mails": str(_mails(store, int(row["id"]))),
                "remark": _SAID("remark"),
            }
            for no, row in enumerate(past, 1)
        ],
        "without_ticket": _without_ticket(store, config.zone, mailbox.name, today, active + inactive),
    }


def as_csv(found: dict[str, Any]) -> bytes:
    return csvfile.write(list(COLUMNS.values()), [[one[key] for key in COLUMNS] for one in found["tickets"]])


def years_later(day: date, years: int) -> date:
    """The same day so many years later; of 29 February 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _mails(store: Store, ticket_id: int) -> int:
    """Received and written, also of what has become a part of it."""
    sql = (
        "SELECT (SELECT count(*) FROM journal WHERE ticket_id = ?1)"
        " + (SELECT count(*) FROM outbox WHERE ticket_id = ?1)"
        " + (SELECT count(*) FROM journal j JOIN tickets t ON t.id = j.ticket_id WHERE t.merged_into = ?1)"
        " + (SELECT count(*) FROM outbox o JOIN tickets t ON t.id = o.ticket_id WHERE t.merged_into = ?1)"
    )
    return int(store.value(sql, ticket_id))


def _without_ticket(store: Store, zone: tzinfo, mailbox: str, today: date, years: int) -> int:
    """Mails that belong to no ticket and came as long ago."""
    rows = store.rows(
        "SELECT arrived_at FROM journal WHERE mailbox = ? AND ticket_id IS NULL AND state <> 'received'", mailbox
    )
    return sum(years_later(_day(row["arrived_at"], zone), years) <= today for row in rows)


def _day(text: str, zone: tzinfo) -> date:
    at: datetime = to_instant(text)
    return at.astimezone(zone).date()
