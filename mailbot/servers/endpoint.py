"""Where a mail server is, how to reach the server safely, and how to quote its words.

Shared by the two network edges (`imap`, `smtp`). Standard library only; opens no connection.
"""

from __future__ import annotations

import base64
import errno
import ipaddress
import os
import ssl
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from mailbot.clean import answer_line, answer_text
from mailbot.errors import PermanentFailure

Security = Literal["tls", "starttls", "none"]

#: The SASL mechanisms that take an access token, the standard first, each with what is answered to a refusal, which
#: comes as a challenge (RFC 7628 §3.2.3).
BEARERS = {"OAUTHBEARER": b"\1", "XOAUTH2": b""}


class Tokens(Protocol):
    """Where the access tokens of an account come from (`servers.tokens`)."""

    def access(self, not_this: str = "") -> str:
        """An access token, other than one that the server has refused. Raises NoToken and TokenRefused."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One account at one server. An empty `username` means: do not log in.

    tls: implicit TLS, the default (RFC 8314 §3). starttls: must succeed before anything else is said.
    none: plain text, only for loopback addresses. Certificates are always verified; `ca_file` (PEM)
    adds a site's own CA to the system's. The password never shows in a repr. tokens: log in with an access token
    instead of a password (`bearing` makes the endpoint of one login).

    Raises PermanentFailure for a value that could not be used safely.
    """

    host: str
    port: int
    security: Security = "tls"
    ca_file: Path | None = None
    username: str = ""
    password: str = field(default="", repr=False)
    tokens: Tokens | None = None

    def __post_init__(self) -> None:
        if not self.host or any(c.isspace() or unicodedata.category(c) == "Cc" for c in self.host):
            raise PermanentFailure("host", "empty, or with spaces or control characters")
        if not 0 < self.port < 65536:
            raise PermanentFailure(self.host, f"port {self.port} is not between 1 and 65535")
        if self.security not in ("tls", "starttls", "none"):
            raise PermanentFailure(self.name, f"security {self.security!r} is none of tls, starttls, none")
        if self.security == "none" and not is_loopback(self.host):
            raise PermanentFailure(self.name, "security none is for loopback addresses only")
        # A CR, LF or NUL would end the login command and start another one (or split SASL PLAIN, RFC 4616).
        for what, value in (("username", self.username), ("password", self.password)):
            if any(unicodedata.category(c) == "Cc" for c in value):
                raise PermanentFailure(self.name, f"{what} contains a control character")

    def bearing(self, token: str) -> Endpoint:
        """With an access token in the password's place."""
        return replace(self, password=token)

    def bearer(self, mechanism: str) -> bytes:
        """What SASL says with the access token: OAUTHBEARER of RFC 7628 §3.1, or XOAUTH2, which the big providers had
        before it."""
        if mechanism == "XOAUTH2":
            return f"user={self.username}\1auth=Bearer {self.password}\1\1".encode()
        name = self.username.replace("=", "=3D").replace(",", "=2C")  # RFC 5801 §4
        return f"n,a={name},\1host={self.host}\1port={self.port}\1auth=Bearer {self.password}\1\1".encode()

    @property
    def name(self) -> str:
        """host:port, for logs and errors."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def tls_context(self) -> ssl.SSLContext:
        """A context that verifies certificate and host name. Nothing can switch that off.

        Raises PermanentFailure when `ca_file` cannot be used.
        """
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
        if self.ca_file is not None:
            try:
                context.load_verify_locations(cafile=str(self.ca_file))
            except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
                raise PermanentFailure(self.name, f"ca_file {self.ca_file}: {error}") from error
        return context

    def said(self, answer: object) -> str:
        """A server's answer (or an exception that holds one) as one clean line without our secret.

        Some servers quote the command they refuse: the password and its SASL forms are masked.
        """
        text = answer_text(answer)
        for secret in self._secrets():  # before spaces are tidied: a password may contain several
            text = text.replace(secret, "***")
        return answer_line(text)

    def _secrets(self) -> list[str]:
        if not self.password:
            return []
        plain = f"\0{self.username}\0{self.password}".encode()
        spoken = [self.bearer(mechanism) for mechanism in BEARERS] if self.tokens is not None else []
        return [
            *(base64.b64encode(said).decode() for said in [plain, *spoken]),
            base64.b64encode(self.password.encode()).decode(),
            self.password.replace("\\", "\\\\").replace('"', '\\"'),
            self.password,
        ]


def certificate_ends(certificate: Mapping[str, Any] | None) -> datetime | None:
    """Until when a peer's certificate is good, as Python's ssl gives it; None: there is none."""
    end = (certificate or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC) if isinstance(end, str) else None


def is_loopback(host: str) -> bool:
    """Whether `host` is a loopback address, or the name that RFC 6761 §6.3 reserves for one."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def why(error: BaseException) -> str:
    """A network error in words that name the cause: the library's own text if that is clear already."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate does not verify: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or answer_line(str(error))}"
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, OSError) and error.errno is not None and error.errno in errno.errorcode:
        return os.strerror(error.errno)  # asyncio puts a text of its own into `strerror`
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return answer_line(error) or type(error).__name__
