"""Many mailboxes in one daemon: memory of all its processes, and CPU while nothing comes.

    python -m bench.mailboxes                    1, 100 and 700 mailboxes
    python -m bench.mailboxes --many 700 --quiet 60

Each mailbox idles at a scripted IMAP server: Dovecot takes an inotify instance for each IDLE, of which Linux gives a
user 128. Nothing arrives; what mailbot tells operators at its first start leaves by an SMTP sink within the first
seconds. `bench.fleet` is about mail.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench import meter
from bench.backlog import sink
from bench.fleet import fleet
from bench.program import running
from tests.mailservers.faulty import FaultyImap
from tests.mailservers.process import wait_until

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
    with FaultyImap() as server, sink() as smtp_port, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = fleet(many, server.port, smtp_port, folder)
        for mailbox in config["mailboxes"]:  # what goes by the calendar costs something in service hours only
            mailbox["hours"] = {"mon-sun": ["00:00-23:59"]}
        (folder / "config.yaml").write_text(yaml.safe_dump(config))
        start = time.monotonic()
        with running(folder) as process:
            wait_until(lambda: server.commands.count(b"IDLE") >= many, _PATIENCE, "not all mailboxes idle")
            ready = time.monotonic() - start
            time.sleep(5)  # what follows the first look
            foreign, before, since = meter.Foreign(), meter.tree_cpu(process.pid), time.monotonic()
            time.sleep(quiet)
            idle = (meter.tree_cpu(process.pid) - before) / (time.monotonic() - since)
            return Result(many, ready, meter.tree_pss(process.pid), meter.threads(process.pid), idle, foreign.cores())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.mailboxes", description=__doc__)
    parser.add_argument("--many", type=int, nargs="*", default=[1, 100, 700])
    parser.add_argument("--quiet", type=float, default=60.0, help="seconds of idling that are measured (60)")
    options = parser.parse_args()
    rows = []
    for many in options.many:
        found = measured(many, options.quiet)
        cells = (f"{found.ready:.1f}", f"{found.memory:.0f}", found.threads, f"{100 * found.idle_cpu:.2f}")
        rows.append((found.mailboxes, *cells, f"{found.foreign:.2f}"))
        print(rows[-1], flush=True)
    print(meter.table(("mailboxes", "all idle, s", "PSS MiB", "threads", "idle CPU %", "foreign cores"), rows))


if __name__ == "__main__":
    main()
