"""The month as it is played: the real program on its real store, rounds on a fast clock, people who write.

It leaves a folder: `in` and `out` with each mail as it was delivered to the office or accepted from it, its instant in
the file's name, and `script.json` with what each of those that came meant. More the counting does not get.
"""

from __future__ import annotations

import email.policy
import heapq
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from mailbot.config.site import Site
from mailbot.rules.sop import clocks
from mailbot.store import outbox
from mailbot.store.database import to_text
from mailbot.tickets import tickets
from tests.month.lives import STAFF, Life, cast
from tests.month.officetime import RAMADAN, WIB, OfficeTime, hours_of
from tests.steps import BORDER, results
from tests.story import delivery_report
from tests.world import NO_CAPS, PEOPLE, Letter, PaperWorld, letter

NAMES, THIRD = ("Sari", "Joko", "Rudi"), "rudi@batangkab.test"
#: How much rarer mailbot looks while nobody is at work.
_NIGHT = 9
#: By the office's clock: the mail server takes nothing for so long, so that the 5 minutes of steps 1 and 9 pass.
_DOWN = ("10:31", "10:52")


@dataclass(frozen=True)
class Month:
    first: date

    @property
    def last(self) -> date:
        return (self.first + timedelta(31)).replace(day=1) - timedelta(1)


@dataclass
class Played:
    """What is left: the mails and the script, the office, and each limit as it stood while its clock ran."""

    folder: Path
    office: PaperWorld
    limits: Mapping[int, datetime]


class _Office(PaperWorld):
    """Keeps each mail that leaves."""

    def __init__(self, folder: Path, mails: Path) -> None:
        super().__init__(
            folder,
            authentication={"authserv_id": BORDER},
            hours={"ramadan": {"from": RAMADAN[0].isoformat(), "to": RAMADAN[1].isoformat()}},
            staff=[{"name": name, "address": _address(who)} for name, who in zip(NAMES, STAFF, strict=True)],
            limits=NO_CAPS,
        )
        self.mails, self.count = mails, 0

    def hand_over(self, site: Site) -> None:
        if _DOWN[0] <= f"{self.now.astimezone(WIB):%H:%M}" < _DOWN[1]:
            return
        super().hand_over(site)

    def file(self, way: str, raw: bytes) -> None:
        self.count += 1
        (self.mails / way / f"{self.now:%Y%m%dT%H%M%SZ}-{self.count:06}.eml").write_bytes(raw)


