"""The balance of the mail: each mail that was journalled has exactly one outcome. Staff see it in the day's first list;
where a mail has none, the operator has an alarm.

An outcome that names a ticket counts only if the mail belongs to one: a mail that is said to be joined, and is not, is
lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from mailbot import log
from mailbot.config.site import Site
from mailbot.letters import alarms
from mailbot.letters.worklist import Counts
from mailbot.restraint import digest
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences
from mailbot.store import held_mails, journal
from mailbot.store.database import Row, Store
from mailbot.tickets.case import Context

_SAID = Sentences(__file__)

#: Outcome → what it is called; in this order.
_NAMES = _SAID.table("outcomes")
#: Dispositions of mails that a machine has written; `digest` lists most of them.
MACHINES = frozenset({*digest.LABELS, "own", "automatic"})
#: Of LKPP's mails that are no ticket's.
_UNKNOWN = frozenset({"lkpp.unknown", "lkpp.unverified"})
#: Of commands that were not carried out.
_COMMANDS = {"staff.refused": "refused", "staff.held": "asked"}
#: Days that a balance goes back at most.
_MOST_DAYS = 31


@dataclass(frozen=True, slots=True)
class Balance:
    """came: mails journalled; outcomes: how many of them have each; waiting: not handled yet; without: handled, and
    nothing is known of them."""

    came: int
    outcomes: Mapping[str, int]
    waiting: int

    @property
    def without(self) -> int:
        return self.came - self.waiting - sum(self.outcomes.values())


def of_time(store: Store, site: Site, since: datetime, until: datetime) -> Balance:
    """Of the mails that were journalled from one instant up to another."""
    found, waiting, came = Counter[str](), 0, 0
    opening = {row.id for row in site.table.rows if "user.new" in row.events}
    rows = {row.id for row in site.table.rows}
    for row in journal.settled_as(store, site.name, since, until):
        count = int(row["n"])
        came += count
        if row["state"] == "received":
            waiting += count
        elif (name := outcome(row, opening, rows)) is not None:
            found[name] += count
    return Balance(came, {name: found[name] for name in _NAMES if found[name]}, waiting)


def outcome(row: Row, opening: set[str], rows: set[str]) -> str | None:
    """What has become of mails with this state and disposition; None: nothing that is known. opening, rows: the ids of
    the table's rows that open a ticket, and of all."""
    state, said = str(row["state"]), str(row["disposition"])
    if state in ("duplicate", "quarantined", "discarded"):
        return state
    if said in MACHINES:
        return "automatic"
    if said in _UNKNOWN:
        return "unknown"
    if said.startswith("sent."):
        return "by_hand"
    if said.startswith("staff.") and said not in rows:
        return _COMMANDS.get(said, "commands")
    if not row["of_ticket"]:
        return None
    if said in opening:
        return "opened"
    return "joined" if said in rows or said == "filed" else None


# --- for staff -------------------------------------------------------------------------------------------


def counts(context: Context, last: datetime | None) -> Counts:
    """What the day's first list says beside the tickets. last: when the last list was written."""
    store, site, now = context.store, context.site, context.now
    first, since, until = _before(site, now)
    found = of_time(store, site, since, until)
    return Counts(
        held=held_mails.count(store, site.name),
        quarantined=journal.in_quarantine(store, site.name),
        machines=journal.machines_since(store, site.name, digest.LABELS, last or since),
        balance=said(found, first, site.local(until).date() - timedelta(days=1)),
        unequal=found.without,
    )


def _before(site: Site, now: datetime) -> tuple[date, datetime, datetime]:
    """The working day before today, and what lies between it and today: its first instant, and today's."""
    today = site.local(now).date()
    first = today - timedelta(days=1)
    for _ in range(_MOST_DAYS):
        if site.calendar.is_working_day(first):
            break
        first -= timedelta(days=1)
    since, until = (datetime.combine(day, time(), site.zone).astimezone(UTC) for day in (first, today))
    return first, since, until


def said(found: Balance, first: date, last: date) -> str:
    days = dates.format_date(first)
    if last > first:
        days = _SAID("days", first=days, last=dates.format_date(last))
    if not found.came:
        return _SAID("nothing", days=days)
    parts = [_SAID("part", n=n, name=_NAMES[name]) for name, n in found.outcomes.items()]
    if found.waiting:
        parts.append(_SAID("part", n=found.waiting, name=_SAID("waiting")))
    if found.without:
        parts.append(_SAID("part", n=found.without, name=_SAID("without")))
    whole = _SAID("unequal" if found.without else "equal")
    return _SAID("balance", days=days, came=found.came, parts=", ".join(parts), whole=whole)


# --- for the operator ------------------------------------------------------------------------------------


def tell_unequal(context: Context, count: int) -> None:
    """Mails of the day before are handled, and nothing is known of them. Inside the caller's transaction."""
    if count and alarms.once(context, "balance", "unequal", count=count):
        log.unbalanced(context.site.name, count)


def watch(store: Store, site: Site, now: datetime) -> bool:
    """A mail that has had no outcome for an hour. True: looked."""
    found = journal.without_outcome(store, site.name, now)
    if found:
        context = Context(store, site, now)
        if not alarms.told(context, "balance"):
            with store.immediate():
                alarms.once(context, "balance", "waiting", count=found)
                log.unbalanced(site.name, found)
    return True
