"""Sends what is due for all mailboxes: an asyncio loop with a task for each. Its host is a process (`process`),
or a thread where the program has threads of somebody else's (`thread`).

An account that is refused holds up its own mailbox only, a server that hangs its own mailboxes. Of the mailboxes at one
server a few have a connection at a time: servers refuse a client that has more (Postfix from the 51st on, by default).
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

from mailbot import log
from mailbot.clock import Clock
from mailbot.daemon.backoff import ACCOUNT, SERVER, Backoff
from mailbot.delivery.account import SubmissionAccount
from mailbot.delivery.sender import Delivery, Sender, submitter
from mailbot.errors import Damaged, PermanentFailure, TemporaryFailure
from mailbot.procedure.guard import fault_of_ours
from mailbot.servers.endpoint import Endpoint
from mailbot.servers.smtp import Submitter
from mailbot.store import outbox, restored
from mailbot.store.database import Store
from mailbot.store.outages import Outage

#: Connections to one server, of all mailboxes together. Below the limits of servers as they come: 50 of a client
#: (smtpd_client_connection_count_limit) and 100 of all (default_process_limit) at Postfix.
AT_ONCE = 20
#: Seconds after which an unused connection is closed; servers do the same, less politely.
_IDLE = 30.0
#: Seconds that the loop may be silent: a transaction may wait so long for another program's transaction.
PATIENCE = 60.0
#: Seconds that a submission in hand may go on at a stop, as long as its final dot has not left.
_GRACE = 3.0

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


class _Lookups(ThreadPoolExecutor):
    """Looks up names of servers for the loop, each name in a thread of its own for which nobody waits at the end. An
    ordinary pool has few threads, so names without an answer would keep the others waiting, and Python would not exit
    before they end."""

    def submit(self, fn: Callable[_Given, _Found], /, *args: _Given.args, **named: _Given.kwargs) -> Future[_Found]:
        future: Future[_Found] = Future()
        future.set_running_or_notify_cancel()

        def run() -> None:
            try:
                future.set_result(fn(*args, **named))
            except Exception as error:
                future.set_exception(error)

        threading.Thread(target=run, name="lookup", daemon=True).start()
        return future


@dataclass(slots=True)
class _Server:
    """A submission server, for all mailboxes that send by it. waiting: how many of them wait for a place."""

    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    waiting: int = 0


@dataclass(slots=True)
class _Round:
    """What the task of one mailbox has: its bell, its sender and its rests. server: where it has a place; used: when
    its connection was used last, monotonic."""

    bell: asyncio.Event = field(default_factory=asyncio.Event)
    rests: Backoff = field(default_factory=Backoff)
    sender: Sender | None = None
    connection: Submitter | None = None
    server: _Server | None = None
    used: float = 0.0
    endpoint: Endpoint | None = None
    rate_told: bool = False
    trouble: str = ""
    refused: bool = False  # whether the server does not want our account
    token_server: str = ""  # which gives us no token


class Post(Protocol):
    """What the postman is told, from one piece of work to the next."""

    @property
    def clock(self) -> Clock: ...

    def accounts(self) -> Sequence[SubmissionAccount]:
        """Those that send now."""
        ...

    def account(self, mailbox: str) -> SubmissionAccount | None:
        """None: it does not send any more."""
        ...

    def seen(self, mailbox: str) -> datetime | None:
        """Up to when the mailbox was looked at, and everything in it handled."""
        ...


class Ears(Protocol):
    """Whom the postman tells."""

    def settled(self, store: Store, mailbox: str, outbox_id: int) -> bool:
        """The server has decided on a mail. False: the outcome could not be handled yet."""
        ...

    def no_proof(self, store: Store, mailbox: str, answer: str) -> None:
        """The server refuses the address that gets the copy for the proof, in these words."""
        ...

    def promise(self, seconds: float) -> None:
        """The postman will be heard of again within so many seconds."""
        ...


class Postman:
    """Sends for each mailbox that rings, from one database connection, until `stop`."""

    def __init__(self, post: Post, data: Path, ears: Ears) -> None:
        self._post, self._data, self._ears = post, data, ears
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rounds: dict[str, _Round] = {}
        self._servers: dict[tuple[str, int], _Server] = {}
        self._leaving = asyncio.Event()
        self._stopping = False

    # --- from other threads ------------------------------------------------------------------------

    def ring(self, mailbox: str) -> None:
        """This mailbox may have something to send."""
        self._call(lambda: self._rounds[mailbox].bell.set() if mailbox in self._rounds else None)

    def stop(self) -> None:
        """Finish what is in hand and end."""
        self._stopping = True
        self._call(lambda: self._leaving.set())

    @property
    def at_dot(self) -> bool:
        """Whether a server may have a mail without a recorded answer, so that a stop should wait."""
        return any(each.sender is not None and each.sender.at_dot for each in list(self._rounds.values()))

    def outages(self) -> list[Outage]:
        """What cannot send, as the operator is told."""
        found = []
        for name, each in list(self._rounds.items()):
            account, trouble = self._post.account(name), each.trouble
            if trouble and account is not None:
                how = "refused" if each.refused else "silent"
                if each.token_server:  # one outage, for sending and for however many folders
                    found.append(Outage(name, "token", account.endpoint.username, how, each.token_server, trouble))
                else:
                    found.append(Outage(name, "smtp", "", how, account.server, trouble))
        return found

    def _call(self, what: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # closed meanwhile
                loop.call_soon_threadsafe(what)

    # --- its own thread ----------------------------------------------------------------------------

    def work(self) -> None:
        """Send until `stop`. Raises what a task could not handle; then all may begin anew."""
        asyncio.run(self._work())

    async def _work(self) -> None:
        self._leaving, self._rounds, self._servers = asyncio.Event(), {}, {}
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(_Lookups())
        if self._stopping:  # before there was a loop to tell
            return
        tasks: dict[str, asyncio.Task[None]] = {}
        with closing(Store.open(self._data)) as store:
            try:
                while not self._stopping:
                    self._ears.promise(PATIENCE)
                    for account in self._post.accounts():
                        if account.name not in tasks:
                            self._rounds[account.name] = _Round()
                            tasks[account.name] = asyncio.create_task(self._serve(store, account.name))
                    await self._left(1.0)
                    for name in [name for name, task in tasks.items() if task.done()]:
                        tasks.pop(name).result()  # what a task could not handle ends this thread's work: all begin anew
            finally:
                await self._leave(tasks)

    async def _left(self, seconds: float) -> None:
        """Wait. A stop ends the wait."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._leaving.wait(), seconds)

    async def _leave(self, tasks: dict[str, asyncio.Task[None]]) -> None:
        """Finish the submissions in hand. A submission that has not come to its dot after a moment is broken off. If
        the dot has left, the postman waits for the answer: only the answer tells whether the mail has arrived."""
        self._leaving.set()
        end = asyncio.get_running_loop().time() + _GRACE
        for each in self._rounds.values():
            each.bell.set()
        while pending := {name: task for name, task in tasks.items() if not task.done()}:
            self._ears.promise(PATIENCE)
            for name, task in pending.items():
                sender = self._rounds[name].sender
                if asyncio.get_running_loop().time() > end and not (sender is not None and sender.at_dot):
                    task.cancel()
            await asyncio.wait(pending.values(), timeout=0.2)

    async def _serve(self, store: Store, mailbox: str) -> None:
        """Serves one mailbox until it is not configured any more or the postman leaves."""
        each = self._rounds[mailbox]
        each.bell.set()  # what an earlier run has left
        try:
            while not self._leaving.is_set():
                try:
                    # Hundreds of mailboxes that send nothing wake nobody.
                    await asyncio.wait_for(each.bell.wait(), None if each.connection is None else _IDLE)
                except TimeoutError:
                    await self._disconnect(each)
                    continue
                each.bell.clear()
                account = self._post.account(mailbox)
                if account is None:
                    return
                await self._rest(account, await self._deliver(store, account, each))
        finally:
            await self._disconnect(each)

    async def _rest(self, account: SubmissionAccount, seconds: float) -> None:
        """Rest. A stop or new settings end the rest: a mended password need not wait for an hour."""
        end = time.monotonic() + seconds
        while not self._leaving.is_set() and (left := end - time.monotonic()) > 0:
            await self._left(min(left, 1.0))
            if self._post.account(account.name) != account:
                return

    async def _deliver(self, store: Store, account: SubmissionAccount, each: _Round) -> float:
        """One pass over the outbox. Returns the seconds to rest afterwards."""
        self._ears.promise(PATIENCE)  # with many mailboxes and a locked database, each of them may take long
        name, clock = account.name, self._post.clock
        try:
            if restored.pending(store, name) is not None:
                return 0.0
            outbox.recover(store, account, clock.now())
            if each.rate_told and outbox.room(store, account, clock.now()) == 0:
                return 0.0  # a long queue is not gone through each second for nothing
            if not outbox.due(store, account, clock.now(), self._post.seen(name), at_most=1):
                return 0.0
            connection = await self._connection(account, each)
            settle, no_proof = partial(self._ears.settled, store, name), partial(self._ears.no_proof, store, name)
            each.sender = Sender(store, account, clock, settle, no_proof)
            delivery = await each.sender.send_due(connection, self._post.seen(name), self._leaving.is_set)
            return self._rest_after(name, each, delivery)
        except (TemporaryFailure, PermanentFailure) as error:
            log.again(name, "smtp", str(error))
            return each.rests.rest(SERVER)
        except Damaged:
            raise
        except Exception as error:
            fault_of_ours(name, "smtp", error)
            return each.rests.rest(SERVER)
        finally:
            each.sender, each.used = None, time.monotonic()
            if each.server is not None and each.server.waiting:
                await self._disconnect(each)

    async def _connection(self, account: SubmissionAccount, each: _Round) -> Submitter:
        """The mailbox's connection. A new one waits for a place at the server; the connection that has been unused for
        the longest time makes room."""
        if each.connection is not None and each.endpoint == account.endpoint:
            return each.connection
        await self._disconnect(each)
        new = submitter(account)
        server = self._servers.setdefault((account.endpoint.host, account.endpoint.port), _Server())
        if server.places.locked():
            unused = [one for one in self._rounds.values() if one.server is server and one.sender is None]
            server.waiting += 1
            try:
                if unused:
                    await self._disconnect(min(unused, key=lambda one: one.used))
                await server.places.acquire()
            finally:
                server.waiting -= 1
        else:
            await server.places.acquire()  # at once
        each.connection, each.endpoint, each.server = new, account.endpoint, server
        return new

    def _rest_after(self, mailbox: str, each: _Round, delivery: Delivery) -> float:
        if delivery.rate_used and not each.rate_told:
            log.again(mailbox, "outbox", "the configured rate is used up; the rest follows")
        each.rate_told = delivery.rate_used
        each.trouble, each.refused = delivery.trouble.text if delivery.trouble else "", delivery.account_refused
        each.token_server = delivery.trouble.token if delivery.trouble else ""
        if delivery.trouble is None:
            each.rests.succeeded()
            return 0.0
        return each.rests.rest(ACCOUNT if delivery.account_refused and not each.token_server else SERVER)

    @staticmethod
    async def _disconnect(each: _Round) -> None:
        connection, each.connection = each.connection, None
        server, each.server = each.server, None
        try:
            if connection is not None:
                await connection.close()
        finally:
            if server is not None:
                server.places.release()
