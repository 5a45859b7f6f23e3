"""Many mailboxes at one Dovecot in one daemon: three of them broken, and changed by a reload while mails come.

    python -m bench.fleet                     200 mailboxes
    python -m bench.fleet --mailboxes 50 --poll 60s

Each mailbox that is not broken gets mails. The wait is from the mail's arrival at Dovecot until Postfix has accepted
the acknowledgement. Meanwhile a faulty configuration is refused, and mailboxes are removed and as many are added.
"""

from __future__ import annotations

import argparse
import copy
import json
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bench import meter
from bench.program import ROOT, running
from mailbot.store.database import NAME, to_instant
from tests.mailservers import MailServers
from tests.mailservers.faulty import HANG, FaultyImap, On
from tests.mailservers.process import wait_until
from tests.mailservers.real import RealServers, missing
from tests.terminals import shown
from tests.world import configured, environment

#: Seconds between two mails: 200 mailboxes with 140 mails in eight hours each get one every second.
_APART = 0.25
_PATIENCE = 300.0  # seconds
#: The forms of `mailbot status`: on a terminal, and for what watches over many machines.
_FORMS = ("", "--check", "--json", "--prometheus")


@dataclass(frozen=True)
class Status:
    """An answer of `mailbot status`. named: the mailboxes that need a look, as it says."""

    seconds: float
    cpu: float  # seconds
    exit_code: int
    named: list[str]


@dataclass(frozen=True)
class Served:
    """Seconds, by mailbox, of those that are not broken. first: after the start. reloaded: while the configuration was
    changed. added: of the new mailboxes. refused: what the log says of the faulty configuration."""

    mailboxes: int
    ready: float
    first: dict[str, float]
    reloaded: dict[str, float]
    added: dict[str, float]
    unserved: list[str]
    troubled: list[str]
    broken: list[str]
    memory: float  # MiB
    resident: float  # MiB
    threads: int
    statuses: dict[str, Status]
    refused: str
    reload: float  # seconds from the signal until the new configuration counts
    again: list[str]  # mailboxes that stayed, and whose connection did not
    after_removal: int  # mails of removed mailboxes that were read


def served(
    many: int, servers: MailServers, folder: Path, *, poll: str = "5s", change: int = 10, patience: float = _PATIENCE
) -> Served:
    """The last three of the mailboxes are broken, one each way: a wrong password, a folder that is gone, and a server
    that hangs."""
    (folder / "wrong").write_text("not the password")
    with FaultyImap([On("CONNECT", HANG)], repeat=True) as hung:
        config = fleet(many + change, servers.imap_port, servers.smtp_port, folder, poll)
        config["log"] = {"level": "info"}
        everyone = config["mailboxes"]
        new, present = everyone[many:], everyone[:many]
        broken = present[-3:]
        broken[0]["imap"]["password"] = {"file": str(folder / "wrong")}
        broken[1]["imap"]["folder"] = "Hilang"
        broken[2]["imap"]["port"] = hung.port
        whole = present[:-3]
        removed, staying = whole[:change], whole[change:]
        _write(folder, config, present)
        began = time.monotonic()
        with running(folder) as process:
            office = _Office(process, folder, servers, patience)
            wait_until(lambda: office.watched() >= _names(whole), patience, "not all are watched")
            ready = time.monotonic() - began
            first = office.mail_to(whole)
            memory, resident, threads = meter.tree_pss(process.pid), meter.rss(process.pid), meter.threads(process.pid)
            wait_until(lambda: office.troubled() >= _names(broken), patience, "what is broken is not noticed")
            statuses = {form: office.status(form) for form in _FORMS}
            troubled = sorted(office.troubled())

            took: list[float] = []
            lasting = office.watchings()

            def refuse() -> None:
                faulty = copy.deepcopy(present)
                faulty[0]["ticket_prefix"] = faulty[1]["ticket_prefix"]
                faulty[1]["imap"]["folders"] = "INBOX"
                _write(folder, config, faulty)
                office.reload("kept")

            def exchange() -> None:
                _write(folder, config, [*staying, *broken, *new])
                took.append(office.reload("reloaded"))

            third = len(staying) // 3
            reloaded = office.mail_to(staying, {third: refuse, 2 * third: exchange})
            before = office.read(_names(removed))
            for mailbox in removed:
                office.deliver(mailbox)
            added = office.mail_to(new)
            again = [name for name in sorted(_names(staying)) if office.watchings()[name] > lasting[name]]
            after_removal = office.read(_names(removed)) - before
            refused = office.said("kept")
    wanted = [(first, whole), (reloaded, staying), (added, new)]
    unserved = [name for found, mailboxes in wanted for name in sorted(_names(mailboxes) - found.keys())]
    return Served(
        many,
        ready,
        first,
        reloaded,
        added,
        unserved,
        troubled,
        sorted(_names(broken)),
        memory,
        resident,
        threads,
        statuses,
        refused,
        took[0],
        again,
        after_removal,
    )


