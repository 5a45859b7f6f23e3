"""What is held: let go when its cap has room again, lapsed when it makes no sense any more; the operator is told once.

A held acknowledgement goes out late if that is soon enough to be of use: as long as no more of them wait than one hour
may take. More than that is a flood, whose senders are most likely forged: then nobody is written to without a person's
decision, and what waits lapses after 24 hours. What a robot would get, what a person
holds, and what an archive of old mail would set off (`latecomers`), is never let go here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mailbot import log
from mailbot.config.site import Site
from mailbot.fetch import latecomers
from mailbot.letters import alarms, caps
from mailbot.restraint import folding
from mailbot.sentences import Sentences
from mailbot.store import held_mails, outbox, restored
from mailbot.store.database import Row, Store
from mailbot.tickets.case import Context

_SAID = Sentences(__file__)
#: The operator is told what these rules hold; each is also the alarm's name.
RULES = ("address", "proven_day", restored.HELD_BY, "robot", "unproven_day", "unproven_hour")


def look(store: Store, site: Site, now: datetime) -> bool:
    """Everything that is to be done about held mails and collected notices at this moment. True: done."""
    if not held_mails.anything(store, site.name):
        return True  # nearly always: no transaction for nothing
    with store.immediate():
        for outbox_id in latecomers.decide(store, site, now):
            held_mails.let_go(store, outbox_id, now)
        _lapse(store, site, now)
        _alarm(store, site, now)
        for row in (*_answers(store, site, now), *_notices(store, site, now)):
            held_mails.let_go(store, int(row["id"]), now)
        folding.tell(store, site, now)
    return True


def _lapse(store: Store, site: Site, now: datetime) -> None:
    for row in held_mails.over(store, site.name, now):
        outbox.cancel(store, row["id"], _SAID("lapsed", why=row["held_why"]))
        log.cancelled(site.name, str(row["number"]), row["template"], row["message_id"])


def _alarm(store: Store, site: Site, now: datetime) -> None:
    for row in held_mails.by_rule(store, site.name):
        if row["held_by"] in RULES:
            alarms.once(Context(store, site, now), row["held_by"], count=row["n"], recipient=row["recipient"])


def _answers(store: Store, site: Site, now: datetime) -> Iterator[Row]:
    """Acknowledgements that were one hour's too many and may leave now, the oldest first."""
    room = caps.room_for_unproven(store, site, now)
    if room <= 0:
        return
    most = site.config.limits.acknowledgements_unproven_per_hour
    waiting = held_mails.unproven_answers(store, site.name, caps.ENDLESS if most is None else most + 1)
    if most is not None and len(waiting) > most:
        return
    chosen: set[str] = set()
    for row in waiting:
        his = str(row["recipient"])
        if len(chosen) == room:
            return
        if his not in chosen and caps.over_answers(store, site, his, now, proven=False) is None:
            chosen.add(his)  # one each: his next one would have to count it
            yield row


def _notices(store: Store, site: Site, now: datetime) -> Iterator[Row]:
    """Mails above their recipient's cap that it has room for now: first what somebody waits for, as in the outbox, so
    that thousands of reports do not keep back one receipt."""
    # Enquiries and reminders go out in service hours; so do those that had to wait.
    inside_only = not site.calendar.in_service(now)
    for his in held_mails.full_addresses(store, site.name):
        room, ticketless = (caps.room_at(store, site, his, now, few) for few in (False, True))
        if room <= 0:
            continue
        for row in held_mails.at_address(store, site.name, his, inside_only=inside_only):
            if caps.ticketless(str(row["template"]), row["ticket_id"]):
                if ticketless <= 0:
                    continue
                ticketless -= 1
            room -= 1
            yield row
            if room == 0:
                break
