"""Submission of one mail to one recipient (RFC 6409). The only importer of aiosmtplib.

    async with Submitter(endpoint, local_hostname="helpdesk.example.go.id") as submitter:
        outcome = await submitter.submit(Envelope("", "user@example.id"), raw, before_dot)

The connection is made at the first submission and used again for the next ones. Nothing that a server does
raises an error here: every end is an `Outcome` (only a `ca_file` that cannot be used is a PermanentFailure).
The caller has to know whether the server may have the mail. Before `before_dot` the server cannot have it. From
then on until the answer the server may have it ("uncertain").
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import Literal, Self

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from mailbot.killpoint import kill_point
from mailbot.servers.endpoint import BEARERS, Endpoint, Tokens, certificate_ends, why
from mailbot.servers.oauth2 import NoToken, TokenRefused

State = Literal["accepted", "again", "failed", "uncertain"]
Phase = Literal["connect", "mail", "rcpt", "data", "dot"]
Scope = Literal["recipient", "account", "server"]

Answer = asyncio.Future[aiosmtplib.SMTPResponse]

BLOCK = 64 * 2**10  # octets written at once


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds; `command`, `block` and `dot` are the minima of RFC 5321 §4.5.3.2. A slow final 250 is waited for."""

    connect: float = 30.0
    command: float = 300.0
    block: float = 180.0
    dot: float = 600.0
    quit: float = 5.0


