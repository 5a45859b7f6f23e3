"""The daily digest of machine mail: what a machine wrote and no ticket needed, so that a mistake is noticed.

Each mail is listed once; `#proses N` makes one of them an ordinary mail after all. Bounces that were matched to a mail
of ours, our own mails, and whatever is filed with a ticket are told elsewhere or not worth telling.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from mailbot import letters
from mailbot.config.site import Site
from mailbot.fetch import originals
from mailbot.letters import overdue
from mailbot.masking import mask_identity
from mailbot.model import Role
from mailbot.sentences import Sentences
from mailbot.store import already_told, journal
from mailbot.store.database import Row, Store
from mailbot.templates.catalogue import MAILS
from mailbot.tickets.case import Context

_SAID = Sentences(__file__)
#: Lines of one digest; the rest is counted.
LINES = 50
#: Nothing is listed before it has waited so long: what comes together is listed together.
PATIENCE = timedelta(hours=1)
#: The kind of a mail (its disposition in the journal) in words.
LABELS = _SAID.table("labels")


def report(store: Store, site: Site, now: datetime) -> int:
    """List what has not been listed yet, once on a local day; a day without any is a day without a digest.

    Returns the mails made. Called in service hours only.
    """
    key = f"machines:{site.local(now).date().isoformat()}"
    if already_told.last(store, site.name, key) is not None:
        return 0
    if not journal.long_unlisted(store, site.name, LABELS, now - PATIENCE):
        return 0
    entries = journal.unlisted(store, site.name, LABELS)
    # Headings are read before the transaction: another process does that, and may take its time.
    listed = [_line(store, entry) for entry in entries[:LINES]]
    with store.immediate():
        already_told.once(store, site.name, key, now)
        people = overdue.people(site, Role.STAFF)
        for person in people:
            shown = {
                "organisation": letters.organisation(site),
                "recipient": {"name": person.name, "address": person.address},
                "summary": _summary(len(entries), len(listed), journal.in_quarantine(store, site.name)),
                "items": [],
                "listed": listed,
            }
            letter = letters.Letter(
                template="staff_digest",
                recipient=person,
                shown=shown,
                key=f"machines.{entries[-1]['id']}",
                subject=_SAID(
                    "subject",
                    prefix=site.config.ticket_prefix,
                    kind=MAILS["staff_digest"].kind,
                    count=len(entries),
                ),
            )
            letters.put(Context(store, site, now), letter)
        journal.listed(store, (int(entry["id"]) for entry in entries), now)
    return len(people)


def _line(store: Store, entry: Row) -> dict[str, Any]:
    """Only sender and subject, and these masked: nothing of what the mail says."""
    heading = originals.heading_of(store, entry)
    kind = LABELS[str(entry["disposition"])]
    reason = str(entry["reason"])
    return {
        "number": str(entry["id"]),
        "sender": heading.writers or str(entry["sender"]) or _SAID("nobody"),
        "subject": mask_identity(heading.subject) or _SAID("no_subject"),
        "reason": f"{kind}: {reason}" if reason else kind,
    }


def _summary(found: int, shown: int, quarantined: int) -> str:
    words = [_SAID("found", count=found)]
    if found > shown:
        words.append(_SAID("more", shown=shown, rest=found - shown))
    if quarantined:
        words.append(_SAID("quarantine", count=quarantined))
    return " ".join(words)
