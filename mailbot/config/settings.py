"""config.yaml → a frozen `Config`, or every fault of it at once.

The models mirror the file key by key; how a value is written stands in `values`, what must fit together in `checks`.
Each fault is a line "file:line: key.path: what was found; what is allowed". Secrets are fetched here, once, and shown
by nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from mailbot import yamlfile
from mailbot.config import checks, fault_words, service_hours, values
from mailbot.config.service_hours import Hours, Ramadan, Span, Week
from mailbot.config.values import Done, Secret
from mailbot.errors import ConfigError
from mailbot.model import Duration, Role
from mailbot.sentences import Sentences

__all__ = [
    "Alarms",
    "Authentication",
    "Config",
    "Contact",
    "Day",
    "Done",
    "Holidays",
    "Hours",
    "Imap",
    "Limits",
    "Listed",
    "Lkpp",
    "Log",
    "MailboxConfig",
    "Oauth2",
    "Person",
    "Proof",
    "Ramadan",
    "Rate",
    "Secret",
    "Smtp",
    "Sop",
    "Span",
    "Tiers",
    "Week",
    "load",
]

# --- how pydantic calls the readers of `values` -----------------------------------------------


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What the readers need besides the value: where relative paths start, and the environment. secrets: whether they
    are read; without it they are only looked at as they are written."""

    folder: Path
    environment: Mapping[str, str]
    secrets: bool = True


def _around(info: ValidationInfo) -> _Surroundings:
    surroundings: Any = info.context
    assert isinstance(surroundings, _Surroundings)
    return surroundings


def _read_secret(value: Any, info: ValidationInfo) -> Secret:
    around = _around(info)
    return values.secret(value, around.folder, around.environment, read=around.secrets)


def _read_path(value: Any, info: ValidationInfo) -> Path:
    return values.path_from(value, _around(info).folder)


def _read_file_or_url(value: Any, info: ValidationInfo) -> Path | str | None:
    return None if value is None else values.file_or_url(value, _around(info).folder)


def _read_file(value: Any, info: ValidationInfo) -> Path:
    return values.existing(value, _around(info).folder, "file")


def _read_folder(value: Any, info: ValidationInfo) -> Path:
    return values.existing(value, _around(info).folder, "folder")


def _read_hours(value: Any) -> Hours:
    try:
        return service_hours.hours(value)
    except values.Faults as found:
        raise _each(found) from None


def _read_by_priority(value: Any) -> Duration | dict[str, Duration]:
    try:
        return values.duration_by_priority(value)
    except values.Faults as found:
        raise _each(found) from None


def _each(found: values.Faults) -> ValidationError:
    """Several faults below one key, as pydantic has them."""
    details = [
        InitErrorDetails(type=PydanticCustomError("plain", "{text}", {"text": text}), loc=path, input=None)
        for path, text in found.faults
    ]
    return ValidationError.from_exception_data("values", details)


def _one_or_many(value: Any) -> Any:
    if isinstance(value, str):
        values.no_list(value)
        return [value]
    return value


def _not_empty(items: tuple[Any, ...]) -> tuple[Any, ...]:
    if not items:
        raise ValueError("a list of at least one entry")
    return items


_SAID = Sentences(__file__)

_Line = Annotated[str, PlainValidator(values.line)]
_LongLine = Annotated[str, PlainValidator(values.long_line)]
_LineOrEmpty = Annotated[str, PlainValidator(values.line_or_empty)]
_Address = Annotated[str, PlainValidator(values.address)]
_AddressOrDomain = Annotated[str, PlainValidator(values.address_or_domain)]
_Url = Annotated[str, PlainValidator(values.https_url)]
_Host = Annotated[str, PlainValidator(values.host)]
_Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
_ListTimes = Annotated[tuple[str, ...], PlainValidator(values.list_times)]
_Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
_Years = Annotated[int, Field(strict=True, ge=0, le=100)]
_CountOrNone = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
_Cap = _Count | None  # None: there is no cap, and nothing is counted
_CapOrNothing = _CountOrNone | None
_Size = Annotated[int, PlainValidator(values.size)]
_Length = Annotated[Duration, PlainValidator(values.duration)]
_Switch = Annotated[bool, Field(strict=True)]
_Day = Annotated[date, PlainValidator(values.day)]
_Seconds = Annotated[float, PlainValidator(values.seconds)]
_Minutes = Annotated[Duration, PlainValidator(values.minutes)]
_FolderName = Annotated[str, PlainValidator(values.folder_name)]
_Secret = Annotated[Secret, PlainValidator(_read_secret)]
_File = Annotated[Path, PlainValidator(_read_file)]
_Folder = Annotated[Path, PlainValidator(_read_folder)]
# Not pydantic's min_length: of a list whose one entry is faulty it would say that it is empty too.
_AtLeastOne = AfterValidator(_not_empty)
_Security = Literal["tls", "starttls", "none"]

