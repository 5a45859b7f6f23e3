"""A TCP line that breaks where a test says: between a client and a real server, both on loopback.

    with Proxy(servers.smtp_port) as proxy:
        proxy.next(cut(64))                       # the next connection: gone when 64 bytes have passed
        proxy.next(swallow(b"\\r\\n.\\r\\n", of=SERVER))   # the one after it: see "where"
        proxy.every(delay(0, 0.5))                # and all later ones
        ...                                       # the client connects to 127.0.0.1:proxy.port
        assert proxy.lines[0].broken and proxy.lines[0].passed == 64

Faults, each at a point of the connection and about one direction (`of`: CLIENT, what the client says; SERVER; BOTH):

    cut(where, of)              both sides are closed (FIN), as by a router that goes down
    reset(where, of)            the same with RST
    swallow(where, of, what)    the bytes of `what` (BOTH unless told) get lost from here on; the connection stays
                                until the client hangs up
    delay(where, seconds, of)   nothing passes either way for so long; then all goes on

where: an int, when so many bytes of that direction have passed (BOTH: of the whole dialogue, in the order in which the
proxy saw them), not one more; or bytes, right after their first appearance in that direction. What passed before
reaches the other side for certain.

Seen: `proxy.lines`, one a connection, oldest first: `client` and `server` (all bytes that were let through), `passed`
(their number), `broken` (the faults that came to pass). From another thread at any time: `hang_up()` cuts all open
connections, `black_hole()` swallows all on them from now on, `refuse = True` closes new ones at once.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Literal, Self


class Way(Enum):
    """Whose bytes; see the module's text."""

    CLIENT = "client"
    SERVER = "server"
    BOTH = "both"

    def covers(self, other: Way) -> bool:
        return self is other or self is Way.BOTH


CLIENT, SERVER, BOTH = Way.CLIENT, Way.SERVER, Way.BOTH

#: Seconds that one side may take to read what it is sent, and to hang up after a cut.
_PATIENCE = 30.0
_FAREWELL = 2.0


@dataclass(frozen=True)
class Fault:
    """Made by `cut`, `reset`, `swallow`, `delay`."""

    kind: Literal["cut", "reset", "swallow", "delay"]
    where: int | bytes
    of: Way
    what: Way = Way.BOTH
    seconds: float = 0.0


def cut(where: int | bytes, of: Way = BOTH) -> Fault:
    return Fault("cut", where, of)


def reset(where: int | bytes, of: Way = BOTH) -> Fault:
    return Fault("reset", where, of)


def swallow(where: int | bytes, of: Way = BOTH, what: Way = BOTH) -> Fault:
    return Fault("swallow", where, of, what)


def delay(where: int | bytes, seconds: float, of: Way = BOTH) -> Fault:
    return Fault("delay", where, of, seconds=seconds)


@dataclass
class Line:
    """One connection."""

    faults: list[Fault]
    client: bytearray = field(default_factory=bytearray)
    server: bytearray = field(default_factory=bytearray)
    broken: list[Fault] = field(default_factory=list)
    lost: set[Way] = field(default_factory=set)  # the directions that are swallowed
    sockets: tuple[socket.socket, ...] = ()

    @property
    def passed(self) -> int:
        return len(self.client) + len(self.server)

    def said(self, way: Way) -> bytearray:
        return self.client if way is CLIENT else self.server

    def comes(self, fault: Fault, way: Way, chunk: bytes) -> int | None:
        """How many bytes of a chunk may still pass before this fault; None: all of them, and it does not come yet."""
        if not fault.of.covers(way):
            return None
        if isinstance(fault.where, int):
            seen = self.passed if fault.of is BOTH else len(self.said(way))
            left = fault.where - seen
            return max(0, left) if left <= len(chunk) else None
        tail = bytes(self.said(way)[-len(fault.where) + 1 :]) if len(fault.where) > 1 else b""
        found = (tail + chunk).find(fault.where)
        return None if found < 0 else found + len(fault.where) - len(tail)


class _End(Exception):
    """The connection is over."""


