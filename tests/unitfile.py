"""A unit of systemd, and a stand-in for systemd that runs its service: for machines where systemd is not process 1.

`read` understands what systemd.syntax(7) says of the lines that a service is started by. `Service` starts the unit's
ExecStart= as systemd does (cleared environment, folder /, credentials, state folder, umask, notify socket), keeps what
the service tells it (sd_notify(3)), and reloads and stops it. What the kernel enforces (sandbox, memory) is left out.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mailservers.process import Guard, wait_until


class UnitError(Exception):
    """A line that systemd, or this stand-in, does not understand; or a service that systemd would not start."""


# --- the file ------------------------------------------------------------------------------------

_ASSIGNMENT = re.compile(r"([A-Za-z][A-Za-z0-9]*)\s*=\s*(.*)")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")
_SECONDS = {"": 1.0, "s": 1.0, "sec": 1.0, "ms": 0.001, "min": 60.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Unit:
    """Its name ("mailbot@kudus.service"), and its assignments (section, key, value), specifiers filled in."""

    name: str
    assignments: tuple[tuple[str, str, str], ...]

    def values(self, key: str, section: str = "Service") -> list[str]:
        """All that is assigned to a key; an empty assignment takes back what stood before."""
        found: list[str] = []
        for where, name, value in self.assignments:
            if (where, name) == (section, key):
                found = [*found, value] if value else []
        return found

    def value(self, key: str, section: str = "Service") -> str:
        """The last assignment, which is the one that counts. KeyError without one."""
        found = self.values(key, section)
        if not found:
            raise KeyError(key)
        return found[-1]

    def seconds(self, key: str) -> float:
        """A time span such as "2min 30s"."""
        spans = _SPAN.findall(self.value(key))
        if not spans or _SPAN.sub("", self.value(key)).strip() or any(unit not in _SECONDS for _, unit in spans):
            raise UnitError(f"{key}={self.value(key)}")
        return sum(float(number) * _SECONDS[unit] for number, unit in spans)

    def command(self, key: str) -> list[str]:
        """The words of a command line, without prefixes and shell: systemd has none."""
        return shlex.split(self.value(key))

    @property
    def environment(self) -> dict[str, str]:
        words = [word for value in self.values("Environment") for word in shlex.split(value)]
        return dict(word.split("=", 1) for word in words)

    @property
    def credentials(self) -> dict[str, str]:
        """Name: path, of LoadCredential=."""
        return dict(value.split(":", 1) for value in self.values("LoadCredential"))


def read(path: Path, instance: str = "") -> Unit:
    """A unit file; `instance` for a template ("mailbot@.service"). Raises UnitError."""
    template = "@." in path.name
    if template != bool(instance):
        raise UnitError(f"{path.name}: an instance is given to templates, and only to them")
    name = path.name.replace("@.", f"@{instance}.")
    section = ""
    assignments: list[tuple[str, str, str]] = []
    for line in _joined(path.read_text(encoding="utf-8")):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif (found := _ASSIGNMENT.fullmatch(line)) and section:
            assignments.append((section, found[1], _specified(found[2], name, instance)))
        else:
            raise UnitError(f"{path.name}: {line}")
    return Unit(name, tuple(assignments))


def _joined(text: str) -> list[str]:
    """The lines, a backslash at the end joining the next; comments inside a joined line are skipped too."""
    lines: list[str] = []
    begun = ""
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith(("#", ";")) or not (line or begun):
            continue
        if line.endswith("\\"):
            begun += line[:-1] + " "
        else:
            lines.append((begun + line).strip())
            begun = ""
    return [*lines, begun.strip()] if begun else lines


def _specified(value: str, name: str, instance: str) -> str:
    known = {"%": "%", "i": instance, "n": name, "N": name.rpartition(".")[0], "p": re.split(r"[@.]", name)[0]}

    def fill(found: re.Match[str]) -> str:
        if found[1] not in known:
            raise UnitError(f"{name}: specifier {found[0]} in {value}")
        return known[found[1]]

    return re.sub(r"%(.?)", fill, value)


# --- the service ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Message:
    """One datagram: when it came (monotonic seconds), from which process, and its assignments."""

    at: float
    pid: int
    fields: dict[str, str]


class Service:
    """One start of a unit's service. Use it as a context: at its end the process is gone.

    `places` says where the things of the unit's paths are in this test: a word of ExecStart= becomes those words, the
    path of LoadCredential= one path. `more` adds to the environment.
    """

    def __init__(
        self,
        unit: Unit,
        folder: Path,
        places: Mapping[str, Sequence[str | Path]],
        *,
        watchdog: float | None = None,
        more: Mapping[str, str] | None = None,
    ) -> None:
        self.unit = unit
        self.state = folder / "state" / unit.value("StateDirectory")
        self.credentials = folder / "credentials" / unit.name
        self.log = folder / f"{unit.name}.log"
        self.watchdog = unit.seconds("WatchdogSec") if watchdog is None else watchdog
        self._places = {path: [str(word) for word in words] for path, words in places.items()}
        self._more = dict(more or {})
        self._messages: list[Message] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None
        self._receiver = threading.Thread(target=self._receive, daemon=True)

    def __enter__(self) -> Service:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait()
        if self._guard is not None:
            self._guard.dismiss()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._receiver.join()
        self._socket.close()

    # --- life ---

    def start(self) -> None:
        self._lay_out()
        self._listen()
        # A process learns its number from itself: the shell puts it in, and becomes the service.
        prepare = (
            f'ulimit -c {int(self.unit.value("LimitCORE"))}; export WATCHDOG_PID=$$ SYSTEMD_EXEC_PID=$$; exec "$@"'
        )
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", prepare, "sh", *self._command()],
                cwd="/",
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                umask=int(self.unit.value("UMask"), 8),
                start_new_session=True,
            )
        self._guard = Guard(f"kill -s KILL {self._process.pid}")

    def reload(self) -> None:
        """What `systemctl reload` does."""
        words = [word.replace("${MAINPID}", str(self.process.pid)) for word in self.unit.command("ExecReload")]
        subprocess.run(words, check=True, timeout=10)

    def stop(self) -> tuple[int, float]:
        """What `systemctl stop` does: (exit code, seconds it took). AssertionError where systemd would kill it."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        while self.running:
            more = [m.at + int(m.fields["EXTEND_TIMEOUT_USEC"]) / 1_000_000 for m in self.told("EXTEND_TIMEOUT_USEC")]
            assert time.monotonic() < max([begun + self.unit.seconds("TimeoutStopSec"), *more]), self._told()
            time.sleep(0.01)
        return self.ended(), time.monotonic() - begun

    def ended(self, timeout: float = 30) -> int:
        """The exit code, once it has ended by itself (negative: by that signal); all that it told has come."""
        code = self.process.wait(timeout)
        self._catch_up()
        return code

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "not started"
        return self._process

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    @property
    def journal(self) -> str:
        """All that the service has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    # --- what it tells ---

    @property
    def messages(self) -> list[Message]:
        """All so far, oldest first. With NotifyAccess=main systemd believes nobody else."""
        return [message for message in list(self._messages) if message.pid == self.process.pid]

    def told(self, name: str) -> list[Message]:
        """Those that assign to this name."""
        return [message for message in self.messages if name in message.fields]

    @property
    def status(self) -> str:
        """The last STATUS."""
        return next((message.fields["STATUS"] for message in reversed(self.told("STATUS"))), "")

    def await_message(self, name: str, *, count: int = 1, timeout: float = 30) -> Message:
        """The count-th message that assigns to `name`; fails when the service ends or the time is over."""
        self.await_that(lambda: len(self.told(name)) >= count, f"{name} (number {count})", timeout)
        return self.told(name)[count - 1]

    def await_that(self, true: Callable[[], bool], what: str, timeout: float = 30) -> None:
        """Wait for something that only a living service brings about."""
        try:
            wait_until(lambda: true() or not self.running, timeout, what)
        except TimeoutError:
            raise AssertionError(f"no {what} within {timeout} s\n{self._told()}") from None
        if not self.running:
            self._catch_up()
        assert true(), f"ended with {self.process.returncode} before {what}\n{self._told()}"

    def _told(self) -> str:
        return "\n".join([*(str(message.fields) for message in self.messages), self.journal])

    # --- what systemd prepares ---

    def _lay_out(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        self.state.chmod(int(self.unit.value("StateDirectoryMode"), 8))
        self.credentials.mkdir(parents=True, exist_ok=True)
        for name, path in self.unit.credentials.items():
            [source] = self._places.get(path, [path])
            if not Path(source).exists():
                raise UnitError(f"LoadCredential={name}: {source} does not exist; systemd does not start the service")
            target = self.credentials / name
            target.unlink(missing_ok=True)
            target.write_bytes(Path(source).read_bytes())
            target.chmod(0o400)

    def _command(self) -> list[str]:
        return [word for each in self.unit.command("ExecStart") for word in self._places.get(each, [each])]

    def _environment(self) -> dict[str, str]:
        return {
            "LANG": "C.UTF-8",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
            "USER": self.unit.value("User"),
            "LOGNAME": self.unit.value("User"),
            "HOME": str(self.state),
            "INVOCATION_ID": "00000000000000000000000000000000",
            "STATE_DIRECTORY": str(self.state),
            "CREDENTIALS_DIRECTORY": str(self.credentials),
            "NOTIFY_SOCKET": "@" + self._socket.getsockname()[1:].decode(),
            "WATCHDOG_USEC": str(int(self.watchdog * 1_000_000)),
            **self.unit.environment,
            **self._more,
        }

    def _listen(self) -> None:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind("")  # the kernel chooses an abstract name
        self._receiver.start()

    def _receive(self) -> None:
        credentials = struct.Struct("3i")  # struct ucred: process, user, group
        while True:
            data, ancillary, flags, _ = self._socket.recvmsg(4096, socket.CMSG_SPACE(credentials.size))
            if not data:
                return  # shut down
            if flags & socket.MSG_TRUNC:
                continue  # as systemd does
            fields = dict(line.split("=", 1) for line in data.decode("utf-8").splitlines())
            self._messages.append(Message(time.monotonic(), credentials.unpack(ancillary[0][2])[0], fields))

    def _catch_up(self) -> None:
        """Wait for what lies in the socket still: a message of our own comes behind it."""
        before = sum("FENCE" in message.fields for message in self._messages)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.sendto(b"FENCE=1", self._socket.getsockname())
        wait_until(lambda: sum("FENCE" in m.fields for m in self._messages) > before, 10, "the notify socket is stuck")


def command_line_of_this_tree(root: Path, python: str) -> list[str]:
    """Words that run the mailbot of this tree, wherever they are run from."""
    return [
        python,
        "-P",
        "-c",
        f"import sys; sys.path.insert(0, {os.fspath(root)!r}); from mailbot.cli.main import main; main()",
    ]
