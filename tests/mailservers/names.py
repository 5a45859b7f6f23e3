"""A name server on loopback, by UDP and TCP (RFC 1035), that knows what a test tells it, and misbehaves as it says.

    with NameServer({"batang.test": ["v=spf1 mx -all"], "dead.test": Odd.SILENT}) as names:
        Resolver([names.address]).texts("batang.test")

Names that it was not told of do not exist. A value [] is a name without TXT records.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Mapping
from enum import Enum
from types import TracebackType
from typing import Self


class Odd(Enum):
    """Instead of records."""

    SILENT = "no answer at all"
    GARBAGE = "an answer whose records are cut short"
    NOISE = "octets that are no answer, and answers to other questions, before the right one"
    SERVFAIL = "the server's own failure"
    ALIAS = "a CNAME and the record of its target"


UDP_MOST = 512  # RFC 1035 §4.2.1


class NameServer:
    """See the module's text. asked: the names, as they came; by_tcp: those among them that came by TCP."""

    def __init__(self, records: Mapping[str, list[str] | Odd]) -> None:
        self.records = dict(records)
        self.asked: list[str] = []
        self.by_tcp: list[str] = []
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = ("127.0.0.1", self._tcp.getsockname()[1])
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(self.address)
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._datagrams, self._streams)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._udp.sendto(b"", self.address)  # the sign to end
        self._tcp.shutdown(socket.SHUT_RD)
        for thread in self._threads:
            thread.join(5)
        self._udp.close()
        self._tcp.close()

    def _datagrams(self) -> None:
        while True:
            question, client = self._udp.recvfrom(4096)
            if not question:
                return
            name = _name(question)
            self.asked.append(name)
            odd = self.records.get(name)
            if odd is Odd.NOISE:
                wrong_id = bytes([question[0] ^ 1]) + question[1:]
                for noise in (b"", b"\0", b"bukan DNS sama sekali", _answer(wrong_id, ["v=spf1 +all"])):
                    self._udp.sendto(noise, client)
                other = question[:12] + b"\x05other\x04test\0" + question[-4:]
                self._udp.sendto(_answer(other, ["v=spf1 +all"]), client)
            answer = self._answer(question, name)
            if answer is not None and len(answer) > UDP_MOST:
                answer = question[:2] + b"\x83\x80" + question[4:]  # truncated
            if answer is not None:
                self._udp.sendto(answer, client)

    def _streams(self) -> None:
        while True:
            try:
                connection, _ = self._tcp.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as file:
                question = file.read(*struct.unpack("!H", file.read(2)))
                name = _name(question)
                self.by_tcp.append(name)
                if (answer := self._answer(question, name)) is not None:
                    whole = struct.pack("!H", len(answer)) + answer
                    connection.sendall(whole[:1])  # as a network may cut it
                    connection.sendall(whole[1:])

    def _answer(self, question: bytes, name: str) -> bytes | None:
        match self.records.get(name):
            case None:
                return question[:2] + b"\x81\x83" + question[4:]  # NXDOMAIN
            case Odd.SILENT:
                return None
            case Odd.SERVFAIL:
                return question[:2] + b"\x81\x82" + question[4:]
            case Odd.GARBAGE:
                return _answer(question, ["v=spf1 mx -all"])[:-5]
            case Odd.NOISE:
                return _answer(question, ["v=spf1 mx -all"])
            case Odd.ALIAS:
                target = b"\x06target\x04test\0"
                alias = b"\xc0\x0c" + struct.pack("!HHIH", 5, 1, 60, len(target)) + target
                return _answer(question, ["v=spf1 mx -all"], alias)
            case list() as texts:
                return _answer(question, texts)
        raise AssertionError("every oddity is answered")


def _name(question: bytes) -> str:
    labels, at = [], 12
    while length := question[at]:
        labels.append(question[at + 1 : at + 1 + length].decode())
        at += 1 + length
    return ".".join(labels)


def _answer(question: bytes, texts: list[str], before: bytes = b"") -> bytes:
    """The records in strings of 255 octets at most, with the name as a pointer to the question's."""
    records = before
    for text in texts:
        raw = text.encode()
        parts = [raw[at : at + 255] for at in range(0, len(raw), 255)]
        data = b"".join(bytes([len(part)]) + part for part in parts)
        records += b"\xc0\x0c" + struct.pack("!HHIH", 16, 1, 60, len(data)) + data
    count = len(texts) + bool(before)
    return question[:2] + b"\x81\x80" + question[4:6] + struct.pack("!H", count) + bytes(4) + question[12:] + records
