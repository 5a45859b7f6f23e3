"""`#karantina`: what waits in quarantine, a line each."""

from __future__ import annotations

from mailbot.arrivals import quarantine_work
from mailbot.arrivals.staff.queries.asking import SUBJECT, Answered, Asked
from mailbot.clean import shorten
from mailbot.fetch import originals
from mailbot.parsers.commands.command_lines import Command
from mailbot.sentences import Sentences
from mailbot.store import journal
from mailbot.store.database import Row, to_instant

_SAID = Sentences(__file__)


def answer(asked: Asked, _: Command, found: Answered) -> None:
    rows = journal.quarantined(asked.store, asked.site.name)
    if not rows:
        found.line("#karantina", _SAID("empty"))
        return
    found.line("#karantina", _SAID("waiting", count=len(rows)))
    for row in rows[: quarantine_work.MOST_LISTED]:
        found.line(f"Nomor {row['id']}", _in_quarantine(asked, row))
    if (more := len(rows) - quarantine_work.MOST_LISTED) > 0:
        found.line("#karantina", _SAID("newer_ones", count=more))


def _in_quarantine(asked: Asked, row: Row) -> str:
    heading = originals.heading_of(asked.store, row)
    return _SAID(
        "waits",
        at=asked.site.say(to_instant(row["arrived_at"])),
        writer=heading.writers or row["sender"] or _SAID("unknown_writer"),
        subject=shorten(heading.subject, SUBJECT) or _SAID("no_subject"),
        reason=row["reason"],
    )