@dataclass
class Play:
    """One play; `Stage` of the lives."""

    folder: Path
    month: Month
    time: OfficeTime = field(init=False)
    office: _Office = field(init=False)

    def __post_init__(self) -> None:
        self.time = OfficeTime.between(self.month.first - timedelta(40), self.month.last + timedelta(60))
        mails = self.folder / "mails"
        for way in ("in", "out"):
            (mails / way).mkdir(parents=True)
        data = self.folder / "office"
        data.mkdir()
        self.office = _Office(data, mails)
        self.script: dict[str, Mapping[str, Any]] = {}
        self.letters: dict[tuple[str, str, str], Letter] = {}
        self.replies: dict[str, Letter] = {}
        self.opened: dict[str, str] = {}
        self.seen: set[int] = set()
        self.limits: dict[int, datetime] = {}
        self.history = self.mail = 0

    @property
    def now(self) -> datetime:
        return self.office.now

    def run(self, count: int, seed: int, every: timedelta) -> Played:
        queue: list[tuple[datetime, int, Life]] = []
        for at, life in cast(self, count, self.month.first, self.month.last, seed):
            heapq.heappush(queue, (at.astimezone(UTC), len(queue), life))
        end = datetime.combine(self.month.last + timedelta(12), datetime.min.time(), WIB).astimezone(UTC)
        self.office.now = datetime.combine(self.month.first - timedelta(5), datetime.min.time(), WIB).astimezone(UTC)
        following = self.now
        while following < end:
            while queue and queue[0][0] < following:
                at, order, life = heapq.heappop(queue)
                self.office.now = at
                goes_on = next(life, None)
                if goes_on is not None:
                    heapq.heappush(queue, (max(goes_on.astimezone(UTC), at + timedelta(seconds=1)), order, life))
            self.office.now = following
            assert self.office.once()
            self._collect()
            following += every * (1 if hours_of(self._local.date()) and 7 <= self._local.hour < 17 else _NIGHT)
        (self.folder / "mails" / "script.json").write_text(json.dumps(self.script, indent=1))
        return Played(self.folder / "mails", self.office, self.limits)

    @property
    def _local(self) -> datetime:
        return self.now.astimezone(WIB)

    # --- what the lives see and do -----------------------------------------------------------------

    def write(
        self,
        who: str,
        meaning: Mapping[str, Any],
        text: str,
        *,
        answers: Letter | None = None,
        subject: str | None = None,
        files: Sequence[tuple[str, bytes]] = (),
        headers: Sequence[tuple[str, str]] = (),
        twice: bool = False,
    ) -> str:
        address = _address(who)
        proof = results("pass", address.partition("@")[2])
        written: EmailMessage = self.office.write(
            address,
            text,
            sender=f"{address.partition('@')[0].title()} <{address}>",
            answers=answers,
            subject=subject,
            files=files,
            headers=[proof, *headers],
        )
        raw, name = bytes(written), str(written["Message-ID"])
        self.office.file("in", raw)
        if twice:
            self.office.drop(raw)
            self.office.file("in", raw)
        self.script[name] = {"who": address, **meaning}
        return name

    def bounce(self, meaning: Mapping[str, Any], letter: Letter, who: str) -> None:
        raw = delivery_report(letter, _address(who), "550 5.1.1 user unknown", self.now, "mx.penyedia.test")
        name = str(email.message_from_bytes(raw, policy=email.policy.default)["Message-ID"])
        self.office.drop(raw)
        self.office.file("in", raw)
        self.script[name] = {"who": "", **meaning}

    def find(self, who: str, template: str, number: str) -> Letter | None:
        return self.letters.get((_address(who), template, number))

    def opened_by(self, message_id: str) -> str | None:
        return self.opened.get(message_id)

    def reply_to(self, message_id: str) -> Letter | None:
        return self.replies.get(message_id)

    # --- what has happened --------------------------------------------------------------------------

    def _collect(self) -> None:
        store = self.office.store
        for row in store.rows("SELECT id FROM outbox WHERE accepted_at = ?", to_text(self.now)):
            raw = outbox.bytes_of(store, int(row["id"]))
            self.office.file("out", raw)
            found = letter(raw)
            recipient = found.message["To"].addresses[0].addr_spec
            self.letters[recipient, found.template, str(found.message["X-Mailbot-Ticket"] or "")] = found
            self.replies[str(found.message["In-Reply-To"])] = found
        for row in store.rows(
            "SELECT h.id, h.ticket_id, h.status_before, j.message_id, t.number FROM history h"
            " JOIN tickets t ON t.id = h.ticket_id LEFT JOIN journal j ON j.id = h.journal_id WHERE h.id > ?",
            self.history,
        ):
            self.history = int(row["id"])
            self.opened.setdefault(str(row["message_id"]), str(row["number"]))
            self._note_limits(int(row["ticket_id"]))

    def _note_limits(self, ticket_id: int) -> None:
        """The limit of each clock of a ticket, as long as it runs."""
        site, store = self.office.site, self.office.store
        timing = site.timing(tickets.load(store, ticket_id).priority)
        for deadline_id, running in tickets.running(store, ticket_id):
            clock = site.table.clocks[running.clock]
            if clock.has_limit:
                self.limits[deadline_id] = clocks.first_limit(clock, running, timing)


def _address(who: str) -> str:
    return THIRD if who == "ketiga" else PEOPLE.get(who, who)


def play(folder: Path, month: Month, count: int, seed: int, every: timedelta) -> Played:
    """every: so often mailbot looks for mails."""
    return Play(folder, month).run(count, seed, every)
