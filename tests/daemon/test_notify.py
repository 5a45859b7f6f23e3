"""What the service manager reads on its socket (sd_notify(3)); the other end here is a real socket."""

from __future__ import annotations

import os
import resource
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.daemon.notify import Notifier

US = str(os.getpid())


@pytest.fixture
def manager() -> Iterator[socket.socket]:
    """The service manager's end, at an abstract name that the kernel chose."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind("")
        end.settimeout(5)
        yield end


def name_of(end: socket.socket) -> str:
    """As NOTIFY_SOCKET writes it."""
    name: bytes = end.getsockname()
    return "@" + name[1:].decode()


def heard(end: socket.socket) -> list[str]:
    """The lines of the next datagram."""
    return end.recv(65536).decode("utf-8").split("\n")


# --- the messages --------------------------------------------------------------------------------

MESSAGES: list[tuple[str, Callable[[Notifier], None], list[str]]] = [
    ("ready", lambda n: n.ready("2 mailboxes"), ["READY=1", "STATUS=2 mailboxes"]),
    ("status", lambda n: n.status("3 wait"), ["STATUS=3 wait"]),
    ("alive", lambda n: n.alive(), ["WATCHDOG=1"]),
    ("stopping", lambda n: n.stopping("ends"), ["STOPPING=1", "STATUS=ends"]),
    ("extend", lambda n: n.extend(600), ["EXTEND_TIMEOUT_USEC=600000000"]),
    ("extend, a part of a second", lambda n: n.extend(0.25), ["EXTEND_TIMEOUT_USEC=250000"]),
    ("extend, less than nothing", lambda n: n.extend(-1), ["EXTEND_TIMEOUT_USEC=0"]),
    ("extend, for ever", lambda n: n.extend(float("inf")), ["EXTEND_TIMEOUT_USEC=86400000000"]),
    ("extend, no number", lambda n: n.extend(float("nan")), ["EXTEND_TIMEOUT_USEC=0"]),
]


@pytest.mark.parametrize(("call", "lines"), [case[1:] for case in MESSAGES], ids=[case[0] for case in MESSAGES])
def test_each_call_is_one_datagram(manager: socket.socket, call: Callable[[Notifier], None], lines: list[str]) -> None:
    call(Notifier(name_of(manager)))
    assert heard(manager) == lines
    manager.setblocking(False)
    with pytest.raises(BlockingIOError):
        manager.recv(1)


def test_a_reload_tells_the_monotonic_time_in_microseconds(manager: socket.socket) -> None:
    before = time.clock_gettime(time.CLOCK_MONOTONIC)
    Notifier(name_of(manager)).reloading()
    after = time.clock_gettime(time.CLOCK_MONOTONIC)
    first, second = heard(manager)
    assert first == "RELOADING=1"
    name, _, value = second.partition("=")
    assert name == "MONOTONIC_USEC"
    assert before * 1_000_000 - 1 <= int(value) <= after * 1_000_000


def test_a_path_is_an_address_too(tmp_path: Path) -> None:
    # The path of a socket holds 107 bytes at most; a folder of pytest may be longer.
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(f"{folder}/notify")
        end.settimeout(5)
        Notifier(f"{folder}/notify").alive()
        assert heard(end) == ["WATCHDOG=1"]


# --- a status is one line ------------------------------------------------------------------------

HOSTILE = [
    ("2 mailboxes\nWATCHDOG=trigger", "2 mailboxes WATCHDOG=trigger"),
    ("a\r\nMAINPID=1\r", "a MAINPID=1"),
    ("a\u2028b\u0085c\x0bd", "a b c d"),
    ("\x1b[31mred\x00", "[31mred"),
    ("\u202eexe.txt", "exe.txt"),
    ("half \ud800 a pair", "half \ufffd a pair"),
    ("kotak surat – siap", "kotak surat – siap"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "shown"), HOSTILE)
def test_a_status_cannot_bring_in_another_assignment(manager: socket.socket, text: str, shown: str) -> None:
    Notifier(name_of(manager)).status(text)
    assert heard(manager) == [f"STATUS={shown}"]


def test_the_longest_status_fits_into_what_systemd_reads(manager: socket.socket) -> None:
    Notifier(name_of(manager)).ready("\U0001f4e8" * 10_000)
    data = manager.recv(65536)
    assert 1_000 < len(data) < 4096  # NOTIFY_BUFFER_MAX: a longer datagram is thrown away whole
    assert data.decode("utf-8").endswith("…")


@given(text=st.text(max_size=2000))
def test_any_text_makes_exactly_the_assignments_that_were_meant(text: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind("")
        end.settimeout(5)
        Notifier(name_of(end)).ready(text)
        data = end.recv(65536)
    assert len(data) < 4096
    assert [line.partition("=")[0] for line in data.decode("utf-8").splitlines()] == ["READY", "STATUS"]


# --- nobody there --------------------------------------------------------------------------------

ADDRESSES = ["", "/nowhere/at/all", "@nobody-listens-at-this-name", "/" + "x" * 200, "@" + "x" * 200, "vsock:2:1234"]
ADDRESSES += ["relative/path", "/with\0nul", "@with\0nul", "/\udcff", "@", "/", "/dev/null"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_at_the_other_end_harms_nobody(address: str) -> None:
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": address})
    for _, call, _ in MESSAGES:
        call(notifier)
    notifier.reloading()


def test_outside_systemd_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    notifier = Notifier.from_environment({})

    def none(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", none)
    for _, call, _ in MESSAGES:
        call(notifier)
    assert notifier.watchdog is None


def test_a_manager_that_does_not_read_holds_nobody_up(manager: socket.socket) -> None:
    notifier = Notifier(name_of(manager))
    with ExitStack() as stack:  # fill the queue to the brim
        filler = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        filler.setblocking(False)
        with pytest.raises(BlockingIOError):
            while True:
                filler.sendto(b"STATUS=x", manager.getsockname())
        begun = time.monotonic()
        notifier.alive()
        assert time.monotonic() - begun < 5
    assert heard(manager) == ["STATUS=x"]


def test_without_free_file_descriptors_nothing_is_raised(manager: socket.socket) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as stack:
        used = stack.enter_context(open(os.devnull, "rb"))
        resource.setrlimit(resource.RLIMIT_NOFILE, (used.fileno(), hard))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        with pytest.raises(OSError):
            socket.socket()
        Notifier(name_of(manager)).alive()


def test_threads_may_speak_at_once(manager: socket.socket) -> None:
    notifier = Notifier(name_of(manager))
    received: list[str] = []
    count = 200

    def listen() -> None:
        for _ in range(4 * count):
            received.extend(heard(manager))

    def speak(who: int) -> None:
        for number in range(count):
            notifier.status(f"{who}-{number}")

    listener = threading.Thread(target=listen)
    speakers = [threading.Thread(target=speak, args=(who,)) for who in range(4)]
    for thread in (listener, *speakers):
        thread.start()
    for thread in (*speakers, listener):
        thread.join(30)
    assert sorted(received) == sorted(f"STATUS={n}-{i}" for n in range(4) for i in range(count))


# --- the watchdog --------------------------------------------------------------------------------

WATCHDOGS: list[tuple[dict[str, str], float | None]] = [
    ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": US}, 30.0),
    ({"WATCHDOG_USEC": "30000000"}, 30.0),  # sd_watchdog_enabled(3): without WATCHDOG_PID it is meant for us
    ({"WATCHDOG_USEC": "1500000", "WATCHDOG_PID": US}, 1.5),
    ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),  # meant for the process that started us
    ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "x"}, None),
    ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": ""}, None),
    ({"WATCHDOG_PID": US}, None),
    ({"WATCHDOG_USEC": "0"}, None),
    ({"WATCHDOG_USEC": ""}, None),
    ({"WATCHDOG_USEC": "-5"}, None),
    ({"WATCHDOG_USEC": "1e6"}, None),
    ({"WATCHDOG_USEC": "٣٠"}, None),
    ({"WATCHDOG_USEC": "9" * 5000}, None),
]


@pytest.mark.parametrize(("variables", "seconds"), WATCHDOGS)
def test_the_watchdog_is_what_systemd_says(variables: dict[str, str], seconds: float | None) -> None:
    assert Notifier.from_environment({"NOTIFY_SOCKET": "@x", **variables}).watchdog == seconds


def test_without_a_socket_nobody_watches() -> None:
    assert Notifier.from_environment({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": US}).watchdog is None


def test_the_environment_is_that_of_the_process_unless_another_is_given(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", name_of(manager))
    Notifier.from_environment().alive()
    assert heard(manager) == ["WATCHDOG=1"]
