"""An event happens to a ticket: gather → decide → one transaction. The only place where the rules meet the edges.

Everything an event does (the ticket's new status, history, clocks, and the bytes of every mail) is committed
together or not at all; what leaves the house leaves later, from the outbox.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from mailbot import log
from mailbot.config.site import Site
from mailbot.errors import MailbotError
from mailbot.killpoint import kill_point
from mailbot.letters import alarms
from mailbot.model import Decision, Event, NamedAddress, Role, Status, Ticket
from mailbot.procedure import effects, keeping, overtaken
from mailbot.rules.sop import clocks, reminders
from mailbot.rules.sop.decide import decide, decide_stage, starting
from mailbot.rules.sop.table import Clock
from mailbot.sentences import Sentences
from mailbot.store import outbox
from mailbot.store.database import Row, Store, to_instant, to_text
from mailbot.tickets import breaches, similar, tickets
from mailbot.tickets.case import Case, Context
from mailbot.tickets.work import Given, Work

_SAID = Sentences(__file__)


class Refused(MailbotError):
    """The table does not carry this command out; `reason` is its name, `ticket` the ticket as it stays."""

    def __init__(self, reason: str, ticket: Ticket) -> None:
        super().__init__(reason)
        self.reason = reason
        self.ticket = ticket


def handle(case: Case, event: Event, given: Given) -> Work:
    """Carry out what the table says of this event. Raises Refused; then nothing has happened.

    The ticket is as it stands in the caller's transaction, or one that nobody else changes meanwhile.
    """
    store, site, ticket = case.store, case.site, case.ticket
    with store.immediate():
        decision = decide(site.table, ticket, event, site.settings)
        if decision.refuse is not None:
            raise Refused(decision.refuse, ticket)
        work = Work(store, site, case.now, ticket, event, given, decision)
        _carry_out(work)
        kill_point("handling")
    return work


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A ticket that an event opens.

    priority: as proposed by what the sender writes (`proposals`); staff change it with `#prioritas`. continues: the
    ticket that his mail answers too late. user: whose ticket it is, None: the sender's (row `baru`). Staff record a
    call or a visit for somebody whose address may be empty.
    """

    subject: str
    priority: int
    continues: int | None = None
    user: NamedAddress | None = None
    channel: str = "email"


def open_ticket(context: Context, event: Event, given: Given, opening: Opening) -> Work:
    """A new ticket; number, ticket and mails in one transaction."""
    store, site = context.store, context.site
    with store.immediate():
        decision = decide(site.table, None, event, site.settings)
        new = tickets.New(
            mailbox=site.name,
            prefix=site.config.ticket_prefix,
            opened_at=event.at,
            local_opened_at=site.local(event.at),
            priority=opening.priority,
            subject=opening.subject,
            user=opening.user or NamedAddress(event.name, event.address),
            user_verified=given.authenticated and opening.user is None,
            continues=opening.continues,
            channel=opening.channel,
        )
        ticket = tickets.load(store, tickets.create(store, new))
        work = Work(store, site, context.now, ticket, event, given, decision, opened=True)
        _carry_out(work)
        kill_point("handling")
    return work


def _carry_out(work: Work) -> None:
    """What came in, status and changes first, then the clocks, then the mails, which so all tell the same state."""
    before = work.ticket
    ran = [] if work.opened else tickets.running(work.store, work.ticket.id)
    work.handled_by = work.ticket.handler
    keeping.keep(work)
    said = "; ".join((*work.noted, *work.remarks))
    stood = tickets.as_it_is(work.store, work.ticket.id, tickets.running(work.store, work.ticket.id))
    work.history_id = tickets.record(work.store, work.ticket, work.event, work.decision, work.now, note=said)
    _set_status(work, work.decision.status)
    for name in work.decision.effects:
        if name in effects.CHANGES:
            effects.CHANGES[name](work)
    _set_clocks(work, before)
    runs = tickets.running(work.store, work.ticket.id)
    breaches.review(work, before, ran, runs)
    tickets.conclude(work.store, work.history_id, stood, tickets.as_it_is(work.store, work.ticket.id, runs))
    log.decided(
        work.site.name,
        work.event.journal_id,
        work.ticket.number,
        work.event.kind,
        work.decision.row,
        work.decision.step,
        work.ticket.status.value,
    )
    overtaken.withdraw(work, before)
    mailings = [effects.MAILINGS[name] for name in work.decision.effects if name in effects.MAILINGS]
    if mailings:
        work.decided()
    for mailing in mailings:
        mailing(work)
    if (work.ticket.status, work.ticket.discarded) != (before.status, before.discarded):
        similar.follow(work.store, work.site, work.ticket)


def _set_status(work: Work, status: Status) -> None:
    if status is work.ticket.status:
        return
    if status is Status.CLOSED:
        work.change(status=status.value, closed_at=to_text(work.event.at), held_data=0, pending_replies="")
    else:
        work.change(status=status.value, closed_at=None, discarded=0)