class Proxy:
    """Listens on a port of loopback and passes on to another one; see the module's text."""

    host = "127.0.0.1"

    def __init__(self, target: int) -> None:
        self.lines: list[Line] = []
        self.refuse = False
        self._target = target
        self._next: deque[tuple[Fault, ...]] = deque()
        self._every: tuple[Fault, ...] = ()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server((self.host, 0))
        self.port: int = self._listener.getsockname()[1]

    def next(self, *faults: Fault) -> None:
        """Of the next connection that is not spoken for yet; without faults: that one is sound."""
        self._next.append(faults)

    def every(self, *faults: Fault) -> None:
        """Of all connections for which there is no `next`."""
        self._every = faults

    def hang_up(self) -> None:
        """Cut all open connections."""
        for line in self.lines:
            for each in line.sockets:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def black_hole(self) -> None:
        """Swallow everything on the connections that are open now."""
        for line in self.lines:
            line.lost |= {CLIENT, SERVER}

    def __enter__(self) -> Self:
        self._begin(threading.Thread(target=self._accept, daemon=True))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and cut every connection."""
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(5)

    # --- threads -----------------------------------------------------------------------------------

    def _begin(self, thread: threading.Thread) -> None:
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.refuse:
                client.close()
                continue
            line = Line(list(self._next.popleft() if self._next else self._every))
            self.lines.append(line)
            self._begin(threading.Thread(target=self._serve, args=(line, client), daemon=True))

    def _serve(self, line: Line, client: socket.socket) -> None:
        try:
            server = socket.create_connection((self.host, self._target), _PATIENCE)
        except OSError:
            client.close()
            return
        line.sockets = (client, server)
        try:
            for each in line.sockets:
                each.settimeout(_PATIENCE)
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for way in (CLIENT, SERVER):
                self._pass(line, way, b"")  # faults at byte 0
            self._talk(line, {client: CLIENT, server: SERVER})
        except (OSError, _End):
            pass
        finally:
            for each in line.sockets:
                with contextlib.suppress(OSError):
                    each.close()

    def _talk(self, line: Line, open_: dict[socket.socket, Way]) -> None:
        client, server = line.sockets
        while open_:
            for each in select.select(list(open_), [], [])[0]:
                way = open_[each]
                chunk = each.recv(65536)
                if chunk:
                    self._pass(line, way, chunk)
                    continue
                del open_[each]
                if line.lost:  # nobody may hear of it; but what the client has left is over
                    if way is CLIENT:
                        return
                    continue
                (server if way is CLIENT else client).shutdown(socket.SHUT_WR)

    def _pass(self, line: Line, way: Way, chunk: bytes) -> None:
        """One chunk, with the faults on its way in their order."""
        while True:
            coming = [(at, fault) for fault in line.faults if (at := line.comes(fault, way, chunk)) is not None]
            if not coming:
                self._deliver(line, way, chunk)
                return
            at, fault = min(coming, key=lambda each: each[0])
            self._deliver(line, way, chunk[:at])
            chunk = chunk[at:]
            line.faults.remove(fault)
            line.broken.append(fault)
            self._break(line, fault)

    def _deliver(self, line: Line, way: Way, data: bytes) -> None:
        if data and way not in line.lost:
            client, server = line.sockets
            line.said(way).extend(data)
            (server if way is CLIENT else client).sendall(data)

    def _break(self, line: Line, fault: Fault) -> None:
        match fault.kind:
            case "swallow":
                line.lost |= {CLIENT, SERVER} if fault.what is BOTH else {fault.what}
            case "delay":
                self._closing.wait(fault.seconds)
            case "reset":
                for each in line.sockets:  # linger 0: close() sends RST instead of FIN
                    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                raise _End
            case "cut":
                self._say_goodbye(line)
                raise _End

    def _say_goodbye(self, line: Line) -> None:
        """FIN to both. What they still send is read and thrown away: closing over it would be a RST."""
        for each in line.sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_WR)
        left = list(line.sockets)
        end = time.monotonic() + _FAREWELL
        while left and (wait := end - time.monotonic()) > 0 and not self._closing.is_set():
            for each in select.select(left, [], [], wait)[0]:
                try:
                    over = not each.recv(65536)
                except OSError:
                    over = True
                if over:
                    left.remove(each)
