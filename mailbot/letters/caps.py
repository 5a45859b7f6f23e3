"""How much automatic mail may leave: counted in the database, from the mails that were written, never in memory.

Above a cap a mail is written all the same, and held; `held` lets it go, or lapse, and tells the operator.
An hour and a day are the 60 minutes and 24 hours before the mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.config.site import Site
from mailbot.store.database import Store, to_text
from mailbot.templates.catalogue import MAILS
from mailbot.tickets.work import Work

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)

#: What answers a user's mail without a person in between, whoever he says he is.
ANSWERS = ("user_acknowledgement", "user_password_warning")
#: All that no person has asked for: what is marked as automatic, and the enquiries of a clock.
AUTOMATIC = frozenset({*(name for name, mail in MAILS.items() if mail.auto_submitted), "lkpp_status_enquiry"})
#: What a flood of strangers' mails makes without any ticket: it may take half of an address's cap, so that the other
#: half is there for the tickets, the receipts and the limits that run.
_TICKETLESS = ("staff_quarantine", "staff_lkpp_reply")
#: For SQL: names of ours, never input.
AUTOMATIC_LIST = ", ".join(f"'{name}'" for name in sorted(AUTOMATIC))

#: Mails that will leave or have left: what is held or was taken back uses up no cap.
_COUNTED = "held = 0 AND state <> 'cancelled' AND not_before > ? AND not_before <= ?"


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a mail is held. by: the rule's name, as in `held.RULES`; why: in Indonesian, for people.

    until: then it lapses; None: it waits until it may leave, or a person decides.
    """

    by: str
    why: str
    until: datetime | None = None


def latecomer(work: Work) -> bool:
    """Whether the mail in hand is one of so many old ones that a person must say whether anybody is to hear of it."""
    sql = "SELECT 1 FROM journal WHERE id = ? AND latecomer = 'unsure'"
    return work.event.journal_id is not None and work.store.value(sql, work.event.journal_id) is not None


def of_latecomer(work: Work, hold: Hold | None) -> Hold | None:
    """Whatever an old mail sets off waits until it is known how many of them there are (`latecomers`); what a robot
    would get waits anyway. hold: what holds it already."""
    if not latecomer(work) or (hold is not None and hold.by == "robot"):
        return hold
    return Hold("latecomers?", "banyak surat lama datang sekaligus; sedang dihitung")


def answer(work: Work) -> Hold | None:
    """Whether one more automatic answer to the ticket's user is too much."""
    store, site, now = work.store, work.site, work.now
    found = over_answers(store, site, work.ticket.user_address, now, proven=work.given.authenticated)
    return found and Hold(found.by, found.why, now + DAY)


def over_answers(store: Store, site: Site, address: str, now: datetime, *, proven: bool) -> Hold | None:
    """The cap that an answer to this address would break at this moment. proven: whether anything vouches for him."""
    limits = site.config.limits
    if proven:
        if answers_to(store, site, address, now, unproven=False) >= limits.acknowledgements_proven_per_day:
            most = limits.acknowledgements_proven_per_day
            return Hold("proven_day", f"sudah {most} tanda terima untuk pengirim ini dalam 24 jam")
        return None
    if answers_to(store, site, address, now, unproven=True) >= limits.acknowledgements_unproven_per_day:
        most = limits.acknowledgements_unproven_per_day
        return Hold("unproven_day", f"sudah {most} tanda terima untuk pengirim yang tidak terbukti ini dalam 24 jam")
    if room_for_unproven(store, site, now) <= 0:
        most = limits.acknowledgements_unproven_per_hour
        return Hold("unproven_hour", f"sudah {most} tanda terima untuk pengirim yang tidak terbukti dalam satu jam")
    return None


