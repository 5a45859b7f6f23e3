"""A user's mail: from its delivery at Dovecot to the acceptance of its acknowledgement by Postfix.

`mailbot run` is a child process and tells of its work in its log. A mail is delivered when Dovecot's LMTP server has
said so; it is then visible to every client. An acknowledgement is accepted when mailbot says `submitted`: after
Postfix's 250 and after the record of it, so that the figures are a little too high, never too low. A second connection
that does nothing but IDLE on the same folder tells when Dovecot notifies its clients of each mail.

The floor is what no program that keeps each mail can go below: the same mail written to a file, one commit with
synchronous=FULL, and one submission to the same Postfix on an open connection, in the same run.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import smtplib
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import IO, Any

import yaml

from bench import meter
from tests.mailservers import MailServers
from tests.mailservers.process import wait_until
from tests.mailservers.real import RealServers
from tests.world import LPSE, NO_CAPS, configured, environment

ROOT = Path(__file__).resolve().parent.parent
TEXT = "Saya tidak dapat masuk ke aplikasi SPSE sejak kemarin pagi. Mohon bantuannya.\n" * 15
ACKNOWLEDGEMENT, TO_STAFF = "user_acknowledgement", "staff_new_ticket"
STAFF = 2  # persons in tests.world.configured: each is told of each ticket
PATIENCE = 60.0  # seconds for one mail; nothing here waits without an end

Event = dict[str, Any]


def letter(number: int) -> EmailMessage:
    """Each from a sender of its own: one sender is not acknowledged without end."""
    mail = EmailMessage()
    mail["From"] = f"Pengguna {number} <pengguna{number}@penyedia.test>"
    mail["To"] = LPSE
    mail["Subject"] = f"Tidak bisa masuk SPSE ({number})"
    mail["Message-ID"] = f"<{number}.{time.time_ns()}@penyedia.test>"
    mail["Date"] = datetime.now().astimezone()
    mail.set_content(f"Yth. Helpdesk,\n\n{TEXT}\nHormat kami,\nPengguna {number}\n")
    return mail


class Daemon:
    """`mailbot run` as a child process, and what its log says."""

    def __init__(self, config: Path) -> None:
        self.events: list[Event] = []
        self.accepted: dict[str, list[tuple[str, float]]] = defaultdict(list)  # template → (ticket, when)
        self._news = threading.Condition()
        self.started = time.time()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mailbot", "--config", str(config), "run"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        threading.Thread(target=self._read, args=(self._process.stderr,), daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _read(self, log: IO[str]) -> None:
        for line in log:
            event = json.loads(line) if line.startswith("{") else {"event": "?", "line": line, "timestamp": ""}
            with self._news:
                self.events.append(event)
                if event["event"] == "submitted" and event["state"] == "accepted":
                    self.accepted[event["template"]].append((event.get("ticket", "-"), at(event)))
                    self._news.notify_all()

    def said(self, what: str, order: str) -> list[Event]:
        return sorted(
            (event for event in list(self.events) if event["event"] == what), key=lambda event: int(event[order])
        )

    def wait_for(self, template: str, count: int, timeout: float) -> None:
        """Until so many mails of a template have been accepted."""
        with self._news:
            if not self._news.wait_for(lambda: len(self.accepted[template]) >= count, timeout):
                last = "\n".join(map(str, self.events[-15:]))
                raise TimeoutError(f"{count} {template}: not within {timeout} s; the log's last lines:\n{last}")

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def at(event: Event) -> float:
    """Seconds since the epoch."""
    return datetime.fromisoformat(event["timestamp"].replace("Z", "+00:00")).timestamp()


class Observer:
    """When Dovecot tells its clients of each mail of the folder, first to last."""

    def __init__(self, port: int, password: str) -> None:
        self.told: list[float] = []
        self._socket = socket.create_connection(("127.0.0.1", port), 10)
        self._lines = self._socket.makefile("rb")
        self._lines.readline()
        self._say(f'a LOGIN "{LPSE}" "{password}"', b"a OK")
        self._say("b EXAMINE INBOX", b"b OK")
        self._say("c IDLE", b"+ ")
        self._socket.settimeout(None)
        threading.Thread(target=self._listen, daemon=True).start()

    def _say(self, command: str, end: bytes) -> None:
        self._socket.sendall(command.encode() + b"\r\n")
        while not (line := self._lines.readline()).startswith(end):
            self._note(line)

    def _note(self, line: bytes) -> None:
        if exists := re.match(rb"\* (\d+) EXISTS", line):
            self.told += [time.time()] * (int(exists[1]) - len(self.told))

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in self._lines:
                self._note(line)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@dataclass
class Office:
    """The servers' folder of the office, with one daemon and one observer at it."""

    servers: MailServers
    daemon: Daemon
    observer: Observer
    delivered: list[float] = field(default_factory=list)

    def deliver(self) -> None:
        self.servers.deliver(bytes(letter(len(self.delivered))), LPSE)
        self.delivered.append(time.time())

    def wait_for_acceptances(self) -> None:
        self.daemon.wait_for(ACKNOWLEDGEMENT, len(self.delivered), PATIENCE)


