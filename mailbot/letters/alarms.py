"""Alarms to the operator: what nobody else can mend."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from mailbot import letters, log
from mailbot.config.site import Site
from mailbot.model import NamedAddress
from mailbot.store import already_told, disk
from mailbot.store.database import Store, to_text
from mailbot.tickets.case import Context


def raise_alarm(store: Store, site: Site, reason: str, *, key: str, now: datetime) -> None:
    """A mail to every operator, inside the caller's transaction. `key` makes it unique in the outbox."""
    for person in site.config.operator:
        recipient = NamedAddress(person.name, person.address)
        shown = {
            "organisation": letters.organisation(site),
            "recipient": {"name": recipient.name, "address": recipient.address},
            "reason": reason,
            "held": None,
        }
        letter = letters.Letter(
            template="operator_alarm",
            recipient=recipient,
            shown=shown,
            key=key,
            subject=f"[{site.config.ticket_prefix}] Alarm mailbot",
        )
        letters.put(Context(store, site, now), letter)
    log.alarm(site.name, reason)


#: An alarm about the same matter is not repeated sooner.
QUIET = timedelta(hours=24)


def once(store: Store, site: Site, matter: str, reason: str, now: datetime) -> bool:
    """An alarm about a matter that goes on: one in 24 hours and mailbox. Inside the caller's transaction.

    False: there was one already.
    """
    if told(store, site, matter, now):
        return False
    already_told.again(store, site.name, f"alarm:{matter}", now)
    raise_alarm(store, site, reason, key=f"alarm:{matter}:{to_text(now)}", now=now)
    return True


def told(store: Store, site: Site, matter: str, now: datetime) -> bool:
    """Whether the operator was told of this matter in the last 24 hours."""
    last = already_told.last(store, site.name, f"alarm:{matter}")
    # What a clock that ran ahead has dated into the future must not keep the operator from being told until then.
    return last is not None and abs(now - last) < QUIET


def clock_was_set(store: Store, sites: Iterable[Site], seconds: float, now: datetime) -> None:
    """The machine's clock was set by so many seconds: what is overdue by it waits, and the operator should look."""
    hours = f"{abs(seconds) / 3600:.1f}".replace(".", ",")
    reason = (
        f"Jam komputer ini {'maju' if seconds > 0 else 'mundur'} {hours} jam dengan tiba-tiba. Pengingat dan laporan"
        " keterlambatan ditahan sebentar, lalu berjalan menurut jam yang baru. Periksa jam dan sinkronisasinya (NTP)."
    )
    for site in sites:
        with store.immediate():
            once(store, site, "clock", reason, now)


def no_room(store: Store, sites: Iterable[Site], now: datetime) -> None:
    """The disk is full: the reserve is given up for this alarm, and for recording what is under way. Raises DiskFull
    where even that is not enough."""
    disk.release(store.folder)
    for site in sites:
        with store.immediate():
            once(store, site, "disk", _NO_ROOM, now)


_NO_ROOM = (
    "Disk untuk data mailbot penuh. E-mail baru dibiarkan di server dan tidak hilang; setelah ada ruang, mailbot"
    ' melanjutkan sendiri. Kosongkan ruang, misalnya cadangan lama ("mailbot status" menunjukkan keadaannya).'
)
