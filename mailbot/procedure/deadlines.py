"""Due rows become events. Everything goes out in service hours: what is urgent alone, the rest in the work lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mailbot import log
from mailbot.config.site import Site, calendar_notice
from mailbot.errors import PermanentFailure
from mailbot.killpoint import kill_point
from mailbot.letters import alarms, overdue, unsent
from mailbot.model import Role
from mailbot.procedure import monthly, service, worklists
from mailbot.restraint import digest
from mailbot.rules.sop.clocks import Running
from mailbot.store import already_told
from mailbot.store.database import Store
from mailbot.tickets import tickets
from mailbot.tickets.case import Context

#: More reminders than this that would go alone in one pass go as one digest a person.
DIGEST_ABOVE = 10


def run(store: Store, site: Site, now: datetime, *, go_on: Callable[[], bool] = lambda: True) -> int:
    """Fire what is due, while `go_on`; outside service hours nothing is. Returns how many stages fired, -1 if one of
    them could not: it is tried again."""
    if not site.calendar.in_service(now):
        return 0
    fired, complete = 0, True
    waiting = tickets.due(store, site.name, now)
    folded = sum(_goes_alone(site, priority, running) for _, priority, running in waiting) > DIGEST_ABOVE
    for deadline_id, _, _ in waiting:
        if not go_on():
            return fired
        try:
            work = service.fire(store, site, deadline_id, now, folded=folded)
            while work is not None:
                fired += 1
                if work.decision.effects:
                    break
                # A stage that asks nothing here, or stands in the lists, delays nobody.
                work = service.fire(store, site, deadline_id, now, folded=folded)
            kill_point("fired")
        except (PermanentFailure, ValueError) as error:  # one ticket's trouble is not the others'
            log.again(site.name, f"deadline {deadline_id}", str(error))
            complete = False
    for audience in (Role.STAFF, Role.COORDINATOR, Role.HEAD):
        overdue.report(store, site, audience, now)
    digest.report(store, site, now)
    complete = _write(site, "work lists", lambda: worklists.send(store, site, now)) and complete
    complete = _ask_again(store, site, now) and complete
    _tell_operator(store, site, now)
    # Last: what takes longest keeps nothing else back.
    complete = _write(site, "report of the month", lambda: monthly.send(store, site, now)) and complete
    return fired if complete else -1


def _write(site: Site, what: str, send: Callable[[], int]) -> bool:
    """What goes by the calendar, of what is due by now, too. Returns whether it could be written."""
    try:
        send()
    except (PermanentFailure, ValueError) as error:
        log.again(site.name, what, str(error))
        return False
    return True


def _goes_alone(site: Site, priority: int, running: Running) -> bool:
    clock = site.table.clocks[running.clock]
    return not clock.from_receipt and service.goes_alone(site, clock, running, priority)


def _ask_again(store: Store, site: Site, now: datetime) -> bool:
    """Who has left open what was held is asked again. Returns whether all could be."""
    complete = True
    for ticket_id, address in unsent.waiting(store, site, now):
        try:
            unsent.ask_again(store, site, ticket_id, address, now)
        except (PermanentFailure, ValueError) as error:
            log.again(site.name, f"question to {address}", str(error))
            complete = False
    return complete


def _tell_operator(store: Store, site: Site, now: datetime) -> None:
    """Once a week from November on: next year's list of holidays is incomplete, dues are estimates."""
    notice = calendar_notice(site, site.local(now).date())
    if notice is None:
        return
    key, text = notice
    with store.immediate():
        if already_told.last(store, site.name, f"calendar:{key}") is not None:
            return
        already_told.once(store, site.name, f"calendar:{key}", now)
        alarms.raise_alarm(Context(store, site, now), "calendar", key=f"calendar.{key}", sentences=text)
