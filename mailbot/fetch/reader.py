"""Raw bytes → what they say, by a process of its own (`reader_process`) with limits of time and memory.

One process is kept and asked again and again. A process that a mail has ended, that hangs or that has grown is
replaced. No such process outlives this one.
"""

from __future__ import annotations

import atexit
import dataclasses
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from mailbot.errors import ParseError, TemporaryFailure
from mailbot.model import Message
from mailbot.parsers.mime import wire
from mailbot.parsers.mime.limits import Limits
from mailbot.parsers.mime.wire import ANSWER, QUESTION, READY
from mailbot.parsers.understood import Addressee, Understood
from mailbot.sentences import Sentences

#: Seconds of CPU that a mail may take.
SECONDS = 10
#: Seconds on the clock, for a process that does nothing or gets little CPU on a busy machine.
PATIENCE = 40.0
#: Reading a mail may take so many bytes, plus so many times the mail's size. A mail of 25 MB with a file takes four
#: times its size.
MEMORY, TIMES = 64 << 20, 5
#: Bytes. A process that still holds so much after a mail is replaced.
GROWN = 24 << 20
#: Seconds between the end of the process's output and its own end.
_ENDING = 1.0
#: What runs in the process.
_MODULE = "mailbot.fetch.reader_process"
#: An answer is not believed if its JSON has more bytes, or its files more than so many times the mail's size.
_JSON, _FILES = 64 << 20, 8
_PAGE = os.sysconf("SC_PAGE_SIZE")

_SAID = Sentences(__file__)

T = TypeVar("T")
#: Work at the pipes of a process. Where a pipe is not ready, it names the descriptor and what poll(2) is to wait for.
_Work = Generator[tuple[int, int], None, T]


class Unread(ParseError):
    """Reading this mail ended the process, or took too much. Another attempt may go better."""


def parse(raw: bytes, limits: Limits | None = None) -> Message:
    """`parsers.mime.message.parse` in the other process. Raises ParseError (Unread if trying again may help), and
    TemporaryFailure if there is no process. Any thread may call it; it waits for the result."""
    process = take()
    try:
        return process.parse(raw, limits or Limits())
    finally:
        give_back(process)


def understand(raw: bytes, to: Addressee) -> Understood:
    """`parsers.understood.understand` likewise."""
    process = take()
    try:
        process.await_ready()
        return process.ask(raw, to).answer()
    finally:
        give_back(process)


