"""The stage: the mail servers, the clock, the mailboxes of the parties, and what has been shown so far.

Nothing is asked of the program: what it did is what lies in the parties' mailboxes. What the script expects is waited
for; what does not come, or comes unexpected, ends the play.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mailbot.clock import RehearsalClock
from mailbot.demo import letters, parties, record
from mailbot.demo.letters import Picture, Received
from mailbot.demo.parties import Party
from mailbot.demo.record import Shown
from mailbot.demo.words import SAID
from mailbot.errors import MailbotError
from mailbot.parsers.mime import message as messages
from mailbot.parsers.reply import quoted
from mailbot.rules.sop.table import Step
from mailbot.rules.worktime.dates import format_date
from mailbot.rules.worktime.service_hours import Calendar
from mailbot.sentences import filled

if TYPE_CHECKING:  # its libraries are an extra: who lacks them is told so in `run`
    from mailbot.demo.servers import Servers

#: Seconds of the wall; the program looks every second what is due.
PATIENCE = 20.0

Branch = Literal["", "Ya", "Tidak"]


class NotPlayed(MailbotError):
    """The program did not do what the SOP says."""


class Stage:
    """`tell` gets each thing as soon as it has happened; `alive` says whether the program still runs."""

    def __init__(
        self,
        servers: Servers,
        clock: RehearsalClock,
        calendar: Calendar,
        sop: Sequence[Step],
        folder: Path,
        tell: Callable[[Shown], None],
        alive: Callable[[], bool],
    ) -> None:
        self._servers, self._clock, self._calendar = servers, clock, calendar
        self._sop = {step.no: step for step in sop}
        self._folder, self._tell, self._alive = folder, tell, alive
        self._taken: dict[Party, int] = defaultdict(int)
        self._waiting: dict[Party, list[Received]] = defaultdict(list)
        self._noted: Counter[tuple[str, str]] = Counter()
        self._day: date | None = None
        self._lkpp_since: datetime | None = None
        self.shown: list[Shown] = []

    @property
    def now(self) -> datetime:
        """To the minute, as it is shown."""
        return self._clock.now().astimezone(parties.ZONE).replace(second=0, microsecond=0)

    # --- time ------------------------------------------------------------------------------------------

    def at(self, when: str) -> None:
        """Local time "2026-12-23 09:00". What came unexpected before it is a fault."""
        self.nothing_else()
        moment = datetime.fromisoformat(when).replace(tzinfo=parties.ZONE)
        self._clock.set(moment)
        day = moment.date()
        if day != self._day:
            for passed in self._days_up_to(day):
                self._show_day(passed)
            self._day = day

    def _days_up_to(self, day: date) -> list[date]:
        first = day if self._day is None else self._day + timedelta(1)
        return [first + timedelta(n) for n in range((day - first).days + 1)]

    def _show_day(self, day: date) -> None:
        midnight = datetime.combine(day, datetime.min.time(), parties.ZONE)
        self._show(
            Shown(
                at=midnight,
                kind="day",
                ticket=None,
                step=(),
                branch="",
                sender=record.MAILBOT,
                recipient=record.MAILBOT,
                title=f"{format_date(day)}: {self._kind_of(day)}",
                text=self._counted(midnight),
            )
        )

    def _kind_of(self, day: date) -> str:
        if self._calendar.is_working_day(day):
            return str(SAID["working_day"])
        return f"{self._calendar.holiday(day) or SAID['weekend']}; {record.NO_SERVICE}"

    def _counted(self, midnight: datetime) -> str:
        """How far LKPP's two working days have come (SOP step 12)."""
        if self._lkpp_since is None:
            return ""
        days = self._calendar.working_days_between(self._lkpp_since, midnight)
        if self._calendar.is_working_day(midnight.date()):
            return str(filled(SAID["counted"], days=days))
        return str(SAID["not_counted"])

    def lkpp_works(self, *, working: bool = True) -> None:
        """From now on (or no longer) the working days of LKPP are counted."""
        self._lkpp_since = self.now if working else None

    # --- mails -----------------------------------------------------------------------------------------

    def writes(
        self,
        party: Party,
        text: str,
        title: str,
        *,
        subject: str = "",
        answers: Received | None = None,
        pictures: Sequence[Picture] = (),
        step: str = "",
        branch: Branch = "",
    ) -> None:
        """A party writes to the helpdesk; `answers`: as a reply to a mail of its mailbox."""
        raw = letters.write(party, text, self.now, subject=subject, answers=answers, pictures=pictures)
        self._servers.deliver(raw, parties.ADDRESS, party.address)
        ticket = answers.ticket if answers is not None else None
        self._show_mail(raw, ticket, party.word, record.MAILBOT, title, step, branch)

    def expects(
        self, party: Party, template: str, title: str, *, ticket: str = "", step: str = "", branch: Branch = ""
    ) -> Received:
        """The mail of that kind (and ticket) that the program has written to a party."""

        def come() -> Received | None:
            self._look(party)
            fitting = (mail for mail in self._waiting[party] if mail.template == template)
            return next((mail for mail in fitting if ticket in ("", mail.ticket)), None)

        found = self._wait(come)
        if found is None:
            about = f" about {ticket}" if ticket else ""
            raise NotPlayed(
                f"{self.now:%Y-%m-%d %H:%M}: {template} to {party.address}{about} did not come within {PATIENCE:.0f} s"
                f" ({title}){'' if self._alive() else '; the program has ended'}"
            )
        self._waiting[party].remove(found)
        self._show_mail(found.raw, found.ticket or None, record.MAILBOT, party.word, title, step, branch)
        return found

    def _wait(self, come: Callable[[], Received | None]) -> Received | None:
        """In short turns, so that a program that has ended is noticed."""
        left = PATIENCE
        while (found := self._servers.wait(come, 0.5)) is None and left > 0 and self._alive():
            left -= 0.5
        return found or come()

    def _look(self, party: Party) -> None:
        """Take what is new out of a party's mailbox."""
        mails = self._servers.inbox(party.address)
        self._waiting[party] += [letters.read(raw) for raw in mails[self._taken[party] :]]
        self._taken[party] = len(mails)

    def noted(self, ticket: str, event: str) -> None:
        """Wait until the log says that an event of the ticket has been decided.

        A mail lies in its mailbox a moment before the program has learned that the server took it; a clock that
        starts then (steps 1 and 10) must not start in the next scene.
        """
        sought = {"event": "decided", "ticket": ticket, "what": event}
        end = time.monotonic() + PATIENCE
        known = self._noted[ticket, event]
        while (found := self._in_log(sought)) <= known:
            if time.monotonic() > end or not self._alive():
                raise NotPlayed(f"{self.now:%Y-%m-%d %H:%M}: the log does not say {event} of {ticket}")
            time.sleep(0.02)
        self._noted[ticket, event] = found

    def _in_log(self, sought: Mapping[str, str]) -> int:
        lines = (self._folder / "mailbot.log").read_text(encoding="utf-8").splitlines()
        events = (json.loads(line) for line in lines if line.startswith("{") and line.endswith("}"))
        return sum(sought.items() <= event.items() for event in events)

    def nothing_else(self) -> None:
        """Every mail that has come so far was expected."""
        for party in parties.EVERYBODY:
            self._look(party)
            if self._waiting[party]:
                mail = self._waiting[party][0]
                raise NotPlayed(
                    f"{self.now:%Y-%m-%d %H:%M}: nobody expected {mail.template or 'a mail'} to {party.address}:"
                    f" {mail.subject}"
                )

    # --- what is shown -----------------------------------------------------------------------------------

    def inside(self, ticket: str, step: str, text: str, branch: Branch = "") -> None:
        """A step inside LKPP; its words are the paper's, `text` is what it comes to here."""
        self._show(
            Shown(
                at=self.now,
                kind="inside",
                ticket=ticket,
                step=(step,),
                branch=branch,
                sender=record.LKPP,
                recipient=record.LKPP,
                title=self._sop[step].activity,
                text=text,
            )
        )

    def _show_mail(
        self, raw: bytes, ticket: str | None, sender: str, recipient: str, title: str, step: str, branch: Branch
    ) -> None:
        number = 1 + sum(shown.kind == "mail" for shown in self.shown)
        name = letters.read(raw).template or f"dari_{sender.split()[0].lower()}"
        path = Path("surat") / f"{number:02}-{name}.eml"
        (self._folder / path).write_bytes(raw)
        self._show(
            Shown(
                at=self.now,
                kind="mail",
                ticket=ticket,
                step=(step,) if step else (),
                branch=branch,
                sender=sender,
                recipient=recipient,
                title=title,
                text=new_text(raw),
                raw=raw,
                file=path.as_posix(),
            )
        )

    def _show(self, shown: Shown) -> None:
        self.shown.append(shown)
        self._tell(shown)


def new_text(raw: bytes) -> str:
    """What a mail says itself, without quotation and signature; of one of ours, what stands below the marker."""
    text = messages.parse(raw).text
    above, marker, below = text.partition(quoted.MARKER)
    if marker and not above.strip():
        return below.strip()
    return quoted.new_text(text).text