@dataclass(frozen=True, slots=True)
class Envelope:
    """RFC 5321 §2.3.1, with one recipient. An empty sender is the null reverse-path.

    proof: an address of ours that gets the same bytes in the same submission, so that a server which accepted one copy
    has accepted both; "" for none. If the server refuses this address, the mail still goes to its recipient.
    """

    sender: str
    recipient: str
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a submission ended.

    state: accepted: the server has the mail. again: the server does not have it; try later. failed: this mail will
        never reach this recipient. uncertain: nobody knows whether the server has the mail.
    code: the reply code, None if no reply decided. text: the reply, one printable line.
    scope: what the outcome concerns: this recipient only; our account (hold everything, tell the operator); or the
        server as a whole (other mails would end in the same way).
    null_sender_refused: the host does not take `MAIL FROM:<>`. too_big: the mail is larger than the server allows.
    proof_refused: why the copy to `Envelope.proof` did not go along; "" if it did, or if none was asked for. token: the
    token server, where its answer, or none, is what stopped us.
    """

    state: State
    code: int | None
    text: str
    phase: Phase
    scope: Scope = "recipient"
    null_sender_refused: bool = False
    too_big: bool = False
    proof_refused: str = ""
    token: str = ""


class Submitter:
    """One connection to one server, used for one submission at a time."""

    def __init__(self, endpoint: Endpoint, local_hostname: str = "localhost", timeouts: Timeouts | None = None) -> None:
        """local_hostname: the name in EHLO. It is never looked up, because that may take seconds."""
        self._endpoint = endpoint
        self._local_hostname = local_hostname
        self._timeouts = timeouts or Timeouts()
        self._client: aiosmtplib.SMTP | None = None
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def max_size(self) -> int | None:
        """The largest mail in octets that the server announced (RFC 1870); None: no limit, or not connected."""
        announced = self._client.esmtp_extensions.get("size", "") if self._client else ""
        # `isdigit` takes more than ASCII's digits; a limit of 0 means no limit.
        return int(announced) or None if re.fullmatch(r"[0-9]{1,15}", announced) else None

    @property
    def stands(self) -> bool:
        """Whether we are connected and logged in, as far as is known."""
        return self._client is not None and self._client.is_connected

    @property
    def certificate_ends(self) -> datetime | None:
        """Until when the server's certificate is good; None: not connected, or not encrypted."""
        return certificate_ends(self._client.get_transport_info("peercert")) if self._client else None

    async def connect(self) -> Outcome | None:
        """Make the connection and log in. None: the connection stands. `submit` connects by itself."""
        async with self._turn:
            client = await self._connected()
            return client if isinstance(client, Outcome) else None

    async def probe(self, envelope: Envelope) -> Outcome | None:
        """Offer an envelope and take it back (MAIL, RCPT, RSET). None: the server would take a mail."""
        async with self._turn:
            client = await self._connected()
            if isinstance(client, Outcome):
                return client
            phase: Phase = "mail"
            try:
                for phase, command in (
                    ("mail", [b"MAIL", _path(b"FROM:", envelope.sender)]),
                    ("rcpt", [b"RCPT", _path(b"TO:", envelope.recipient)]),
                ):
                    reply = await self._ask(client, *command)
                    if reply.code not in (250, 251):
                        return await self._refused(client, phase, reply, envelope)
                await client.rset(timeout=self._timeouts.command)
            except (aiosmtplib.SMTPException, OSError) as error:
                self._drop()
                return Outcome("again", None, self._reason(error), phase, "server")
        return None

    async def close(self) -> None:
        """Say QUIT and close. Never fails."""
        if self._client is not None:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=self._timeouts.quit)
        self._drop()

    async def submit(self, envelope: Envelope, raw: bytes, before_dot: Callable[[], None]) -> Outcome:
        """Hand one mail over.

        raw: an RFC 5322 message; any line ends. before_dot: called once, when the server has said 354 and has
        everything but the final dot. An error that it raises ends the submission without the dot, and is raised
        again. It is not called if the mail cannot have been accepted.
        """
        if not raw:
            raise ValueError("an empty message")
        async with self._turn:
            try:
                return await self._submit(envelope, raw, before_dot)
            except BaseException:  # cancelled, or before_dot failed: the dialogue is cut in the middle
                self._drop()
                raise

    # --- connection -----------------------------------------------------------------------------------

    async def _connected(self) -> aiosmtplib.SMTP | Outcome:
        if self._client is not None and self._client.is_connected:
            return self._client
        self._drop()
        endpoint = self._endpoint
        client = aiosmtplib.SMTP(
            hostname=endpoint.host,
            port=endpoint.port,
            local_hostname=self._local_hostname,
            timeout=self._timeouts.connect,
            use_tls=endpoint.security == "tls",
            start_tls=endpoint.security == "starttls",  # None would mean: encrypt if it happens to work
            tls_context=endpoint.tls_context() if endpoint.security != "none" else None,
        )
        try:
            await client.connect()
            # EHLO alone, no fall-back to HELO: submission servers are all ESMTP (RFC 6409 §3.2).
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
            await self._login(client)
        except (NoToken, TokenRefused) as error:
            scope: Scope = "account" if isinstance(error, TokenRefused) else "server"
            outcome = Outcome("again", None, error.reason, "connect", scope, token=error.server)
        except _NoLogin as error:
            outcome = Outcome("again", None, str(error), "connect", "account")
        except aiosmtplib.SMTPAuthenticationError as error:
            outcome = classify("connect", error.code, self._endpoint.said(error.message))
        except aiosmtplib.SMTPResponseException as error:
            outcome = Outcome("again", _real(error.code), self._reason(error), "connect", "server")
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            outcome = Outcome("again", None, self._reason(error), "connect", "server")
        else:
            self._client = client
            return client
        finally:
            if self._client is not client:
                client.close()
        return outcome

    async def _login(self, client: aiosmtplib.SMTP) -> None:
        endpoint = self._endpoint
        if not endpoint.username:
            return
        if endpoint.security != "none" and client.get_transport_info("sslcontext") is None:
            raise _NoLogin("the connection is not encrypted: the password stays here")
        if endpoint.tokens is not None:
            await self._bear(client, endpoint, endpoint.tokens)
            return
        # One try with one mechanism: client.login() would send a wrong password three times (lock-out).
        user, password = endpoint.username.encode(), endpoint.password.encode()
        if "plain" in client.server_auth_methods:
            await client.auth_plain(user, password)
        elif "login" in client.server_auth_methods:
            await client.auth_login(user, password)
        else:
            raise _NoLogin("the server offers no login that mailbot knows (PLAIN, LOGIN)")

    async def _bear(self, client: aiosmtplib.SMTP, endpoint: Endpoint, tokens: Tokens) -> None:
        """Log in with an access token; if the server does not take the one that is kept, with a new one."""
        mechanism = next((one for one in BEARERS if one.lower() in client.server_auth_methods), None)
        if mechanism is None:
            raise _NoLogin(f"the server offers no login with a token that mailbot knows ({', '.join(BEARERS)})")
        token = await asyncio.to_thread(tokens.access)
        try:
            await self._bearer(client, endpoint.bearing(token), mechanism)
        except aiosmtplib.SMTPAuthenticationError as error:
            if error.code // 100 != 5:
                raise
            token = await asyncio.to_thread(tokens.access, token)
            await self._bearer(client, endpoint.bearing(token), mechanism)

    async def _bearer(self, client: aiosmtplib.SMTP, endpoint: Endpoint, mechanism: str) -> None:
        self._endpoint = endpoint  # so that what the server says is shown without the token
        said = base64.b64encode(endpoint.bearer(mechanism))
        reply = await client.execute_command(b"AUTH", mechanism.encode(), said)
        if reply.code == 334:  # the refusal comes as a challenge
            reply = await client.execute_command(base64.b64encode(BEARERS[mechanism]))
        if reply.code != 235:
            raise aiosmtplib.SMTPAuthenticationError(reply.code, reply.message)

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    # --- one submission -------------------------------------------------------------------------------

    async def _submit(self, envelope: Envelope, raw: bytes, before_dot: Callable[[], None]) -> Outcome:
        reused = self.stands
        outcome = await self._attempt(envelope, raw, before_dot)
        if reused and self._client is None and outcome.phase == "mail":
            # The server had closed an idle connection. Nothing was handed over: try once more on a new connection.
            outcome = await self._attempt(envelope, raw, before_dot)
        lost = outcome.state == "again" and outcome.code is None and outcome.phase in ("rcpt", "data")
        if outcome.proof_refused and lost:
            # The copy cost the connection. The mail itself was not refused: send it without the copy.
            alone = await self._attempt(replace(envelope, proof=""), raw, before_dot)
            return replace(alone, proof_refused=outcome.proof_refused)
        data_refused = outcome.state == "failed" and outcome.phase in ("data", "dot") and not outcome.too_big
        if envelope.proof and not outcome.proof_refused and data_refused:
            # One answer for both recipients may be about the copy alone, and then nobody would get the mail.
            alone = await self._attempt(replace(envelope, proof=""), raw, before_dot)
            return replace(alone, proof_refused=outcome.text) if alone.state == "accepted" else alone
        return outcome

    async def _attempt(self, envelope: Envelope, raw: bytes, before_dot: Callable[[], None]) -> Outcome:
        client = await self._connected()
        if isinstance(client, Outcome):
            return client
        data = stuffed(raw)
        parameters = self._parameters(client, envelope, data)
        if isinstance(parameters, Outcome):
            return parameters
        phase: Phase = "mail"
        proof_refused = ""
        try:
            command = [b"MAIL", _path(b"FROM:", envelope.sender), *parameters]
            if refused := await self._say(client, phase, command, envelope):
                return refused
            phase = "rcpt"
            if refused := await self._say(client, phase, [b"RCPT", _path(b"TO:", envelope.recipient)], envelope):
                return refused
            if envelope.proof:
                proof_refused = "the connection was lost"  # unless an answer comes
                proof_refused = await self._offer_copy(client, envelope.proof)
            phase = "data"
            if refused := await self._say(client, phase, [b"DATA"], envelope):
                return replace(refused, proof_refused=proof_refused)
            answer = await self._message(client, data)
        except (aiosmtplib.SMTPException, OSError) as error:
            self._drop()
            return Outcome("again", None, self._reason(error), phase, "server", proof_refused=proof_refused)
        if isinstance(answer, Outcome):
            return replace(answer, proof_refused=proof_refused)
        try:
            before_dot()
            return replace(await self._dot(client, answer), proof_refused=proof_refused)
        finally:
            await _forget(answer)

    async def _say(
        self, client: aiosmtplib.SMTP, phase: Phase, command: list[bytes], envelope: Envelope
    ) -> Outcome | None:
        """One command; None when it was taken."""
        reply = await self._ask(client, *command)
        if reply.code in ((354,) if phase == "data" else (250, 251)):
            return None
        return await self._refused(client, phase, reply, envelope)

    async def _ask(self, client: aiosmtplib.SMTP, *command: bytes) -> aiosmtplib.SMTPResponse:
        # The time-out of aiosmtplib takes two turns of the loop for each reply, this one takes one.
        async with asyncio.timeout(self._timeouts.command):
            return await client.execute_command(*command, timeout=None)

    async def _offer_copy(self, client: aiosmtplib.SMTP, proof: str) -> str:
        """Offers the second recipient. The server's words if it refuses, "" if it does not."""
        reply = await self._ask(client, b"RCPT", _path(b"TO:", proof))
        return "" if reply.code in (250, 251) else f"{reply.code} {self._endpoint.said(reply.message)}"

    def _parameters(self, client: aiosmtplib.SMTP, envelope: Envelope, data: bytes) -> list[bytes] | Outcome:
        """The parameters of MAIL, or why this mail cannot be offered to this server at all."""
        utf8 = client.supports_extension("smtputf8")
        if envelope.sender and (wrong := address_fault(envelope.sender, utf8)):
            return Outcome("again", None, f"the sender's address: {wrong}", "mail", "account")
        if wrong := address_fault(envelope.recipient, utf8):
            return Outcome("failed", None, f"the recipient's address: {wrong}", "rcpt")
        parameters = []
        if client.supports_extension("size"):
            limit = self.max_size
            if limit is not None and len(data) > limit:
                text = f"the mail has {len(data)} octets, the server takes {limit}"
                return Outcome("failed", None, text, "mail", too_big=True)
            parameters.append(b"SIZE=%d" % len(data))
        if not data.isascii():
            if not client.supports_extension("8bitmime"):
                text = "the mail has 8-bit text, and the server does not take that (8BITMIME)"
                return Outcome("failed", None, text, "mail", "server")
            parameters.append(b"BODY=8BITMIME")
        if not (envelope.sender + envelope.recipient).isascii():
            parameters.append(b"SMTPUTF8")
        return parameters

    async def _message(self, client: aiosmtplib.SMTP, data: bytes) -> Answer | Outcome:
        """Sends the message without the final dot, after 354. Returns the answer that is to come."""
        protocol = _protocol(client)
        # Listening starts first: a server may break off in the middle of the message.
        answer = asyncio.ensure_future(protocol.read_response())
        try:
            for start in range(0, len(data), BLOCK):
                await asyncio.sleep(0)
                if answer.done():
                    break
                protocol.write(data[start : start + BLOCK])
                if protocol._paused or protocol._connection_lost:  # else it would only make a task
                    await asyncio.wait_for(protocol._drain_helper(), self._timeouts.block)
            await asyncio.sleep(0)
        except BaseException:
            await _forget(answer)
            raise
        if not answer.done() and not protocol._buffer:
            return answer
        # An answer came before the dot: only the end of the connection can bring both sides together again.
        await _forget(answer)
        self._drop()
        reply = None if answer.cancelled() else answer.result()  # which raises when the connection is lost
        text = self._endpoint.said(reply.message) if reply else "an answer that nobody asked for"
        if reply and reply.code // 100 in (4, 5):
            return classify("data", reply.code, text)
        return Outcome("again", _real(reply.code) if reply else None, text, "data", "server")

    async def _dot(self, client: aiosmtplib.SMTP, answer: Answer) -> Outcome:
        try:
            protocol = _protocol(client)
            protocol.write(b".\r\n")
            kill_point("dot_sent")
        except aiosmtplib.SMTPException as error:  # the connection is known to be gone: no dot left
            self._drop()
            return Outcome("again", None, self._reason(error), "data", "server")
        try:
            async with asyncio.timeout(self._timeouts.dot):
                reply = await answer
        except (aiosmtplib.SMTPException, OSError) as error:
            self._drop()
            return Outcome("uncertain", None, self._reason(error), "dot", "server")
        decided = reply.code // 100 in (2, 4, 5)
        if not decided or reply.code == 421 or protocol._buffer:  # a second answer would be the next mail's
            self._drop()
        text = self._endpoint.said(reply.message)
        if decided:
            return classify("dot", reply.code, text)
        return Outcome("uncertain", _real(reply.code), text, "dot", "server")

    async def _refused(
        self, client: aiosmtplib.SMTP, phase: Phase, reply: aiosmtplib.SMTPResponse, envelope: Envelope
    ) -> Outcome:
        """A command was refused: clear the envelope for the next mail (RFC 5321 §4.1.1.5)."""
        usable = client.is_connected and reply.code // 100 in (4, 5)
        if usable:
            try:
                await client.rset(timeout=self._timeouts.command)
            except (aiosmtplib.SMTPException, OSError):
                usable = False
        if not usable:
            self._drop()
        text = self._endpoint.said(reply.message)
        return classify(phase, reply.code, text, null_sender=not envelope.sender)

    def _reason(self, error: BaseException) -> str:
        # aiosmtplib wraps the error of the socket or of TLS, which is the cause that a person can act on.
        inner = error.__cause__ if isinstance(error, aiosmtplib.SMTPConnectError) else None
        if isinstance(error, aiosmtplib.SMTPResponseException):
            return self._endpoint.said(error.message)
        return self._endpoint.said(why(inner if isinstance(inner, OSError) else error))