class ParserProcess:
    """One child. Used by one thread at a time; `kill` may come from another."""

    def __init__(self) -> None:
        """Starts the process and does not wait for it. Raises TemporaryFailure."""
        package = str(Path(__file__).parents[2])
        # It gets none of our environment: passwords may stand there. -P: it imports nothing from the current folder.
        command = [sys.executable, "-P", "-m", _MODULE]
        environment = {"PYTHONPATH": package, "LC_ALL": "C.UTF-8"}
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # a stack trace would quote the mail
                env=environment,
                cwd="/",
                bufsize=0,
                start_new_session=True,  # Ctrl-C is for us
            )
        except OSError as error:
            raise TemporaryFailure("parser process", error.strerror or str(error)) from error
        assert self._process.stdin is not None and self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        self._ready = self._ended = False
        self._owes = False  # an answer
        self._statm: int | None = None
        self._small = 0  # bytes resident when it was ready

    @property
    def pid(self) -> int:
        return self._process.pid

    def await_ready(self) -> None:
        """Waits until the process is ready. Raises TemporaryFailure if it does not come up."""
        if self._ready:
            return
        try:
            said = Asked(self._receive(len(READY))).answer()
        except Unread as error:
            self.kill()
            raise TemporaryFailure("parser process", f"does not start ({self._process.poll()})") from error
        except BaseException:
            self.kill()
            raise
        if said != READY:
            self.kill()
            raise TemporaryFailure("parser process", "does not start as it should")
        with suppress(OSError):
            self._statm = os.open(f"/proc/{self._process.pid}/statm", os.O_RDONLY)
        self._ready, self._small = True, self._resident()

    def ask(self, raw: bytes, to: Addressee) -> Asked[Understood]:
        """Has the process, which is ready, read one mail and find out what it says."""
        return Asked(self._exchange(Understood, raw, to.limits, to))

    def parse(self, raw: bytes, limits: Limits) -> Message:
        """Has the process read one mail, and waits for it. After any error but ParseError it cannot be used again."""
        self.await_ready()
        return Asked(self._exchange(Message, raw, limits, None)).answer()

    @property
    def usable(self) -> bool:
        """Whether the process lives, owes no answer, and has given back the memory of the mails so far."""
        if self._ended or self._owes or self._process.poll() is not None:
            return False
        return not self._ready or self._resident() <= self._small + GROWN

    def kill(self) -> None:
        """End the process, whatever it does. A caller that waits for it gets Unread."""
        self._ended = True
        self._process.kill()

    def close(self) -> None:
        """End the process and forget it."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        if self._statm is not None:
            os.close(self._statm)
            self._statm = None

    # --- question and answer -----------------------------------------------------------------------

    def _exchange(self, kind: type[T], raw: bytes, limits: Limits, to: Addressee | None) -> _Work[T]:
        self._owes = True
        try:
            found = yield from self._ask(kind, raw, limits, to)
        except ParseError as error:
            self._owes = isinstance(error, Unread)
            raise
        self._owes = False
        return found

    def _ask(self, kind: type[T], raw: bytes, limits: Limits, to: Addressee | None) -> _Work[T]:
        asked = {
            "limits": dataclasses.asdict(limits),
            "own": None if to is None else to.own,
            "tag_prefix": "" if to is None else to.tag_prefix,
            "by_ours": to is not None and to.by_ours,
            "seconds": SECONDS,
            "memory": MEMORY + TIMES * len(raw),
        }
        about = json.dumps(asked).encode("ascii")
        for piece in (QUESTION.pack(len(about), len(raw)) + about, raw):
            yield from self._send(piece)
        (size,) = ANSWER.unpack((yield from self._receive(ANSWER.size)))
        if size > _JSON:
            raise Unread(_SAID("strange"))
        header = yield from self._receive(size)
        if header.startswith(b'{"spent"'):
            raise Unread(_SAID("too_large"))
        try:
            plain, sizes = wire.outcome(header)
            if sum(sizes) > _FILES * len(raw):
                raise Unread(_SAID("strange"))
            files = []
            for each in sizes:
                files.append((yield from self._receive(each)))
            return wire.load(kind, plain, files)
        except wire.NotUnderstood as error:
            raise Unread(_SAID("strange")) from error

    def _send(self, data: bytes) -> _Work[None]:
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._in, left) :]
            except BlockingIOError:
                yield self._in, select.POLLOUT
            except BrokenPipeError:
                raise Unread(self._why_ended()) from None

    def _receive(self, size: int) -> _Work[bytes]:
        pieces: list[bytes] = []
        while size:
            try:
                piece = os.read(self._out, min(size, 1 << 20))
            except BlockingIOError:
                yield self._out, select.POLLIN
                continue
            if not piece:
                raise Unread(self._why_ended())
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def _why_ended(self) -> str:
        try:
            code = self._process.wait(timeout=_ENDING)
        except subprocess.TimeoutExpired:  # it has closed its output, and goes on
            return _SAID("strange")
        if code == -signal.SIGXCPU:
            return _SAID("too_long", seconds=SECONDS)
        return _SAID("ended", how=_named(code))

    def _resident(self) -> int:
        """Bytes; 0 where the system does not tell."""
        try:
            return 0 if self._statm is None else int(os.pread(self._statm, 100, 0).split()[1]) * _PAGE
        except (OSError, IndexError, ValueError):
            return 0


class Asked(Generic[T]):
    """A question to a process, and its answer. Used by one thread at a time; nothing goes on while none waits."""

    def __init__(self, work: _Work[T]) -> None:
        self._work = work
        self._found: list[T] = []
        self._error: Exception | None = None

    def sent(self, seconds: float) -> bool:
        """Whether the process has the whole question, after so many seconds at most."""
        return self._go_on(seconds, select.POLLOUT)

    def answered(self, seconds: float) -> bool:
        """Whether the answer is there, after so many seconds at most."""
        return self._go_on(seconds, select.POLLOUT | select.POLLIN)

    def answer(self) -> T:
        """Waits for as long as any answer may take. Raises ParseError and Unread."""
        if not self.answered(PATIENCE):
            self._error = Unread(_SAID("silent", seconds=f"{PATIENCE:.0f}"))
        if self._error is not None:
            raise self._error
        return self._found[0]

    def _go_on(self, seconds: float, waits_for: int) -> bool:
        until = time.monotonic() + seconds
        while not self._found and self._error is None:
            try:
                descriptor, what = next(self._work)
            except StopIteration as end:
                self._found.append(end.value)
            except Exception as error:  # raised where the answer is asked for
                self._error = error
            else:
                if not what & waits_for:
                    return True
                poll = select.poll()
                poll.register(descriptor, what)
                left = until - time.monotonic()
                if left <= 0 or not poll.poll(left * 1000):
                    return False
        return True


def _named(code: int) -> str:
    if code >= 0:
        return f"kode {code}"
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"sinyal {-code}"


# --- the one that is kept ------------------------------------------------------------------------

_lock = threading.Lock()
_idle: list[ParserProcess] = []


def start() -> None:
    """Start a process and wait until it is ready, before the first mail comes. Raises TemporaryFailure."""
    process = take()
    try:
        process.await_ready()
    finally:
        give_back(process)


def prepare() -> None:
    """Start a process and do not wait until it is ready."""
    with _lock, suppress(TemporaryFailure):
        if not _idle:
            _idle.append(ParserProcess())


def ready() -> bool:
    """Whether a process is kept that nobody uses now."""
    return bool(_idle)


def take() -> ParserProcess:
    """A process for the caller alone, who gives it back. Raises TemporaryFailure."""
    with _lock:
        while _idle:
            process = _idle.pop()
            if process.usable:
                return process
            process.close()
    return ParserProcess()


def give_back(process: ParserProcess) -> None:
    """Keep the process for the next caller, unless one is kept already or this one cannot be used any more."""
    with _lock:
        if not _idle and process.usable:
            _idle.append(process)
            return
    process.close()


def stop() -> None:
    """End the process that is kept."""
    with _lock:
        while _idle:
            _idle.pop().close()


atexit.register(stop)
