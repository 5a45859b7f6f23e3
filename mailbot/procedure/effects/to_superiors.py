"""Effects that report to coordinator and head of unit."""

from __future__ import annotations

from mailbot import letters
from mailbot.letters import overdue
from mailbot.model import NamedAddress, Role
from mailbot.procedure.effects.kinds import mailing
from mailbot.procedure.effects.mailing import values
from mailbot.procedure.effects.shared import notice
from mailbot.tickets.work import Work


def _report(work: Work, template: str, audience: Role) -> None:
    if work.folded:
        notice(work, audience)
        return
    listed = work.site.config.coordinator if audience is Role.COORDINATOR else work.site.config.head
    item = overdue.item(work.store, work.site, work.ticket, work.running, work.now)
    for person in listed:
        recipient = NamedAddress(person.name, person.address)
        shown = {
            "items": [item],
            "actions": overdue.actions_on_one(work.store, work.site, work.ticket, recipient, audience, work.now),
        }
        letter = letters.Letter(
            template=template,
            recipient=recipient,
            shown=values(work, recipient, **shown),
            key=work.given.key,
            subject=letters.subject_of(template, work.ticket),
            ticket=work.ticket,
        )
        letters.put(work, letter)


@mailing
def coordinator_overdue(work: Work) -> None:
    _report(work, "coordinator_overdue", Role.COORDINATOR)


@mailing
def head_overdue(work: Work) -> None:
    _report(work, "head_overdue", Role.HEAD)
