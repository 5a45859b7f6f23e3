"""Many mailboxes in one daemon: memory of all its processes, and CPU while nothing comes.

    python -m bench.mailboxes                    1, 100 and 700 mailboxes
    python -m bench.mailboxes --many 700 --quiet 60
    python -m bench.mailboxes --served 200       200 mailboxes at one Dovecot, three of them broken; the others get mail

Each mailbox idles at a scripted IMAP server: Dovecot takes an inotify instance for each IDLE, of which Linux gives a
user 128. Nothing arrives, so that nothing leaves.
"""

from __future__ import annotations

import argparse
import copy
import json
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench import meter
from bench.program import running
from mailbot.store.database import NAME, to_instant
from tests.mailservers import MailServers
from tests.mailservers.faulty import HANG, FaultyImap, On
from tests.mailservers.process import free_ports, wait_until
from tests.mailservers.real import RealServers, missing
from tests.world import configured

_PATIENCE = 300.0  # seconds


@dataclass(frozen=True)
class Result:
    mailboxes: int
    ready: float  # seconds from the start of the process until each mailbox idles
    memory: float  # MiB
    threads: int
    idle_cpu: float  # of one core
    foreign: float


def measured(many: int, quiet: float) -> Result:
    (smtp_port,) = free_ports(1)
    with FaultyImap() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.yaml").write_text(yaml.safe_dump(_configured(many, server.port, smtp_port, folder)))
        start = time.monotonic()
        with running(folder) as process:
            wait_until(lambda: server.commands.count(b"IDLE") >= many, _PATIENCE, "not all mailboxes idle")
            ready = time.monotonic() - start
            time.sleep(5)  # what follows the first look
            foreign, before, since = meter.Foreign(), meter.tree_cpu(process.pid), time.monotonic()
            time.sleep(quiet)
            idle = (meter.tree_cpu(process.pid) - before) / (time.monotonic() - since)
            return Result(many, ready, meter.tree_pss(process.pid), meter.threads(process.pid), idle, foreign.cores())


def _configured(many: int, imap_port: int, smtp_port: int, folder: Path) -> dict[str, Any]:
    config = configured(imap_port, smtp_port, "secret", folder)
    [one] = config["mailboxes"]
    config["mailboxes"] = [_mailbox(one, number) for number in range(many)]
    return config


def _mailbox(one: dict[str, Any], number: int) -> dict[str, Any]:
    found = copy.deepcopy(one)
    found |= {"name": f"lpse{number}", "address": f"lpse{number}@batangkab.test", "ticket_prefix": f"LPSE-B{number}"}
    found["imap"]["username"] = found["address"]
    return found


# --- served --------------------------------------------------------------------------------------------------

#: Seconds between two mails: 200 mailboxes with 140 mails a day each get one every 3 s.
_APART = 0.25


@dataclass(frozen=True)
class Served:
    """Seconds, of the mailboxes that are not broken: from the mail's arrival at Dovecot until the acknowledgement was
    accepted by Postfix. troubled: the mailboxes that the daemon's own status names."""

    mailboxes: int
    waits: list[float]
    unserved: list[str]
    troubled: list[str]
    memory: float  # MiB
    threads: int


