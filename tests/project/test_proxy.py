"""The line that tests break (tests/mailservers/proxy.py): it breaks exactly where it is told to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.mailservers.proxy import CLIENT, SERVER, Proxy, cut, delay, reset, swallow


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that greets, and sends everything back."""

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                connection.sendall(b"hello\r\n")
                while data := connection.recv(65536):
                    connection.sendall(data)
            except OSError:
                pass

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def _talk(proxy: Proxy, *said: bytes, wait: float = 5.0) -> bytes:
    """Say this, piece by piece as its echo comes back; what was heard until the line ended or fell silent."""
    heard = b""
    with closing(socket.create_connection((proxy.host, proxy.port), 5)) as client:
        client.settimeout(wait)
        expected = len(b"hello\r\n")
        try:
            for each in (*said, b""):
                while len(heard) < expected:
                    data = client.recv(65536)
                    if not data:
                        return heard
                    heard += data
                client.sendall(each)
                expected += len(each)
        except TimeoutError:
            heard += b"(silence)"
        except ConnectionError:
            heard += b"(reset)"
    return heard


def test_a_sound_line_passes_everything(echo: int) -> None:
    with Proxy(echo) as proxy:
        assert _talk(proxy, b"x" * 200_000) == b"hello\r\n" + b"x" * 200_000
        assert bytes(proxy.lines[0].client) == b"x" * 200_000
        assert proxy.lines[0].passed == 7 + 400_000


@pytest.mark.parametrize("where", range(0, 17))
def test_a_cut_comes_at_exactly_its_byte(echo: int, where: int) -> None:
    with Proxy(echo) as proxy:
        proxy.next(cut(where))
        heard = _talk(proxy, b"abc", b"de")
        assert len(heard) == min(where, 7) + max(0, min(where - 10, 3)) + max(0, min(where - 15, 2))
        assert proxy.lines[0].passed == where
        assert proxy.lines[0].broken


def test_a_cut_may_wait_for_words_of_one_side(echo: int) -> None:
    with Proxy(echo) as proxy:
        proxy.next(cut(b"QUIT", of=CLIENT))
        assert _talk(proxy, b"say QU", b"IT now") == b"hello\r\nsay QU"
        assert bytes(proxy.lines[0].client) == b"say QUIT"


def test_a_reset_is_no_orderly_end(echo: int) -> None:
    with Proxy(echo) as proxy:
        proxy.next(reset(3, of=CLIENT))
        assert _talk(proxy, b"abc") == b"hello\r\n(reset)"


def test_what_is_swallowed_never_arrives_and_nobody_is_told(echo: int) -> None:
    with Proxy(echo) as proxy:
        proxy.next(swallow(3, of=CLIENT, what=SERVER))
        assert _talk(proxy, b"abc", wait=0.3) == b"hello\r\n(silence)"
        assert bytes(proxy.lines[0].client) == b"abc"


def test_a_delay_holds_both_sides_up_and_loses_nothing(echo: int) -> None:
    with Proxy(echo) as proxy:
        proxy.next(delay(b"hello", 0.3, of=SERVER))
        began = time.monotonic()
        assert _talk(proxy, b"abc") == b"hello\r\nabc"
        assert time.monotonic() - began >= 0.3


def test_faults_are_for_their_own_connection(echo: int) -> None:
    with Proxy(echo) as proxy:
        proxy.next(cut(0))
        proxy.next()
        proxy.every(cut(7))
        assert [_talk(proxy, b"abc") for _ in range(4)] == [b"", b"hello\r\nabc", b"hello\r\n", b"hello\r\n"]
        proxy.refuse = True
        assert _talk(proxy, b"abc") in (b"", b"(reset)")
        assert len(proxy.lines) == 4
