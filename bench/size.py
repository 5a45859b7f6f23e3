"""What an office costs when it is old: the same measurements in grown databases of several sizes.

    python -m bench.size                                         0, 10,000 and 100,000 tickets, some minutes
    python -m bench.size --tickets 0,100000,1000000              a million: a quarter of an hour and 20 GB more
    python -m bench.size --tickets 100000 --folder /var/tmp/grown    keeps the databases there, and takes what it finds

The databases are those of `bench.grown`; what the sweep changes in them is rolled back. *Idle* is one round of the
questions that the daemon asks each second, as part of one core. The sweep is one pass over all limits of the open
tickets, ten days later; its own part is what the database takes, and composing its mails is the rest. The longest wait
of a writer is that of a thread that commits one row every 5 ms while a backup is made. Two figures with a stroke are
median and 99 %.
"""

from __future__ import annotations

import argparse
import inspect
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from bench import grown, meter
from bench import similar as similar_tickets
from bench.acceptance import Daemon
from mailbot import log
from mailbot.config import settings as configuration
from mailbot.config.site import Site, open_sites
from mailbot.model import Role
from mailbot.procedure import deadlines
from mailbot.store import agenda, already_told, sent_mails
from mailbot.store.database import NAME, Store
from mailbot.tickets import search, similar, ticket_rows, tickets
from tests.mailservers.process import wait_until
from tests.mailservers.real import RealServers
from tests.world import configured

#: What people look for: a word of many mails, several of them, a rare number, a name with a frequent word.
_QUESTIONS = (
    "login",
    "apendo tidak terbuka",
    "unggah dokumen penawaran",
    "budi santoso login",
    "kode tender {code:08}",
)
_LOOKUPS, _SEARCHES, _CALLS = 1000, 100, 3


@dataclass
class Size:
    """tickets: how many. All other figures: what they are called, and the measured text."""

    tickets: int
    figures: dict[str, str]


def measured(folder: Path, count: int, servers: RealServers | None, *, whole_backup: bool) -> Size:
    found: dict[str, str] = {}
    data = folder / "data"
    found["disk, KB a ticket"] = f"{(data / NAME).stat().st_size / max(count, 1) / 1024:.1f}"
    config = configuration.load(folder / "config.yaml")
    site = open_sites(config)[0]
    with closing(Store.open(data)) as store:
        found["idle CPU, %"] = f"{100 * idle(store, site):.2f}"
        found["by tag, ms"] = milliseconds(by_tag(store, site))
        found["by Message-ID, ms"] = milliseconds(by_message_id(store, site))
        found["#cari, ms"] = milliseconds(searches(store, site))
        found["cases like a new ticket, ms"] = milliseconds(cases(store, site))
        found["sweep: limits due, database s, mails, all s"] = sweep(store, site)
        number = str(store.value("SELECT number FROM tickets ORDER BY id DESC LIMIT 1 OFFSET 200") or "")
    for command in (["status"], ["tickets"], *([["ticket", number]] if number else [])):
        found[f"{command[0]}, s"] = f"{min(call(folder, command) for _ in range(_CALLS)):.2f}"
    if servers is not None:
        found["start to ready, s"], found["idle daemon CPU, %"] = start(servers, folder)
    if whole_backup:
        found["backup, s; longest wait of a writer, ms"] = backing_up(data)
    return Size(count, found)


def milliseconds(seconds: list[float]) -> str:
    return f"{1000 * meter.quantile(seconds, 0.5):.2f} / {1000 * meter.quantile(seconds, 0.99):.2f}" if seconds else "–"


