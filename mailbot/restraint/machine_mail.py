"""Machine mail that grows, and other mailbots: nothing answers them, and the operator is told once."""

from __future__ import annotations

from datetime import datetime

from mailbot.config.site import Site
from mailbot.letters import alarms
from mailbot.letters.caps import DAY, HOUR
from mailbot.model import Message
from mailbot.parsers.incoming import IncomingMail
from mailbot.restraint import digest
from mailbot.store import already_told, traffic
from mailbot.store.database import Store
from mailbot.tickets.case import Context

#: So many other mailbots are named in a day: who forges their headers must not flood the operator.
_NAMED = 5


def watch(store: Store, site: Site, mail: IncomingMail, now: datetime) -> None:
    """A machine's mail has come; inside its transaction. Told once in 24 hours: a sender of too many, and too many in
    all; the limits are those of `limits.notices_…`."""
    if mail.machine is not None and mail.machine.kind == "own":
        return
    name_mailbot(store, site, mail.message, mail.sender.address, now)
    context = Context(store, site, now)
    if alarms.told(context, "machines"):
        return
    limits = site.config.limits
    since, his = mail.at - HOUR, 1
    address = mail.sender.address  # "" for all whose From is nobody's address: those are only counted together
    if address:  # what a person has written from the same address does not count
        his += traffic.machine_mails_of(store, site.name, address, digest.LABELS, since, mail.at, mail.journal_id)
    every = 1 + traffic.machine_mails(store, site.name, since, mail.at)
    of_one, of_all = limits.notices_per_sender_per_hour, limits.notices_per_hour
    if of_one is not None and his > of_one:
        alarms.once(context, "machines", "one", count=his, address=address)
    elif of_all is not None and every > of_all:
        alarms.once(context, "machines", "many", count=every)


def name_mailbot(store: Store, site: Site, message: Message, address: str, now: datetime) -> None:
    """Another mailbot writes here: nobody answers it, and a person should know. Once per sender and day."""
    if not any(name.lower().startswith("x-mailbot-") for name, _ in message.headers):
        return
    if already_told.since(store, site.name, "alarm:mailbot:", now - DAY) >= _NAMED:
        return
    context = Context(store, site, now)
    if address:
        alarms.once(context, "mailbot", "named", of=address, address=address)
    else:
        alarms.once(context, "mailbot", "unnamed", of="")
