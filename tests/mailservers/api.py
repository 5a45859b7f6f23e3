"""What a test may ask of the mail servers, whichever they are."""

from __future__ import annotations

import contextlib
import ssl
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

from imapclient import IMAPClient


class Server(Protocol):
    """One of the two servers, for tests of what happens when it goes away."""

    def kill(self) -> None:
        """End it at once: connections break, the port refuses. What it holds stays on disk."""

    def restart(self) -> None:
        """Start it on the same ports, after `kill` or while it runs."""

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended since."""


class MailServers(ABC):
    """An IMAP and an SMTP server on loopback that know every user of every domain.

    A mail submitted by SMTP to any address lands in that address's INBOX; any user may log in, by IMAP
    and by SMTP, with `password`. Users are addresses in lower case. Each mailbox has the folders INBOX,
    Junk, Archive and Sent. Nothing ever leaves the machine. Three recipients are special, in any domain:
    `unknown@` is refused at RCPT with 550, `busy@` with 450, and mail to `bounces@` is accepted and comes
    back to its envelope sender as a delivery status notification (RFC 3464).

    IMAP: plain with STARTTLS on `imap_port`, TLS on `imaps_port`. SMTP: plain with STARTTLS on `smtp_port`,
    TLS on `smtps_port`; AUTH is offered on both and not required. The certificate is for 127.0.0.1 and
    localhost, by a CA that nobody knows: `ca_file`. UIDs rise; they need not begin at 1.

    `real` tells Dovecot and Postfix from the embedded servers. These have no custom keywords (STORE
    ignores `$Mailbot`), no CONDSTORE and no UNSELECT.
    """

    real: bool
    imap_host = "127.0.0.1"
    smtp_host = "127.0.0.1"
    imap_port: int
    imaps_port: int
    smtp_port: int
    smtps_port: int
    ca_file: Path
    password = "secret"
    imap: Server
    smtp: Server

    @abstractmethod
    def deliver(self, raw: bytes, to: str, sender: str = "sender@elsewhere.test") -> None:
        """Put a mail into the INBOX of `to` as a border server does; it is visible when this returns.

        Line ends become CRLF; `Return-Path` (with `sender`, which may be "") and `Delivered-To` are
        added on top. No address is special here.
        """

    @abstractmethod
    def settle(self, timeout: float = 20) -> None:
        """Wait until all that was submitted by SMTP has arrived: before a test says what did NOT arrive.

        A mail that is deferred for ever makes this raise TimeoutError.
        """

    @abstractmethod
    def wipe(self) -> None:
        """Empty the queue and remove all mailboxes."""

    def reset(self) -> None:
        """After a test: restart what it killed, and wipe."""
        for server in (self.imap, self.smtp):
            if not server.running:
                server.restart()
        self.wipe()

    @abstractmethod
    def log(self, most: int = 4000) -> str:
        """What the servers logged, for the message of a failing test."""

    @abstractmethod
    def close(self) -> None:
        """Stop both and remove everything."""

    @contextlib.contextmanager
    def client(self, user: str, *, timeout: float = 20) -> Iterator[IMAPClient]:
        """A logged-in client of that user, over TLS."""
        trust = ssl.create_default_context(cafile=str(self.ca_file))
        client = IMAPClient(self.imap_host, self.imaps_port, ssl=True, ssl_context=trust, timeout=timeout, use_uid=True)
        try:
            client.login(user, self.password)
            yield client
        finally:
            with contextlib.suppress(Exception):  # the server may be gone, as the test wished
                client.logout()

    def append(self, user: str, raw: bytes, folder: str = "INBOX", when: datetime | None = None) -> None:
        """Store a mail byte for byte, in a folder that is created if need be.

        `when` (aware) becomes its INTERNALDATE; Dovecot turns one in the future into now.
        """
        with self.client(user) as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            client.append(folder, raw, msg_time=when)

    def messages(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The raw mails of a folder in the order of their UIDs. Changes no flag."""
        return [raw for raw, _ in self._fetch(user, folder).values()]

    def flags(self, user: str, folder: str = "INBOX") -> dict[int, set[str]]:
        """The flags and keywords of each mail by UID, without `\\Recent`."""
        return {uid: flags for uid, (_, flags) in self._fetch(user, folder).items()}

    def _fetch(self, user: str, folder: str) -> dict[int, tuple[bytes, set[str]]]:
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
            uids = client.search("ALL")
            answer = client.fetch(uids, ["BODY.PEEK[]", "FLAGS"]) if uids else {}
        return {
            uid: (
                answer[uid][b"BODY[]"],
                {flag.decode() for flag in answer[uid][b"FLAGS"]} - {"\\Recent"},
            )
            for uid in sorted(uids)
        }

    def wait_for(self, user: str, count: int, timeout: float = 20, folder: str = "INBOX") -> list[bytes]:
        """The mails of a folder as soon as there are `count` of them; AssertionError if too few come."""
        end = time.monotonic() + timeout
        while len(found := self.messages(user, folder)) < count:
            if time.monotonic() > end:
                raise AssertionError(f"{user} {folder}: {len(found)} mails of {count} after {timeout} s\n{self.log()}")
            time.sleep(0.05)
        return found
