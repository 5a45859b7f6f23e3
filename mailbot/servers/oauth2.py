"""OAuth 2.0, as far as a mail account needs it: an access token for a refresh token (RFC 6749 §6), and the two ways in
which a person gives mailbot a refresh token: by device login (RFC 8628), or by a login in a browser whose last address
is pasted back (RFC 6749 §4.1 with PKCE, RFC 7636). The only importer of urllib.request.

Nothing is kept here (`tokens` does that). Two failures: `NoToken` when the token server cannot be reached or is of no
use just now; `TokenRefused` when it says no, which a person must mend. Secrets stand in no error.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
import secrets
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailbot.clean import answer_line, one_line
from mailbot.errors import AccountFailure, TemporaryFailure
from mailbot.servers.endpoint import why

TIMEOUT = 20.0  # seconds without a byte, and for a whole answer
_LARGEST = 256 * 2**10  # octets of an answer
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
#: Where the browser is sent at the end of a login: nothing listens there, and the person copies the address. RFC 8252
#: §7.3
REDIRECT = "http://127.0.0.1:1/"
#: RFC 6749 appendix A.12 and A.17: a token is of visible ASCII characters. No other reaches a login command.
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
#: Seconds; RFC 6749 §5.1 does not oblige a server to say how long its token lives.
_UNSAID = 300.0
_LONGEST = 10 * 365 * 86_400.0


class NoToken(TemporaryFailure):
    """There is no token just now: the token server cannot be reached, or answers with nonsense. server: host:port."""

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(f"token server {server}", reason)
        self.server = server


class TokenRefused(AccountFailure):
    """The token server says no. error: its word of RFC 6749 §5.2, "" where we had nothing to ask with."""

    def __init__(self, server: str, error: str, reason: str) -> None:
        super().__init__(f"token server {server}", reason)
        self.server, self.error = server, error


@dataclass(frozen=True, slots=True)
class Client:
    """mailbot as a token server knows it. device_url, login_url: "" where the provider has none. ca_file: as of an
    `Endpoint`. secret: "" for a public client (RFC 6749 §2.1)."""

    token_url: str
    client_id: str
    secret: str = field(default="", repr=False)
    device_url: str = ""
    login_url: str = ""
    scope: str = ""
    ca_file: Path | None = None

    @property
    def server(self) -> str:
        """host:port of the token server, for errors."""
        found = urllib.parse.urlsplit(self.token_url)
        return f"{found.hostname}:{found.port or (443 if found.scheme == 'https' else 80)}"


@dataclass(frozen=True, slots=True)
class Granted:
    """What a token server grants. Lengths in seconds. refresh: "" where the old one goes on to count. refresh_lasts:
    None where the server does not say."""

    access: str = field(repr=False)
    lasts: float
    refresh: str = field(default="", repr=False)
    refresh_lasts: float | None = None


def renewed(client: Client, refresh: str) -> Granted:
    """An access token for a refresh token (RFC 6749 §6)."""
    return _granted(client, _asked(client, client.token_url, {"grant_type": "refresh_token", "refresh_token": refresh}))


# --- device login -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Device:
    """What a person needs to know for a device login (RFC 8628 §3.2). lasts, interval: seconds."""

    code: str = field(repr=False)
    user_code: str
    address: str
    complete: str
    lasts: float
    interval: float


def device(client: Client) -> Device:
    """Begin a device login. Raises TokenRefused where the server has none for this client or scope."""
    found = _asked(client, client.device_url, {"scope": client.scope} if client.scope else {})
    address = found.get("verification_uri") or found.get("verification_url")  # the latter: Google's name
    code, user_code = found.get("device_code"), found.get("user_code")
    if not (isinstance(code, str) and isinstance(user_code, str) and isinstance(address, str)):
        raise NoToken(client.server, "the answer holds no device login")
    complete = found.get("verification_uri_complete")
    return Device(
        code,
        one_line(user_code, 60),
        one_line(address, 300),
        one_line(complete, 400) if isinstance(complete, str) else "",
        _seconds(found.get("expires_in"), 900.0),
        max(1.0, _seconds(found.get("interval"), 5.0)),
    )


def await_device(client: Client, begun: Device, sleep: Callable[[float], None] = time.sleep) -> Granted:
    """Ask until the person has agreed (RFC 8628 §3.4, §3.5). Raises TokenRefused when he declines or time is over."""
    interval, end = begun.interval, time.monotonic() + begun.lasts
    while time.monotonic() < end:
        sleep(interval)
        try:
            asked = _asked(client, client.token_url, {"grant_type": _DEVICE_GRANT, "device_code": begun.code})
            return _granted(client, asked)
        except TokenRefused as refused:
            if refused.error == "slow_down":
                interval += 5.0
            elif refused.error != "authorization_pending":
                raise
        except NoToken:  # §3.5: a connection that fails is tried again, and more seldom
            interval *= 2
    raise TokenRefused(client.server, "expired_token", "the login was not confirmed in time")


# --- login in a browser -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Login:
    """A login in a browser that was begun. address: what the person opens."""

    address: str
    state: str
    verifier: str = field(repr=False)


def login(client: Client, username: str) -> Login:
    """Begin a login in a browser. The address holds no secret."""
    state, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": REDIRECT,
        "scope": client.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "login_hint": username,
        # Without these Google grants no refresh token; others do not mind.
        "access_type": "offline",
        "prompt": "consent",
    }
    return Login(f"{client.login_url}?{urllib.parse.urlencode(asked)}", state, verifier)


def end_login(client: Client, begun: Login, pasted: str) -> Granted:
    """The tokens for the address that the browser was sent to. Raises TokenRefused where it is not that of this
    login."""
    found = urllib.parse.parse_qs(urllib.parse.urlsplit(pasted.strip()).query)
    if error := found.get("error"):
        raise TokenRefused(client.server, error[0], f"the login was refused: {one_line(error[0], 100)}")
    if found.get("state") != [begun.state] or len(found.get("code", [])) != 1:
        raise TokenRefused(client.server, "", f"this is not the address of this login: it begins with {REDIRECT}?")
    asked = {
        "grant_type": "authorization_code",
        "code": found["code"][0],
        "redirect_uri": REDIRECT,
        "code_verifier": begun.verifier,
    }
    return _granted(client, _asked(client, client.token_url, asked))


# --- asking -------------------------------------------------------------------------------------------------


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What a redirect leads to was not configured, and would get the secrets."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _asked(client: Client, url: str, values: Mapping[str, str]) -> dict[str, Any]:
    """One POST; the answer's JSON object. The client names itself in the body, as all providers take it (§2.3.1)."""
    form = {**values, "client_id": client.client_id}
    if client.secret:
        form["client_secret"] = client.secret
    try:
        context = ssl.create_default_context()
        if client.ca_file is not None:
            context.load_verify_locations(cafile=str(client.ca_file))
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _NoRedirect)
        request = urllib.request.Request(url, urllib.parse.urlencode(form).encode(), {"Accept": "application/json"})
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                status, body = answer.status, _read(answer)
        except urllib.error.HTTPError as error:
            with error:
                status, body = error.code, _read(error)
    except urllib.error.URLError as error:
        reason = error.reason
        raise NoToken(client.server, why(reason) if isinstance(reason, OSError) else str(reason)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoToken(client.server, why(error)) from None
    return _understood(client, status, body, [client.secret, *values.values()])


def _read(answer: Any) -> bytes:
    """The body, of bounded size and in bounded time, however slowly it comes."""
    body, end = b"", time.monotonic() + TIMEOUT
    while piece := answer.read1(2**16):
        body += piece
        if len(body) > _LARGEST:
            raise ValueError("the answer is too large")
        if time.monotonic() > end:
            raise TimeoutError
    return body


def _understood(client: Client, status: int, body: bytes, private: list[str]) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if status == 200 and isinstance(found, dict):
        return found
    error = found.get("error") if isinstance(found, dict) else None
    # Only a server that speaks RFC 6749 §5.2 says no; what stands before it (a proxy, a page "come back later") does
    # not.
    if not isinstance(error, str) or status >= 500 or status == 429 or error == "temporarily_unavailable":
        raise NoToken(client.server, f"HTTP {status}" if status != 200 else "the answer is no JSON object")
    described = found.get("error_description") if isinstance(found, dict) else None
    said = f"{error}: {described}" if isinstance(described, str) else error
    for secret in filter(None, private):
        said = said.replace(secret, "***")
    raise TokenRefused(client.server, error, one_line(answer_line(said), 300))


def _granted(client: Client, found: Mapping[str, Any]) -> Granted:
    access, refresh = found.get("access_token"), found.get("refresh_token") or ""
    if not (isinstance(access, str) and _TOKEN.fullmatch(access)):
        raise NoToken(client.server, "the answer holds no access token")
    if not isinstance(refresh, str) or (refresh and not _TOKEN.fullmatch(refresh)):
        raise NoToken(client.server, "the answer's refresh token is none")
    # Google and Keycloak say how long a refresh token lasts, each in its own word; 0 means: for ever.
    lasts = _seconds(found.get("refresh_token_expires_in") or found.get("refresh_expires_in"), 0.0)
    return Granted(access, _seconds(found.get("expires_in"), _UNSAID), refresh, lasts or None)


def _seconds(value: object, otherwise: float) -> float:
    """A length as servers write it, a number or its digits."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return otherwise
    return float(min(value, _LONGEST))
