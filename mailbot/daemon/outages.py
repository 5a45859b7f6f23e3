"""What stands still is told to the operators within five minutes, and once more when it is over.

An outage counts from the first look that finds it. A server that is gone for a moment is no alarm; a refused account,
a refused configuration and a folder that does not exist do not heal by themselves, and are told at once. One that comes
and goes is one outage until it has been away for ten minutes, and is told once an hour at most.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mailbot.config.site import ALARMS, Site
from mailbot.daemon import copies
from mailbot.letters import alarms
from mailbot.store import already_told, outages
from mailbot.store.database import Store, to_text
from mailbot.store.outages import Key, Known, Outage
from mailbot.tickets.case import Context

#: Seconds that an outage lasts before anybody is told, and that it is away before it is over. By a clock that nobody
#: sets.
PATIENCE, OVER_AFTER = 150.0, 600.0
#: The same matter is told again so much later: if it ended and began anew, and if it lasts.
_SOONEST, _DAILY = timedelta(hours=1), timedelta(hours=24)
#: These do not come and go: whoever mends them wants to know it now.
_OVER_AT_ONCE = ("reload", "copy")


class Outages:
    """For the main thread: asked every few seconds what stands still."""

    def __init__(self) -> None:
        self._first: dict[Key, float] = {}  # seen by this process, monotonic
        self._gone: dict[Key, float] = {}  # not seen any more since, monotonic

    def look(self, store: Store, sites: Sequence[Site], present: Iterable[Outage], now: datetime) -> None:
        """present: what stands still at this moment."""
        known = outages.known(store)
        found = {one.key: one for one in present}
        for key, outage in found.items():
            self._lasts(store, sites, known.get(key), outage, now)
        for key in known.keys() - found.keys():
            self._is_away(store, sites, known[key], now)

    def _lasts(self, store: Store, sites: Sequence[Site], one: Known | None, outage: Outage, now: datetime) -> None:
        self._gone.pop(outage.key, None)
        first = self._first.setdefault(outage.key, time.monotonic())
        if one is None:
            with store.immediate():
                outages.begin(store, outage, now)
            one = outages.known(store)[outage.key]
        elif one.outage != outage:
            with store.immediate():
                outages.change(store, one, outage)
        lasting = outage.how != "silent" or time.monotonic() - first >= PATIENCE
        if lasting and _may_tell(store, one, now):
            with store.immediate():
                _tell(store, sites, outage, one.since, now)
                outages.told(store, one, now)
                already_told.again(store, outage.mailbox, _memory(outage), now)

    def _is_away(self, store: Store, sites: Sequence[Site], one: Known, now: datetime) -> None:
        key = one.outage.key
        self._first.pop(key, None)
        away = time.monotonic() - self._gone.setdefault(key, time.monotonic())
        if one.told is not None and one.outage.kind not in _OVER_AT_ONCE and away < OVER_AFTER:
            return
        self._gone.pop(key)
        with store.immediate():
            outages.end(store, one)
            if one.told is not None:
                _tell_over(store, sites, one, now)


def _may_tell(store: Store, one: Known, now: datetime) -> bool:
    last = one.told or already_told.last(store, one.outage.mailbox, _memory(one.outage))
    # What a clock that ran ahead has dated into the future must not keep the operator from being told until then.
    return last is None or abs(now - last) >= (_DAILY if one.told else _SOONEST)


def _memory(outage: Outage) -> str:
    return f"outage:{outage.kind}:{outage.what}"


def _concerned(store: Store, sites: Sequence[Site], mailbox: str, now: datetime) -> list[Context]:
    """Where it is told: to the mailbox's operators, or to those of all mailboxes. That the account of the alarms is
    dead, the accounts of the mailboxes tell."""
    if mailbox == ALARMS:
        sites = [replace(site, alarms=None) for site in sites]
    return [Context(store, site, now) for site in sites if mailbox in (site.name, "", ALARMS)]


def _tell(store: Store, sites: Sequence[Site], outage: Outage, since: datetime, now: datetime) -> None:
    told: set[str] = set()
    for context in _concerned(store, sites, outage.mailbox, now):
        key, when = f"{_memory(outage)}:{to_text(now)}:{context.site.name}", context.site.say(since)
        match outage.kind:
            case "imap":
                alarms.raise_alarm(
                    context,
                    "imap",
                    "refused" if outage.how == "refused" else "gone" if outage.how == "gone" else "silent",
                    key=key,
                    folder=outage.what,
                    server=outage.server,
                    since=when,
                    said=outage.said,
                )
            case "smtp":
                alarms.raise_alarm(
                    context,
                    "smtp",
                    "refused" if outage.how == "refused" else "silent",
                    key=key,
                    besides=told,
                    server=outage.server,
                    since=when,
                    said=outage.said,
                )
            case "copy":
                made = copies.last(store)
                said = "-" if made is None else context.site.say(made)
                alarms.raise_alarm(context, "copy", key=key, besides=told, made=said)
            case "token":
                alarms.raise_alarm(
                    context,
                    "token",
                    "refused" if outage.how == "refused" else "silent",
                    key=key,
                    besides=told,
                    server=outage.server,
                    account=f"{outage.what} ({'alarms' if outage.mailbox == ALARMS else outage.mailbox})",
                    since=when,
                    said=outage.said,
                )
            case _:
                alarms.raise_alarm(context, "reload", key=key, besides=told, since=when, said=outage.said)


def _tell_over(store: Store, sites: Sequence[Site], one: Known, now: datetime) -> None:
    outage, told = one.outage, set[str]()
    for context in _concerned(store, sites, outage.mailbox, now):
        key, when = f"{_memory(outage)}:over:{to_text(now)}:{context.site.name}", context.site.say(one.since)
        match outage.kind:
            case "imap":
                alarms.raise_alarm(context, "imap over", key=key, folder=outage.what, server=outage.server, since=when)
            case "smtp":
                alarms.raise_alarm(context, "smtp over", key=key, besides=told, server=outage.server, since=when)
            case "copy":
                alarms.raise_alarm(context, "copy over", key=key, besides=told)
            case "token":
                alarms.raise_alarm(context, "token over", key=key, besides=told, server=outage.server, since=when)
            case _:
                alarms.raise_alarm(context, "reload over", key=key, besides=told, since=when)