# --- the file, key by key ----------------------------------------------------------------------


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Log(_Keys):
    """`auto` is console on a terminal and JSON lines elsewhere."""

    format: Literal["auto", "console", "json"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Contact(_Keys):
    """How people reach the LPSE without e-mail; for signatures. Empty where not given."""

    street: _LineOrEmpty = ""
    phone: _LineOrEmpty = ""


class Oauth2(_Keys):
    """Login with tokens instead of a password. What is None is that of the provider (`fetch.accounts`); refresh_token
    is None where `mailbot token` gets it."""

    provider: Literal["google", "microsoft", "custom"]
    client_id: _Line
    client_secret: _Secret | None = None
    refresh_token: _Secret | None = None
    token_url: _Url | None = None
    device_url: _Url | None = None
    login_url: _Url | None = None
    scope: _Line | None = None


class Imap(_Keys):
    """The account that is read. `folder` holds one name or several, in order.

    sent: a folder that is only read, for answers that people write by hand (`arrivals.sent_by_hand`).
    since: None reads, on the first start, only what arrives from then on.
    One of password and oauth2 is there.
    idle: wait for the server's word where it offers IDLE. poll: seconds after which a folder is looked at anyway.
    """

    host: _Host
    port: _Port
    security: _Security = "tls"
    ca_file: _File | None = None
    username: _Line
    password: _Secret | None = None
    oauth2: Oauth2 | None = None
    folder: Annotated[tuple[_FolderName, ...], BeforeValidator(_one_or_many), _AtLeastOne] = ("INBOX",)
    sent: _FolderName | None = None
    idle: _Switch = True
    poll: _Seconds = 60.0
    since: _Day | None = None
    done: Annotated[Done, PlainValidator(values.done)] = Done("keyword")

    @property
    def server(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def watched(self) -> tuple[str, ...]:
        """All folders that are read: those that mail comes into, and the one of sent mail."""
        return self.folder if self.sent is None else (*self.folder, self.sent)

    @model_validator(mode="before")
    @classmethod
    def _usual_port(cls, data: Any) -> Any:
        return _with_port(data, {"tls": 993, "starttls": 143, "none": 143})


class Rate(_Keys):
    """Mails that the submission server takes from us."""

    per_minute: _Count = 20
    per_hour: _Count = 150
    per_day: _Count = 1500


class Smtp(_Keys):
    """Where mail is submitted. Without a username no login is made. max_size: bytes."""

    host: _Host
    port: _Port
    security: _Security = "tls"
    ca_file: _File | None = None
    username: _Line | None = None
    password: _Secret | None = None
    oauth2: Oauth2 | None = None
    rate: Rate = Rate()
    max_size: _Size = 10_000_000
    null_sender: Literal["auto", "never"] = "auto"

    @model_validator(mode="before")
    @classmethod
    def _usual_port(cls, data: Any) -> Any:
        return _with_port(data, {"tls": 465, "starttls": 587, "none": 25})


class Proof(_Keys):
    """Where a copy of every mail that our server accepted can be found: a mail that may have been sent is looked up in
    `folder` of the account that is read, for `wait` seconds, before it is sent again.

    bcc: an address whose mail ends up in that folder, a second recipient of each submission; None: the provider files
    what is submitted by itself (Sent).
    """

    folder: _FolderName
    bcc: _Address | None = None
    wait: _Seconds = 120.0


def _with_port(data: Any, usual: Mapping[str, int]) -> Any:
    """Fill a missing port in: RFC 8314 §7 for tls and starttls."""
    if isinstance(data, dict) and data.get("port") is None:
        security = data.get("security", "tls")
        return data | {"port": usual.get(security, 1) if isinstance(security, str) else 1}
    return data


class Listed(_Keys):
    """One person of a list; the address is lower-cased."""

    name: _Line
    address: _Address


class Alarms(_Keys):
    """A second way out for alarms: a dead account cannot tell of itself. smtp: another account; None: each mailbox's
    own. to: who gets them; empty: the operators of the mailbox."""

    smtp: Smtp | None = None
    to: tuple[Listed, ...] = ()


#: Where LKPP receives complaints: its standard for LPSE Support, component 6, and its regional copies.
_COMPLAINTS = tuple(_SAID.table("complaints").values())


class Lkpp(_Keys):
    """Helpdesk LKPP. `address` is never None with the channel email. Entries are lower-cased. complaints: where users
    may complain to LKPP, as they read it; (): nothing is said of LKPP."""

    channel: Literal["email", "lpse-support"] = "email"
    address: _Address | None = None
    accept_from: tuple[_AddressOrDomain, ...] = ("@lkpp.go.id", "helpdeskpspe@gmail.com")
    number: Annotated[re.Pattern[str], PlainValidator(values.pattern)] | None = None
    complaints: tuple[_LongLine, ...] = _COMPLAINTS

    def accepts(self, address: str) -> bool:
        """Whether a From address is one of LKPP's (that it is authenticated, others must see to)."""
        return any(checks.covers(entry, address.lower()) for entry in self.accept_from)


class Authentication(_Keys):
    """Whose Authentication-Results count, and what a mail without any may do."""

    authserv_id: Annotated[str, PlainValidator(values.authserv_id)] | None = None
    without_results: Literal["token", "confirm", "refuse"] = "token"


class Day(_Keys):
    """A day added to the holidays, or taken from them."""

    date: _Day
    reason: _Line


class Holidays(_Keys):
    """The country's holidays and joint leave days, and the site's corrections of them."""

    country: Literal["ID"] = "ID"
    add: tuple[Day, ...] = ()
    remove: tuple[Day, ...] = ()


class Sop(_Keys):
    """The lengths and choices of SOP-LPSE.BTG-015 that a site may set."""

    lkpp_status_after: Annotated[Duration | dict[str, Duration], PlainValidator(values.duration_by_channel)] = Duration(
        working_days=2
    )
    lkpp_progress_every: _Length = Duration(working_days=1)
    escalation_by: Literal["staff", "coordinator"] = "staff"
    enquiries_max: Annotated[int, Field(strict=True, ge=1, le=1000)] = 5
    forward_data_within: _Minutes = Duration(minutes=5)
    escalate_within: _Minutes = Duration(minutes=5)
    data_from_user_within: Annotated[Duration | dict[str, Duration], PlainValidator(_read_by_priority)] = {
        "P1": Duration(minutes=240),
        "P2": Duration(working_days=1),
        "P3": Duration(working_days=3),
        "P4": Duration(working_days=3),
    }
    close_silent_after: _Length = Duration(working_days=5)
    confirm_close_after: _Length = Duration(working_days=3)
    reopen_within: Annotated[Duration, PlainValidator(values.calendar_days)] = Duration(days=7)
    review: Literal["uncertain", "always", "never"] = "uncertain"
    pass_on: Literal["direct", "confirm"] = "direct"
    undo_window: Annotated[Duration, PlainValidator(values.minutes_or_none)] = Duration(minutes=3)
    receipts: Literal["needed", "always"] = "needed"
    worklists: _ListTimes = ("opening", "13:00")

    def status_after(self, channel: str) -> Duration:
        """`lkpp_status_after` of a channel to LKPP (SOP 002 §3: LPSE Support has its own term)."""
        found = self.lkpp_status_after
        return found[channel] if isinstance(found, dict) else found

    def data_from_user(self, level: int) -> Duration:
        """`data_from_user_within` of a ticket of this priority."""
        found = self.data_from_user_within
        return found[f"P{level}"] if isinstance(found, dict) else found


class Tiers(_Keys):
    """What the tiers of the ladder are called here; `technical` is LKPP's inside, only shown."""

    staff: _Line = "Helpdesk LPSE"
    coordinator: _Line = "Koordinator Helpdesk"
    head: _Line = "Kepala Unit Pengelolaan LPSE"
    lkpp: _Line = "Helpdesk LKPP"
    technical: _Line = "Tim Teknis LKPP"


class Limits(_Keys):
    """What one message may cost (sizes in bytes), and how much automatic mail may leave."""

    message_size: _Size = 25_000_000
    levels: _Count = 20
    parts: _Count = 200
    header_lines: _Count = 1000
    header_line: _Size = 64_000
    acknowledgements_unproven_per_day: _CapOrNothing = 3
    acknowledgements_unproven_per_hour: _CapOrNothing = 30
    acknowledgements_proven_per_day: _CapOrNothing = 20
    automatic_per_address_per_hour: _Cap = 200
    notices_per_sender_per_hour: _Cap = 10
    notices_per_hour: _Cap = 50


class Retention(_Keys):
    """For how many years after its closing a ticket is kept as an active record, and then as an inactive one."""

    active_years: _Years = 2
    inactive_years: _Years = 3


@dataclass(frozen=True, slots=True)
class Person:
    """A listed person in one role; the address is lower-cased."""

    name: str
    address: str
    role: Role


class MailboxConfig(_Keys):
    """One helpdesk: its account, its people, its hours, its SOP. forms: the addresses that its web forms write from."""

    name: Annotated[str, PlainValidator(values.mailbox_name)]
    organisation: _Line
    address: _Address
    aliases: tuple[_Address, ...] = ()
    forms: tuple[Annotated[str, PlainValidator(values.form)], ...] = ()
    ticket_prefix: Annotated[str, PlainValidator(values.ticket_prefix)]
    contact: Contact = Contact()
    imap: Imap
    smtp: Smtp
    proof: Proof | None = None
    staff: Annotated[tuple[Listed, ...], _AtLeastOne]
    coordinator: tuple[Listed, ...] = ()
    head: tuple[Listed, ...] = ()
    operator: tuple[Listed, ...] = ()
    tiers: Tiers = Tiers()
    lkpp: Lkpp
    authentication: Authentication = Authentication()
    hours: Annotated[Hours, PlainValidator(_read_hours)] = service_hours.hours({})
    holidays: Holidays = Holidays()
    sop: Sop = Sop()
    rules: _Folder | None = None
    templates: _Folder | None = None
    priorities: _File | None = None
    limits: Limits = Limits()
    retention: Retention = Retention()

    @property
    def addresses(self) -> tuple[str, ...]:
        """All addresses of the mailbox: the one that it writes from, and its aliases."""
        return (self.address, *self.aliases)

    def is_users(self, address: str) -> bool:
        """Whether an address may be a user's: none of the mailbox itself, its forms, its people or LKPP."""
        ours = {*self.addresses, *self.forms, self.lkpp.address, *(person.address for person in self.people())}
        return address.lower() not in ours and not self.lkpp.accepts(address)

    @property
    def domain(self) -> str:
        """The domain of the mailbox's own address."""
        return self.address.rpartition("@")[2]

    def people(self) -> tuple[Person, ...]:
        """All listed people: staff, coordinator, head, operator. An operator may stand there twice."""
        lists = (
            (Role.STAFF, self.staff),
            (Role.COORDINATOR, self.coordinator),
            (Role.HEAD, self.head),
            (Role.OPERATOR, self.operator),
        )
        return tuple(Person(one.name, one.address, role) for role, people in lists for one in people)

    def person(self, address: str) -> Person | None:
        """The listed person of an address, in any case; the role operator only if there is no other."""
        wanted = address.lower()
        return next((person for person in self.people() if person.address == wanted), None)

    def role(self, address: str) -> Role | None:
        """The role of a listed address; None for all others, LKPP's too."""
        person = self.person(address)
        return person.role if person else None


class _TopLevel(_Keys):
    """The whole file. Mailboxes are read one by one, with the defaults below them."""

    data: Annotated[Any, PlainValidator(_read_path), Field(validate_default=True)] = "./data"
    timezone: Annotated[ZoneInfo, PlainValidator(values.zone)] = ZoneInfo("Asia/Jakarta")
    log: Log = Log()
    alarms: Alarms = Alarms()
    heartbeat: Annotated[Any, PlainValidator(_read_file_or_url)] = None
    defaults: dict[str, Any] | None = None
    mailboxes: Annotated[tuple[dict[str, Any], ...], _AtLeastOne]


@dataclass(frozen=True, slots=True)
class Config:
    """A whole configuration without faults.

    path: the file. data: absolute; it need not exist. heartbeat: a file, or an address. warnings: "file:line:
    key.path: …", for people.
    """

    path: Path
    data: Path
    zone: ZoneInfo
    log: Log
    alarms: Alarms
    heartbeat: Path | str | None
    mailboxes: tuple[MailboxConfig, ...]
    warnings: tuple[str, ...] = ()

    @property
    def timezone(self) -> str:
        return self.zone.key

    def mailbox(self, name: str) -> MailboxConfig:
        """The mailbox of a short name. Raises KeyError."""
        for mailbox in self.mailboxes:
            if mailbox.name == name:
                return mailbox
        raise KeyError(name)

    def all_loopback(self) -> bool:
        """Whether every server is on this machine: only then may the clock be set for rehearsals."""
        hosts = [host for box in self.mailboxes for host in (box.imap.host, box.smtp.host)]
        return all(map(values.is_loopback, [*hosts, self.alarms.smtp.host] if self.alarms.smtp else hosts))


# --- loading ---------------------------------------------------------------------------------------


def load(path: Path, environment: Mapping[str, str] = os.environ, *, secrets: bool = True) -> Config:
    """Read config.yaml and the secrets it names.

    Raises ConfigError with all faults. `environment` gives `{env: NAME}` and $CREDENTIALS_DIRECTORY. secrets: False for
    whoever logs in nowhere: systemd gives credentials to the daemon only, and an operator's shell has none.
    """
    faults: list[str] = []
    document = yamlfile.read(path, faults)
    folder = Path(os.path.abspath(path)).parent
    context = _Surroundings(folder, environment, secrets)
    file: _TopLevel | None = None
    try:
        file = _TopLevel.model_validate(document.data, context=context)
    except ValidationError as error:
        faults += fault_words.lines(error, _TopLevel, document.fault)

    merged = checks.merge_all(document)
    mailboxes: list[MailboxConfig] = []
    for one in merged:
        try:
            mailboxes.append(MailboxConfig.model_validate(one.data, context=context))
        except ValidationError as error:
            faults += fault_words.lines(error, MailboxConfig, one.fault)
    faults += _faults_of_defaults(document, context)
    faults += checks.faults(merged)
    faults += checks.faults_of_alarms(document, merged)
    if faults or file is None:
        raise ConfigError(sorted(dict.fromkeys(faults), key=_line_number))
    found = [*checks.warnings(merged, folder), *checks.warnings_of_alarms(document)]
    warnings = sorted(dict.fromkeys(found), key=_line_number)
    return Config(
        path, file.data, file.timezone, file.log, file.alarms, file.heartbeat, tuple(mailboxes), tuple(warnings)
    )


def _faults_of_defaults(document: yamlfile.Document, context: _Surroundings) -> Iterable[str]:
    """Faults of the defaults that no mailbox shows because each gives the key itself."""
    defaults = document.data.get("defaults") if isinstance(document.data, dict) else None
    if not isinstance(defaults, dict):
        return []
    try:
        MailboxConfig.model_validate(defaults, context=context)
    except ValidationError as error:
        # What is only incomplete may be completed by the mailbox.
        incomplete = (("hours",), ("hours", "ramadan"))
        details = [d for d in error.errors() if d["type"] != "missing" and d["loc"] not in incomplete]
        return [
            document.fault(("defaults", *detail["loc"]), fault_words.message(detail, MailboxConfig))
            for detail in details
        ]
    return []


def _line_number(fault: str) -> int:
    """The order of the faults: that of the file."""
    match = re.search(r":([0-9]+): ", fault)
    return int(match[1]) if match else 0
