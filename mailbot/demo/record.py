"""What happened in the demo, in the order in which it happened: what the conversation and the timeline are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from mailbot.rules.sop.table import Step
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)
_PARTIES = _SAID.table("parties")
#: The parties as they stand in `Shown.sender` and `Shown.recipient`.
USER, STAFF, LKPP = _PARTIES["user"], _PARTIES["staff"], _PARTIES["lkpp"]
COORDINATOR, HEAD = _PARTIES["coordinator"], _PARTIES["head"]
#: In the title of a day on which nobody serves.
NO_SERVICE = _SAID("no_service")
#: The program itself: the sender of every mail from the LPSE's address, the recipient of every mail to it.
MAILBOT = "mailbot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing on the timeline.

    at: the demo's clock, aware, in the LPSE's zone; never before that of the thing shown before it.
    kind: "mail"; "inside", a step inside LKPP that no mail shows; "day", a line between two days.
    ticket: the ticket's number; None for a day, and for the first mail of a user, which has no number yet.
    step: the SOP's steps that it shows, "1" … "14"; () where the paper has no step for it.
    branch: the answer to the question of its step (3, 5, 12) where it shows one, otherwise "".
    sender, recipient: the parties' words above; both MAILBOT for a day, both LKPP for an inside step.
    title: one line in Indonesian: what happens.
    text: of a mail its new text without the quotation, plain; otherwise the explanation.
    raw, file: of a mail its bytes and its path relative to the demo's folder ("surat/07-….eml"); otherwise None.
    """

    at: datetime
    kind: Literal["mail", "inside", "day"]
    ticket: str | None
    step: tuple[str, ...]
    branch: Literal["", "Ya", "Tidak"]
    sender: str
    recipient: str
    title: str
    text: str
    raw: bytes | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A ticket as its user knows it. `matter`: one line in Indonesian, what it shows of the SOP."""

    number: str
    form_number: str
    subject: str
    user: str
    matter: str
    opened: datetime
    closed: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The whole play. `sop`: the steps 1 to 14 of the paper form, from the table that the program runs on."""

    organisation: str
    address: str
    zone: ZoneInfo
    shown: tuple[Shown, ...]
    cases: tuple[Case, ...]
    sop: tuple[Step, ...]