def answers_to(store: Store, site: Site, address: str, now: datetime, *, unproven: bool) -> int:
    """Automatic answers to one sender in a day; unproven: only those given without any proof, which he may not have
    asked for, whatever stands behind a "+" in his address: all of it arrives in one mailbox (RFC 5233)."""
    when = to_text(now - DAY), to_text(now + DAY)
    sql = f"SELECT count(*) FROM outbox WHERE mailbox = ? AND recipient = ? AND {_COUNTED}"
    if not unproven:
        return int(store.value(f"{sql} AND answers <> ''", site.name, address, *when))
    local, _, domain = address.rpartition("@")
    name = local.partition("+")[0]
    plain = f"{name}@{domain}"
    found = int(store.value(f"{sql} AND answers = 'unproven'", site.name, plain, *when))
    # By the index over the recipient, between "name+" and "name,": "," is what follows "+".
    sql = (
        "SELECT count(*) FROM outbox WHERE mailbox = ? AND recipient > ? AND recipient < ? AND recipient LIKE ?"
        f" ESCAPE '!' AND {_COUNTED} AND answers = 'unproven'"
    )
    ends = re.sub(r"([!%_])", r"!\1", f"@{domain}")
    return found + int(store.value(sql, site.name, f"{name}+", f"{name},", f"%{ends}", *when))


def room_for_unproven(store: Store, site: Site, now: datetime) -> int:
    """How many more answers may go to senders whom nothing vouches for."""
    sql = f"SELECT count(*) FROM outbox WHERE mailbox = ? AND answers = 'unproven' AND answers <> '' AND {_COUNTED}"
    used = store.value(sql, site.name, to_text(now - HOUR), to_text(now + HOUR))
    return site.config.limits.acknowledgements_unproven_per_hour - int(used)


def address(
    store: Store, site: Site, template: str, recipient: str, now: datetime, *, ticket: int | None = None
) -> Hold | None:
    """Whether one more automatic mail to this address is too much, whatever it says. ticket: which it is about."""
    if template not in AUTOMATIC or room_at(store, site, recipient, now, ticketless(template, ticket)) > 0:
        return None
    most = site.config.limits.automatic_per_address_per_hour
    return Hold("address", f"sudah {most} e-mail otomatis untuk alamat ini dalam satu jam")


def ticketless(template: str, ticket: int | None) -> bool:
    """Whether a mail is of those that may take only half of their address's cap."""
    return ticket is None and template in _TICKETLESS


def room_at(store: Store, site: Site, recipient: str, now: datetime, ticketless: bool = False) -> int:
    """How many more automatic mails may go to one address; ticketless: of those that may take only half of the cap."""
    sql = (
        f"SELECT count(*) FROM outbox WHERE mailbox = ? AND recipient = ? AND {_COUNTED}"
        f" AND template IN ({AUTOMATIC_LIST})"
    )
    when = to_text(now - HOUR), to_text(now + HOUR)
    most = site.config.limits.automatic_per_address_per_hour
    room = most - int(store.value(sql, site.name, recipient, *when))
    if not ticketless:
        return room
    names = ", ".join(f"'{name}'" for name in _TICKETLESS)
    used = store.value(f"{sql} AND ticket_id IS NULL AND template IN ({names})", site.name, recipient, *when)
    return min(room, (most + 1) // 2 - int(used))


def too_many_notices(work: Work) -> bool:
    """Whether staff have been told of so many mails of users that arrived within an hour of this one, of this sender
    or of all, that they are told of this one in a collected notice."""
    limits = work.site.config.limits
    # At most so many rows are looked at, however large the flood is. ("+": by the index of the time, not of the key.)
    row = work.store.row(
        "SELECT count(*) AS mails, coalesce(sum(sender = ?4), 0) AS his FROM ("
        " SELECT t.user_address AS sender FROM outbox o JOIN tickets t ON t.id = o.ticket_id WHERE o.mailbox = ?1"
        "  AND o.template IN ('staff_new_ticket', 'staff_user_reply') AND o.asked_at > ?2 AND o.asked_at <= ?3"
        "  GROUP BY +o.event_key"
        " UNION ALL"
        " SELECT t.user_address FROM notices n JOIN tickets t ON t.id = n.ticket_id WHERE n.mailbox = ?1"
        "  AND n.kind = 'mail' AND n.at > ?2 AND n.at <= ?3"
        " LIMIT ?5)",
        work.site.name,
        to_text(work.event.at - HOUR),
        to_text(work.event.at),
        work.ticket.user_address,
        limits.notices_per_hour,
    )
    assert row is not None
    return int(row["mails"]) >= limits.notices_per_hour or int(row["his"]) >= limits.notices_per_sender_per_hour