def fleet(many: int, imap_port: int, smtp_port: int, folder: Path, poll: str | None = None) -> dict[str, Any]:
    """The configuration of so many mailboxes at the same servers."""
    config = configured(imap_port, smtp_port, "secret", folder)
    [one] = config["mailboxes"]
    if poll is not None:
        one["imap"]["poll"] = poll
    config["mailboxes"] = [_mailbox(one, number) for number in range(many)]
    return config


def _mailbox(one: Mapping[str, Any], number: int) -> dict[str, Any]:
    found = copy.deepcopy(dict(one))
    found |= {"name": f"lpse{number}", "address": f"lpse{number}@batangkab.test", "ticket_prefix": f"LPSE-B{number}"}
    found["imap"]["username"] = found["address"]
    return found


def _names(mailboxes: Iterable[Mapping[str, Any]]) -> set[str]:
    return {str(mailbox["name"]) for mailbox in mailboxes}


def _write(folder: Path, config: Mapping[str, Any], mailboxes: list[dict[str, Any]]) -> None:
    # By way of JSON: YAML's short form for what stands twice is no configuration of ours.
    plain = json.loads(json.dumps({**config, "mailboxes": mailboxes}))
    new = folder / "config.new"
    new.write_text(yaml.safe_dump(plain))
    new.rename(folder / "config.yaml")


@dataclass
class _Office:
    """The daemon and those who write to it."""

    process: subprocess.Popen[bytes]
    folder: Path
    servers: MailServers
    patience: float
    _written: int = field(default=0)

    def mail_to(
        self, mailboxes: list[dict[str, Any]], meanwhile: Mapping[int, Callable[[], None]] | None = None
    ) -> dict[str, float]:
        """A mail to each: seconds until its acknowledgement was accepted, of those that got one. meanwhile: what is
        done before the mail with that number."""
        came: dict[str, tuple[str, float]] = {}  # user → mailbox, moment
        for number, mailbox in enumerate(mailboxes):
            if meanwhile and number in meanwhile:
                meanwhile[number]()
            came[self.deliver(mailbox)] = str(mailbox["name"]), time.time()
            time.sleep(_APART)
        end = time.monotonic() + self.patience
        while came.keys() - (accepted := self._accepted()).keys() and time.monotonic() < end:
            time.sleep(0.1)
        return {name: accepted[user] - at for user, (name, at) in came.items() if user in accepted}

    def deliver(self, mailbox: Mapping[str, Any]) -> str:
        """A mail of somebody who has never written before: his address."""
        self._written += 1
        user, address = f"pengguna{self._written}@penyedia.test", str(mailbox["address"])
        self.servers.deliver(_mail(user, address), address, user)
        return user

    def reload(self, until: str) -> float:
        """Seconds until the log says so once more."""
        before, began = self.events(until), time.monotonic()
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(self.events(until)) > len(before), self.patience, f"the reload is not {until}")
        return time.monotonic() - began

    def status(self, form: str) -> Status:
        command = [sys.executable, "-m", "mailbot", "--config", str(self.folder / "config.yaml"), "status"]
        began, used = time.monotonic(), _cpu_of_children()
        if form:
            done = subprocess.run(
                [*command, form], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
            )
            said, code = done.stdout, done.returncode
        else:
            said, code = shown(command, environment()), 0
        return Status(time.monotonic() - began, _cpu_of_children() - used, code, _named(said, form))

    # --- what the daemon has written ---------------------------------------------------------------

    def events(self, event: str) -> list[dict[str, Any]]:
        # The last line may be half written.
        lines = (self.folder / "log").read_bytes().split(b"\n")[:-1]
        return [json.loads(line) for line in lines if f'"event": "{event}"'.encode() in line]

    def said(self, event: str) -> str:
        return "; ".join(str(line.get("reason")) for line in self.events(event))

    def watchings(self) -> dict[str, int]:
        """How often a connection to each mailbox has stood."""
        found: dict[str, int] = {}
        for line in self.events("watching"):
            found[line["mailbox"]] = found.get(line["mailbox"], 0) + 1
        return found

    def watched(self) -> set[str]:
        return set(self.watchings())

    def troubled(self) -> set[str]:
        return {str(name) for (name,) in self._rows("SELECT mailbox FROM outages WHERE kind = 'imap'")}

    def read(self, mailboxes: set[str]) -> int:
        """Mails that have come from these mailboxes."""
        return sum(str(name) in mailboxes for (name,) in self._rows("SELECT mailbox FROM journal"))

    def _accepted(self) -> dict[str, float]:
        """User → when the acknowledgement was accepted."""
        rows = self._rows("SELECT recipient, accepted_at FROM outbox WHERE template = 'user_acknowledgement'")
        return {str(user): to_instant(at).timestamp() for user, at in rows if at is not None}

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        database = self.folder / "data" / NAME
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(sql).fetchall()