class _NoLogin(Exception):
    """We do not even try to log in."""


def _protocol(client: aiosmtplib.SMTP) -> SMTPProtocol:
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    return client.protocol


async def _forget(answer: Answer) -> None:
    """Stop waiting for an answer that does not matter any more."""
    if not answer.done():
        answer.cancel()
        await asyncio.wait([answer])


# --- pure: what a reply means -------------------------------------------------------------------------

_ENHANCED = re.compile(r"\s*([245])\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9.])")

# "MapiExceptionDuplicateDelivery" and "duplicate delivery": the server had accepted it before.
_DUPLICATE = re.compile(r"duplicate[ _-]?delivery", re.I)
# Servers that judge the sender only at RCPT (Postfix, by default) name it then.
_NULL_SENDER = re.compile(r"<>: sender|(?:null|empty) (?:envelope |return |reverse-)?(?:sender|path)", re.I)


def classify(phase: Phase, code: int, text: str, *, null_sender: bool = False) -> Outcome:
    """What a reply means for the mail, by reply code (RFC 5321 §4.2) and enhanced code (RFC 3463).

    null_sender: the reply is to a dialogue with `MAIL FROM:<>`.
    """
    found = _ENHANCED.match(text)
    subject, detail = (int(found[2]), int(found[3])) if found else (None, None)

    def outcome(state: State, scope: Scope, *, null_sender_refused: bool = False, too_big: bool = False) -> Outcome:
        return Outcome(state, _real(code), text, phase, scope, null_sender_refused, too_big)

    if phase == "dot" and code // 100 == 2:
        return outcome("accepted", "recipient")
    if phase == "dot" and _DUPLICATE.search(text):  # Exchange: it has this Message-ID already
        return outcome("accepted", "recipient")
    if code // 100 == 4:
        if code == 421 or phase == "connect" or subject == 3:
            return outcome("again", "server")
        return outcome("again", "account" if code == 454 or phase == "mail" else "recipient")
    if code // 100 != 5:
        return outcome("again", "server")
    # 5yz. Too big is a fault of this mail alone, wherever it is said (RFC 1870 §6.1, RFC 3463 §3.3, §3.4).
    if (subject, detail) in ((3, 4), (2, 3)) or (code == 552 and subject in (None, 3)):
        return outcome("failed", "recipient", too_big=True)
    login = phase == "connect" or code in (530, 534, 535, 538)
    unknown_command = code in (500, 502, 503, 504, 555)
    if null_sender and not login and not unknown_command and (phase == "mail" or _NULL_SENDER.search(text)):
        return outcome("again", "account", null_sender_refused=True)
    # Security and policy (5.7.x) concern us, not one recipient: better hold all mails than lose all.
    if login or subject == 7 or phase == "mail":
        return outcome("again", "account")
    if unknown_command or (subject == 3 and detail in (2, 3, 5)):
        return outcome("again", "server")
    return outcome("failed", "recipient")


