"""Child processes that never outlive the tests, free ports, and a certificate."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody uses.

    Below the range from which the kernel gives ports to outgoing connections, so that none of
    these takes the port of a server that a test restarts; and in a part of it that the test
    processes started beside this one do not look at, since a port is free until its server listens.
    """
    first = 10_000 + os.getpid() % 20 * 1_000
    ports: list[int] = []
    for port in random.SystemRandom().sample(range(first, first + 1_000), 1_000):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            ports.append(port)
        if len(ports) == count:
            return ports
    raise RuntimeError(f"no {count} free ports from {first} on")


def wait_until(true: Callable[[], bool], timeout: float, what: str) -> None:
    """Poll a condition; TimeoutError with `what` when it does not come true."""
    end = time.monotonic() + timeout
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.01)


def listening(port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


class Guard:
    """Runs a shell command when this process is gone, however it ended, unless dismissed before.

    A shell waits at a pipe that only this process holds open. (PR_SET_PDEATHSIG would not do:
    the kernel forgets it when a process changes its user, as Postfix's master does.)
    """

    def __init__(self, command: str) -> None:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", f"read -r dismissed || {{ {command}; }}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        self._shell.communicate(b"dismissed\n")


class Daemon:
    """A server that runs in the foreground as leader of its own process group, and never outlives us."""

    def __init__(
        self, command: list[str], *, ports: list[int], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._command = command
        self._ports = ports
        self._log = log
        self._environment = dict(environment or {}) | {"PATH": os.environ.get("PATH", os.defpath)}
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None

    def start(self) -> None:
        """Start it and wait until all its ports answer."""
        with self._log.open("ab") as log:
            self._process = process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )
        self._guard = Guard(f"kill -s KILL -- -{process.pid}")
        try:
            wait_until(
                lambda: process.poll() is not None or all(map(listening, self._ports)),
                20,
                f"{' '.join(self._command)} does not listen",
            )
            if process.poll() is not None:
                raise RuntimeError(f"{' '.join(self._command)} ended at once")
        except (TimeoutError, RuntimeError) as error:
            self.kill()
            raise RuntimeError(f"{error}\n{self._log.read_text(errors='replace')}") from error

    def kill(self) -> None:
        """SIGKILL for the master and all its children."""
        process, self._process = self._process, None
        if process is not None:
            # The group is still there while one of its members is, even if its leader has gone.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            wait_until(lambda: not any(map(listening, self._ports)), 10, "a killed server still listens")
        if self._guard is not None:
            self._guard.dismiss()
            self._guard = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def restart(self) -> None:
        self.kill()
        self.start()


_CERTIFICATES = """\
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1, DNS:localhost
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


def make_certificate(folder: Path) -> tuple[Path, Path, Path]:
    """A new CA and a certificate of 127.0.0.1 and localhost: (ca_file, certificate, key).

    They say all that RFC 5280 asks of them, which Python verifies since 3.13 (ssl.VERIFY_X509_STRICT).
    """
    if shutil.which("openssl") is None:
        raise RuntimeError("the tests need the command openssl")
    folder.mkdir(parents=True, exist_ok=True)
    ca, ca_key, certificate, key, request = (
        folder / name for name in ("ca.pem", "ca.key", "server.pem", "server.key", "server.csr")
    )
    settings = folder / "certificates.cnf"
    settings.write_text(_CERTIFICATES)
    new: list[str | Path] = ["req", "-config", settings, "-nodes", "-newkey", "ec"]
    new += ["-pkeyopt", "ec_paramgen_curve:prime256v1"]
    lasting: list[str | Path] = ["-days", "7", "-extensions"]
    signing: list[str | Path] = ["-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-extfile", settings]
    commands: tuple[list[str | Path], ...] = (
        [*new, "-x509", *lasting, "ca", "-subj", "/CN=Test CA", "-keyout", ca_key, "-out", ca],
        [*new, "-subj", "/CN=localhost", "-keyout", key, "-out", request],
        ["x509", "-req", "-in", request, *signing, *lasting, "server", "-out", certificate],
    )
    for command in commands:
        subprocess.run(["openssl", *command], check=True, capture_output=True)
    return ca, certificate, key
