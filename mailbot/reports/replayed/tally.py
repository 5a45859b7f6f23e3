"""What became of the mails of an archive, counted. Pure: the same mails give the same figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, Literal, get_args

Fate = Literal["ticket", "reply", "lkpp", "staff", "by_hand", "machine", "own", "duplicate", "quarantined", "failed"]
#: In the order in which they are shown.
FATES: tuple[Fate, ...] = get_args(Fate)
#: Quarantined mails that are named one by one, from the newest.
_NAMED = 20


@dataclass(frozen=True, slots=True)
class Written:
    """A mail that mailbot would have sent. held: why it would not have left by itself, or ""."""

    at: datetime
    template: str
    recipient: str
    held: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """A mail of the archive. reason: of the quarantine, or the kind of machine. priority, problem: what would have been
    proposed for its new ticket."""

    source: str
    mailbox: str
    at: datetime
    sender: str
    subject: str
    fate: Fate
    ticket: str = ""
    reason: str = ""
    priority: str = ""
    problem: str = ""
    written: Sequence[Written] = ()

    def as_json(self) -> dict[str, Any]:
        found = asdict(self) | {"at": self.at.isoformat()}
        return found | {"written": [asdict(mail) | {"at": mail.at.isoformat()} for mail in self.written]}


@dataclass(slots=True)
class Tally:
    """zone: in which days and months are counted."""

    zone: tzinfo
    mails: int = 0
    first: datetime | None = None
    last: datetime | None = None
    mailboxes: Counter[str] = field(default_factory=Counter)
    fates: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    tickets_of: Counter[str] = field(default_factory=Counter)
    in_of: Counter[date] = field(default_factory=Counter)
    priorities: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    machines: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    quarantined_last: list[Handled] = field(default_factory=list)
    templates: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    days: defaultdict[date, Counter[tuple[str, str]]] = field(default_factory=lambda: defaultdict(Counter))
    hours: Counter[datetime] = field(default_factory=Counter)

    def add(self, one: Handled) -> None:
        local = one.at.astimezone(self.zone)
        self.mails += 1
        self.first = min(self.first or one.at, one.at)
        self.last = max(self.last or one.at, one.at)
        self.mailboxes[one.mailbox] += 1
        self.fates[one.fate] += 1
        self.months[f"{local:%Y-%m}"] += 1
        self.in_of[local.date()] += 1
        if one.fate == "ticket":
            self.tickets_of[one.sender] += 1
            self.priorities[one.priority] += 1
            self.problems[one.problem] += 1
        elif one.fate == "machine":
            self.machines[one.reason] += 1
        elif one.fate in ("quarantined", "failed"):
            self.quarantined[one.reason] += 1
            self.quarantined_last = [*self.quarantined_last, one][-_NAMED:]
        self.wrote(one.written)

    def wrote(self, written: Sequence[Written]) -> None:
        for mail in written:
            if mail.held:
                self.held[mail.held] += 1
                continue
            local = mail.at.astimezone(self.zone)
            self.templates[mail.template] += 1
            self.days[local.date()][mail.recipient, mail.template] += 1
            self.hours[local.replace(minute=0, second=0, microsecond=0)] += 1

    @property
    def sent(self) -> int:
        return sum(self.templates.values())

    @property
    def busiest(self) -> date | None:
        """The day on which most mails would have left; of several, the first."""
        return min(self.days, key=lambda day: (-sum(self.days[day].values()), day), default=None)

    @property
    def busiest_hour(self) -> datetime | None:
        return min(self.hours, key=lambda hour: (-self.hours[hour], hour), default=None)

    def as_json(self) -> dict[str, Any]:
        busiest, hour = self.busiest, self.busiest_hour
        mails_of = [] if busiest is None else sorted(self.days[busiest].items())
        return {
            "mails": self.mails,
            "first": self.first and self.first.isoformat(),
            "last": self.last and self.last.isoformat(),
            "mailboxes": _sorted(self.mailboxes),
            "fates": {fate: self.fates[fate] for fate in FATES},
            "months": dict(sorted(self.months.items())),
            "priorities": _sorted(self.priorities),
            "problems": _sorted(self.problems),
            "machines": _sorted(self.machines),
            "quarantined": _sorted(self.quarantined),
            "sent": _sorted(self.templates),
            "held": _sorted(self.held),
            "busiest_day": busiest
            and {
                "day": busiest.isoformat(),
                "received": self.in_of[busiest],
                "sent": [{"recipient": his, "template": name, "count": n} for (his, name), n in mails_of],
            },
            "busiest_hour": hour and {"begins": hour.isoformat(), "sent": self.hours[hour]},
            "most_tickets": _sorted(self.tickets_of, 10),
        }


def most(counts: Counter[Any], at_most: int | None = None) -> list[tuple[Any, int]]:
    """The most frequent first, and those of one number in the order of their names."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:at_most]


def _sorted(counts: Counter[str], at_most: int | None = None) -> dict[str, int]:
    return dict(most(counts, at_most))