def served(many: int, servers: MailServers, folder: Path, patience: float = _PATIENCE) -> Served:
    """One mail into each of so many mailboxes at one Dovecot, of which the last three are broken, one each way."""
    (folder / "wrong").write_text("not the password")
    with FaultyImap([On("CONNECT", HANG)], repeat=True) as hung:
        config = _configured(many, servers.imap_port, servers.smtp_port, folder)
        config["log"] = {"level": "info"}
        broken = config["mailboxes"][-3:]
        broken[0]["imap"]["password"] = {"file": str(folder / "wrong")}
        broken[1]["imap"]["folder"] = "Hilang"
        broken[2]["imap"]["port"] = hung.port
        for mailbox in config["mailboxes"]:
            # Without a limit of its own Dovecot has 128 inotify instances: beyond them IDLE tells late, and the look
            # that is made anyway counts.
            mailbox["imap"]["poll"] = "5s"
        (folder / "config.yaml").write_text(yaml.safe_dump(_without_aliases(config)))
        whole = [mailbox["address"] for mailbox in config["mailboxes"][:-3]]
        with running(folder) as process:
            log = folder / "log"
            wait_until(lambda: log.read_bytes().count(b'"watching"') >= len(whole), patience, "not all are watched")
            came: dict[str, float] = {}
            for number, address in enumerate(whole):
                servers.deliver(_mail(address, number), address, f"pengguna{number}@penyedia.test")
                came[address] = time.time()
                time.sleep(_APART)
            database = folder / "data" / NAME
            wait_until(lambda: len(_accepted(database)) >= len(whole), patience, "not all are served")
            memory, threads = meter.tree_pss(process.pid), meter.threads(process.pid)
            wait_until(lambda: len(_troubled(database)) >= 2, patience, "what is broken is not noticed")
            accepted, troubled = _accepted(database), _troubled(database)
    waits = [accepted[address] - came[address] for address in whole if address in accepted]
    return Served(many, waits, [one for one in whole if one not in accepted], troubled, memory, threads)


def _without_aliases(config: dict[str, Any]) -> dict[str, Any]:
    """YAML's short form for what stands twice is no configuration of ours."""
    plain: dict[str, Any] = json.loads(json.dumps(config))
    return plain


def _mail(address: str, number: int) -> bytes:
    heads = f"From: Pengguna <pengguna{number}@penyedia.test>\r\nTo: {address}\r\nSubject: Tidak dapat login\r\n"
    return f"{heads}Message-ID: <mail{number}@penyedia.test>\r\n\r\nSPSE menolak kata sandi kami.\r\n".encode()


def _accepted(database: Path) -> dict[str, float]:
    """Address of the mailbox → when the acknowledgement was accepted."""
    sql = "SELECT mailbox, accepted_at FROM outbox WHERE template = 'user_acknowledgement' AND accepted_at IS NOT NULL"
    rows = _rows(database, sql)
    return {f"{name}@batangkab.test": to_instant(at).timestamp() for name, at in rows}


def _troubled(database: Path) -> list[str]:
    return sorted(str(name) for (name,) in _rows(database, "SELECT mailbox FROM outages WHERE kind = 'imap'"))


def _rows(database: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
        return connection.execute(sql).fetchall()


def _show_served(many: int) -> None:
    if why := missing():
        raise SystemExit(f"needs Dovecot and Postfix: {why}")
    servers = RealServers()
    try:
        with tempfile.TemporaryDirectory() as name:
            foreign = meter.Foreign()
            found = served(many, servers, Path(name))
    finally:
        servers.close()
    waits = found.waits
    cells = [f"{value:.2f}" for value in (meter.quantile(waits, 0.5), meter.quantile(waits, 0.99), max(waits))]
    heads = ("mailboxes", "broken", "served", "median s", "p99 s", "last s", "PSS MiB", "threads", "foreign cores")
    row = (many, 3, len(waits), *cells, f"{found.memory:.0f}", found.threads, f"{foreign.cores():.2f}")
    print(meter.table(heads, [row]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.mailboxes", description=__doc__)
    parser.add_argument("--many", type=int, nargs="*", default=[1, 100, 700])
    parser.add_argument("--quiet", type=float, default=60.0, help="seconds of idling that are measured (60)")
    parser.add_argument("--served", type=int, help="so many mailboxes at one Dovecot, three of them broken")
    options = parser.parse_args()
    if options.served:
        _show_served(options.served)
        return
    rows = []
    for many in options.many:
        found = measured(many, options.quiet)
        cells = (f"{found.ready:.1f}", f"{found.memory:.0f}", found.threads, f"{100 * found.idle_cpu:.2f}")
        rows.append((found.mailboxes, *cells, f"{found.foreign:.2f}"))
        print(rows[-1], flush=True)
    print(meter.table(("mailboxes", "all idle, s", "PSS MiB", "threads", "idle CPU %", "foreign cores"), rows))


if __name__ == "__main__":
    main()
