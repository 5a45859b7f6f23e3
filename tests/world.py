"""A whole office for a test: mailbot's rounds at chosen times, and the parties who write.

`World` runs against the mail servers; `PaperWorld` is the same office without them (mails go straight into the journal
and out of the outbox), for the many tests that ask what is decided and not how it travels.

Mails are written as their writers' programs would write them and read out of the parties' own mailboxes; nothing is
asked of the program but what stands there (and, for the ticket's status, its database).
"""

from __future__ import annotations

import email
import email.policy
import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.utils import make_msgid
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from mailbot.arrivals.intake import Intake
from mailbot.clock import RehearsalClock
from mailbot.config import settings as configuration
from mailbot.config.settings import Config
from mailbot.config.site import Site, open_sites
from mailbot.daemon.round import Office
from mailbot.procedure import deadlines, service
from mailbot.restraint import held
from mailbot.rules.worktime.holidaylist import holiday_year
from mailbot.store import folders, journal, outbox
from mailbot.store.database import NAME, Store, to_text
from tests.mailservers import MailServers

WIB = ZoneInfo("Asia/Jakarta")
LPSE = "lpse@batangkab.test"
PEOPLE = {
    "pengguna": "budi@penyedia.test",
    "petugas": "sari@batangkab.test",
    "rekan": "joko@batangkab.test",
    "koordinator": "indah@batangkab.test",
    "kepala": "jamal@batangkab.test",
    "operator": "ops@batangkab.test",
    "lkpp": "helpdesk-lpse@lkpp.test",
    "orang luar": "mallory@luar.test",
}
#: `limits` that nothing reaches: for tests of how much passes through.
NO_CAPS = dict.fromkeys(
    (
        *("acknowledgements_unproven_per_day", "acknowledgements_unproven_per_hour", "acknowledgements_proven_per_day"),
        *("automatic_per_address_per_hour", "notices_per_sender_per_hour", "notices_per_hour"),
    )
)
NAMES = {address: name for name, address in PEOPLE.items()}


@dataclass(frozen=True)
class Letter:
    """A mail as one of the parties finds it."""

    raw: bytes
    message: Any = field(repr=False)

    @property
    def template(self) -> str:
        return str(self.message["X-Mailbot-Template"])

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        return str(self.message.get_body(("plain",)).get_content())

    @property
    def html(self) -> str:
        return str(self.message.get_body(("html",)).get_content())

    @property
    def attachments(self) -> list[tuple[str, bytes]]:
        return [(str(a.get_filename()), a.get_payload(decode=True)) for a in self.message.iter_attachments()]


@lru_cache(maxsize=200)  # each look at a mailbox asks for all of its mails
def letter(raw: bytes) -> Letter:
    return Letter(raw, email.message_from_bytes(raw, policy=email.policy.default))


def configured(imap_port: int, smtp_port: int, password: str, folder: Path, **changes: Any) -> dict[str, Any]:
    """The configuration of one mailbox at servers on these ports, as data; `changes` are merged into the mailbox."""
    (folder / "password").write_text(password)
    (folder / "password").chmod(0o600)
    mailbox: dict[str, Any] = {
        "name": "batang",
        "organisation": "LPSE Kabupaten Batang",
        "address": LPSE,
        "ticket_prefix": "LPSE-BTG",
        "contact": {"street": "Jl. Contoh 1, Batang", "phone": "(0285) 000000"},
        "imap": {
            "host": "127.0.0.1",
            "port": imap_port,
            "security": "none",
            "username": LPSE,
            "password": {"file": str(folder / "password")},
            "folder": "INBOX",
            "done": "keyword",
        },
        "smtp": {
            "host": "127.0.0.1",
            "port": smtp_port,
            "security": "none",
            "rate": {"per_minute": 1000, "per_hour": 10000, "per_day": 100000},
        },
        "staff": [
            {"name": "Sari", "address": PEOPLE["petugas"]},
            {"name": "Joko", "address": PEOPLE["rekan"]},
        ],
        "coordinator": [{"name": "Indah", "address": PEOPLE["koordinator"]}],
        "head": [{"name": "Jamal", "address": PEOPLE["kepala"]}],
        "operator": [{"name": "Operator", "address": PEOPLE["operator"]}],
        "lkpp": {"channel": "email", "address": PEOPLE["lkpp"], "accept_from": ["@lkpp.test"]},
    }
    _merge(mailbox, changes)
    return {"data": "./data", "timezone": "Asia/Jakarta", "log": {"level": "error"}, "mailboxes": [mailbox]}