def _real(code: int | None) -> int | None:
    """A reply code; None for aiosmtplib's own numbers (-1: no reply that could be understood)."""
    return code if code is not None and 200 <= code <= 599 else None


# --- pure: what goes out ------------------------------------------------------------------------------

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"\n\.")


def stuffed(raw: bytes) -> bytes:
    """The message as DATA sends it, without the final dot: lines end with CRLF, leading dots are doubled.

    No bare CR or LF remains, so that no server can see a false end of data (RFC 5321 §2.3.8,
    §4.5.2; "SMTP smuggling").
    """
    bare = not raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r")
    lines = _LINE_END.sub(b"\r\n", raw) if bare else raw  # the search takes 10 ms a megabyte, the counts 0.2
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    last = lines.rfind(b".") + 1  # behind the last dot stand files of megabytes, whose base64 holds none
    first = b"." if lines.startswith(b".") else b""
    doubled = _LEADING_DOT.sub(b"\n..", lines[:last])  # `replace` takes two to four times as long
    return b"".join((first, doubled, memoryview(lines)[last:]))


_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_LITERAL = re.compile(r"\[[A-Za-z0-9:.-]{2,60}\]")


def address_fault(address: str, utf8: bool = False) -> str | None:
    """Why an address may not stand in MAIL or RCPT; None: it may.

    RFC 5321 §4.1.2 without quoted local parts, which may hold spaces and angle brackets: nobody has such an address.
    Dots in unusual places are allowed: some large providers gave such addresses out.
    utf8: the server offers SMTPUTF8 (RFC 6531); without it an address is ASCII.
    """
    if len(address) > 254:
        return "longer than 254 characters"
    if not utf8 and not address.isascii():
        return "not ASCII, and the server does not take others (SMTPUTF8)"
    if not address.isprintable():
        return "has characters that cannot be seen"
    local, at, domain = address.rpartition("@")
    if not at or not _LOCAL.fullmatch(_lettered(local)):
        return "what stands before the @ is no dot-atom"
    if not _LITERAL.fullmatch(domain) and not all(_LABEL.fullmatch(label) for label in _lettered(domain).split(".")):
        return "what stands behind the @ is no domain"
    return None


def _lettered(part: str) -> str:
    """What is not ASCII stands wherever a letter may (RFC 6531 §3.3). Sets of all of Unicode take 6 ms to compile."""
    return _NOT_ASCII.sub("x", part)


def _path(keyword: bytes, address: str) -> bytes:
    return keyword + b"<" + address.encode() + b">"