def spent(ask: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    ask()
    return time.perf_counter() - begun


# --- the daemon ------------------------------------------------------------------------------------------


def idle(store: Store, site: Site) -> float:
    """CPU seconds of one second's questions."""
    now = datetime.now(UTC)
    asks = [ask for _, ask in inspect.getmembers(agenda, inspect.isfunction) if ask.__module__ == agenda.__name__]
    asks = [ask for ask in asks if not ask.__name__.startswith("_")]

    def once() -> None:
        for ask in asks:
            ask(store, *[now] * (len(inspect.signature(ask).parameters) - 1))

    once()
    begun = time.process_time()
    for _ in range(20):
        once()
    return (time.process_time() - begun) / 20


def by_tag(store: Store, site: Site) -> list[float]:
    """From a tag in a subject to the ticket as it is now."""
    last = int(store.value("SELECT coalesce(max(id), 0) FROM tickets"))
    chosen = [random.Random(n).randint(1, last) for n in range(_LOOKUPS if last else 0)]
    numbers = [str(store.value("SELECT number FROM tickets WHERE id = ?", each)) for each in chosen]

    def look(number: str) -> None:
        ticket_id = ticket_rows.numbered(store, site.name, number)
        assert ticket_id is not None
        tickets.load(store, tickets.standing(store, ticket_id))

    return [spent(partial(look, number)) for number in numbers]


def by_message_id(store: Store, site: Site) -> list[float]:
    """Of mails of ours, of others, and of nobody."""
    last = [int(store.value(f"SELECT coalesce(max(id), 0) FROM {table}")) for table in ("outbox", "journal")]
    chosen = ["<nobody@luar.test>"]
    for table, highest in zip(("outbox", "journal"), last, strict=True):
        for n in range(_LOOKUPS // 2 if highest else 0):
            sql = f"SELECT message_id FROM {table} WHERE id >= ? AND message_id IS NOT NULL LIMIT 1"
            chosen.append(str(store.value(sql, random.Random(n).randint(1, highest))))

    def look(message_id: str) -> None:
        sent_mails.ours(store, site.name, message_id)
        sent_mails.ticket_of(store, site.name, message_id)

    return [spent(partial(look, each)) for each in chosen]


def searches(store: Store, site: Site) -> list[float]:
    """The answer to `#cari` with the words around the first ten hits."""

    def look(question: str) -> None:
        hits = search.find(store, site, question, Role.STAFF)
        for each in hits.tickets[:10]:
            search.snippet(store, each, hits, Role.STAFF)

    asked = [
        _QUESTIONS[n % len(_QUESTIONS)].format(code=random.Random(n).randrange(100_000_000)) for n in range(_SEARCHES)
    ]
    return [spent(partial(look, question)) for question in asked]


def cases(store: Store, site: Site) -> list[float]:
    """The solved tickets that staff see with a new one: thousands are like it in a grown office."""
    times = []
    with suppress(_RolledBack), store.immediate():
        for n in range(_SEARCHES):
            new = similar_tickets.opened(store, site, *grown.ASKED[n % len(grown.ASKED)])
            times.append(spent(partial(similar.cases, store, site, tickets.load(store, new))))
        raise _RolledBack
    return times


class _RolledBack(Exception):
    pass


def sweep(store: Store, site: Site) -> str:
    """One pass over everything that is due ten days later, undone again."""
    now = grown.NOW.astimezone(UTC) + timedelta(days=10)
    while not site.calendar.in_service(now):
        now += timedelta(hours=1)
    due = len(tickets.due(store, site.name, now))
    before = int(store.value("SELECT coalesce(max(id), 0) FROM outbox"))
    try:
        with store.immediate(), _asked(store) as asked:
            whole = spent(lambda: deadlines.run(store, site, now))
            mails = int(store.value("SELECT count(*) FROM outbox WHERE id > ?", before))
            raise _RolledBack
    except _RolledBack:
        return f"{due}, {sum(asked):.2f}, {mails}, {whole:.1f}"


@contextmanager
def _asked(store: Store) -> Iterator[list[float]]:
    """The seconds of each statement."""
    times: list[float] = []

    def timed(ask: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*given: Any) -> Any:
            begun = time.perf_counter()
            try:
                return ask(*given)
            finally:
                times.append(time.perf_counter() - begun)

        return asked

    own = vars(store)
    ways = ("rows", "value", "execute")
    own.update({name: timed(getattr(store, name)) for name in ways})
    try:
        yield times
    finally:
        for name in ways:
            del own[name]


def start(servers: RealServers, folder: Path) -> tuple[str, str]:
    """Seconds from the start of the process to "ready", and its CPU in the minute after."""
    servers.wipe()
    written = configured(servers.imap_port, servers.smtp_port, servers.password, folder)
    written |= {"data": str(folder / "data"), "log": {"format": "json", "level": "info"}}
    config = folder / "served.yaml"
    config.write_text(yaml.safe_dump(written))
    with closing(Daemon(config)) as daemon:
        wait_until(lambda: any(event["event"] == "ready" for event in list(daemon.events)), 120, "not ready")
        ready = time.time() - daemon.started
        time.sleep(5)
        used, begun = meter.tree_cpu(daemon.pid), time.monotonic()
        time.sleep(30)
        part = (meter.tree_cpu(daemon.pid) - used) / (time.monotonic() - begun)
    return f"{ready:.1f}", f"{100 * part:.2f}"


# --- the operator ----------------------------------------------------------------------------------------


def call(folder: Path, command: list[str]) -> float:
    arguments = [sys.executable, "-m", "mailbot", "--config", str(folder / "config.yaml"), *command]
    return spent(lambda: subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL))


def backing_up(data: Path, quiet: float = 5.0) -> str:
    """Seconds of a backup, and how long a writer had to wait at most meanwhile."""
    waits: list[float] = []
    done = threading.Event()

    def write() -> None:
        with closing(Store.open(data)) as store:
            while not done.is_set():
                begun = time.perf_counter()
                with store.immediate():
                    already_told.again(store, "batang", "bench", datetime.now(UTC))
                waits.append(time.perf_counter() - begun)
                time.sleep(0.005)

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(quiet)  # for comparison
    without, waits[:] = list(waits), []
    target = data.parent / "backup.tar"
    program = f"""
from datetime import UTC, datetime
from pathlib import Path
from mailbot.store import backup
from mailbot.store.database import Store
backup.make(Store.open(Path({str(data)!r})), Path({str(target)!r}), datetime.now(UTC))
"""
    try:
        whole = spent(lambda: subprocess.run([sys.executable, "-c", program], check=True))
    finally:
        done.set()
        writer.join()
        target.unlink(missing_ok=True)
    often = meter.quantile(waits, 0.99)
    return f"{whole:.0f}; {1000 * max(waits):.0f} (p99 {1000 * often:.0f}; without {1000 * max(without):.0f})"


def summary(sizes: list[Size]) -> str:
    names = list(dict.fromkeys(name for size in sizes for name in size.figures))
    rows = [[name, *(size.figures.get(name, "–") for size in sizes)] for name in names]
    return meter.table(["tickets", *(f"{size.tickets:,}" for size in sizes)], rows)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--tickets", default="0,10000,100000")
    arguments.add_argument("--folder", type=Path, help="keep the databases here")
    arguments.add_argument("--no-backup", action="store_true", help="it needs twice the room of the database")
    given = arguments.parse_args()
    log.configure("json", "critical")
    sizes = []
    with tempfile.TemporaryDirectory() as name, closing(RealServers()) as servers:
        for count in map(int, given.tickets.split(",")):
            folder = (given.folder or Path(name)) / f"g{count}"
            if not folder.exists():
                folder.mkdir(parents=True)
                grown.grow(folder, count)
            sizes.append(measured(folder, count, servers, whole_backup=not given.no_backup))
            print(summary(sizes), flush=True)


if __name__ == "__main__":
    main()
