"""How much automatic mail may leave: counted in the database, from the mails that were written, never in memory.

Above a cap a mail is written all the same, and held; `restraint.held` lets it go, or lapse, and tells the operator.
An hour and a day are the 60 minutes and 24 hours before the mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.config.site import Site
from mailbot.sentences import Sentences
from mailbot.store import silences, traffic
from mailbot.store.database import Store
from mailbot.store.silences import Why
from mailbot.templates.catalogue import MAILS
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
#: Room where the configuration sets no cap: more mails than any office sends.
ENDLESS = 10**9

#: What answers a user's mail without a person in between, whoever he says he is.
ANSWERS = ("user_acknowledgement", "user_password_warning")
#: All that no person has asked for: what is marked as automatic, and the enquiries of a clock.
AUTOMATIC = frozenset({*(name for name, mail in MAILS.items() if mail.auto_submitted), "lkpp_status_enquiry"})
#: What a flood of strangers' mails makes without any ticket: it may take half of an address's cap, so that the other
#: half is there for the tickets, the receipts and the limits that run.
_TICKETLESS = ("staff_quarantine", "staff_lkpp_reply")


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a mail is held. by: the rule's name, as in `restraint.held.RULES`; why: in Indonesian, for people.

    until: then it lapses; None: it waits until it may leave, or a person decides.
    """

    by: str
    why: str
    until: datetime | None = None


def latecomer(work: Work) -> bool:
    """Whether the mail in hand is one of so many old ones that a person must say whether anybody is to hear of it."""
    return work.unsure()


def of_latecomer(work: Work, hold: Hold | None) -> Hold | None:
    """Whatever an old mail sets off waits until it is known how many of them there are (`latecomers`); what a robot
    would get waits anyway. hold: what holds it already."""
    if not latecomer(work) or (hold is not None and hold.by == "robot"):
        return hold
    return Hold("latecomers?", _SAID("latecomers"))


def answer(work: Work) -> Hold | None:
    """Whether one more automatic answer to the ticket's user is too much."""
    store, site, now = work.store, work.site, work.now
    found = over_answers(store, site, work.ticket.user_address, now, proven=work.given.authenticated)
    return found and Hold(found.by, found.why, now + DAY)


def over_answers(store: Store, site: Site, address: str, now: datetime, *, proven: bool) -> Hold | None:
    """The cap that an answer to this address would break at this moment. proven: whether anything vouches for him."""
    limits = site.config.limits
    if proven:
        most = limits.acknowledgements_proven_per_day
        if most is not None and answers_to(store, site, address, now, unproven=False) >= most:
            return Hold("proven_day", _SAID("proven_day", most=most))
        return None
    most = limits.acknowledgements_unproven_per_day
    if most is not None and answers_to(store, site, address, now, unproven=True) >= most:
        return Hold("unproven_day", _SAID("unproven_day", most=most))
    if room_for_unproven(store, site, now) <= 0:
        most = limits.acknowledgements_unproven_per_hour
        return Hold("unproven_hour", _SAID("unproven_hour", most=most))
    return None


def answers_to(store: Store, site: Site, address: str, now: datetime, *, unproven: bool) -> int:
    """Automatic answers to one sender in a day; unproven: only those given without any proof, which he may not have
    asked for."""
    counted = traffic.unproven_answers_to if unproven else traffic.answers
    return counted(store, site.name, address, now - DAY, now + DAY)


def room_for_unproven(store: Store, site: Site, now: datetime) -> int:
    """How many more answers may go to senders whom nothing vouches for."""
    most = site.config.limits.acknowledgements_unproven_per_hour
    return ENDLESS if most is None else most - traffic.unproven_answers(store, site.name, now - HOUR, now + HOUR)


def address(
    store: Store, site: Site, template: str, recipient: str, now: datetime, *, ticket: int | None = None
) -> Hold | None:
    """Whether one more automatic mail to this address is too much, whatever it says. ticket: which it is about."""
    if template not in AUTOMATIC:
        return None
    if (silenced := silences.of(store, site.name, recipient)) is not None:
        # What a robot missed of its tickets, a person reads who comes back to the address, and commands.
        if silenced is not Why.ROBOT:
            return Hold("silenced", _SAID("silenced_discarded"), now + DAY)
        missed = ticket is not None and MAILS[template].auto_submitted != "auto-replied"
        return Hold("robot", _SAID("silenced_robot"), None if missed else now + DAY)
    if room_at(store, site, recipient, now, ticketless(template, ticket)) > 0:
        return None
    most = site.config.limits.automatic_per_address_per_hour
    return Hold("address", _SAID("address", most=most))


def ticketless(template: str, ticket: int | None) -> bool:
    """Whether a mail is of those that may take only half of their address's cap."""
    return ticket is None and template in _TICKETLESS


def room_at(store: Store, site: Site, recipient: str, now: datetime, ticketless: bool = False) -> int:
    """How many more automatic mails may go to one address; ticketless: of those that may take only half of the cap."""
    most = site.config.limits.automatic_per_address_per_hour
    if most is None:
        return ENDLESS
    room = most - traffic.mails_to(store, site.name, recipient, AUTOMATIC, now - HOUR, now + HOUR)
    if not ticketless:
        return room
    when = now - HOUR, now + HOUR
    used = traffic.mails_to(store, site.name, recipient, _TICKETLESS, *when, without_ticket=True)
    return min(room, (most + 1) // 2 - used)


def too_many_notices(work: Work) -> bool:
    """Whether staff have been told of so many mails of users that arrived within an hour of this one, of this sender
    or of all, that they are told of this one in a collected notice."""
    limits, store, name = work.site.config.limits, work.store, work.site.name
    user, at = work.ticket.user_address, work.event.at
    of_all = ENDLESS if limits.notices_per_hour is None else limits.notices_per_hour
    of_one = ENDLESS if limits.notices_per_sender_per_hour is None else limits.notices_per_sender_per_hour
    fewest = min(of_all, of_one)
    if fewest == ENDLESS or traffic.notices_at_most(store, name, at - HOUR, at) < fewest:  # as nearly always
        return False
    mails, his = traffic.notices(store, name, user, at - HOUR, at, of_all)
    return mails >= of_all or his >= of_one