def _set_clocks(work: Work, before: Ticket) -> None:
    """End what the row stops and what does not run in the new status; start what the row starts, and what runs from the
    receipt."""
    table, store, ticket = work.site.table, work.store, work.ticket
    leaving = [name for name in ticket.clocks if ticket.status.value not in table.clocks[name].statuses]
    tickets.end_clocks(store, ticket.id, [*work.decision.stop, *leaving], work.event.at)
    still = {running.clock for _, running in tickets.running(store, ticket.id)}
    timing = work.site.timing(ticket.priority)
    start = starting(table, ticket, work.event, work.site.settings, work.decision.start)
    for name in start:
        if name not in still:
            tickets.start_clock(store, ticket.id, _begun(work, table.clocks[name], timing))
    begun = {*still, *start}
    for clock in table.clocks.values():
        if clock.from_receipt and ticket.status.value in clock.statuses and clock.name not in begun:
            begun.add(clock.name)
            tickets.start_clock(store, ticket.id, clocks.begin(clock, _receipt(work, before, clock.name), timing))
    work.ticket = replace(ticket, clocks=frozenset(begun))


def _begun(work: Work, clock: Clock, timing: clocks.Timing) -> clocks.Running:
    if work.since is None:
        return clocks.begin(clock, work.event.at, timing)
    return clocks.begin_late(clock, work.since, work.event.at, timing)


def _receipt(work: Work, before: Ticket, clock: str) -> datetime:
    """When the mail arrived that opened the ticket, or opened it again: from then on its target counts, also where the
    user has said meanwhile that the answer did not help."""
    if before.status is Status.CLOSED:
        return work.event.at
    last = None if work.opened else tickets.last_start(work.store, work.ticket.id, clock)
    return last or work.ticket.opened_at


def fire(store: Store, site: Site, deadline_id: int, now: datetime, *, folded: bool = False) -> Work | None:
    """A deadline's stage is due: carry it out and move the clock on, in one transaction, so that it fires once."""
    with store.immediate():
        found = tickets.deadline(store, deadline_id)
        if found is None or found[1].due > now:
            return None
        ticket_id, running = found
        ticket = tickets.load(store, ticket_id)
        clock = site.table.clocks[running.clock]
        stage = clocks.stage_of(clock, running)
        ahead = now < clocks.first_limit(clock, running, site.timing(ticket.priority))
        facts = frozenset({"before_limit"} if ahead else ())
        event = Event(kind=f"due.{clock.name}", at=now, name="mailbot", facts=facts)
        decision: Decision = decide_stage(site.table, ticket, event, site.settings, clock.name, stage)
        if not goes_alone(site, clock, running, ticket.priority):
            decision = replace(decision, effects=reminders.without_mails_inside(decision.effects))
        given = Given(key=f"d{deadline_id}.{running.stage}.{running.fired}")
        work = Work(store, site, now, ticket, event, given, decision, running=running, folded=folded)
        _carry_out(work)
        if any(row_id == deadline_id for row_id, _ in tickets.running(store, ticket_id)):
            timing = site.timing(work.ticket.priority)
            tickets.move_clock(store, deadline_id, clocks.advance(clock, running, now, timing))
        kill_point("handling")
    return work


def goes_alone(site: Site, clock: Clock, running: clocks.Running, priority: int) -> bool:
    """Whether the stage that is due is told by a mail of its own; what is not stands in the work lists."""
    limit = site.timing(priority).lengths[clocks.limit_of(clock).after]
    return reminders.goes_alone(priority, limit, clocks.stage_of(clock, running), running.fired)


def hangs_on(site: Site, row: Row) -> bool:
    """Whether something hangs on the acceptance of this mail: an event of its ticket."""
    return row["ticket_id"] is not None and f"sent.{row['template']}" in site.table.events


def accepted(store: Store, site: Site, outbox_id: int, now: datetime) -> None:
    """Our server has accepted a mail: the clocks of escalation and forwarding (steps 1, 9, 12) hang on it."""
    with store.immediate():
        row = outbox.mail(store, outbox_id)
        if row is None or row["outcome_handled"]:
            return
        outbox.settled(store, outbox_id)
        if not hangs_on(site, row):
            return
        event = Event(kind=f"sent.{row['template']}", at=to_instant(row["accepted_at"]), argument=str(row["asked_at"]))
        ticket = tickets.load(store, int(row["ticket_id"]))
        handle(Case(store, site, now, ticket), event, Given(key=f"o{outbox_id}"))


def undelivered(store: Store, site: Site, outbox_id: int, key: str, answer: str, at: datetime, now: datetime) -> None:
    """A mail of ours did not arrive (refused for good, or bounced): staff are told once, the SOP goes on.

    One to our own people is the operator's matter, and one to the operator only the log's: a notice never goes to
    the address that bounced.
    """
    with store.immediate():
        row = outbox.mail(store, outbox_id)
        if row is None or row["state"] == "bounced":
            return
        outbox.bounced(store, outbox_id, answer)
        party = Role(row["party"])
        what = _SAID("mail_to", subject=row["subject"], recipient=row["recipient"])
        if row["ticket_id"] is not None and f"bounce.{party}" in site.table.events:
            # A mail of a ticket that was merged since is the matter of the one that stands.
            ticket = tickets.load(store, tickets.standing(store, int(row["ticket_id"])))
            event = Event(kind=f"bounce.{party}", at=at, argument=str(row["recipient"]))
            handle(Case(store, site, now, ticket), event, Given(key=key, bounced=(what, answer)))
        elif party is not Role.OPERATOR:
            # Each further mail to an address that is gone would only say so again.
            his = str(row["recipient"])
            alarms.once(Context(store, site, now), "undelivered", of=his, recipient=his, answer=answer)
