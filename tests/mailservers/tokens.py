"""A token server on loopback: RFC 6749 (refresh, code with PKCE), RFC 8628 (device login), and RFC 7662, by which
Dovecot asks whether a token is good. It rotates, revokes, lets tokens expire, asks for patience and dies, as a test
wishes.

    with TokenServer() as tokens:
        refresh = tokens.login("lpse@batangkab.test")     # as if a person had logged in
        tokens.rotates = True                              # each refresh token is good once
        tokens.revoke("lpse@batangkab.test")
        tokens.dies(); tokens.lives()                      # the address of tokens only: Dovecot goes on asking
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from .process import free_ports

CLIENT, SECRET = "mailbot-client", "client-secret-of-the-tests"


class Refusal(Exception):
    """An error of RFC 6749 §5.2."""


@dataclass
class _Device:
    user: str | None = None  # who has agreed
    denied: bool = False
    asked: float = float("-inf")
    interval: float = 1.0
    slow_downs: int = 0


@dataclass
class _Code:
    user: str
    challenge: str


@dataclass
class TokenServer:
    """See the module's text. lasts: seconds of an access token. said: what is answered instead, (status, body)."""

    lasts: float = 3600.0
    rotates: bool = False
    refresh_lasts: float | None = None
    said: tuple[int, str] | None = None
    delay: float = 0.0  # seconds before a token is answered
    interval: float = 1.0  # of device logins
    asked: list[str] = field(default_factory=list)  # the grant types that came
    most_at_once: int = 0
    _at_once: int = 0
    _refresh: dict[str, str] = field(default_factory=dict)  # token: user
    _access: dict[str, tuple[str, float]] = field(default_factory=dict)  # token: user, end
    _devices: dict[str, _Device] = field(default_factory=dict)
    _user_codes: dict[str, _Device] = field(default_factory=dict)
    _codes: dict[str, _Code] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.port, self.introspection_port = free_ports(2)
        self.url, self.device_url = (f"http://127.0.0.1:{self.port}/{each}" for each in ("token", "device"))
        self.login_url = f"http://127.0.0.1:{self.port}/login"
        self._tokens: ThreadingHTTPServer | None = None
        self._introspection: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self._introspection = _listening(self.introspection_port, self._introspect)
        self.lives()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dies()
        if self._introspection is not None:
            self._introspection.shutdown()
            self._introspection.server_close()

    # --- what a test wishes ---------------------------------------------------------------------------------

    def settings(self, **more: Any) -> dict[str, Any]:
        """As `oauth2` of config.yaml, with the secret as a file's path to be made by the test."""
        return {"provider": "custom", "client_id": CLIENT, "token_url": self.url, "device_url": self.device_url, **more}

    def login(self, user: str) -> str:
        """A refresh token, as if this person had logged in."""
        with self._lock:
            token = f"refresh-{secrets.token_urlsafe(24)}"
            self._refresh[token] = user
            return token

    def revoke(self, user: str, *, access: bool = True) -> None:
        """All that this person has granted; with access=False what has been handed out goes on to its end."""
        with self._lock:
            self._refresh = {token: each for token, each in self._refresh.items() if each != user}
            if access:
                self._access = {token: each for token, each in self._access.items() if each[0] != user}

    def expire(self) -> None:
        """Every access token ends, earlier than was said."""
        with self._lock:
            self._access.clear()

    def good(self, token: str) -> bool:
        """Whether a refresh token is."""
        return token in self._refresh

    def agree(self, user_code: str, user: str) -> None:
        """A person enters the code of a device login."""
        self._user_codes[user_code].user = user

    def decline(self, user_code: str) -> None:
        self._user_codes[user_code].denied = True

    def browse(self, address: str, user: str) -> str:
        """A person logs in at the address; where the browser is sent."""
        found = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert found["response_type"] == "code" and found["client_id"] == CLIENT
        assert found["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(12)
        self._codes[code] = _Code(user, found["code_challenge"])
        return f"{found['redirect_uri']}?state={found['state']}&code={code}"

    def dies(self) -> None:
        if self._tokens is not None:
            self._tokens.shutdown()
            self._tokens.server_close()
            self._tokens = None

    def lives(self) -> None:
        self._tokens = _listening(self.port, self._answer)

    # --- what clients ask -----------------------------------------------------------------------------------

    def _answer(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            self.asked.append(form.get("grant_type", path))
        try:
            time.sleep(self.delay)
            if self.said is not None:
                return self.said
            with self._lock:
                if form.get("client_id") != CLIENT or form.get("client_secret") not in (SECRET, None):
                    raise Refusal("invalid_client")
                return 200, json.dumps(self._device(form) if path == "/device" else self._grant(form))
        except Refusal as refusal:
            error = str(refusal)
            # As some servers do, it quotes what it was given.
            said = {"error": error, "error_description": f"no: {form.get('refresh_token', '-')}"}
            return 401 if error == "invalid_client" else 400, json.dumps(said)
        finally:
            with self._lock:
                self._at_once -= 1

    def _grant(self, form: dict[str, str]) -> dict[str, Any]:
        match form.get("grant_type"):
            case "refresh_token":
                given = form.get("refresh_token", "")
                user = self._refresh.get(given)
                if user is None:
                    raise Refusal("invalid_grant")
                if not self.rotates:
                    return self._tokens_of(user)
                del self._refresh[given]
                return self._tokens_of(user, self.login(user))
            case "urn:ietf:params:oauth:grant-type:device_code":
                user = self._agreed(self._devices.get(form.get("device_code", "")))
            case "authorization_code":
                code = self._codes.pop(form.get("code", ""), None)
                digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
                if code is None or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != code.challenge:
                    raise Refusal("invalid_grant")
                user = code.user
            case _:
                raise Refusal("unsupported_grant_type")
        return self._tokens_of(user, self.login(user))

    def _tokens_of(self, user: str, refresh: str = "") -> dict[str, Any]:
        access = f"access-{secrets.token_urlsafe(24)}"
        self._access[access] = user, time.monotonic() + self.lasts
        answer: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "expires_in": self.lasts}
        if refresh:
            answer["refresh_token"] = refresh
            if self.refresh_lasts is not None:
                answer["refresh_token_expires_in"] = self.refresh_lasts
        return answer

    def _device(self, form: dict[str, str]) -> dict[str, Any]:
        code, user_code = secrets.token_urlsafe(16), secrets.token_hex(3).upper()
        self._devices[code] = self._user_codes[user_code] = _Device(interval=self.interval)
        return {
            "device_code": code,
            "user_code": user_code,
            "verification_uri": f"http://127.0.0.1:{self.port}/code",
            "expires_in": 30,
            "interval": self.interval,
        }

    def _agreed(self, device: _Device | None) -> str:
        """RFC 8628 §3.5."""
        if device is None:
            raise Refusal("expired_token")
        early, device.asked = time.monotonic() - device.asked < device.interval - 0.05, time.monotonic()
        if early:
            device.interval += 5
            device.slow_downs += 1
            raise Refusal("slow_down")
        if device.denied:
            raise Refusal("access_denied")
        if device.user is None:
            raise Refusal("authorization_pending")
        return device.user

    def _introspect(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        """RFC 7662 §2.2."""
        with self._lock:
            user, end = self._access.get(form.get("token", ""), ("", 0.0))
        active = bool(user) and time.monotonic() < end
        return 200, json.dumps({"active": active, "username": user} if active else {"active": False})


def _listening(port: int, answer: Any) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            status, text = answer(urlsplit(self.path).path, form)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server
