"""Which reminder goes alone, and which stands in the work list: the one place that says so.

Alone go, each stage once: every stage of P1 and P2, every stage of a limit of an hour or less, and, for other limits,
one warning an hour before. All else, and whatever repeats, stands in the lists until it is done.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailbot.model import Duration, Role
from mailbot.rules.sop.table import Stage

#: The priorities of which, and the length of a limit of which, nothing waits for a list.
URGENT_PRIORITY, SHORT = 2, Duration(minutes=60)
#: A limit that is neither is warned of so long before, in service hours.
WARNED_BEFORE = Duration(minutes=60)

_INSIDE = tuple(f"{role.value}_" for role in (Role.STAFF, Role.COORDINATOR, Role.HEAD))


def is_urgent(priority: int, limit: Duration) -> bool:
    """Whether each stage of a limit is told by a mail of its own."""
    return priority <= URGENT_PRIORITY or (not limit.working_days and not limit.days and limit.minutes <= SHORT.minutes)


def goes_alone(priority: int, limit: Duration, stage: Stage, fired: int) -> bool:
    """Whether the LPSE's people are told of a due stage by a mail of its own; else it stands in their lists. fired: how
    often the stage has fired before."""
    return fired == 0 and (is_urgent(priority, limit) or stage.is_warning)


def without_mails_inside(effects: Iterable[str]) -> tuple[str, ...]:
    """The effects of a stage that stands in the lists: what goes to user and LKPP goes all the same."""
    return tuple(name for name in effects if not name.startswith(_INSIDE))


def told_by(effects: Iterable[str]) -> set[Role]:
    """Whom of the LPSE's people a stage concerns."""
    return {Role(name.partition("_")[0]) for name in effects if name.startswith(_INSIDE)}
