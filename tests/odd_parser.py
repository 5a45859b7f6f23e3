"""The process that reads mails, with a few that no parser of ours takes so ill: they name in their subject what shall
happen. Run in place of `mailbot.fetch.reader_process`."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable

from mailbot.fetch import reader_process
from mailbot.model import Message
from mailbot.parsers.mime import message

_parse = message.parse


_ODD: dict[bytes, Callable[[], object]]


def _odd(raw: bytes, limits: message.Limits | None = None) -> Message:
    what = next((word for word in _ODD if b"Subject: " + word in raw[:4096]), None)
    if what is not None and re.search(rb"\n\r?\n.", raw):  # not its heading alone
        _ODD[what]()
    return _parse(raw, limits)


def _spin() -> None:
    while True:
        pass


def _eat() -> None:
    kept = []
    while True:
        kept.append(bytearray(1 << 20))


def _work() -> None:
    end = time.process_time() + 0.4
    while time.process_time() < end:
        pass


_ODD = {
    b"BUSY": _work,
    b"SPIN": _spin,
    b"EAT": _eat,
    b"CRASH": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    b"KILLED": lambda: os.kill(os.getpid(), signal.SIGKILL),
    b"STOP": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    b"SLOW": lambda: time.sleep(2.0),
    b"EXIT": lambda: os._exit(3),
}

if __name__ == "__main__":
    message.parse = _odd
    reader_process.main()
