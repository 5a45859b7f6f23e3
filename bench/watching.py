"""Watching many folders: a thread for each, one loop for all, or one loop with a few workers.

Each design runs in a process of its own over the same connections (servers.imap), against one Dovecot. Mails are
delivered to one folder after the other; measured is the time from the delivery until the mail is in the memory of the
watching process. With `--hung`, so many more servers are watched that greet, log in, announce a mail and then never
answer the FETCH, at each new connection again: what do the others feel of it?

The designs take turns, so that what else happens on the machine hits all of them.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import multiprocessing
import os
import selectors
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from bench import meter
from mailbot.errors import TemporaryFailure
from mailbot.servers import imap
from mailbot.servers.endpoint import Endpoint
from mailbot.servers.wake import wait_readable
from tests.mailservers import MailServers
from tests.mailservers.faulty import ANSWER, HANG, FaultyImap, On, pause
from tests.mailservers.real import RealServers

READ_TIMEOUT = 5.0  # seconds; 60 in mailbot, which makes every wait for a hung server twelve times as long
RESCAN = 60.0
RETRY = 1.0
WORKERS = 4
DESIGNS = {"thread per folder": None, "one loop": 0, f"loop, {WORKERS} workers": WORKERS}
MAIL = b"From: a@users.test\r\nSubject: Mohon bantuan\r\n\r\n" + b"Saya tidak dapat masuk ke SPSE.\r\n" * 60
HUNG = [
    On("IDLE", ANSWER, pause(0.5), "* 2 EXISTS"),
    On("UID SEARCH", "* SEARCH 2", "%tag% OK done"),
    On("UID FETCH", HANG),
]

_STARTED = -1  # instead of a folder's number
Report = tuple[int, int, float]  # folder, how many mails, when they were in memory


@dataclass
class Folder:
    """One watched folder: mailbot's session, and IDLE in two halves, since the loop waits for all folders at once."""

    number: int
    endpoint: Endpoint
    session: imap.Session | None = None
    last: int = 0
    idling: bool = False
    retry_at: float = 0.0
    stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def open(self) -> None:
        self.session = self.stack.enter_context(imap.connect(self.endpoint, read_timeout=READ_TIMEOUT))
        self.last = self.session.select("INBOX", readonly=True).uidnext - 1

    def listen(self) -> bool:
        """Begin to idle, unless news has come inside the answer to the last FETCH; whether there is any already."""
        assert self.session is not None
        self.idling = not self.session._was_told_of_mail()
        if not self.idling:
            return True
        with self.session._talking("idle"):
            self.session._client.idle()
            return self.session._has_spoken()

    def socket(self) -> Any:
        assert self.session is not None
        return self.session._client.socket()

    def collect(self) -> int:
        """Stop idling and fetch what is new; how many mails."""
        assert self.session is not None
        if self.idling:
            with self.session._talking("idle"):
                self.session._client.idle_done()
        mails = list(self.session.fetch(self.session.uids_after(self.last), 1_000_000))
        self.last = max([self.last, *(mail.uid for mail in mails)])
        return len(mails)

    def close(self) -> None:
        self.session = None
        self.stack.close()

    def turn(self, reports: Reports) -> bool:
        """Everything between two waits. False: no connection now; to be tried again at `retry_at`."""
        try:
            if self.session is None:
                self.open()
                reports.say(self.number, 0)
            else:
                reports.say(self.number, self.collect())
            while self.listen():
                reports.say(self.number, self.collect())
            return True
        except TemporaryFailure:
            self.close()
            self.retry_at = time.monotonic() + RETRY
            return False


