"""Mails that wait in the mailbox when the program starts: how many a second, and what each costs.

    python -m bench.backlog                           1,000 mixed and 1,000 plain mails, three times, in turns
    PEER=1 python -m bench.backlog                    django-helpdesk and Roundup beside it, on the same servers
    python -m bench.backlog --mails 200 --times 1
    python -m bench.backlog --behind /var/tmp/grown   and in an office with the tickets of `bench.grown` behind it

From the start of the process until both mails of each new ticket, to the user and to one member of staff, and the one
to staff of each reply have been accepted by an SMTP sink and are recorded. Rates are not limited; synchronous=FULL.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import yaml

from bench import corpus, meter
from bench.peers import helpdesk, roundup
from bench.peers.helpdesk import Helpdesk
from bench.peers.roundup import Roundup
from bench.program import running
from mailbot.store.database import NAME
from tests.mailservers import MailServers
from tests.mailservers.process import free_ports, wait_until
from tests.mailservers.real import RealServers
from tests.world import LPSE, NO_CAPS, PEOPLE, configured

#: What mailbot is called in an office that has tickets already.
GROWN = "mailbot, grown"
#: What waits. The last is one mail, the largest that is taken.
KINDS = ("mixed", "plain", "25 MB")
_PATIENCE = 600.0  # seconds


@dataclass(frozen=True)
class Result:
    """rate: mails a second. cpu, main: seconds of CPU a mail, of all its processes and of the first. memory: MiB of all
    its processes at their highest."""

    rate: float
    cpu: float
    main: float
    memory: float
    written: float  # bytes on disk for each byte received
    foreign: float


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """Postfix's smtp-sink, which takes every mail and keeps none. Its port."""
    (port,) = free_ports(1)
    command = ["smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "512"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.kill()
        process.wait()


def mailbot(
    servers: MailServers, folder: Path, smtp_port: int, mails: list[corpus.Written], behind: Path | None = None
) -> Result:
    """behind: the data folder of an office that has tickets already; it keeps what comes."""
    data = behind or folder / "data"
    changes = {
        "imap": {"since": "2020-01-01"},
        "smtp": {"rate": {"per_minute": 10**6, "per_hour": 10**6, "per_day": 10**6}},
        "limits": NO_CAPS,
        "staff": [{"name": "Sari", "address": PEOPLE["petugas"]}],
    }
    config = configured(servers.imap_port, smtp_port, servers.password, folder, **changes)
    config["log"] = {"format": "json", "level": "info"}
    config["data"] = str(data)
    last, before = _last_mail(data), _size(data)
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    wanted = sum(1 if mail.answers else 2 for mail in mails)
    foreign, start = meter.Foreign(), time.monotonic()
    with running(folder) as process:
        path = data / NAME
        wait_until(path.exists, 60, "no database")
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
        peak = meter.Peak(process.pid, 0.05 if len(mails) == 1 else 1.0)
        wait_until(
            lambda: peak.look() and _accepted(connection, last) >= wanted, _PATIENCE, f"not all of {wanted} accepted"
        )
        seconds = time.monotonic() - start
        connection.close()
        received = sum(len(mail.raw) for mail in mails)
        return Result(
            len(mails) / seconds,
            meter.tree_cpu(process.pid) / len(mails),
            meter.cpu(process.pid) / len(mails),
            peak.memory,
            (_size(data) - before) / received,
            foreign.cores(),
        )


def _accepted(connection: sqlite3.Connection, last: int) -> int:
    sql = "SELECT count(*) FROM outbox WHERE id > ? AND state = 'accepted'"
    try:
        return int(connection.execute(sql, (last,)).fetchone()[0])
    except sqlite3.OperationalError:  # the schema is being made
        return 0


def _last_mail(data: Path) -> int:
    if not (data / NAME).exists():
        return 0
    with contextlib.closing(sqlite3.connect(data / NAME)) as connection, connection:
        connection.execute("DELETE FROM folders")  # the mailbox is another one
        return int(connection.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()[0])


def _last_ticket(data: Path) -> int:
    with contextlib.closing(sqlite3.connect(data / NAME)) as connection:
        return int(connection.execute("SELECT coalesce(max(last), 0) FROM counters").fetchone()[0])


def _size(data: Path) -> int:
    return sum(file.stat().st_size for file in data.rglob("*") if file.is_file())


def beside(
    peer: type[Helpdesk | Roundup],
    servers: MailServers,
    folder: Path,
    smtp_port: int,
    mails: list[corpus.Written],
) -> Result:
    """Another helpdesk."""
    program = peer(folder / "peer", servers.imap_port, smtp_port, LPSE, servers.password, PEOPLE["petugas"])
    foreign = meter.Foreign()
    seconds, cpu = program.read_mailbox()
    # A reply that it could not place is a ticket: still a mail recorded. Its first mails count as follow-ups, too.
    if program.recorded < len(mails):
        raise RuntimeError(f"{peer.__name__} recorded {program.recorded} of {len(mails)} mails")
    received = sum(len(mail.raw) for mail in mails)
    written = sum(file.stat().st_size for file in program.folder.rglob("*") if file.is_file()) / received
    return Result(len(mails) / seconds, cpu / len(mails), cpu / len(mails), 0.0, written, foreign.cores())


_Program = Callable[[MailServers, Path, int, list[corpus.Written]], Result]


def _tag(ticket: int) -> str:
    return f"[LPSE-BTG-2026-{ticket:06d}]"


def programs(behind: Path | None) -> Iterator[tuple[str, _Program, Callable[[int], str]]]:
    """name, what runs it, and how its tickets are named."""
    yield "mailbot", mailbot, _tag
    if behind is not None:
        before = _last_ticket(behind)  # the corpus names its tickets from 1 on
        yield GROWN, partial(mailbot, behind=behind), lambda ticket: _tag(before + ticket)
    if os.environ.get("PEER"):
        yield helpdesk.NAME, partial(beside, Helpdesk), helpdesk.tag
        yield roundup.NAME, partial(beside, Roundup), roundup.tag


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.backlog", description=__doc__)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--behind", type=Path, help="a folder of bench.grown, which is changed")
    parser.add_argument("--seed", type=int, default=0, help="another for each run on one folder: it knows mails again")
    options = parser.parse_args()
    behind = options.behind and options.behind / "data"
    results: dict[tuple[str, str], list[Result]] = {}
    with contextlib.closing(RealServers()) as servers, sink() as smtp_port:
        for turn in range(options.times):
            for kind in KINDS if options.only is None else (options.only,):
                seed = options.seed + 2 * turn + (kind == "plain")
                for name, program, tag in programs(behind):
                    if kind == "25 MB":
                        mails = [corpus.large(LPSE, 25_000_000)]
                    else:
                        mails = list(corpus.letters(options.mails, LPSE, tag, plain=kind == "plain", seed=seed))
                    servers.wipe()
                    for mail in mails:
                        servers.deliver(mail.raw, LPSE)
                    with tempfile.TemporaryDirectory() as folder:
                        result = program(servers, Path(folder), smtp_port, mails)
                    results.setdefault((kind, name), []).append(result)
                    print(kind, name, result, flush=True)
    print(summary(results))


def summary(results: dict[tuple[str, str], list[Result]]) -> str:
    heads = (
        *("mails", "program", "mails/s", "CPU ms a mail", "of these the main process", "peak PSS MiB"),
        *("bytes on disk / received", "foreign cores"),
    )
    rows = []
    for (kind, name), found in results.items():
        cells = [
            _spread([one.rate for one in found]),
            _spread([1000 * one.cpu for one in found]),
            _spread([1000 * one.main for one in found]),
            _spread([one.memory for one in found], 0),
            _spread([one.written for one in found], 2),
            _spread([one.foreign for one in found], 2),
        ]
        rows.append((kind, name, *cells))
    return "median (least to most)\n\n" + meter.table(heads, rows)


def _spread(values: list[float], digits: int = 1) -> str:
    middle, least, most = statistics.median(values), min(values), max(values)
    return f"{middle:.{digits}f} ({least:.{digits}f} to {most:.{digits}f})"


if __name__ == "__main__":
    main()
