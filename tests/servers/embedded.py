"""The same API where Dovecot and Postfix cannot run: pymap and aiosmtpd in a thread of this process."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import ssl
import tempfile
import threading
from argparse import Namespace
from asyncio import AbstractServer, BaseTransport, StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, TypeVar

from aiosmtpd.smtp import SMTP, AuthResult
from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxSet
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl import SASLAuth
from pysasl.hashing import BuiltinHash

from .api import MailServers
from .process import free_ports, make_certificate

_Value = TypeVar("_Value")
_FOLDERS = ("Junk", "Archive", "Sent")


class _Loop:
    """An asyncio loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, _Value]) -> _Value:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class _Listener:
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
    def running(self) -> bool:
        return bool(self._servers)

    def restart(self) -> None:
        self.kill()
        self.start()


class _Config(Config):
    """LOGIN also without TLS, as the plain port of the tests needs."""

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


class EmbeddedServers(MailServers):
    """See MailServers."""

    real = False

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="mailbot-"))
        self._loop = _Loop()
        self.ca_file, certificate, key = make_certificate(self._folder)
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(certificate, key)
        self.imap_port, self.imaps_port, self.smtp_port, self.smtps_port = free_ports(4)
        # One round: a login should not cost the 0.1 s that protect a real password.
        self._config = self._new_config(tls_enabled=True)
        self._login = _Anybody(self._config, self.password)
        self.imap = self._imap = _Listener(self._loop, self._listen_imap)
        self.smtp = self._smtp = _Listener(self._loop, self._listen_smtp)
        self._tasks: set[asyncio.Task[None]] = set()
        self._imap.start()
        self._smtp.start()

    def _new_config(self, *, tls_enabled: bool) -> _Config:
        return _Config(
            Namespace(passlib_cfg=None, proxy_protocol=None, inherited_sockets=None),
            host=None,
            port=0,
            ssl_context=self._tls,
            tls_enabled=tls_enabled,
            hash_context=BuiltinHash(rounds=1),
            demo_data=False,
            demo_user="",
            demo_password="",
            reject_dnsbl=False,
            invalid_user_sleep=0,
        )

    async def _listen_imap(self) -> list[AbstractServer]:
        plain = IMAPServer(self._login, self._config)
        inside_tls = IMAPServer(self._login, self._new_config(tls_enabled=False))
        return [
            await asyncio.start_server(self._imap_connection(server), self.imap_host, port, ssl=tls, limit=2**20)
            for server, port, tls in ((plain, self.imap_port, None), (inside_tls, self.imaps_port, self._tls))
        ]

    def _imap_connection(self, server: Any) -> Callable[[StreamReader, StreamWriter], None]:
        # pymap's own service keeps no reference to its tasks: the garbage collector may take them.
        def connected(reader: StreamReader, writer: StreamWriter) -> None:
            task = asyncio.get_running_loop().create_task(self._serve_imap(server, reader, writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        return connected

    async def _serve_imap(self, server: Any, reader: StreamReader, writer: StreamWriter) -> None:
        transport = writer.transport
        self._imap.transports.add(transport)
        self._config.apply_context()
        try:
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await server(reader, writer, SocketInfoLocal(writer))
        finally:
            self._imap.transports.discard(transport)
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                writer.close()

    async def _listen_smtp(self) -> list[AbstractServer]:
        loop = asyncio.get_running_loop()
        connections = self._smtp.transports

        class Smtp(SMTP):
            def connection_made(self, transport: BaseTransport) -> None:
                connections.add(transport)
                super().connection_made(transport)

            def connection_lost(self, error: Exception | None) -> None:
                connections.discard(self.transport)
                super().connection_lost(error)

        def protocol(tls: ssl.SSLContext | None) -> SMTP:
            return Smtp(
                self,
                hostname="mx.mailbot.test",
                enable_SMTPUTF8=True,
                data_size_limit=31_457_280,
                tls_context=tls,
                auth_require_tls=False,
                authenticator=self._authenticate,
                loop=loop,
            )

        return [
            await loop.create_server(lambda: protocol(self._tls), self.smtp_host, self.smtp_port),
            await loop.create_server(lambda: protocol(None), self.smtp_host, self.smtps_port, ssl=self._tls),
        ]

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
        return AuthResult(success=data.password == self.password.encode(), handled=False)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address.startswith("unknown@"):
            return f"550 5.1.1 <{address}>: no such user"
        if address.startswith("busy@"):
            return f"450 4.2.0 <{address}>: mailbox is busy"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        received = f"Received: from [127.0.0.1] by mx.mailbot.test;\r\n\t{format_datetime(datetime.now(UTC))}\r\n"
        for recipient in envelope.rcpt_tos:
            if not recipient.startswith("bounces@"):
                await self._store(received.encode() + envelope.content, recipient, envelope.mail_from)
            elif envelope.mail_from:  # a notification is never answered by another (RFC 5321 §6.1)
                await self._store(_bounce(recipient, envelope.mail_from), envelope.mail_from, "")
        return "250 2.0.0 queued"

    async def _store(self, raw: bytes, to: str, sender: str) -> None:
        self._config.apply_context()
        inbox = await (await self._login.mailboxes(to.lower())).get_mailbox("INBOX")
        top = f"Return-Path: <{sender.strip('<>')}>\r\nDelivered-To: {to}\r\n".encode()
        await inbox.append(AppendMessage(top + raw, datetime.now(UTC)), recent=True)

    def deliver(self, raw: bytes, to: str, sender: str = "sender@elsewhere.test") -> None:
        lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._loop.run(self._store(b"\r\n".join(lines), to, sender))

    def settle(self, timeout: float = 20) -> None:
        return None  # a mail has arrived before its final dot is answered

    def wipe(self) -> None:
        self._loop.run(self._wipe())

    async def _wipe(self) -> None:
        self._config.set_cache.clear()

    def log(self) -> str:
        return "(the embedded servers keep no log)"

    def close(self) -> None:
        self._imap.kill()
        self._smtp.kill()
        self._loop.run(self._end_tasks())
        self._loop.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _bounce(recipient: str, sender: str) -> bytes:
    """A delivery status notification: multipart/report with a machine-readable part (RFC 3464)."""
    text = EmailMessage()
    text.set_content(f"<{recipient}>: no such user\n")
    fields = (
        "Content-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.mailbot.test\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
    )
    return (
        f"From: MAILER-DAEMON@mx.mailbot.test\r\nTo: {sender}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_report"\r\n\r\n'
        f"--=_report\r\n{text.as_string()}\r\n--=_report\r\n{fields}\r\n--=_report--\r\n"
    ).encode()
