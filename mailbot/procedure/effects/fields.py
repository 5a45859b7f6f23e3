"""Effects that set who handles a ticket, what it is, where it has a number, and until when its limit is put off."""

from __future__ import annotations

from mailbot import letters
from mailbot.letters import overdue
from mailbot.model import NamedAddress
from mailbot.procedure.effects.kinds import change, mailing
from mailbot.procedure.effects.mailing import post
from mailbot.procedure.effects.shared import keep
from mailbot.sentences import Sentences
from mailbot.store.database import to_text
from mailbot.tickets import leaves, postponing, support_numbers
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)


@change
def assign(work: Work) -> None:
    """`#tugaskan`: the event's argument is the colleague's address."""
    before, person = work.ticket.handler, work.site.config.person(work.event.argument)
    former = work.site.config.person(before) if before and before != work.event.argument else None
    work.change(handler=work.event.argument)
    keep(work, "note", work.event.text)
    name = person.name if person else work.event.argument
    work.remark(_instead(name, former.name if former else None))
    if work.event.text:
        work.remark(_SAID("with_words"))
    if (away := leaves.said(work.store, work.site, work.event.argument, work.event.at)) is not None:
        work.remark(_SAID("away", away=away))


@change
def set_problem(work: Work) -> None:
    rules = work.site.problems
    label = letters.problem_label(work.site, work.event.argument)
    nature = rules.nature(work.event.argument)
    before = work.ticket.problem
    work.change(problem=work.event.argument)
    now = _SAID("of_nature", problem=label, nature=nature) if nature else label
    work.remark(_instead(now, before if before != work.event.argument else None))


@change
def set_category(work: Work) -> None:
    before, now = work.ticket.category, work.event.argument
    work.change(category=now)
    work.remark(_instead(now, before if before != now else None))


@change
def set_nature(work: Work) -> None:
    """`#golongan`: what staff say stands above what follows from the kind of problem."""
    before = work.ticket.nature or work.site.problems.nature(work.ticket.problem)
    work.change(nature=work.event.argument)
    work.remark(_instead(work.event.argument, before if before != work.event.argument else None))


@change
def set_destination(work: Work) -> None:
    before, now = work.ticket.destination, work.event.argument
    work.change(destination=now)
    work.remark(_instead(now, before if before != now else None))


def _instead(now: str, before: str | None) -> str:
    return _SAID("instead", now=now, before=before) if before else now


@change
def set_number(work: Work) -> None:
    """`#lpse-support`: the ticket's number there from now on; those before it are kept."""
    store, ticket, number = work.store, work.ticket, work.event.argument
    others = support_numbers.others_with(store, work.site.name, number, ticket.id)
    if others:
        work.remark(_SAID("number_of_others", tickets=", ".join(others)))
    if ticket.tts_number is not None and ticket.tts_number.casefold() == number.casefold():
        work.remark(_SAID("same_number"))
        return
    support_numbers.add(store, ticket.id, number, work.event.at, work.event.address, work.event.journal_id)
    work.change(tts_number=number, tts_at=to_text(work.event.at))
    if ticket.tts_number is not None:
        work.remark(_SAID("number_before", number=ticket.tts_number))


@change
def closed_there(work: Work) -> None:
    """The number stays with the ticket; the clock that the row stops is what asked."""
    work.remark(_SAID("closed_there", number=work.ticket.tts_number))


@change
def postpone(work: Work) -> None:
    """`#tunda`: the event's argument is the new limit, its text the reason (both as `postponing.asked` gives them)."""
    event = work.event
    due = postponing.Postponement.due_of(event.argument)
    before, after = postponing.move(work, due, event.text)
    title = work.site.table.clocks[before.clock].title
    times = postponing.times(work.store, work.ticket.id)
    said = work.site.say(due.at, estimated=due.estimated)
    work.remark(_SAID("put_off", clock=title, due=said, times=times))
    work.remark(_SAID("reason", reason=event.text))
    if after.clock in postponing.BINDING:
        work.remark(_SAID("still_measured"))
    if times > postponing.UNTOLD:
        work.remark(_SAID("coordinator_told"))


# --- mails ------------------------------------------------------------------------------------------


@mailing
def coordinator_postponed(work: Work) -> None:
    """Whoever puts a limit off again and again needs direction rather than time."""
    times = postponing.times(work.store, work.ticket.id)
    found = postponing.main_clock(work.store, work.site, work.ticket.id)
    if times <= postponing.UNTOLD or found is None:
        return
    what = _SAID("put_off_again", clock=work.site.table.clocks[found[1].clock].title, times=times)
    item = overdue.item(work.store, work.site, work.ticket, found[1], work.now, what)
    for person in work.site.config.coordinator:
        if person.address != work.event.address:
            post(work, "coordinator_overdue", NamedAddress(person.name, person.address), items=[item])
