"""The words of the program: frozen values that every other module passes on.

Standard library only, no I/O, no clock. All instants are aware datetimes in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """The parties of the procedure. An address that belongs to no other party is a user's."""

    USER = "user"
    STAFF = "staff"
    COORDINATOR = "coordinator"
    HEAD = "head"
    LKPP = "lkpp"
    OPERATOR = "operator"
    MAILBOT = "mailbot"

    @property
    def inside(self) -> bool:
        """Whether this role belongs to the LPSE's own listed people."""
        return self in (Role.STAFF, Role.COORDINATOR, Role.HEAD, Role.OPERATOR)


class Status(StrEnum):
    """A ticket's status (SOP-LPSE.BTG-015 as mailbot runs it)."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    AWAITING_USER = "awaiting_user"
    ESCALATED = "escalated"
    AWAITING_DATA = "awaiting_data"
    RETURNED = "returned"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Verdict(StrEnum):
    """What the border server's Authentication-Results say of a message (RFC 8601)."""

    PASS = "pass"  # dmarc=pass, or an aligned dkim=pass
    FAIL = "fail"  # results exist and do not say pass
    ABSENT = "absent"  # no results of the pinned authserv-id at all


class Ball(StrEnum):
    """Who has to act next; follows from the status alone."""

    LPSE = "LPSE"
    USER = "Pengguna"
    LKPP = "LKPP"
    NOBODY = "–"


BALL: Mapping[Status, Ball] = {
    Status.NEW: Ball.LPSE,
    Status.IN_PROGRESS: Ball.LPSE,
    Status.AWAITING_USER: Ball.USER,
    Status.ESCALATED: Ball.LKPP,
    Status.AWAITING_DATA: Ball.USER,
    Status.RETURNED: Ball.LPSE,
    Status.RESOLVED: Ball.USER,
    Status.CLOSED: Ball.NOBODY,
}


# --- time ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Duration:
    """A length as the SOP writes it. Exactly one of the three is above zero (or all are 0).

    working_days: "N hari kerja": the same local time N working days later, in service hours.
    minutes: run inside service hours only (deadlines), or on the wall (the undo window).
    days: calendar days ("7d"), the result moved into service hours.
    """

    working_days: int = 0
    minutes: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """A computed deadline: the instant, and whether the calendar behind it is incomplete."""

    at: datetime
    estimated: bool = False


# --- a message, as the parsers understood it -------------------------------------------------


@dataclass(frozen=True, slots=True)
class NamedAddress:
    """An RFC 5322 mailbox: `address` is the bare addr-spec as written, `name` the decoded name."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the text. `name` is cleaned for display and file names; `data` is untouched.

    of_body: a further form of the mail's body (or what cannot be told from one), which is never passed on as a file.
    words: what a person reads in it, as far as it is text. secret: whether these hold what looks like a password.
    internal: whether they hold what was written to the LPSE's own people.
    """

    name: str
    content_type: str
    data: bytes = field(repr=False)
    sha256: str
    inline: bool = False  # shown inside the text (Content-ID or disposition inline)
    unpacked_from: str = ""  # name of the winmail.dat that held the file; the winmail.dat is an attachment, too
    of_body: bool = False
    words: str = field(default="", repr=False)
    secret: bool = False
    internal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One parsed mail. `headers` keep their order; values are unfolded raw header text."""

    headers: tuple[tuple[str, str], ...]
    subject: str  # decoded, one line, no control characters
    from_: tuple[NamedAddress, ...]
    to: tuple[NamedAddress, ...] = ()
    cc: tuple[NamedAddress, ...] = ()
    reply_to: tuple[NamedAddress, ...] = ()
    message_id: str | None = None  # with angle brackets
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None  # what the writer claims; never used for clocks
    text: str = ""
    text_from_html: bool = False
    attachments: tuple[Attachment, ...] = ()
    defects: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()  # reasons why two programs could read the mail differently
    fingerprint: str = ""

    @property
    def files(self) -> tuple[Attachment, ...]:
        """The attachments that are files, and no further form of the body."""
        return tuple(file for file in self.attachments if not file.of_body)

    def header(self, name: str) -> str | None:
        """The first value of a header, unfolded, or None."""
        found = self.header_all(name)
        return found[0] if found else None

    def header_all(self, name: str) -> tuple[str, ...]:
        """All values of a header from the top of the message down."""
        return _by_name(self.headers).get(name.lower(), ())


_Headers = tuple[tuple[str, str], ...]
#: Of the mail in hand, which is asked for some fifty headers: its own, and how they are named.
_NAMED: list[tuple[_Headers, dict[str, tuple[str, ...]]]] = [((), {})]


def _by_name(headers: _Headers) -> dict[str, tuple[str, ...]]:
    """Kept for the very same headers: to compare them with others would take longer than to look one up."""
    kept, named = _NAMED[0]
    if kept is not headers:
        found: dict[str, list[str]] = {}
        for name, value in headers:
            found.setdefault(name.lower(), []).append(value)
        named = {name: tuple(values) for name, values in found.items()}
        _NAMED[0] = headers, named
    return named


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who wrote a message, as far as that can be known (From grammar, results, list: docs/security.md)."""

    address: str  # lower-cased addr-spec, "" when the From can be read in two ways
    name: str = ""
    role: Role = Role.USER
    verdict: Verdict = Verdict.ABSENT
    reason: str = ""  # why the address or role was not granted

    @property
    def authenticated(self) -> bool:
        return self.verdict is Verdict.PASS


