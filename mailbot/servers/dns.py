"""TXT records (RFC 1035), asked of the machine's own resolvers. Standard library only.

    Resolver(system_resolvers()).texts("example.go.id")     # ["v=spf1 mx -all"]; []: none; None: no such name

Only `mailbot check --online` asks, a handful of times, and nothing is done by what is answered. That is why no library
comes along: the resolvers follow names and validate; here one question is packed and one answer taken apart.
"""

from __future__ import annotations

import re
import secrets
import socket
import struct
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from mailbot.errors import MailbotError

#: (IP address, port)
Address = tuple[str, int]

#: Seconds in all that an answer to one question is waited for.
PATIENCE = 4.0
_ROUNDS = (1.0, 2.0)  # seconds for each resolver, in the first round and in the second
_MOST_RESOLVERS = 3  # resolv.conf(5)
_TXT, _IN = 16, 1
_HEADER = struct.Struct("!6H")  # id, flags, and how many questions, answers, authorities, additions
_RECORD = struct.Struct("!HHIH")  # type, class, seconds to live, octets
_IS_ANSWER, _TRUNCATED, _RECURSION, _RESULT = 0x8000, 0x0200, 0x0100, 0x000F
_NO_SUCH_NAME = 3
_RESULTS = {1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED"}
_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")


class NoAnswer(MailbotError):
    """DNS did not answer, or not this question."""


def system_resolvers(path: Path = Path("/etc/resolv.conf")) -> list[Address]:
    """The resolvers that resolv.conf(5) names; without one, it is the machine itself."""
    text = ""
    with suppress(OSError):
        text = path.read_text(encoding="utf-8", errors="replace")
    named = re.findall(r"(?m)^[ \t]*nameserver[ \t]+(\S+)", text)
    return [(address, 53) for address in named[:_MOST_RESOLVERS] or ["127.0.0.1"]]


class Resolver:
    """Asks the resolvers in their order, and gives up for good when all were silent once."""

    def __init__(self, addresses: Sequence[Address], patience: float = PATIENCE) -> None:
        self._addresses, self._patience = list(addresses), patience
        self.silent = False

    def texts(self, name: str) -> list[str] | None:
        """The TXT records of a name; None: there is no such name. Raises NoAnswer; ValueError for what is no name."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a name in DNS: {name!r}")
        if self.silent:
            raise NoAnswer("no DNS answer before")
        question = _question(name)
        end = time.monotonic() + self._patience
        refused = ""
        for seconds in _ROUNDS:
            for address in self._addresses:
                try:
                    return _records(_exchange(address, question, min(end, time.monotonic() + seconds)))
                except _Refused as error:
                    refused = f"{address[0]} answers {error}"
                except OSError:
                    continue
        if refused:
            raise NoAnswer(refused)
        self.silent = True
        raise NoAnswer(f"no DNS answer from {', '.join(host for host, _ in self._addresses) or 'any resolver'}")


class _Refused(Exception):
    """The resolver has answered, but not the question."""


def _question(name: str) -> bytes:
    labels = b"".join(bytes([len(label)]) + label for label in name.encode("ascii").split(b"."))
    header = _HEADER.pack(secrets.randbelow(2**16), _RECURSION, 1, 0, 0, 0)
    return header + labels + b"\0" + struct.pack("!HH", _TXT, _IN)


def _exchange(address: Address, question: bytes, end: float) -> bytes:
    """The answer to this very question; what else comes is passed over. Raises OSError, also when the time is over."""
    with _connected(address, socket.SOCK_DGRAM, end) as datagrams:
        datagrams.send(question)
        answer = _awaited(question, lambda: _timed(datagrams, end).recv(65535))
    if not _flags(answer) & _TRUNCATED:
        return answer
    with _connected(address, socket.SOCK_STREAM, end) as stream:  # RFC 7766 §5
        stream.sendall(struct.pack("!H", len(question)) + question)
        return _awaited(question, lambda: _whole(stream, int.from_bytes(_whole(stream, 2, end), "big"), end))


def _connected(address: Address, kind: socket.SocketKind, end: float) -> socket.socket:
    [(family, _, _, _, where), *_] = socket.getaddrinfo(*address, type=kind, flags=socket.AI_NUMERICHOST)
    made = socket.socket(family, kind)
    try:
        _timed(made, end).connect(where)  # from now on the kernel takes nothing from another address
    except BaseException:
        made.close()
        raise
    return made


def _timed(connection: socket.socket, end: float) -> socket.socket:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)
    return connection


def _whole(stream: socket.socket, size: int, end: float) -> bytes:
    found = b""
    while len(found) < size:
        if not (more := _timed(stream, end).recv(size - len(found))):
            raise ConnectionError
        found += more
    return found


def _awaited(question: bytes, receive: Callable[[], bytes]) -> bytes:
    """The first that answers this question: its id, and the question repeated (RFC 5452 §9.1)."""
    while True:
        answer = receive()
        repeated = answer[_HEADER.size : len(question)].lower() == question[_HEADER.size :].lower()
        if answer[:2] == question[:2] and repeated and _flags(answer) & _IS_ANSWER:
            return answer


def _flags(answer: bytes) -> int:
    return int.from_bytes(answer[2:4], "big")


def _records(answer: bytes) -> list[str] | None:
    """The TXT records of an answer. Raises _Refused where it holds none because something is wrong."""
    result = _flags(answer) & _RESULT
    if result == _NO_SUCH_NAME:
        return None
    if result:
        raise _Refused(_RESULTS.get(result, f"error {result}"))
    try:
        return list(_texts(answer))
    except (IndexError, struct.error):
        raise _Refused("what cannot be understood") from None


def _texts(answer: bytes) -> list[str]:
    _, _, questions, answers, _, _ = _HEADER.unpack_from(answer)
    if questions != 1:
        raise IndexError
    at = _after_name(answer, _HEADER.size) + 4  # type and class of the question
    found = []
    for _ in range(answers):
        at = _after_name(answer, at)
        kind, group, _, size = _RECORD.unpack_from(answer, at)
        at += _RECORD.size
        data = answer[at : at + size]
        if len(data) < size:
            raise IndexError
        if (kind, group) == (_TXT, _IN):  # others are the way to another name (CNAME), which the resolver has gone
            found.append(_joined(data))
        at += size
    return found


def _after_name(answer: bytes, at: int) -> int:
    """Behind a name, which ends with an empty label or with a pointer (RFC 1035 §4.1.4)."""
    while length := answer[at]:
        if length >= 0xC0:
            return at + 2
        at += 1 + length
    return at + 1


def _joined(data: bytes) -> str:
    """The strings of one record are one text (RFC 7208 §3.3)."""
    text, at = b"", 0
    while at < len(data):
        length = data[at]
        if at + 1 + length > len(data):
            raise IndexError
        text += data[at + 1 : at + 1 + length]
        at += 1 + length
    return text.decode("utf-8", "replace")