@contextlib.contextmanager
def office(servers: MailServers, folder: Path, waiting: int = 0, **imap: Any) -> Iterator[Office]:
    """A new office whose daemon starts when `waiting` mails lie there. Its staff's mails are sent as well."""
    servers.wipe()
    data = Path(tempfile.mkdtemp(dir=folder))
    changes = {
        "imap": {"since": "2020-01-01", **imap},
        "smtp": {"rate": {"per_minute": 1_000_000, "per_hour": 1_000_000, "per_day": 1_000_000}},
        "limits": NO_CAPS,
    }
    written = configured(servers.imap_port, servers.smtp_port, servers.password, data, **changes)
    written["log"] = {"format": "json", "level": "info"}
    (data / "config.yaml").write_text(yaml.safe_dump(written))
    with contextlib.closing(Observer(servers.imap_port, servers.password)) as observer:
        for number in range(waiting):
            servers.deliver(bytes(letter(number)), LPSE)
        with contextlib.closing(Daemon(data / "config.yaml")) as daemon:
            yield Office(servers, daemon, observer)


# --- the measurements --------------------------------------------------------------------------------


@dataclass
class Result:
    what: str
    total: list[float]  # seconds: delivered → accepted
    told: list[float]  # delivered → Dovecot tells its clients
    journalled: list[float]  # delivered → durable in mailbot's journal
    own: list[float]  # in the journal → accepted
    cpu: float  # seconds a mail
    memory: float  # MiB
    idle_cpu: float  # of one core
    foreign: float  # cores


def latency(
    servers: MailServers, folder: Path, what: str, mails: int, rate: float | None, quiet: float = 5.0, **imap: Any
) -> Result:
    """`rate`: mails a second; None: one at a time, each 0.3 to 1.3 s after the acknowledgement of the one before."""
    chance = random.Random(what)
    with office(servers, folder, **imap) as one:
        for _ in range(3):  # the first mails find caches empty and connections closed
            one.deliver()
        one.wait_for_acceptances()
        before, since = meter.tree_cpu(one.daemon.pid), time.monotonic()
        time.sleep(quiet)
        idle_cpu = (meter.tree_cpu(one.daemon.pid) - before) / (time.monotonic() - since)
        foreign, before, first = meter.Foreign(), meter.tree_cpu(one.daemon.pid), len(one.delivered)
        start = time.monotonic()
        for number in range(mails):
            if rate is None:
                time.sleep(chance.uniform(0.3, 1.3))
            else:
                time.sleep(max(0.0, start + number / rate - time.monotonic()))
            one.deliver()
            if rate is None:
                one.wait_for_acceptances()
        one.wait_for_acceptances()
        one.daemon.wait_for(TO_STAFF, STAFF * len(one.delivered), PATIENCE)
        wait_until(lambda: len(one.observer.told) >= len(one.delivered), PATIENCE, "Dovecot does not tell of all mails")
        return _result(what, one, first, (meter.tree_cpu(one.daemon.pid) - before) / mails, idle_cpu, foreign.cores())


def _result(what: str, one: Office, first: int, cpu: float, idle_cpu: float, foreign: float) -> Result:
    """The mails lie, are journalled and are numbered in the order in which they were delivered."""
    journalled = [at(event) for event in one.daemon.said("received", "uid")]
    tickets = [event["ticket"] for event in one.daemon.said("threaded", "entry")]
    accepted = dict(one.daemon.accepted[ACKNOWLEDGEMENT])
    result = Result(what, [], [], [], [], cpu, meter.tree_pss(one.daemon.pid), idle_cpu, foreign)
    for number in range(first, len(one.delivered)):
        delivered, told, end = one.delivered[number], one.observer.told[number], accepted[tickets[number]]
        result.total.append(end - delivered)
        result.told.append(told - delivered)
        result.journalled.append(journalled[number] - delivered)
        result.own.append(end - journalled[number])
    return result


def floor(servers: MailServers, folder: Path, mails: int) -> list[float]:
    """Seconds for each mail: its file durable, one commit, one submission. As far apart as in "one at a time"."""
    chance, found = random.Random("floor"), []
    connection = sqlite3.connect(folder / "floor.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS mails (raw BLOB)")
    with contextlib.closing(connection), smtplib.SMTP("127.0.0.1", servers.smtp_port) as smtp:
        for number in range(mails):
            raw = letter(number).as_bytes(policy=SMTP)
            time.sleep(chance.uniform(0.3, 1.3))
            start = time.monotonic()
            with (folder / f"floor{number}.eml").open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            connection.execute("INSERT INTO mails VALUES (?)", (raw,))
            smtp.sendmail(LPSE, f"pengguna{number}@penyedia.test", raw)
            found.append(time.monotonic() - start)
    return found


