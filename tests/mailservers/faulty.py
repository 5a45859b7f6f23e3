"""IMAP and SMTP servers on loopback that behave, except where a script says otherwise.

    with FaultyImap([On("UID FETCH", "* 1 FETCH (UID 1 BODY[] {900}\\r\\nshort", DROP)],
                    messages={1: b"Subject: a\\r\\n\\r\\nb\\r\\n"}) as server:
        client = IMAPClient("127.0.0.1", server.port, ssl=False)

    with FaultySmtp([On("RCPT"), On("RCPT", "550 5.1.1 unknown")], [On("EOD", DROP)]) as server:
        ...
        assert server.mails[0].recipients == ["a@x.test"]

A server takes one script per connection: the first connection plays the first script, the next one
the next, and all later ones get a server without faults (`repeat=True`: they play the last script again).

A script is a list of `On(pattern, *actions)`, waited for in order. A command that matches the pattern of
the script's next entry is answered by its actions; every other command gets a healthy server's answer.
The pattern is a regular expression that must match at the command's beginning, any case. An IMAP command is
matched without its tag ("LOGIN", "UID FETCH 3", "IDLE", "DONE"). Two names stand for moments without a
command: "CONNECT" (IMAP and SMTP: instead of the greeting) and "EOD" (SMTP: the message after its final
dot; it is in `server.mails` whatever is answered).

Actions, carried out in order:

    "text" or b"raw"   sent as one line (CRLF is added where it is missing at the end, unless raw bytes).
                       `%tag%` stands for the IMAP tag of the command: "%tag% NO [UNAVAILABLE] later"
    ANSWER             the healthy answer (also: no actions at all)
    pause(seconds)     nothing, for so long
    split(data, at)    sends data in two TCP segments, 50 ms apart, cut at byte `at`
    DROP               closes the connection (FIN) · RESET closes it with RST
    HANG               says nothing more until the client gives up

What was seen: `server.commands` (all commands of all connections, bytes, without tag), `server.connections`
(how many were accepted), `server.mails` (SMTP), `server.appended` (IMAP), `server.missed` (entries of scripts
that no command reached: to be looked at after the `with` when a fault must really have happened).
"""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from types import TracebackType
from typing import BinaryIO, Self


class Do(Enum):
    """Actions without an argument; see the module's text."""

    ANSWER = "answer"
    DROP = "drop"
    RESET = "reset"
    HANG = "hang"


ANSWER, DROP, RESET, HANG = Do.ANSWER, Do.DROP, Do.RESET, Do.HANG


@dataclass(frozen=True)
class _Pause:
    seconds: float


@dataclass(frozen=True)
class _Split:
    data: bytes
    at: int


Action = str | bytes | Do | _Pause | _Split


def pause(seconds: float) -> Action:
    """Wait before the next action."""
    return _Pause(seconds)


def split(data: str | bytes, at: int) -> Action:
    """Send `data` cut in two at byte `at`, as a network may."""
    return _Split(data.encode() if isinstance(data, str) else data, at)


class On:
    """One entry of a script: what to do at a command that matches `pattern`, `times` times."""

    def __init__(self, pattern: str, *actions: Action, times: int = 1) -> None:
        self.pattern = pattern
        self.actions = actions or (ANSWER,)
        self.times = times

    def __repr__(self) -> str:
        return f"On({self.pattern!r}, {', '.join(map(repr, self.actions))})"


@dataclass(frozen=True)
class Mail:
    """What an SMTP client handed over: envelope and data (dots unstuffed, CRLF line ends)."""

    sender: str
    recipients: list[str]
    data: bytes


class _Gone(Exception):
    """The connection ended, by script or by the client."""