class Reports:
    """From the watching process to the measuring one."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._lock = pipe, threading.Lock()

    def say(self, folder: int, mails: int) -> None:
        now = time.monotonic()  # the same clock in all processes
        with self._lock:
            self._pipe.send((folder, mails, now))


# --- the watching process -------------------------------------------------------------------------------


def watch(workers: int | None, endpoints: list[Endpoint], pipe: Connection) -> None:
    """Until it is killed. `workers`: None for a thread per folder, 0 for a loop that does everything itself."""
    folders = [Folder(number, endpoint) for number, endpoint in enumerate(endpoints)]
    reports = Reports(pipe)
    reports.say(_STARTED, 0)
    if workers is None:
        for folder in folders:
            threading.Thread(target=_watch_one, args=(folder, reports)).start()
    else:
        with ThreadPoolExecutor(workers) if workers else _Inline() as pool:
            _loop(folders, reports, pool)


def _watch_one(folder: Folder, reports: Reports) -> None:
    while True:
        if folder.turn(reports):
            wait_readable([folder.socket().fileno()], RESCAN)
        else:
            time.sleep(RETRY)


def _loop(folders: list[Folder], reports: Reports, pool: ThreadPoolExecutor | _Inline) -> None:
    turned: SimpleQueue[tuple[Folder, bool]] = SimpleQueue()
    turned_read, turned_write = os.pipe()
    selector = selectors.DefaultSelector()
    selector.register(turned_read, selectors.EVENT_READ)

    def begin(folder: Folder) -> None:
        pool.submit(folder.turn, reports).add_done_callback(lambda turn: end(folder, turn.result()))

    def end(folder: Folder, up: bool) -> None:
        turned.put((folder, up))
        os.write(turned_write, b".")

    broken: list[Folder] = []
    for folder in folders:
        begin(folder)
    while True:
        for key, _ in selector.select(RETRY if broken else RESCAN):
            if key.data is None:
                for _ in os.read(turned_read, 4096):
                    folder, up = turned.get()
                    if up:
                        selector.register(folder.socket(), selectors.EVENT_READ, folder)
                    else:
                        broken.append(folder)
            else:
                selector.unregister(key.fileobj)
                begin(key.data)
        for folder in [folder for folder in broken if folder.retry_at <= time.monotonic()]:
            broken.remove(folder)
            begin(folder)


class _Inline:
    """A pool without workers."""

    def __enter__(self) -> _Inline:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, work: Any, *arguments: Any) -> Future[bool]:
        future: Future[bool] = Future()
        future.set_result(work(*arguments))
        return future


# --- the measuring process -----------------------------------------------------------------------------


@dataclass
class Result:
    design: str
    folders: int
    hung: int
    connected: float  # seconds until all sound folders were open
    memory: float  # MiB
    threads: int
    idle_cpu: float  # of one core
    latency: list[float] = field(default_factory=list)  # seconds, delivery until in memory
    missing: int = 0
    foreign: float = 0.0


def deliver(servers: MailServers, design: str, folders: int, hung: int, mails: int, quiet: float) -> Result:
    """One process watches `folders` sound and `hung` hung folders, while `mails` arrive at 20 a second."""
    servers.wipe()
    foreign = meter.Foreign()
    with contextlib.ExitStack() as stack:
        bad = [stack.enter_context(FaultyImap(HUNG, repeat=True, messages={1: MAIL})) for _ in range(hung)]
        endpoints = [_account(servers.imap_port, number) for number in range(folders)]
        endpoints += [_account(server.port, folders + number) for number, server in enumerate(bad)]
        child = stack.enter_context(_child(DESIGNS[design], endpoints))
        result = child.at_rest(design, folders, hung, quiet)
        sent: dict[int, list[float]] = defaultdict(list)
        start = time.monotonic()
        for number in range(mails):
            time.sleep(max(0.0, start + number / 20 - time.monotonic()))
            servers.deliver(MAIL, _user(number % folders))
            sent[number % folders].append(time.monotonic())
        result.latency = child.latencies(sent, mails, 30 + 3 * READ_TIMEOUT)
    result.missing, result.foreign = mails - len(result.latency), foreign.cores()
    return result


def hold(design: str, folders: int, quiet: float) -> Result:
    """One process holds so many idle connections to a scripted server.

    Not to Dovecot: each of its IDLEs takes an inotify instance, of which Linux gives a user 128 (docs/performance.md).
    """
    foreign = meter.Foreign()
    with FaultyImap() as server, _child(DESIGNS[design], [_account(server.port, n) for n in range(folders)]) as child:
        result = child.at_rest(design, folders, 0, quiet)
    result.foreign = foreign.cores()
    return result


def _user(number: int) -> str:
    return f"folder{number}@bench.test"


def _account(port: int, number: int) -> Endpoint:
    return Endpoint("127.0.0.1", port, "none", None, _user(number), RealServers.password)


class _Child:
    """The watching process, seen from outside."""

    def __init__(self, pid: int, pipe: Connection) -> None:
        self.pid, self._pipe = pid, pipe

    def _reports(self, timeout: float) -> Iterator[Report]:
        until = time.monotonic() + timeout
        while (left := until - time.monotonic()) > 0:
            if self._pipe.poll(left):
                yield self._pipe.recv()

    def at_rest(self, design: str, folders: int, hung: int, quiet: float) -> Result:
        """What it costs to be connected and to wait."""
        connected = self._all_open(folders, 60)
        time.sleep(0.5)
        before, since = meter.cpu(self.pid), time.monotonic()
        time.sleep(quiet)
        idle_cpu = (meter.cpu(self.pid) - before) / (time.monotonic() - since)
        return Result(design, folders, hung, connected, meter.rss(self.pid), meter.threads(self.pid), idle_cpu)

    def _all_open(self, folders: int, timeout: float) -> float:
        """Seconds from the start of its work until all these folders were open."""
        waiting, started = set(range(folders)), 0.0
        for folder, _, when in self._reports(timeout):
            waiting.discard(folder)
            if folder == _STARTED:
                started = when
            if not waiting:
                return when - started
        raise TimeoutError(f"{len(waiting)} folders are not connected after {timeout} s")

    def latencies(self, sent: dict[int, list[float]], mails: int, timeout: float) -> list[float]:
        """For each mail, from the delivery; a folder's mails are fetched in the order in which they came."""
        found: list[float] = []
        for folder, count, when in self._reports(timeout):
            times = sent.get(folder, [])
            found += [when - then for then in times[:count]]
            del times[:count]
            if len(found) == mails:
                break
        return found


