"""A Mozilla program that does what scripts ask of it: Marionette, the protocol of its own test suite, on loopback.

Each packet is the length of a JSON text, a colon and the text; a command is [0, number, name, parameters], its answer
[1, number, error, result] (firefox-source-docs.mozilla.org/testing/marionette/Protocol.html).
"""

from __future__ import annotations

import json
import socket
import time
from typing import Any


class Marionette:
    """A session in which scripts run with the rights of the program itself."""

    def __init__(self, port: int, timeout: float = 60) -> None:
        self._socket = _connected(port, timeout)
        self._socket.settimeout(120)
        self._number = 0
        self._buffer = b""
        self._packet()  # its greeting
        self._ask("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"unhandledPromptBehavior": "ignore"}}})
        self._ask("Marionette:SetContext", {"value": "chrome"})

    def run(self, script: str, *arguments: Any) -> Any:
        """What an asynchronous function with this body returns; its arguments are `args`."""
        body = f"""
            const [args, done] = arguments;
            const failed = error => done({{error: `${{error}} ${{error.stack}}`}});
            (async () => {{ {script} }})().then(value => done({{value}}), failed);
        """
        answer = self._ask(
            "WebDriver:ExecuteAsyncScript", {"script": body, "args": [list(arguments)], "sandbox": "system"}
        )["value"]
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer.get("value")

    def wait(self, script: str, *arguments: Any, timeout: float = 30) -> Any:
        """What `run` returns as soon as it is something."""
        end = time.monotonic() + timeout
        while not (value := self.run(script, *arguments)):
            if time.monotonic() > end:
                raise AssertionError(f"does not come true: {script}")
            time.sleep(0.1)
        return value

    def close(self) -> None:
        self._socket.close()

    def _ask(self, name: str, parameters: dict[str, Any]) -> Any:
        self._number += 1
        text = json.dumps([0, self._number, name, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(text), text))
        _, number, error, result = self._packet()
        assert number == self._number
        if error:
            raise RuntimeError(f"{name}: {error}")
        return result

    def _packet(self) -> Any:
        while b":" not in self._buffer:
            self._read()
        length, _, self._buffer = self._buffer.partition(b":")
        while len(self._buffer) < int(length):
            self._read()
        text, self._buffer = self._buffer[: int(length)], self._buffer[int(length) :]
        return json.loads(text)

    def _read(self) -> None:
        data = self._socket.recv(65536)
        if not data:
            raise RuntimeError("the program has gone")
        self._buffer += data


def _connected(port: int, timeout: float) -> socket.socket:
    end = time.monotonic() + timeout
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 5)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