def _cpu_of_children() -> float:
    """Of those that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _named(said: str, form: str) -> list[str]:
    """The mailboxes that an answer names as ones that need a look."""
    match form:
        case "--check":
            found = re.findall(r"(?:CRITICAL: |WARNING: |; )([^:;]+): \d", said)
        case "--prometheus":
            found = re.findall(r'^mailbot_troubles\{mailbox="([^"]+)".*\} [1-9]', said, re.MULTILINE)
        case "--json":
            found = [one["mailbox"] for one in json.loads(said)["mailboxes"] if one["troubles"]]
        case _:
            found = re.findall(r"lpse[0-9]+", said.rpartition("mailboxes need a look")[2])
    return sorted(set(found))


def _mail(user: str, to: str) -> bytes:
    heads = f"From: Pengguna <{user}>\r\nTo: {to}\r\nSubject: Tidak dapat login\r\n"
    return f"{heads}Message-ID: <mail.{user}>\r\n\r\nSPSE menolak kata sandi kami.\r\n".encode()


# --- shown ---------------------------------------------------------------------------------------------------


def _show(found: Served, foreign: float) -> None:
    rows = []
    for what, waits in (
        ("after the start", found.first),
        ("while reloaded", found.reloaded),
        ("the new ones", found.added),
    ):
        values = list(waits.values())
        cells = [f"{value:.2f}" for value in (meter.quantile(values, 0.5), meter.quantile(values, 0.99), max(values))]
        rows.append((what, len(values), *cells))
    print(meter.table(("mails", "served", "median s", "p99 s", "last s"), rows))
    heads = ("mailboxes", "all watched, s", "PSS MiB", "RSS MiB", "threads", "reload s", "foreign cores")
    sizes = (f"{found.memory:.0f}", f"{found.resident:.0f}", found.threads, f"{found.reload:.2f}", f"{foreign:.2f}")
    print(meter.table(heads, [(found.mailboxes, f"{found.ready:.1f}", *sizes)]))
    for form, status in found.statuses.items():
        named = " ".join(status.named)
        took = f"{status.seconds:.2f} s, CPU {status.cpu:.2f} s"
        print(f"mailbot status {form}: {took}, exit {status.exit_code}, names {named}")
    print(f"broken: {found.broken}; noticed: {found.troubled}; not served: {found.unserved}")
    print(f"refused: {found.refused}")
    print(f"connected again: {found.again}; mails of removed mailboxes read: {found.after_removal}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fleet", description=__doc__)
    parser.add_argument("--mailboxes", type=int, default=200)
    parser.add_argument("--poll", default="5s", help="imap.poll of each mailbox (5s)")
    options = parser.parse_args()
    if why := missing():
        raise SystemExit(f"needs Dovecot and Postfix: {why}")
    servers = RealServers()
    try:
        with tempfile.TemporaryDirectory() as name:
            foreign = meter.Foreign()
            change = max(1, options.mailboxes // 20)
            found = served(options.mailboxes, servers, Path(name), poll=options.poll, change=change)
            _show(found, foreign.cores())
    finally:
        servers.close()


if __name__ == "__main__":
    main()
