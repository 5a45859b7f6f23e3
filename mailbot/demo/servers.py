"""An IMAP and an SMTP server on loopback, in a thread of this process: pymap and aiosmtpd, which no other module knows.

They know every user of every domain by the same password; a mail submitted to any address lands in that address's
INBOX, and nothing ever leaves the machine. Mailboxes live in memory and end with the servers.
"""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import logging
import ssl
import threading
from argparse import Namespace
from asyncio import AbstractServer, BaseTransport, StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parseaddr
from typing import Any, TypeVar

from aiosmtpd.smtp import SMTP, AuthResult
from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxSet
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement
from pymap.user import UserMetadata
from pysasl import SASLAuth
from pysasl.hashing import BuiltinHash

_Value = TypeVar("_Value")
_FOLDERS = ("Junk", "Archive", "Sent")
_LINE_LENGTH = 2**20

# aiosmtpd warns of its own use of a name that it is going to rename.
logging.getLogger("mail.log").setLevel(logging.ERROR)


class _Loop:
    """An asyncio loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail servers", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, _Value]) -> _Value:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class Listener:
    """Listens on ports and can be killed with all its connections, and restarted."""

    def __init__(self, loop: _Loop, listen: Callable[[], Awaitable[list[AbstractServer]]]) -> None:
        self._loop = loop
        self._listen = listen
        self._servers: list[AbstractServer] = []
        self.transports: set[BaseTransport] = set()

    def start(self) -> None:
        self._loop.run(self._start())

    async def _start(self) -> None:
        self._servers = await self._listen()

    def kill(self) -> None:
        self._loop.run(self._kill())

    async def _kill(self) -> None:
        for server in self._servers:
            server.close()
        self._servers = []
        for transport in self.transports:
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
        self.transports.clear()
        await asyncio.sleep(0)

    @property
    def ports(self) -> list[int]:
        return [server.sockets[0].getsockname()[1] for server in self._servers if isinstance(server, asyncio.Server)]

    @property
    def running(self) -> bool:
        return bool(self._servers)

    def restart(self) -> None:
        self.kill()
        self.start()


@dataclass(frozen=True, slots=True)
class Tls:
    """Ports on which TLS begins at once; the plain ones then offer STARTTLS."""

    context: ssl.SSLContext
    imap_port: int
    smtp_port: int


class _Config(Config):
    """LOGIN also without TLS: nothing here leaves the machine."""

    @property
    def initial_auth(self) -> SASLAuth:
        return self.tls_auth


class _Anybody(Login):
    """Knows every user by the same password, and gives each a mailbox with the usual folders."""

    def __init__(self, config: Config, password: str) -> None:
        super().__init__(config)
        self._hash = config.hash_context.hash(password)

    async def authenticate(self, credentials: Any) -> Any:
        await self.mailboxes(credentials.authcid)
        return await super().authenticate(credentials)

    async def mailboxes(self, user: str) -> MailboxSet:
        if user not in self.users_dict:
            self.users_dict[user] = UserMetadata(self.config, user, password=self._hash)
        if user not in self.config.set_cache:
            mailboxes = MailboxSet()
            self.config.set_cache[user] = (mailboxes, FilterSet())
            for name in _FOLDERS:
                await mailboxes.add_mailbox(name)
        return self.config.set_cache[user][0]


class Servers:
    """Both servers; they run when this returns.

    imap_port, smtp_port: without TLS; 0 takes a free one. authserv_id: the SMTP server puts Authentication-Results of
    this name (RFC 8601), which vouch for the sender, on top of every mail that it delivers, as a border server does.
    """

    host = "127.0.0.1"
    hostname = "mx.mailbot.test"

    def __init__(
        self,
        password: str,
        *,
        imap_port: int = 0,
        smtp_port: int = 0,
        tls: Tls | None = None,
        authserv_id: str | None = None,
    ) -> None:
        self.password = password
        self.imap_port, self.smtp_port = imap_port, smtp_port
        self._tls, self._authserv_id = tls, authserv_id
        self._loop = _Loop()
        self._config = self._new_config(starttls=tls is not None)
        self._login = _Anybody(self._config, password)
        self._tasks: set[asyncio.Task[None]] = set()
        self._delivered = threading.Condition()
        self.imap = Listener(self._loop, self._listen_imap)
        self.smtp = Listener(self._loop, self._listen_smtp)
        self.imap.start()
        self.smtp.start()
        self.imap_port, self.smtp_port = self.imap.ports[0], self.smtp.ports[0]

    # --- for those who share the process ----------------------------------------------------------

    def deliver(self, raw: bytes, to: str, sender: str = "sender@elsewhere.test") -> None:
        """Put a mail into an INBOX as a border server does; it is visible when this returns. Line ends become CRLF."""
        lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._loop.run(self._store(b"\r\n".join(lines), to, sender))

    def inbox(self, user: str) -> list[bytes]:
        """The raw mails in an INBOX, in the order of their arrival."""
        return self._loop.run(self._inbox(user))

    def wait(self, until: Callable[[], _Value], timeout: float) -> _Value:
        """Ask `until` whenever a mail has arrived anywhere, until its answer is true or time is up; its last answer."""
        with self._delivered:
            self._delivered.wait_for(until, timeout)
        return until()

    def wipe(self) -> None:
        """Remove all mailboxes."""
        self._loop.run(self._wipe())

    def close(self) -> None:
        self.imap.kill()
        self.smtp.kill()
        self._loop.run(self._end_tasks())
        self._loop.close()

    def refusal(self, recipient: str) -> str | None:
        """What is said to RCPT TO (RFC 5321 §4.2) for an address that gets no mail; None for all others."""
        return None

    async def accept(self, raw: bytes, recipient: str, sender: str) -> None:
        """Deliver one submitted mail to one of its recipients."""
        await self._store(raw, recipient, sender)

    # --- IMAP ----------------------------------------------------------------------------------------

    def _new_config(self, *, starttls: bool) -> _Config:
        return _Config(
            Namespace(passlib_cfg=None, proxy_protocol=None, inherited_sockets=None),
            host=None,
            port=0,
            ssl_context=self._tls.context if self._tls else None,
            tls_enabled=starttls,
            # One round: a login should not cost the 0.1 s that protect a real password.
            hash_context=BuiltinHash(rounds=1),
            demo_data=False,
            demo_user="",
            demo_password="",
            reject_dnsbl=False,
            invalid_user_sleep=0,
        )

    async def _listen_imap(self) -> list[AbstractServer]:
        plain = IMAPServer(self._login, self._config)
        listening = [await self._start_imap(plain, self.imap_port, None)]
        if self._tls:
            inside_tls = IMAPServer(self._login, self._new_config(starttls=False))
            listening.append(await self._start_imap(inside_tls, self._tls.imap_port, self._tls.context))
        return listening

    async def _start_imap(self, server: Any, port: int, tls: ssl.SSLContext | None) -> AbstractServer:
        connected = self._imap_connection(server)
        return await asyncio.start_server(connected, self.host, port, ssl=tls, limit=_LINE_LENGTH)

    def _imap_connection(self, server: Any) -> Callable[[StreamReader, StreamWriter], None]:
        # pymap's own service keeps no reference to its tasks: the garbage collector may take them.
        def connected(reader: StreamReader, writer: StreamWriter) -> None:
            task = asyncio.get_running_loop().create_task(self._serve_imap(server, reader, writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        return connected

    async def _serve_imap(self, server: Any, reader: StreamReader, writer: StreamWriter) -> None:
        transport = writer.transport
        self.imap.transports.add(transport)
        self._config.apply_context()
        try:
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await server(reader, writer, SocketInfoLocal(writer))
        finally:
            self.imap.transports.discard(transport)
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                writer.close()

    async def _inbox(self, user: str) -> list[bytes]:
        self._config.apply_context()
        inbox = await (await self._login.mailboxes(user)).get_mailbox("INBOX")
        loaded = [await mail.load_content(FetchRequirement.CONTENT) async for mail in inbox.messages()]
        return [bytes(mail.get_body()) for mail in loaded]

    async def _wipe(self) -> None:
        self._config.set_cache.clear()

    # --- SMTP ----------------------------------------------------------------------------------------

    async def _listen_smtp(self) -> list[AbstractServer]:
        loop = asyncio.get_running_loop()
        connections = self.smtp.transports

        class Smtp(SMTP):
            def connection_made(self, transport: BaseTransport) -> None:
                connections.add(transport)
                super().connection_made(transport)

            def connection_lost(self, error: Exception | None) -> None:
                connections.discard(self.transport)
                super().connection_lost(error)

        def protocol(starttls: ssl.SSLContext | None) -> SMTP:
            return Smtp(
                self,
                hostname=self.hostname,
                enable_SMTPUTF8=True,
                data_size_limit=31_457_280,
                tls_context=starttls,
                auth_require_tls=False,
                authenticator=self._authenticate,
                loop=loop,
            )

        tls = self._tls
        listening: list[AbstractServer] = [
            await loop.create_server(lambda: protocol(tls.context if tls else None), self.host, self.smtp_port)
        ]
        if tls:
            listening.append(
                await loop.create_server(lambda: protocol(None), self.host, tls.smtp_port, ssl=tls.context)
            )
        return listening

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
        return AuthResult(success=data.password == self.password.encode(), handled=False)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if refusal := self.refusal(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        received = f"Received: from [127.0.0.1] by {self.hostname};\r\n\t{format_datetime(datetime.now(UTC))}\r\n"
        for recipient in envelope.rcpt_tos:
            await self.accept(received.encode() + envelope.content, recipient, envelope.mail_from)
        return "250 2.0.0 queued"

    async def _store(self, raw: bytes, to: str, sender: str) -> None:
        self._config.apply_context()
        inbox = await (await self._login.mailboxes(to.lower())).get_mailbox("INBOX")
        top = f"Return-Path: <{sender.strip('<>')}>\r\nDelivered-To: {to}\r\n{self._results(raw)}".encode()
        await inbox.append(AppendMessage(top + raw, datetime.now(UTC)), recent=True)
        # `wait` lets go of the lock while it waits, and asks `until` in a thread that holds it: a delivery in the
        # loop's thread must not wait for that.
        asyncio.get_running_loop().run_in_executor(None, self._tell)

    def _tell(self) -> None:
        with self._delivered:
            self._delivered.notify_all()

    def _results(self, raw: bytes) -> str:
        if self._authserv_id is None:
            return ""
        head = email.message_from_bytes(raw.partition(b"\r\n\r\n")[0], policy=email.policy.compat32)
        domain = parseaddr(str(head["From"]))[1].rpartition("@")[2].lower()
        return f"Authentication-Results: {self._authserv_id};\r\n\tdmarc=pass header.from={domain}\r\n"

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
