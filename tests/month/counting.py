"""The second count of a month: from the mails that came and left, and from what their writers meant.

It knows nothing of the program: it reads the files that the play has left, tells the tickets by the headers of the
office's own mails, and reckons by the contract alone what each mail does to its ticket, which limits run from when to
when, and who had the turn. Standard library only.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.month.officetime import WIB, OfficeTime, closing

Meaning = Mapping[str, Any]

# --- what the papers say ----------------------------------------------------------------------------------

#: By priority: first response, limit at the LPSE, target, and the user's time for data; minutes (m) or days (d).
TABLE = {
    1: {"first_response": "15m", "limit": "30m", "target": "1d", "data": "240m"},
    2: {"first_response": "60m", "limit": "240m", "target": "2d", "data": "1d"},
    3: {"first_response": "240m", "limit": "1d", "target": "3d", "data": "3d"},
    4: {"first_response": "1d", "limit": "3d", "target": "5d", "data": "3d"},
}
#: Clock → what of the table it runs for, or its own length.
LENGTHS = {
    "first_response": "first_response",
    "handling": "limit",
    "next_response": "limit",
    "direction": "first_response",
    "target": "target",
    "request": "data",
    "user_data": "data",
    "escalation": "5m",
    "forwarding": "5m",
    "lkpp_status": "2d",
    "lkpp_progress": "1d",
    "confirmation": "3d",
}
OPEN = ("new", "in_progress", "awaiting_user", "escalated", "awaiting_data", "returned")
#: The statuses in which a clock may run.
RUNS_IN = {
    "first_response": ("new", "in_progress"),
    "handling": ("new", "in_progress", "returned"),
    "next_response": ("in_progress",),
    "direction": OPEN,
    "target": OPEN,
    "request": ("awaiting_user",),
    "user_data": ("awaiting_data",),
    "escalation": ("escalated",),
    "forwarding": ("awaiting_data", "escalated"),
    "lkpp_status": ("escalated",),
    "lkpp_progress": ("escalated",),
    "confirmation": ("resolved",),
}
#: Whose failure it is when the limit passes; of the target whose turn it is.
BINDS = {
    **dict.fromkeys(("first_response", "handling", "next_response", "escalation", "forwarding"), "LPSE"),
    **dict.fromkeys(("lkpp_status", "lkpp_progress"), "LKPP"),
    "target": "",
}
#: Of these each working day beyond the limit is a failure of its own.
EACH_DAY = ("lkpp_status", "lkpp_progress")
HOLDER = {
    **dict.fromkeys(("new", "in_progress", "returned"), "LPSE"),
    **dict.fromkeys(("awaiting_user", "awaiting_data", "resolved"), "Pengguna"),
    "escalated": "LKPP",
    "closed": "–",
}
STATUSES = ("new", "in_progress", "awaiting_user", "returned", "resolved")
#: The first who acts so takes the ticket.
TAKES = ("answer", "ask", "escalate", "close", "reopen", "coordinator", "consulted", "take")
RESPONDS = ("answer", "ask", "escalate", "info", "consulted")
OPENS = ("new", "consulted", "confirms")
OF_USERS = ("new", "again", "says", "data", "done", "not_yet", "thanks", "survey")
#: What LKPP answers → the step under which it does so.
STEPS = {"returned": "4", "data_request": "6", "progress": "12", "solved": "13"}
#: A limit that a new priority moves.
MOVED = ("first_response", "handling", "next_response", "direction", "target")


# --- what has come and gone ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mail:
    at: datetime
    came: bool
    message: EmailMessage

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def answers(self) -> str:
        return str(self.message["In-Reply-To"] or "")

    @property
    def ticket(self) -> str:
        return str(self.message["X-Mailbot-Ticket"] or "")

    @property
    def template(self) -> str:
        return str(self.message["X-Mailbot-Template"] or "")


def read(folder: Path) -> tuple[list[Mail], Mapping[str, Meaning]]:
    """All mails in the order of their instants, and the script."""
    found = []
    for way in ("in", "out"):
        for path in sorted((folder / way).iterdir()):
            at = datetime.strptime(path.name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            found.append((at, way == "out", path.name, Mail(at, way == "in", message)))
    script = json.loads((folder / "script.json").read_text())
    return [mail for *_, mail in sorted(found, key=lambda one: one[:3])], script


# --- a ticket, as it comes out of them ------------------------------------------------------------------------


@dataclass
class Run:
    """One run of a clock. end: None while it goes on. broken: the limit that it had passed already when a new priority
    moved it. sent: whether what it watches has left. since: when it began, where it counts from
    an earlier instant."""

    clock: str
    start: datetime
    limit: datetime
    end: datetime | None = None
    broken: datetime | None = None
    sent: bool = False
    since: datetime | None = None


@dataclass(frozen=True)
class Breach:
    """A failure: whose, of what, from when, and for how many it counts. minutes: of service; 0: not one of time."""

    clock: str
    party: str
    due: datetime
    minutes: int
    times: int
    reason: str


@dataclass(frozen=True)
class Sheet:
    """A call or a visit."""

    channel: str
    day: date
    meaning: Meaning
    at: datetime


@dataclass(frozen=True)
class Answer:
    """The words that the user was given, and the day on which he had them."""

    at: datetime
    day: date
    mark: str
    by: str


@dataclass
class Ticket:
    number: str
    opened: datetime
    meaning: Meaning
    channel: str
    priority: int
    sender: str
    category: str = ""
    destination: str = ""
    status: str = "new"
    handler: str = ""
    discarded: bool = False
    into: str = ""
    with_lkpp: bool = False
    files: bool = False
    unreachable: bool = False
    responded: datetime | None = None
    runs: list[Run] = field(default_factory=list)
    history: list[tuple[datetime, str, str]] = field(default_factory=list)  # since when, which status, by whom
    escalations: list[datetime] = field(default_factory=list)
    replies: list[tuple[datetime, str]] = field(default_factory=list)  # of LKPP, with their steps
    given: list[datetime] = field(default_factory=list)  # what LKPP was sent to work on
    enquiries: list[datetime] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    norms: list[tuple[str, datetime, datetime, int]] = field(default_factory=list)
    reasons: list[tuple[datetime, str]] = field(default_factory=list)
    marks: list[tuple[datetime, list[int]]] = field(default_factory=list)

    def running(self, clock: str) -> Run | None:
        return next((run for run in self.runs if run.clock == clock and run.end is None), None)

    def status_at(self, at: datetime) -> str:
        """As it was just before an instant."""
        return [status for since, status, _ in self.history if since < at or since == self.opened][-1]

    def holder_at(self, at: datetime) -> str:
        status = self.status_at(at)
        waits = any(
            run.clock == "forwarding" and run.start <= at and (run.end is None or at < run.end) for run in self.runs
        )
        return "LPSE" if status == "awaiting_data" and waits else HOLDER[status]


class Count:
    """All tickets of the mails."""

    def __init__(self, mails: Iterable[Mail], script: Mapping[str, Meaning], time: OfficeTime) -> None:
        self.mails, self.script, self.time = list(mails), script, time
        self.tickets: dict[str, Ticket] = {}
        self._by = ""  # whose mail is being counted
        self._sent = {mail.id: mail for mail in self.mails if not mail.came}
        self._replies: dict[str, list[Mail]] = {}
        for mail in self._sent.values():
            self._replies.setdefault(mail.answers, []).append(mail)
        seen = set[str]()
        for mail in self.mails:
            if mail.id not in seen:  # one that is delivered twice is one
                seen.add(mail.id)
                self._came(mail) if mail.came else self._left(mail)

    # --- which ticket ----------------------------------------------------------------------------

    def _number(self, mail: Mail) -> str:
        """The ticket that a mail has opened, by the office's answers to it; else the one whose mail it answers."""
        meaning = self.script[mail.id]
        if meaning["what"] in OPENS and not (meaning["what"] == "consulted" and mail.answers):
            return self._opened_by(meaning.get("of", mail.id))
        about = mail.answers
        if meaning["what"].startswith("bounce"):
            about = re.findall(rb"^Message-ID: (<[^>]+>)", mail.message.as_bytes(), re.MULTILINE)[-1].decode()
        number = self._sent[about].ticket if about in self._sent else ""
        while number and self.tickets[number].into:
            number = self.tickets[number].into
        if meaning["what"] == "again" and self._is_late(self.tickets[number], mail.at):
            return self._opened_by(mail.id)
        return number

    def _opened_by(self, message_id: str) -> str:
        return next((reply.ticket for reply in self._replies.get(message_id, []) if reply.ticket), "")

    def _is_late(self, ticket: Ticket, at: datetime) -> bool:
        """Whether a ticket has been closed for more than a week, whose end lies in service hours."""
        closed = [since for since, status, _ in ticket.history if status == "closed"]
        return ticket.status == "closed" and at > self.time.moved(closed[-1] + timedelta(days=7))

    # --- what comes ------------------------------------------------------------------------------

    def _came(self, mail: Mail) -> None:
        meaning = self.script[mail.id]
        what = meaning["what"]
        self._by = "user" if what in OF_USERS else "staff"
        if what in ("machine", "away"):
            return
        number = self._number(mail)
        if what == "confirms":  # the code carries out what the mail before had asked for
            meaning, what = self.script[meaning["of"]], "consulted"
        elif what == "consulted" and meaning["channel"] == "lpse-support":
            return  # it waits for the code
        if number not in self.tickets:
            self._open(number, mail, meaning)
            return
        ticket = self.tickets[number]
        self._takes(ticket, meaning)
        if what in RESPONDS and ticket.responded is None:
            ticket.responded = mail.at
        if what in STEPS:
            ticket.replies.append((mail.at, STEPS[what]))
        getattr(self, f"_{what}")(ticket, mail, meaning)

    def _open(self, number: str, mail: Mail, meaning: Meaning) -> None:
        channel = meaning.get("channel", "email")
        ticket = self.tickets[number] = Ticket(
            number, mail.at, meaning, channel, meaning["priority"], mail.message["From"].addresses[0].display_name
        )
        ticket.history.append((mail.at, "new", self._by))
        if meaning["what"] in ("new", "again"):
            self._start(ticket, "first_response", mail.at)
            self._start(ticket, "target", mail.at)
            return
        self._takes(ticket, meaning)
        if channel != "lpse-support" or meaning["answer"]:
            ticket.responded = mail.at
        self._to(ticket, "in_progress", mail.at)
        self._start(ticket, "target", mail.at)
        self._start(ticket, "first_response" if ticket.responded is None else "handling", mail.at)
        self._sheet(ticket, mail, meaning)
        if meaning["answer"]:
            self._to(ticket, "closed", mail.at)

    def _takes(self, ticket: Ticket, meaning: Meaning) -> None:
        first = meaning["what"] in TAKES or (meaning["what"] == "info" and ticket.status in ("new", "in_progress"))
        if (first and not ticket.handler) or meaning["what"] == "take":
            ticket.handler = meaning["who"]

    # --- what staff do ---------------------------------------------------------------------------

    def _answer(self, ticket: Ticket, mail: Mail, meaning: Meaning) -> None:
        self._say(ticket, mail.at, meaning["answer"], meaning["who"])
        self._to(ticket, "resolved", mail.at, again="confirmation")

    def _info(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        if ticket.status in ("new", "in_progress"):
            self._stop(ticket, mail.at, "first_response", "next_response")
            self._start(ticket, "handling", mail.at)

    def _take(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        if ticket.status == "new":
            self._to(ticket, "in_progress", mail.at)

    def _ask(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        self._to(ticket, "awaiting_user", mail.at, again="request")

    def _escalate(self, ticket: Ticket, mail: Mail, meaning: Meaning) -> None:
        """Step 1: five minutes from when staff knew, as far as they have written it."""
        knew = datetime.fromisoformat(meaning["known"]) if meaning["known"] else mail.at
        ticket.with_lkpp = True
        ticket.escalations.append(mail.at)
        if not ticket.files:
            ticket.norms.append(("supporting_data", mail.at, mail.at, 0))
        self._to(ticket, "escalated", mail.at)
        self._start(ticket, "escalation", min(knew, mail.at))

    def _close(self, ticket: Ticket, mail: Mail, meaning: Meaning) -> None:
        mark = meaning.get("answer", "")
        if mark:
            self._say(ticket, mail.at, mark, meaning["who"])
        elif not ticket.answers:
            ticket.norms.append(("answer", mail.at, mail.at, 0))
        self._to(ticket, "closed", mail.at)

    def _discard(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        ticket.discarded = True
        self._to(ticket, "closed", mail.at)

    def _merge(self, ticket: Ticket, mail: Mail, meaning: Meaning) -> None:
        ticket.into = meaning["into"]
        self._to(ticket, "closed", mail.at)

    def _reopen(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        clock = "handling" if ticket.status == "closed" else "next_response"
        self._to(ticket, "in_progress", mail.at, again=clock)

    def _priority(self, ticket: Ticket, mail: Mail, meaning: Meaning) -> None:
        """What had passed by then stays passed."""
        ticket.priority = meaning["level"]
        for run in ticket.runs:
            if run.end is None and run.clock in MOVED:
                run.broken = run.broken or (run.limit if run.limit <= mail.at else None)
                run.limit = self._limit(ticket, run.clock, run.start)

    def _category(self, ticket: Ticket, _mail: Mail, meaning: Meaning) -> None:
        ticket.category = meaning["kind"]

    def _destination(self, ticket: Ticket, _mail: Mail, meaning: Meaning) -> None:
        ticket.destination = meaning["name"]

    def _note(self, _ticket: Ticket, _mail: Mail, _meaning: Meaning) -> None:
        """Changes nothing."""

    def _coordinator(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        self._stop(ticket, mail.at, "direction")
        self._start(ticket, "direction", mail.at)

    def _direction(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        self._stop(ticket, mail.at, "direction")

    def _postpone(self, ticket: Ticket, mail: Mail, meaning: Meaning) -> None:
        run = ticket.running("handling")
        assert run is not None
        run.limit = self.time.after_days(max(run.limit, mail.at), meaning["days"])

    def _reason(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        ticket.reasons.append((mail.at, "LPSE"))

    def _consulted(self, ticket: Ticket, mail: Mail, meaning: Meaning) -> None:
        """A further call or visit."""
        self._sheet(ticket, mail, meaning)
        if meaning["answer"] and ticket.status in STATUSES:
            self._to(ticket, "resolved", mail.at, again="confirmation")
        elif not meaning["answer"] and ticket.status in ("new", "in_progress", "awaiting_user"):
            self._stop(ticket, mail.at, "first_response", "next_response")
            self._to(ticket, "in_progress", mail.at)
            self._start(ticket, "handling", mail.at)
        elif not meaning["answer"] and ticket.status in ("resolved", "closed"):
            clock = "next_response" if ticket.status == "resolved" else "handling"
            self._to(ticket, "in_progress", mail.at, again=clock)

    def _sheet(self, ticket: Ticket, mail: Mail, meaning: Meaning) -> None:
        """SOP telephone and counter, steps 7 and 8: ten minutes to archive the form, or to give the numbers."""
        day = date.fromisoformat(meaning["day"])
        ticket.sheets.append(Sheet(meaning["channel"], day, meaning, mail.at))
        if meaning["answer"]:
            ticket.answers.append(Answer(mail.at, day, meaning["answer"], meaning["who"]))
        if meaning["channel"] == "lpse-support":
            return
        ended = datetime.fromisoformat(meaning["ended"])
        if meaning["answer"]:
            self._ten_minutes(ticket, "archiving", ended, mail.at)
        elif not meaning["address"]:
            self._ten_minutes(ticket, "numbers", ended, mail.at)

    def _ten_minutes(self, ticket: Ticket, norm: str, since: datetime, done: datetime) -> None:
        due = self.time.after_minutes(since, 10)
        late = self.time.minutes(due, done)
        if late:
            ticket.norms.append((norm, since, due, late))

    # --- what users and LKPP say -----------------------------------------------------------------

    def _says(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        ticket.files = ticket.files or any(mail.message.iter_attachments())
        if ticket.status == "awaiting_user":
            self._to(ticket, "in_progress", mail.at, again="handling")

    def _thanks(self, _ticket: Ticket, _mail: Mail, _meaning: Meaning) -> None:
        """Change nothing."""

    def _survey(self, ticket: Ticket, mail: Mail, meaning: Meaning) -> None:
        ticket.marks.append((mail.at, meaning["marks"]))

    def _done(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        if ticket.status == "resolved":
            self._to(ticket, "closed", mail.at)

    def _not_yet(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        assert ticket.status == "resolved"
        self._to(ticket, "in_progress", mail.at, again="next_response")

    def _again(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        assert ticket.status == "closed"
        self._to(ticket, "in_progress", mail.at, again="first_response")

    def _data(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        """Step 9: five minutes to send them on."""
        ticket.files = True
        self._to(ticket, "escalated", mail.at)
        self._start(ticket, "forwarding", mail.at)

    def _solved(self, ticket: Ticket, mail: Mail, meaning: Meaning) -> None:
        self._say(ticket, mail.at, meaning["answer"], meaning["who"])
        self._to(ticket, "resolved", mail.at, again="confirmation")

    def _progress(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        self._stop(ticket, mail.at, "escalation", "lkpp_status", "lkpp_progress")
        self._start(ticket, "lkpp_progress", mail.at)

    def _data_request(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        self._to(ticket, "awaiting_data", mail.at, again="user_data")

    def _returned(self, ticket: Ticket, mail: Mail, _meaning: Meaning) -> None:
        self._to(ticket, "returned", mail.at, again="handling")

    _bounce_lkpp = _returned

    def _bounce_user(self, ticket: Ticket, _mail: Mail, _meaning: Meaning) -> None:
        ticket.unreachable = True

    def _received(self, _ticket: Ticket, _mail: Mail, _meaning: Meaning) -> None:
        """A mere receipt changes nothing."""

    # --- what leaves -----------------------------------------------------------------------------

    def _left(self, mail: Mail) -> None:
        ticket = self.tickets.get(mail.ticket)
        if ticket is None:
            return
        self._by = "clock"
        if mail.template in ("lkpp_escalation", "lkpp_additional_data"):
            ticket.given.append(mail.at)
            run = ticket.running("escalation" if mail.template == "lkpp_escalation" else "forwarding")
            if run is not None:
                run.sent = True
        if mail.template == "lkpp_status_enquiry":
            ticket.enquiries.append(mail.at)
        elif mail.template == "lkpp_escalation" and ticket.running("escalation"):
            self._stop(ticket, mail.at, "escalation")
            self._start(ticket, "lkpp_status", mail.at)
        elif mail.template == "lkpp_additional_data" and ticket.running("forwarding"):
            self._stop(ticket, mail.at, "forwarding", "lkpp_status", "lkpp_progress")
            self._start(ticket, "lkpp_status", mail.at)
        elif mail.template == "user_closed" and ticket.status in ("awaiting_user", "resolved"):
            self._to(ticket, "closed", self._silence(ticket))
        elif mail.template == "user_consultation" and ticket.sheets[-1].channel != "lpse-support":
            self._ten_minutes(ticket, "numbers", datetime.fromisoformat(ticket.sheets[-1].meaning["ended"]), mail.at)

    def _silence(self, ticket: Ticket) -> datetime:
        """When it closes: at the end of service on the last day that the user was given; for what the LPSE has asked
        for, that is five days of service after the reminder."""
        run = next(run for run in ticket.runs if run.end is None and run.clock in ("request", "confirmation"))
        return run.limit if run.clock == "confirmation" else closing(self.time.after_days(run.limit, 5).date())

    # --- limits ----------------------------------------------------------------------------------

    def _limit(self, ticket: Ticket, clock: str, start: datetime) -> datetime:
        length = LENGTHS[clock]
        due = self.after(start, TABLE[ticket.priority].get(length, length))
        return closing(due.date()) if clock == "confirmation" else due

    def after(self, start: datetime, length: str) -> datetime:
        """So many minutes ("15m") or days ("2d") of service later."""
        count = int(length[:-1])
        return self.time.after_days(start, count) if length.endswith("d") else self.time.after_minutes(start, count)

    def _start(self, ticket: Ticket, clock: str, at: datetime) -> None:
        if ticket.running(clock) is None:
            ticket.runs.append(Run(clock, at, self._limit(ticket, clock, at)))

    def _stop(self, ticket: Ticket, at: datetime, *clocks: str) -> None:
        for run in ticket.runs:
            if run.end is None and run.clock in clocks:
                run.end = at

    def _to(self, ticket: Ticket, status: str, at: datetime, again: str = "") -> None:
        """Into a status: what does not run there ends, and `again` starts anew."""
        before, ticket.status = ticket.status, status
        ticket.history.append((at, status, self._by))
        self._stop(
            ticket,
            at,
            *([again] if again else []),
            *(run.clock for run in ticket.runs if status not in RUNS_IN[run.clock]),
        )
        if again:
            self._start(ticket, again, at)
        if status in OPEN and ticket.running("target") is None:
            since = [run.start for run in ticket.runs if run.clock == "target"]
            self._start(ticket, "target", at if before == "closed" or not since else since[-1])
            ticket.runs[-1].since = at

    def _say(self, ticket: Ticket, at: datetime, mark: str, who: str) -> None:
        ticket.answers.append(Answer(at, at.astimezone(WIB).date(), mark, who))

    # --- what it comes to ------------------------------------------------------------------------

    def breaches(self, ticket: Ticket, until: datetime) -> Iterator[Breach]:
        for run in ticket.runs:
            due = run.broken or run.limit
            if run.clock in BINDS and due < (run.end or until):
                late = self.time.minutes(due, run.end or until)
                if late or run.end is None:
                    known = due if run.since is None or due > run.since else run.since + timedelta(seconds=1)
                    party = BINDS[run.clock] or ticket.holder_at(known)
                    why = self._why(ticket, party, due)
                    yield Breach(run.clock, party, due, late, self._times(run, until), why)
        for norm, since, due, late in ticket.norms:
            if since < until:
                yield Breach(norm, "LPSE", due, late, 1, self._why(ticket, "LPSE", due))

    def _times(self, run: Run, until: datetime) -> int:
        times, end = 1, run.end or until
        while run.clock in EACH_DAY and self.time.after_days(run.limit, times) <= end:
            times += 1
        return times

    def _why(self, ticket: Ticket, party: str, due: datetime) -> str:
        return "Jaringan kantor terputus." if any(party == whose and due < at for at, whose in ticket.reasons) else ""


@dataclass(frozen=True)
class Line:
    """What a line of the rekap must say. answer: what stands in its words, "" for none."""

    number: str
    day: date
    channel: str
    address: str
    name: str
    message: str
    category: str
    destination: str
    answered: str
    answer: str
    officer: str


class Recap:
    """The rekap of a month (its first day), as it must be."""

    def __init__(self, count: Count, first: date, names: Mapping[str, str]) -> None:
        self.count, self.first, self.names = count, first, names

    @cached_property
    def lines(self) -> list[Line]:
        found = []
        for ticket in self.count.tickets.values():
            if ticket.discarded:
                continue
            if ticket.channel == "email" and not ticket.into and self._in(ticket.opened.astimezone(WIB).date()):
                found.append(self._by_mail(ticket))
            found += [self._sheet(ticket, sheet) for sheet in ticket.sheets if self._in(sheet.day)]
        return found

    @cached_property
    def tickets(self) -> list[Ticket]:
        return [self.count.tickets[number] for number in sorted({line.number for line in self.lines})]

    def _in(self, day: date) -> bool:
        return (day.year, day.month) == (self.first.year, self.first.month)

    def _by_mail(self, ticket: Ticket) -> Line:
        answer = max(ticket.answers, key=lambda one: one.at, default=None)
        officer = ticket.handler or ("" if answer is None or "lkpp" in answer.by else answer.by)
        meaning = ticket.meaning
        if meaning["what"] == "again":  # a reply that opens a ticket says no name but that of its From
            meaning = {**meaning, "name": ticket.sender, "firm": ""}
        return self._line(ticket, "email", ticket.opened.astimezone(WIB).date(), meaning, answer, officer)

    def _sheet(self, ticket: Ticket, sheet: Sheet) -> Line:
        own = sheet.meaning["answer"]
        later = [one for one in ticket.answers if (one.mark == own if own else one.at >= sheet.at)]
        answer = max(later, key=lambda one: one.at, default=None)
        return self._line(ticket, sheet.channel, sheet.day, sheet.meaning, answer, sheet.meaning["who"])

    def _line(
        self, ticket: Ticket, channel: str, day: date, meaning: Meaning, answer: Answer | None, officer: str
    ) -> Line:
        return Line(
            number=ticket.number,
            day=day,
            channel=channel,
            address=meaning["address"] if "address" in meaning else meaning["who"],
            name=f"{meaning['name']} ({meaning['firm']})" if meaning["firm"] else meaning["name"],
            message=f"Perkara {meaning['case']:04}.",
            category=ticket.category or ticket.meaning["category"],
            destination=ticket.destination,
            answered="" if answer is None else f"{answer.day:%d/%m/%Y}",
            answer="" if answer is None else answer.mark,
            officer=self.names.get(officer, officer),
        )