def known_holidays() -> dict[str, Any]:
    """A site's calendar that says all of this year and the next: on the real clock the operator is told otherwise from
    November on, each week at the first moment of service hours, whatever a test is about."""
    years = [datetime.now(tz=WIB).year + ahead for ahead in range(2)]
    estimated = {day for year in years for day in holiday_year(year).estimated}
    leave = {date(year, 12, 31): "cuti bersama" for year in years if not holiday_year(year).collective_leave}
    days = {**dict.fromkeys(estimated, "ditetapkan"), **leave}
    return {"add": [{"date": day.isoformat(), "reason": reason} for day, reason in sorted(days.items())]}


def _merge(into: dict[str, Any], changes: dict[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


class _Office:
    """What both offices share: a configuration, a clock that a test moves, and writing and reading mails."""

    def __init__(self, folder: Path, written: dict[str, Any]) -> None:
        self.folder = folder
        self.config_file = folder / "config.yaml"
        self.config_file.write_text(yaml.safe_dump(written, allow_unicode=True))
        self.now = datetime(2026, 12, 21, 1, 0, tzinfo=UTC)
        self._seen: dict[str, int] = {}

    def once(self) -> bool:
        raise NotImplementedError

    def drop(self, raw: bytes, folder: str = "INBOX") -> None:
        """Raw bytes into the office's mailbox."""
        raise NotImplementedError

    def letters(self, who: str) -> list[Letter]:
        """All mails that a party has found so far, oldest first."""
        raise NotImplementedError

    # --- time and rounds ------------------------------------------------------------------------

    def at(self, when: str) -> None:
        """Local time "2026-12-23 09:00"."""
        self.now = datetime.fromisoformat(when).replace(tzinfo=WIB).astimezone(UTC)

    @property
    def config(self) -> Config:
        return configuration.load(self.config_file)

    # --- writing ------------------------------------------------------------------------------------

    def write(
        self,
        who: str,
        text: str,
        *,
        subject: str | None = None,
        answers: Letter | None = None,
        files: Sequence[tuple[str, bytes]] = (),
        to: str = LPSE,
        cc: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
        quote: bool = True,
        folder: str = "INBOX",
        sender: str | None = None,
    ) -> EmailMessage:
        """A party writes to the office; `answers`: a reply to that mail, with its text quoted below as Gmail does."""
        address = PEOPLE.get(who, who)
        message = EmailMessage(policy=email.policy.default.clone(max_line_length=200))
        message["From"] = sender or f"{who.title()} <{address}>"
        message["To"] = to
        if cc:
            message["Cc"] = cc
        message["Date"] = self.now.astimezone(WIB)
        message["Message-ID"] = make_msgid(domain=address.partition("@")[2])
        body = text
        if answers is not None:
            message["In-Reply-To"] = answers.message_id
            message["References"] = answers.message_id
            subject = subject or f"Re: {answers.subject}"
            if quote:
                quoted = "\n".join(f"> {line}" for line in answers.text.splitlines())
                body = f"{text}\n\nPada Sen, 21 Des 2026 pukul 09.00 LPSE <{LPSE}> menulis:\n\n{quoted}\n"
        message["Subject"] = subject or "Mohon bantuan"
        for name, value in headers:
            message[name] = value
        message.set_content(body)
        for name, data in files:
            message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        self.drop(bytes(message), folder)
        return message

    # --- reading ------------------------------------------------------------------------------------

    def new_letters(self, who: str) -> list[Letter]:
        """The mails that came since this was last asked."""
        found = self.letters(who)
        start = self._seen.get(who, 0)
        self._seen[who] = len(found)
        return found[start:]

    def last(self, who: str, template: str | None = None) -> Letter:
        found = [one for one in self.letters(who) if template is None or one.template == template]
        assert found, f"{who} has no {template or 'mail'}; has {[one.template for one in self.letters(who)]}"
        return found[-1]

    def rows(self, sql: str, *values: Any) -> list[Any]:
        store = Store.open(self.config.data)
        try:
            return store.rows(sql, *values)
        finally:
            store.close()

    def sent(self, where: str = "1 = 1", *values: Any) -> list[Any]:
        """Rows of the outbox, sent or waiting, oldest first, each with the whole mail as `raw`."""
        # A test that needs no more than a mail's row makes one without bytes.
        sql = f"SELECT * FROM outbox WHERE ({where}) AND id IN (SELECT id FROM outbox_bytes) ORDER BY id"
        return self._with_bytes(self.rows(sql, *values))

    def _with_bytes(self, rows: list[Any]) -> list[Any]:
        with closing(Store.open(self.config.data)) as store:
            return [{**row, "raw": outbox.bytes_of(store, int(row["id"]))} for row in rows]

    def status(self, number: str | None = None) -> str:
        """The status of a ticket, by number; of the newest one without."""
        where = "WHERE number = ?" if number else "ORDER BY id DESC LIMIT 1"
        found = self.rows(f"SELECT status FROM tickets {where}", *([number] if number else []))
        return str(found[0]["status"]) if found else "none"


class World(_Office):
    """One office and its mail servers."""

    def __init__(self, servers: MailServers, folder: Path, **changes: Any) -> None:
        super().__init__(folder, configured(servers.imap_port, servers.smtp_port, servers.password, folder, **changes))
        self.servers = servers
        self.once()  # the first start reads from now on

    def once(self) -> bool:
        """One round at the present time, as a new process would do it; mails have arrived when it returns."""
        config = self.config
        store = Store.open(config.data)
        try:
            complete = Office(config, store, RehearsalClock(self.now)).once()
        finally:
            store.close()
        self.servers.settle()
        return complete

    def drop(self, raw: bytes, folder: str = "INBOX") -> None:
        """Raw bytes into the office's mailbox."""
        if folder == "INBOX":
            self.servers.deliver(raw, LPSE)
        else:
            self.servers.append(LPSE, raw, folder)

    def letters(self, who: str) -> list[Letter]:
        """All mails that a party has found so far, oldest first."""
        return [letter(raw) for raw in self.servers.messages(PEOPLE.get(who, who))]


@cache
def _new_database() -> bytes:
    """A database that nothing was written to yet: making one takes longer than most tests."""
    with TemporaryDirectory() as folder:
        Store.open(Path(folder)).close()
        return (Path(folder) / NAME).read_bytes()


class PaperWorld(_Office):
    """The same office without servers: what is dropped is journalled, what is due to leave has been accepted.

    Nothing dies here, and so nothing waits for the disk.
    """

    def __init__(self, folder: Path, **changes: Any) -> None:
        super().__init__(folder, configured(1, 1, "secret", folder, **changes))
        self._uid = 0
        config = self.config
        self.sites = open_sites(config)
        if not (config.data / NAME).exists():
            config.data.mkdir(mode=0o700, exist_ok=True)
            (config.data / NAME).write_bytes(_new_database())
        self.store = Store.open(config.data)
        self.store._connection.execute("PRAGMA synchronous = OFF")  # no test of what is durable stands on paper
        if folders.last_uid(self.store, "batang", "INBOX", 1) is None:
            folders.open_epoch(self.store, "batang", "INBOX", 1, 0, self.now)

    @property
    def site(self) -> Site:
        return self.sites[0]

    def once(self) -> bool:
        complete = True
        for site in self.sites:
            prefixes = [each.config.ticket_prefix for each in self.sites]
            complete = Intake(self.store, site, prefixes).handle_waiting(self.now) and complete
            deadlines.run(self.store, site, self.now)
            held.look(self.store, site, self.now)
            self.hand_over(site)
        return complete

    def hand_over(self, site: Site) -> None:
        """What is due to leave has been accepted."""
        while rows := outbox.due(self.store, site, self.now, self.now):
            for row in rows:
                with self.store.immediate():
                    self.store.update("outbox", row["id"], state="accepted", accepted_at=to_text(self.now))
                service.accepted(self.store, site, row["id"], self.now)

    def drop(self, raw: bytes, folder: str = "INBOX") -> None:
        self._uid += 1
        fetched = journal.Fetched(
            mailbox="batang",
            folder=folder,
            uidvalidity=1,
            uid=self._uid,
            raw=raw,
            size=len(raw),
            complete=True,
            arrived_at=self.now,
        )
        journal.remember(self.store, [fetched], self.now)

    def letters(self, who: str) -> list[Letter]:
        rows = self.sent("recipient = ? AND state = 'accepted'", PEOPLE.get(who, who))
        return [letter(row["raw"]) for row in sorted(rows, key=lambda row: (row["accepted_at"], row["id"]))]

    def _with_bytes(self, rows: list[Any]) -> list[Any]:
        return [{**row, "raw": outbox.bytes_of(self.store, int(row["id"]))} for row in rows]

    def rows(self, sql: str, *values: Any) -> list[Any]:
        return self.store.rows(sql, *values)


def environment(**more: str) -> dict[str, str]:
    """A bare environment for a child process."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**keep, **more}
