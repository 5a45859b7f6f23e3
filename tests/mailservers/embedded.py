"""The same API where Dovecot and Postfix cannot run: the demo's servers, with TLS and with what tests ask for."""

from __future__ import annotations

import shutil
import ssl
import tempfile
from email.message import EmailMessage
from pathlib import Path

from mailbot.demo.servers import Servers, Tls

from .api import MailServers
from .process import free_ports, make_certificate


class _Servers(Servers):
    """With the three recipients that are special."""

    def refusal(self, recipient: str) -> str | None:
        if recipient.startswith("unknown@"):
            return f"550 5.1.1 <{recipient}>: no such user"
        if recipient.startswith("busy@"):
            return f"450 4.2.0 <{recipient}>: mailbox is busy"
        return None

    async def accept(self, raw: bytes, recipient: str, sender: str) -> None:
        if not recipient.startswith("bounces@"):
            await super().accept(raw, recipient, sender)
        elif sender:  # a notification is never answered by another (RFC 5321 §6.1)
            await super().accept(_bounce(recipient, sender), sender, "")


class EmbeddedServers(MailServers):
    """See MailServers."""

    real = False

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="mailbot-"))
        self.ca_file, certificate, key = make_certificate(self._folder)
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate, key)
        self.imap_port, self.imaps_port, self.smtp_port, self.smtps_port = free_ports(4)
        self._servers = _Servers(
            self.password,
            imap_port=self.imap_port,
            smtp_port=self.smtp_port,
            tls=Tls(tls, self.imaps_port, self.smtps_port),
        )
        self.imap, self.smtp = self._servers.imap, self._servers.smtp

    def deliver(self, raw: bytes, to: str, sender: str = "sender@elsewhere.test") -> None:
        self._servers.deliver(raw, to, sender)

    def settle(self, timeout: float = 20) -> None:
        return None  # a mail has arrived before its final dot is answered

    def wipe(self) -> None:
        self._servers.wipe()

    def log(self, most: int = 4000) -> str:
        return "(the embedded servers keep no log)"

    def close(self) -> None:
        self._servers.close()
        shutil.rmtree(self._folder, ignore_errors=True)


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