@dataclass
class _Connection:
    socket: socket.socket
    script: list[On]
    file: BinaryIO = field(init=False)
    tag: bytes = b""
    reply: bytes = b""  # what was sent first since the last command
    told: int = 0  # how many mails the client of an IMAP server knows of

    def __post_init__(self) -> None:
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.reply = self.reply or data
        try:
            self.socket.sendall(data.replace(b"%tag%", self.tag))
        except OSError as error:
            raise _Gone from error

    def line(self, limit: int = 1_000_000) -> bytes:
        self.reply = b""
        try:
            line = self.file.readline(limit)
        except OSError as error:
            raise _Gone from error
        if not line.endswith(b"\n"):
            raise _Gone
        return line

    def read(self, size: int) -> bytes:
        try:
            data = self.file.read(size)
        except OSError as error:
            raise _Gone from error
        if len(data) < size:
            raise _Gone
        return data

    def close(self, *, reset: bool = False) -> None:
        with contextlib.suppress(OSError):
            if reset:  # linger 0: close() sends RST instead of FIN
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                self.socket.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            self.file.close()
            self.socket.close()


class _Faulty:
    """The part that both protocols share: accepting, and playing a script."""

    host = "127.0.0.1"

    def __init__(self, *scripts: Sequence[On], repeat: bool = False) -> None:
        self.commands: list[bytes] = []
        self.connections = 0
        self.missed: list[On] = []
        self._scripts = scripts
        self._repeat = repeat
        self._open: list[_Connection] = []
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()
        self._listener = socket.create_server((self.host, 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and close every connection."""
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def settle(self) -> None:
        """Wait for the end of every conversation: a client that was cut off may be gone before its words are read."""
        for conversation in self._threads[1:]:  # the first one accepts
            conversation.join(5)
            assert not conversation.is_alive(), "a conversation that does not end"

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            number = self.connections
            self.connections += 1
            if self._repeat and self._scripts:
                number = min(number, len(self._scripts) - 1)
            steps = self._scripts[number] if number < len(self._scripts) else ()
            script = [On(step.pattern, *step.actions) for step in steps for _ in range(step.times)]
            connection = _Connection(accepted, script)
            self._open.append(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: _Connection) -> None:
        reset = False
        try:
            self._talk(connection)
        except _Gone as gone:
            reset = gone.args == (RESET,)
        finally:
            self.missed += connection.script
            connection.close(reset=reset)

    def _talk(self, connection: _Connection) -> None:
        raise NotImplementedError

    def _react(self, connection: _Connection, command: bytes, answer: Callable[[], None]) -> None:
        """Play the script's next entry if the command is its, else give the healthy answer."""
        if connection.script and re.match(connection.script[0].pattern.encode(), command, re.IGNORECASE | re.DOTALL):
            for action in connection.script.pop(0).actions:
                self._act(connection, action, answer)
        else:
            answer()

    def _act(self, connection: _Connection, action: Action, answer: Callable[[], None]) -> None:
        match action:
            case str():
                connection.send(action.encode() + (b"" if action.endswith("\n") else b"\r\n"))
            case bytes():
                connection.send(action)
            case _Pause():
                self._closing.wait(action.seconds)
            case _Split():
                connection.send(action.data[: action.at])
                time.sleep(0.05)
                connection.send(action.data[action.at :])
            case Do.ANSWER:
                answer()
            case Do.DROP | Do.RESET:
                raise _Gone(action)
            case Do.HANG:
                while connection.line():
                    pass


class FaultyImap(_Faulty):
    """A small IMAP4rev1 server with one folder; see the module's text for scripts. In IDLE it tells nothing, as Dovecot
    without an inotify instance; of new mail it tells who asks (NOOP).

    messages: UID to raw bytes. Every folder name selects the same messages. STORE, COPY, MOVE and
    EXPUNGE succeed and change nothing; APPEND lands in `appended`. received: UID to INTERNALDATE, where it is not now.
    uidnext: what SELECT tells, where that is not the UID behind the last.
    """

    def __init__(
        self,
        *scripts: Sequence[On],
        messages: Mapping[int, bytes] | None = None,
        capabilities: str = "IMAP4rev1 IDLE UIDPLUS MOVE",
        uidvalidity: int = 1,
        repeat: bool = False,
    ) -> None:
        super().__init__(*scripts, repeat=repeat)
        self.messages = dict(messages or {})
        self.capabilities = capabilities
        self.uidvalidity = uidvalidity
        self.appended: list[bytes] = []
        self.received: dict[int, datetime] = {}
        self.uidnext: int | None = None

    def _talk(self, connection: _Connection) -> None:
        greeting = f"* OK [CAPABILITY {self.capabilities}] ready\r\n".encode()
        self._react(connection, b"CONNECT", lambda: connection.send(greeting))
        while True:
            connection.tag, command, literals = self._command(connection)
            self.commands.append(command)
            self._react(connection, command, partial(self._answer, connection, command, literals))
            if command.upper() == b"LOGOUT":
                return

    def _command(self, connection: _Connection) -> tuple[bytes, bytes, list[bytes]]:
        """The next command with its literals (RFC 3501 §4.3, RFC 7888)."""
        whole, literals = b"", []
        while True:
            line = connection.line()
            whole += line
            literal = re.search(rb"\{(\d+)(\+?)\}\r\n\Z", line)
            if literal is None:
                break
            if not literal[2]:
                connection.send(b"+ go on\r\n")
            literals.append(connection.read(int(literal[1])))
            whole += literals[-1]
        whole = whole.rstrip(b"\r\n")
        if whole.upper() == b"DONE":
            return connection.tag, whole, literals  # DONE has no tag: it ends the IDLE command
        tag, _, command = whole.partition(b" ")
        return tag, command, literals

    def _answer(self, connection: _Connection, command: bytes, literals: list[bytes]) -> None:
        verb = command.upper().removeprefix(b"UID ").partition(b" ")[0].decode()
        match verb:
            case "CAPABILITY":
                connection.send(f"* CAPABILITY {self.capabilities}\r\n".encode())
            case "SELECT" | "EXAMINE":
                connection.send(self._selected())
                connection.told = len(self.messages)
            case "NOOP" if connection.told != len(self.messages):
                connection.told = len(self.messages)
                connection.send(b"* %d EXISTS\r\n" % connection.told)
            case "SEARCH":
                connection.send(("* SEARCH " + " ".join(map(str, sorted(self.messages)))).encode() + b"\r\n")
            case "FETCH":
                connection.send(self._fetched(command))
            case "APPEND":
                self.appended.append(literals[-1])
            case "LOGOUT":
                connection.send(b"* BYE logging out\r\n")
            case "IDLE":
                connection.send(b"+ idling\r\n")
                return  # the tagged answer follows at DONE
        connection.send(f"%tag% OK {verb} completed\r\n".encode())

    def _selected(self) -> bytes:
        next_uid = self.uidnext or max(self.messages, default=0) + 1
        return (
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n"
            "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] any\r\n"
            f"* {len(self.messages)} EXISTS\r\n* 0 RECENT\r\n"
            f"* OK [UIDVALIDITY {self.uidvalidity}] valid\r\n* OK [UIDNEXT {next_uid}] next\r\n"
        ).encode()

    def _fetched(self, command: bytes) -> bytes:
        wanted = re.search(rb"FETCH ([\d,:*]+) (.*)", command, re.IGNORECASE | re.DOTALL)
        if wanted is None:
            return b""
        by_uid = command.upper().startswith(b"UID ")
        answer = b""
        for number, (uid, raw) in enumerate(sorted(self.messages.items()), start=1):
            if _in_set(uid if by_uid else number, wanted[1].decode()):
                answer += b"* %d FETCH (UID %d %s)\r\n" % (number, uid, _items(wanted[2], raw, self.received.get(uid)))
        return answer


def _in_set(number: int, sequence_set: str) -> bool:
    for part in sequence_set.split(","):
        first, _, last = part.partition(":")
        if last == "*" and number >= int(first):
            return True
        if last != "*" and int(first) <= number <= int(last or first):
            return True
    return False


def _items(wanted: bytes, raw: bytes, received: datetime | None) -> bytes:
    """The data items asked for: FLAGS, INTERNALDATE, RFC822.SIZE, BODY[], BODY[]<offset>, BODY[HEADER]."""
    upper = wanted.upper()
    items = []
    if b"FLAGS" in upper:
        items.append(b"FLAGS ()")
    if b"INTERNALDATE" in upper:
        date = (received or datetime.now(UTC)).strftime("%d-%b-%Y %H:%M:%S +0000")
        items.append(b'INTERNALDATE "' + date.encode() + b'"')
    if b"RFC822.SIZE" in upper:
        items.append(b"RFC822.SIZE %d" % len(raw))
    for section, start, size in re.findall(rb"BODY(?:\.PEEK)?\[([A-Z]*)\](?:<(\d+)\.(\d+)>)?", upper):
        data = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if section == b"HEADER" else raw
        offset = b""
        if size:
            data, offset = data[int(start) : int(start) + int(size)], b"<" + start + b">"
        items.append(b"BODY[%s]%s {%d}\r\n%s" % (section, offset, len(data), data))
    return b" ".join(items)


class FaultySmtp(_Faulty):
    """A small ESMTP server that accepts everything; see the module's text for scripts.

    extensions: the keywords of its EHLO answer, e.g. ("8BITMIME", "SIZE 1000", "AUTH PLAIN", "DSN").
    at_once: connections that it bears; a further one is refused as Postfix does (`too_many` counts those).
    """

    def __init__(
        self,
        *scripts: Sequence[On],
        extensions: Sequence[str] = ("8BITMIME",),
        repeat: bool = False,
        at_once: int | None = None,
    ) -> None:
        super().__init__(*scripts, repeat=repeat)
        self.extensions = tuple(extensions)
        self.mails: list[Mail] = []
        self.too_many = 0
        self._at_once = at_once
        self._present: set[int] = set()

    def _talk(self, connection: _Connection) -> None:
        self._present.add(id(connection))
        try:
            if self._at_once is not None and len(self._present) > self._at_once:
                self.too_many += 1
                connection.send(b"421 4.7.0 faulty.test Error: too many connections from 127.0.0.1\r\n")
            else:
                self._converse(connection)
        finally:
            self._present.discard(id(connection))

    def _converse(self, connection: _Connection) -> None:
        self._react(connection, b"CONNECT", lambda: connection.send(b"220 faulty.test ESMTP\r\n"))
        envelope = _Envelope()
        while True:
            line = connection.line().rstrip(b"\r\n")
            self.commands.append(line)
            verb = line.partition(b" ")[0].upper().decode("ascii", "replace")
            reply = self._reply(verb, line, envelope)
            self._react(connection, line, partial(connection.send, reply))
            accepted = connection.reply[:1]
            if verb in ("EHLO", "HELO", "RSET"):
                envelope = _Envelope()
            elif verb == "MAIL" and accepted == b"2":
                envelope = _Envelope(_path(line))
            elif verb == "RCPT" and accepted == b"2":
                envelope.recipients.append(_path(line))
            elif verb == "DATA" and accepted == b"3":
                mail = Mail(envelope.sender, envelope.recipients, _data(connection))
                self.mails.append(mail)
                self._react(connection, b"EOD", lambda: connection.send(b"250 2.0.0 queued\r\n"))
                envelope = _Envelope()
            elif verb == "QUIT":
                return

    def _reply(self, verb: str, line: bytes, envelope: _Envelope) -> bytes:
        match verb:
            case "EHLO":
                words = ["faulty.test", *self.extensions]
                lines = [f"250-{word}\r\n" for word in words[:-1]] + [f"250 {words[-1]}\r\n"]
                return "".join(lines).encode()
            case "AUTH":
                return b"235 2.7.0 welcome\r\n"
            case "DATA":
                return b"354 go on\r\n" if envelope.recipients else b"503 5.5.1 no valid recipients\r\n"
            case "QUIT":
                return b"221 2.0.0 bye\r\n"
            case _:
                return b"250 2.0.0 ok\r\n"


@dataclass
class _Envelope:
    sender: str = ""
    recipients: list[str] = field(default_factory=list)


def _path(line: bytes) -> str:
    found = re.search(rb"<([^>]*)>", line)
    return found[1].decode("utf-8", "replace") if found else ""


def _data(connection: _Connection) -> bytes:
    """The message up to the final dot, unstuffed (RFC 5321 §4.5.2)."""
    lines = []
    while (line := connection.line(10_000_000)) != b".\r\n":
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)