@dataclass
class Burst:
    mails: int
    to_first: float  # seconds from the start of the process
    to_last: float
    all_sent: float  # with the mails to staff
    cpu: float  # seconds a mail
    memory: float  # MiB
    foreign: float


def burst(servers: MailServers, folder: Path, mails: int) -> Burst:
    """So many mails lie there when mailbot starts."""
    with office(servers, folder, waiting=mails) as one:
        foreign = meter.Foreign()
        daemon = one.daemon
        daemon.wait_for(ACKNOWLEDGEMENT, mails, PATIENCE + mails / 5)
        daemon.wait_for(TO_STAFF, mails * STAFF, PATIENCE + mails / 5)
        accepted = sorted(when for _, when in daemon.accepted[ACKNOWLEDGEMENT])
        return Burst(
            mails,
            accepted[0] - daemon.started,
            accepted[-1] - daemon.started,
            max(when for _, when in daemon.accepted[TO_STAFF]) - daemon.started,
            meter.tree_cpu(daemon.pid) / mails,
            meter.tree_pss(daemon.pid),
            foreign.cores(),
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.acceptance", description=__doc__)
    parser.add_argument("--mails", type=int, default=200, help="for each latency (200; a fifth of it when polling)")
    parser.add_argument("--burst", type=int, default=1000, help="mails that wait at the start (1000)")
    parser.add_argument("--poll", default="5s", help="for the comparison without IDLE (5s; '' for none)")
    options = parser.parse_args()
    polling = {"idle": False, "poll": options.poll}
    results: list[Result] = []
    with contextlib.closing(RealServers()) as servers, tempfile.TemporaryDirectory() as folder:
        at_once = Path(folder)
        found = burst(servers, at_once, options.burst)
        print(burst_summary(found), flush=True)
        third = found.mails / found.all_sent / 3
        least = floor(servers, at_once, options.mails // 2)
        kinds: list[tuple[str, int, float | None, dict[str, Any]]] = [
            ("IDLE, one at a time", options.mails, None, {}),
            ("IDLE, 1 mail/s", options.mails // 2, 1.0, {}),
            ("IDLE, 10 mails/s", options.mails, 10.0, {}),
            (f"IDLE, {third:.0f} mails/s: a third of the highest rate", options.mails, third, {}),
        ]
        if options.poll:
            kinds += [
                (f"poll every {options.poll}, one at a time", options.mails // 5, None, polling),
                (f"poll every {options.poll}, 10 mails/s", options.mails, 10.0, polling),
            ]
        for what, mails, rate, imap in kinds:
            results.append(latency(servers, at_once, what, mails, rate, **imap))
            print(what, meter.spread(results[-1].total), flush=True)
        least += floor(servers, at_once, options.mails // 2)
        print(summary(results))
        print(f"floor, ms: {meter.spread(least)}; own share / floor, median and 99 %:")
        for result in results:
            ratios = [meter.quantile(result.own, part) / meter.quantile(least, part) for part in (0.5, 0.99)]
            print(f"    {result.what}: {ratios[0]:.1f} {ratios[1]:.1f}")


def summary(results: list[Result]) -> str:
    heads = (
        *("how", "mails", "delivered → accepted", "delivered → told by IDLE", "delivered → in the journal"),
        *("in the journal → accepted", "CPU ms a mail", "PSS MiB", "idle CPU %", "foreign cores"),
    )
    rows = [
        (
            one.what,
            len(one.total),
            *map(meter.spread, (one.total, one.told, one.journalled, one.own)),
            f"{1000 * one.cpu:.1f}",
            f"{one.memory:.0f}",
            f"{100 * one.idle_cpu:.2f}",
            f"{one.foreign:.2f}",
        )
        for one in results
    ]
    return "milliseconds: median / p99 / longest\n\n" + meter.table(heads, rows)


def burst_summary(one: Burst) -> str:
    heads = (
        *("mails waiting", "first acknowledgement s", "last acknowledgement s", "acknowledged/s", "all mails sent s"),
        *("CPU ms a mail", "PSS MiB", "foreign cores"),
    )
    row = (
        one.mails,
        f"{one.to_first:.2f}",
        f"{one.to_last:.1f}",
        f"{one.mails / one.to_last:.0f}",
        f"{one.all_sent:.1f}",
        f"{1000 * one.cpu:.1f}",
        f"{one.memory:.0f}",
        f"{one.foreign:.2f}",
    )
    return meter.table(heads, [row])


if __name__ == "__main__":
    main()