@contextlib.contextmanager
def _child(workers: int | None, endpoints: list[Endpoint]) -> Iterator[_Child]:
    processes = multiprocessing.get_context("spawn")
    ours, theirs = processes.Pipe(duplex=False)
    process = processes.Process(target=watch, args=(workers, endpoints, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        assert process.pid is not None
        yield _Child(process.pid, ours)
    finally:
        process.kill()
        process.join()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.watching", description=__doc__)
    parser.add_argument("--folders", type=int, default=20, help="at Dovecot, where mails arrive (20)")
    parser.add_argument("--hung", type=int, nargs="*", default=[0, 1, 5], help="hung servers beside them (0 1 5)")
    parser.add_argument("--many", type=int, nargs="*", default=[200, 700], help="folders only held (200 700)")
    parser.add_argument("--mails", type=int, default=150, help="for each run (150)")
    parser.add_argument("--quiet", type=float, default=5, help="seconds of idling that are measured (5)")
    parser.add_argument("--repeat", type=int, default=2)
    options = parser.parse_args()
    results: list[Result] = []
    with contextlib.closing(RealServers()) as servers:
        for hung, _, design in itertools.product(options.hung, range(options.repeat), DESIGNS):
            results.append(deliver(servers, design, options.folders, hung, options.mails, options.quiet))
            print(design, hung, meter.spread(results[-1].latency), flush=True)
    for folders, _, design in itertools.product(options.many, range(options.repeat), DESIGNS):
        results.append(hold(design, folders, options.quiet))
        print(design, folders, f"{results[-1].memory:.0f} MiB", flush=True)
    print(summary(results))


def summary(results: list[Result]) -> str:
    """A row for each design, number of folders and of hung servers; repetitions are put together."""
    groups: dict[tuple[int, int, str], list[Result]] = defaultdict(list)
    for result in results:
        groups[result.folders, result.hung, result.design].append(result)
    rows = []
    for (folders, hung, design), some in groups.items():
        mean = {name: sum(getattr(one, name) for one in some) / len(some) for name in _MEANS}
        rows.append(
            (
                folders,
                hung,
                design,
                f"{mean['connected']:.1f}",
                f"{mean['memory']:.0f}",
                some[0].threads,
                f"{100 * mean['idle_cpu']:.2f}",
                meter.spread([value for one in some for value in one.latency]),
                sum(one.missing for one in some),
                f"{mean['foreign']:.2f}",
            )
        )
    return meter.table(_HEADS, rows)


_MEANS = ("connected", "memory", "idle_cpu", "foreign")
_HEADS = (
    *("folders", "hung servers", "design", "connected s", "RSS MiB", "threads", "idle CPU %"),
    *("delivery → in memory, ms: median / p99 / max", "missing", "foreign cores"),
)

if __name__ == "__main__":
    main()