# --- tickets, events, decisions --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What the rules may know of a ticket."""

    id: int
    mailbox: str
    number: str
    form_number: str
    status: Status
    priority: int  # 1 (mendesak) … 4 (rendah)
    subject: str
    user_address: str  # "": the user came by telephone or to the counter, and gave no address
    user_name: str = ""
    user_verified: bool = False
    handler: str | None = None  # address of the staff member who handles it
    lkpp_number: str | None = None  # the number in LKPP's own e-mail helpdesk
    tts_number: str | None = None  # the number in LPSE Support / TTS
    tts_at: datetime | None = None  # when the ticket got `tts_number`
    problem: str | None = None  # what the ticket is about, as staff say: a code of rules/problems.yaml
    nature: str | None = None  # Gangguan, Permasalahan or Permintaan Layanan, as staff say
    category: str | None = None  # Pengaduan, Pertanyaan or Konsultasi, as staff say
    destination: str | None = None  # Direktorat Tujuan (rekap), in the words of staff
    opened_at: datetime
    first_response_at: datetime | None = None
    escalated_at: datetime | None = None  # when the command of the last `#eskalasi` arrived
    was_with_lkpp: bool = False
    closed_at: datetime | None = None
    held_data: bool = False  # the user sent data that waits for `#teruskan`
    pending_replies: tuple[int, ...] = ()  # journal ids of LKPP's replies whose meaning staff must say, rising
    user_unreachable: bool = False  # a hard bounce of a mail to the user
    discarded: bool = False
    channel: str = "email"  # email | telepon | loket | lpse-support: how the user came
    clocks: frozenset[str] = frozenset()

    @property
    def is_with_lkpp(self) -> bool:
        """Whether LKPP has the ticket, also while LKPP waits for data from the user."""
        return self.status in (Status.ESCALATED, Status.AWAITING_DATA)

    @property
    def data_wait(self) -> bool:
        """Whether what LKPP asked the user for is there, and waits for staff to send it on (SOP steps 8 and 9)."""
        return self.status is Status.AWAITING_DATA and "forwarding" in self.clocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a ticket. `facts` are the names that conditions ask for."""

    kind: str  # e.g. "user.mail", "staff.escalate", "lkpp.solved", "due.lkpp_status"
    at: datetime  # arrival (INTERNALDATE) or the instant of the deadline
    role: Role = Role.MAILBOT
    address: str = ""
    name: str = ""
    facts: frozenset[str] = frozenset()
    text: str = ""
    argument: str = ""
    journal_id: int | None = None
    rule: str = ""  # the phrase rule that gave the event its kind
    sentence: str = ""  # the sentence the rule matched


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the table says: one row, and the names that the service carries out."""

    row: str  # the row's id
    step: str  # "1" … "14", or "" outside the paper
    status: Status  # the ticket's status afterwards
    effects: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    refuse: str | None = None  # name of the reason; with a reason nothing else happens
