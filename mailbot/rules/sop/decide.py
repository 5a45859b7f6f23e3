"""What the SOP says: (ticket, event) → Decision, and a clock's stage → Decision. Pure."""

from __future__ import annotations

from mailbot.model import Decision, Event, Status, Ticket
from mailbot.rules.sop.conditions import CONDITIONS, Settings
from mailbot.rules.sop.table import NONE, Stage, Table


def _holds(names: tuple[str, ...], ticket: Ticket | None, event: Event, settings: Settings) -> bool:
    return all(CONDITIONS[name](ticket, event, settings) for name in names)


def decide(table: Table, ticket: Ticket | None, event: Event, settings: Settings) -> Decision:
    """The first row of the (status, event) cell whose conditions hold; the loader saw to it that there is one."""
    status = NONE if ticket is None else ticket.status.value
    row = next(row for row in table.cells[status, event.kind] if _holds(row.conditions, ticket, event, settings))
    after = row.to or (Status.NEW if ticket is None else ticket.status)
    return Decision(
        row=row.id,
        step=row.step,
        status=after,
        effects=row.effects,
        start=row.start,
        stop=row.stop,
        refuse=row.refuse,
    )


def decide_stage(table: Table, ticket: Ticket, event: Event, settings: Settings, clock: str, stage: Stage) -> Decision:
    """What a due stage of a clock does; where its conditions fail, its `else` (and no change of status)."""
    holds = _holds(stage.conditions, ticket, event, settings)
    return Decision(
        row=f"{clock}.{stage.id}",
        step=table.clocks[clock].step,
        status=(stage.to if holds else None) or ticket.status,
        effects=stage.effects if holds else stage.otherwise,
        start=stage.start,
        stop=stage.stop,
    )


def starting(table: Table, ticket: Ticket, event: Event, settings: Settings, names: tuple[str, ...]) -> list[str]:
    """Those of these clocks that may start on the ticket as the event has left it."""
    found = ((name, table.clocks[name]) for name in names)
    return [
        name
        for name, clock in found
        if ticket.status.value in clock.statuses and _holds(clock.conditions, ticket, event, settings)
    ]
